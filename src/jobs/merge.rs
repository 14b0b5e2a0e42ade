//! From filed claims to deals.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::{
    db::{
        claims,
        deals::{self, Cause, Written},
        new_id,
    },
    ledger::{
        convert::Rates,
        derive::derive,
        merge::{Profile, Verdict, WINDOW, cluster, compare},
    },
    model::{Registry, SourcedClaim},
};

/// How many claims are weighed in one transaction.
const BATCH: i64 = 200;

/// What merging came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Merged {
    /// Deals that were not there before.
    pub new: usize,
    /// Deals that say something else than before.
    pub updated: usize,
}

/// Merges every filed claim that the ledger has not weighed yet, in batches, each a transaction of its own.
///
/// The result depends on the claims alone, not on the batches: with each new claim all claims are weighed again that
/// are connected with it by comparisons, directly or by way of others.
pub async fn merge_pending(
    db: &mut PgConnection,
    registry: &Registry,
    rates: &Rates,
    now: DateTime<Utc>,
) -> sqlx::Result<Merged> {
    let mut total = Merged::default();
    loop {
        let mut tx = db.begin().await?;
        deals::lock(&mut tx).await?;
        let left = deals::of_superseded_claims(&mut tx).await?;
        let fresh = claims::unmerged(&mut tx, BATCH).await?;
        if fresh.is_empty() && left.is_empty() {
            return Ok(total);
        }
        let merged = merge(&mut tx, &fresh, left, registry, rates, now).await?;
        claims::mark_merged(&mut tx, &fresh, now).await?;
        tx.commit().await?;
        total.new += merged.new;
        total.updated += merged.updated;
    }
}

/// Derives the whole ledger anew from its claims. Deals keep their ids.
pub async fn rebuild(
    db: &mut PgConnection,
    registry: &Registry,
    rates: &Rates,
    now: DateTime<Utc>,
) -> sqlx::Result<Merged> {
    claims::unmerge_all(db).await?;
    merge_pending(db, registry, rates, now).await
}

async fn merge(
    db: &mut PgConnection,
    fresh: &[Uuid],
    left: Vec<Uuid>,
    registry: &Registry,
    rates: &Rates,
    now: DateTime<Utc>,
) -> sqlx::Result<Merged> {
    let sources = connected(db, fresh, registry, rates).await?;
    let profiles: Vec<Profile<'_>> = sources.iter().map(|source| Profile::of(source, registry, rates)).collect();
    let (groups, doubts) = cluster(&profiles);

    let members: Vec<Vec<Uuid>> = groups.iter().map(|group| group.iter().map(|at| sources[*at].id).collect()).collect();
    let ids: Vec<Uuid> = sources.iter().map(|source| source.id).collect();
    let before = deals::of_claims(db, &ids).await?;
    let placed = place(&members, &before);

    let fresh: HashSet<&Uuid> = fresh.iter().collect();
    let mut merged = Merged::default();
    for (group, (members, place)) in groups.iter().zip(members.iter().zip(&placed)) {
        let claims: Vec<SourcedClaim> = group.iter().map(|at| sources[*at].clone()).collect();
        let Some(deal) = derive(&claims, registry, rates) else { continue };
        let newest =
            claims.iter().filter(|claim| fresh.contains(&claim.id)).max_by_key(|claim| (claim.published, claim.id));
        let happened_on = newest.map_or(now, |claim| claim.published).date_naive();
        let cause = Cause { now, happened_on, claim: newest.map(|claim| claim.id) };
        let id = place.unwrap_or_else(|| new_id(now));
        match deals::write(db, id, &deal, members, cause).await? {
            Written::New => merged.new += 1,
            Written::Changed => merged.updated += 1,
            Written::Unchanged => {}
        }
    }

    // Where the claims of a deal that is no more have gone, its address leads.
    let after = deals::of_claims(db, &ids).await?;
    let merged_into: HashMap<Uuid, Uuid> =
        before.iter().filter_map(|(claim, old)| Some((*old, *after.get(claim)?))).collect();
    let touched: Vec<Uuid> = before.values().copied().chain(left).collect::<BTreeSet<_>>().into_iter().collect();
    deals::remove_empty(db, &touched, &merged_into, now).await?;

    let doubts: Vec<_> = doubts
        .into_iter()
        .map(|doubt| {
            let reasons = doubt.reasons.into_iter().map(ToOwned::to_owned).collect();
            (sources[doubt.first].id, sources[doubt.second].id, doubt.score, reasons)
        })
        .collect();
    deals::propose(db, &doubts, now).await?;
    Ok(merged)
}

