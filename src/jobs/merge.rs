//! From filed claims to deals.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::link;
use crate::{
    db::{
        claims::{self, Unmerged},
        deals::{self, Cause, Proposal, Written},
        history,
        keys::{self, ClaimKeys, Search},
        links, namesakes, new_id, overrides, shares,
    },
    ledger::{
        convert::Rates,
        derive::derive_edited,
        history::{Past, is_backfill, past},
        merge::{Keys, Profile, Verdict, cluster, companions, compare},
        overrides::{on_fields, regroup, standing},
        umbrella::{Placed, Told},
    },
    model::{Deal, Registry, SourcedClaim, Word},
};

/// How many claims are weighed in one transaction.
pub(super) const BATCH: i64 = 200;

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
/// are connected with it, by comparisons or by resting in one deal, directly or by way of others.
pub async fn merge_pending(
    db: &mut PgConnection,
    registry: &'static Registry,
    rates: &Rates,
    now: DateTime<Utc>,
) -> sqlx::Result<Merged> {
    weigh(db, registry, rates, now, BATCH, Reason::News).await
}

/// Derives the whole ledger anew from its claims. Deals keep their ids.
pub async fn rebuild(
    db: &mut PgConnection,
    registry: &'static Registry,
    rates: &Rates,
    now: DateTime<Utc>,
) -> sqlx::Result<Merged> {
    let mut tx = db.begin().await?;
    deals::lock(&mut tx).await?;
    claims::unmerge_all(&mut tx, registry).await?;
    tx.commit().await?;
    weigh(db, registry, rates, now, BATCH, Reason::Rules).await
}

/// Why claims are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// They are new.
    News,
    /// The rules may have changed.
    Rules,
    /// An editor has said this.
    Editor(Uuid),
}

/// Weighs what has not been weighed, `batch` claims at a time.
pub async fn weigh(
    db: &mut PgConnection,
    registry: &'static Registry,
    rates: &Rates,
    now: DateTime<Utc>,
    batch: i64,
    reason: Reason,
) -> sqlx::Result<Merged> {
    let mut total = Merged::default();
    loop {
        let mut tx = db.begin().await?;
        deals::lock(&mut tx).await?;
        let pending = claims::unmerged(&mut tx, batch).await?;
        if pending.live.is_empty() && pending.superseded.is_empty() {
            // Dropped, it would keep the ledger's lock until its connection is used again.
            tx.rollback().await?;
            return Ok(total);
        }
        namesakes::settle(&mut tx, &[pending.live.as_slice(), &pending.superseded].concat()).await?;
        let merged = merge(&mut tx, &pending, registry, rates, now, reason).await?;
        claims::mark_merged(&mut tx, &pending.live, now).await?;
        claims::mark_merged(&mut tx, &pending.superseded, now).await?;
        tx.commit().await?;
        total.new += merged.new;
        total.updated += merged.updated;
    }
}

async fn merge(
    db: &mut PgConnection,
    pending: &Unmerged,
    registry: &'static Registry,
    rates: &Rates,
    now: DateTime<Utc>,
    reason: Reason,
) -> sqlx::Result<Merged> {
    let left = deals::leave(db, &pending.superseded).await?;
    keys::forget_claims(db, &pending.superseded).await?;
    let Connected { sources, proposals } = connected(db, &pending.live, &left, registry, rates).await?;
    let ids: Vec<Uuid> = sources.iter().map(|source| source.id).collect();
    let before = deals::of_claims(db, &ids).await?;

    let words = overrides::about(db, &ids).await?;
    // A deal that was rejected comes back under its old id.
    let mut before = before;
    for word in &words {
        if let (Word::Reject, Some(deal)) = (&word.word, word.deal) {
            before.entry(word.claim).or_insert(deal);
        }
    }

    // Weighing is work for the processor, and many claims of a few companies are much of it.
    let fresh: HashSet<Uuid> =
        if reason == Reason::News { pending.live.iter().copied().collect() } else { HashSet::new() };
    let (rates, is_fresh) = (rates.clone(), fresh.clone());
    let (sources, groups, records, why) = tokio::task::spawn_blocking(move || {
        let profiles: Vec<Profile<'_>> = sources.iter().map(|source| Profile::of(source, registry, &rates)).collect();
        let words = standing(&words);
        let groups = regroup(cluster(&profiles), &sources, &words);
        let records: Vec<Option<(Deal, Vec<Past>, Told)>> = groups
            .iter()
            .map(|group| {
                let claims: Vec<SourcedClaim> = group.iter().map(|at| sources[*at].clone()).collect();
                let words = on_fields(&words, &claims);
                let deal = derive_edited(&claims, &words, registry, &rates)?;
                let told = Told { placed: Placed::of(&words), ..Told::of(&claims, registry) };
                Some((deal, past(&claims, &is_fresh, now, registry, &rates), told))
            })
            .collect();
        let why: Vec<(Uuid, Option<(f32, String)>)> = groups
            .iter()
            .flat_map(|group| group.iter().zip(companions(&profiles, group)))
            .map(|(at, why)| (profiles[*at].source.id, why.map(|(score, reasons)| (score, reasons.join("; ")))))
            .collect();
        drop(profiles);
        (sources, groups, records, why)
    })
    .await
    .map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    let members: Vec<Vec<Uuid>> = groups.iter().map(|group| group.iter().map(|at| sources[*at].id).collect()).collect();
    let placed = place(&members, &before);

    let word = if let Reason::Editor(word) = reason { Some(word) } else { None };
    let mut merged = Merged::default();
    let mut changed: BTreeMap<Uuid, Cause> = BTreeMap::new();
    for ((group, record), (members, place)) in groups.iter().zip(&records).zip(members.iter().zip(&placed)) {
        let Some((record, past, told)) = record else {
            overrides::let_go(db, members).await?;
            continue;
        };
        let newest = group
            .iter()
            .map(|at| &sources[*at])
            .filter(|claim| fresh.contains(&claim.id))
            .max_by_key(|claim| (claim.published, claim.id));
        let happened_on = newest.map_or(now, |claim| claim.published).date_naive();
        let of_group = group.iter().map(|at| &sources[*at]);
        let backfill = newest.is_some() && of_group.clone().all(|claim| is_backfill(claim, now));
        let cause = Cause {
            now,
            happened_on,
            claim: newest.map(|claim| claim.id),
            word,
            effective_on: of_group.map(|claim| claim.published.date_naive()).max().filter(|_| backfill),
        };
        let id = place.unwrap_or_else(|| new_id(now));
        history::note_past(db, id, past, now).await?;
        match deals::write(db, id, record, members, cause).await? {
            Written::New => {
                merged.new += 1;
                changed.insert(id, cause);
            }
            Written::Changed => {
                merged.updated += 1;
                changed.insert(id, cause);
            }
            Written::Unchanged => {}
        }
        if links::note(db, id, told).await? {
            changed.entry(id).or_insert(cause);
        }
    }

    deals::note_reasons(db, &why).await?;

    // Where the claims of a deal that is no more have gone, its address leads.
    let after = deals::of_claims(db, &ids).await?;
    let merged_into: HashMap<Uuid, Uuid> =
        before.iter().filter_map(|(claim, old)| Some((*old, *after.get(claim)?))).collect();
    let touched: Vec<Uuid> = before.values().copied().chain(left).collect::<BTreeSet<_>>().into_iter().collect();
    let orphans = links::under(db, &touched).await?;
    deals::remove_empty(db, &touched, &merged_into, Cause { word, ..Cause::rule(now) }).await?;
    merged.updated += link::link(db, &changed, &orphans, registry, now).await?;

    shares::settle(db).await?;

    deals::propose(db, &proposals, now).await?;
    let weighed: Vec<Uuid> = ids.into_iter().chain(pending.superseded.iter().copied()).collect();
    deals::settle(db, &weighed).await?;
    Ok(merged)
}