/// The fresh claims and all that are connected with them by comparisons that hold, in the order of their ids.
async fn connected(
    db: &mut PgConnection,
    fresh: &[Uuid],
    registry: &Registry,
    rates: &Rates,
) -> sqlx::Result<Vec<SourcedClaim>> {
    let mut known: HashSet<Uuid> = fresh.iter().copied().collect();
    let mut frontier = claims::load(db, fresh).await?;
    let mut all: Vec<SourcedClaim> = frontier.clone();
    while !frontier.is_empty() {
        let named = || frontier.iter().flat_map(|claim| &claim.companies);
        let companies: BTreeSet<_> =
            named().chain(named().flat_map(|company| registry.family(company))).cloned().collect();
        let companies: Vec<_> = companies.into_iter().collect();
        let Some(from) = frontier.iter().map(|claim| claim.published).min() else { break };
        let to = frontier.iter().map(|claim| claim.published).max().unwrap_or(from);
        let near = claims::near(db, &companies, from, to, WINDOW, &known).await?;
        let candidates = claims::load(db, &near).await?;
        let reached: Vec<Profile<'_>> = frontier.iter().map(|claim| Profile::of(claim, registry, rates)).collect();
        let next: Vec<SourcedClaim> = candidates
            .iter()
            .filter(|candidate| {
                let candidate = Profile::of(candidate, registry, rates);
                reached.iter().any(|claim| !matches!(compare(claim, &candidate), Verdict::Different))
            })
            .cloned()
            .collect();
        known.extend(next.iter().map(|claim| claim.id));
        all.extend(next.iter().cloned());
        frontier = next;
    }
    all.sort_by_key(|claim| claim.id);
    Ok(all)
}

/// Which id each group of claims takes: a deal's id goes to the group that holds the oldest of its claims, and a group
/// that could take several takes that of its oldest claim. `None`: a new one.
fn place(groups: &[Vec<Uuid>], before: &HashMap<Uuid, Uuid>) -> Vec<Option<Uuid>> {
    let mut heir: BTreeMap<Uuid, (Uuid, usize)> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        for claim in group {
            if let Some(deal) = before.get(claim) {
                let entry = heir.entry(*deal).or_insert((*claim, at));
                *entry = (*entry).min((*claim, at));
            }
        }
    }
    let mut taken: Vec<Option<(Uuid, Uuid)>> = vec![None; groups.len()];
    for (deal, (claim, at)) in heir {
        if taken[at].is_none_or(|(oldest, _)| claim < oldest) {
            taken[at] = Some((claim, deal));
        }
    }
    taken.into_iter().map(|place| place.map(|(_, deal)| deal)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deal_keeps_the_id_of_its_oldest_claim_through_a_split_and_a_union() {
        let [a, b, c, d, new] = [1, 2, 3, 4, 5].map(Uuid::from_u128);
        let [x, y] = [10, 11].map(Uuid::from_u128);
        let before = HashMap::from([(a, x), (b, x), (c, y), (d, y)]);
        // b left x for y's claims: x stays with a, y with its own.
        assert_eq!(place(&[vec![a], vec![b, c, d], vec![new]], &before), [Some(x), Some(y), None]);
        // x and y became one.
        assert_eq!(place(&[vec![a, b, c, d]], &before), [Some(x)]);
    }
}