/// What has to be weighed together.
struct Connected {
    /// The claims, in the order of their ids.
    sources: Vec<SourcedClaim>,
    /// Pairs of a fresh claim and another that may be one deal.
    proposals: Vec<Proposal>,
}

/// The fresh claims, those of the deals that were left, and all that are connected with them.
async fn connected(
    db: &mut PgConnection,
    fresh: &[Uuid],
    left: &[Uuid],
    registry: &Registry,
    rates: &Rates,
) -> sqlx::Result<Connected> {
    let mut ids: Vec<Uuid> = fresh.to_vec();
    ids.extend(deals::claims_of(db, left).await?);
    ids.extend(overrides::joined(db, &ids).await?);
    let mut known: HashSet<Uuid> = ids.iter().copied().collect();
    let mut frontier = claims::load(db, &ids).await?;
    let mut sources: Vec<SourcedClaim> = frontier.clone();
    let mut proposals = Vec::new();
    let mut first_round = true;
    while !frontier.is_empty() {
        let reached: Vec<Profile<'_>> = frontier.iter().map(|claim| Profile::of(claim, registry, rates)).collect();
        let mut searches = Vec::new();
        let mut noted = Vec::new();
        for (by, profile) in (0_i32..).zip(&reached) {
            let Keys { own, probes } = Keys::of(profile);
            let published = profile.source.published;
            searches.extend(probes.into_iter().map(|probe| Search {
                by,
                key: probe.key,
                from: published - probe.back,
                to: published + probe.ahead,
            }));
            noted.push(ClaimKeys { claim: profile.source.id, published, keys: own });
        }
        if first_round {
            keys::note_claims(db, &noted).await?;
        }
        let mut near = keys::claims(db, &searches).await?;
        near.retain(|id, _| !known.contains(id));
        let candidates = claims::load(db, &near.keys().copied().collect::<Vec<_>>()).await?;
        let mut next: Vec<SourcedClaim> = Vec::new();
        for source in &candidates {
            let candidate = Profile::of(source, registry, rates);
            let mut same = false;
            let found_by = near.get(&source.id).into_iter().flatten();
            for claim in found_by.filter_map(|by| reached.get(usize::try_from(*by).ok()?)) {
                match compare(claim, &candidate) {
                    Verdict::Same(..) => same = true,
                    Verdict::Doubtful(score, reasons) if first_round => {
                        proposals.push(Proposal { first: claim.source.id, second: source.id, score, reasons });
                    }
                    Verdict::Doubtful(..) | Verdict::Apart(_) | Verdict::Never(_) | Verdict::Different => {}
                }
            }
            if same {
                next.push(source.clone());
            }
        }
        if first_round {
            for (at, claim) in reached.iter().enumerate() {
                for other in &reached[..at] {
                    if let Verdict::Doubtful(score, reasons) = compare(claim, other) {
                        let (first, second) = (claim.source.id, other.source.id);
                        proposals.push(Proposal { first, second, score, reasons });
                    }
                }
            }
            first_round = false;
        }
        known.extend(next.iter().map(|claim| claim.id));
        // Those that rest in one deal with them: should they part, each has to find its place.
        let reached: Vec<Uuid> = frontier.iter().chain(&next).map(|claim| claim.id).collect();
        let deals: BTreeSet<Uuid> = deals::of_claims(db, &reached).await?.into_values().collect();
        let mates = deals::claims_of(db, &deals.into_iter().collect::<Vec<_>>()).await?;
        let joined = overrides::joined(db, &reached).await?;
        let mates: Vec<Uuid> = mates.into_iter().chain(joined).filter(|id| known.insert(*id)).collect();
        next.extend(claims::load(db, &mates).await?);
        sources.extend(next.iter().cloned());
        frontier = next;
    }
    sources.sort_by_key(|claim| claim.id);
    Ok(Connected { sources, proposals })
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
