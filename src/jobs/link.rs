//! Which of the written deals belong to which.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    db::{
        deals::{Cause, Written},
        links::{self, Handles, Linkable},
    },
    ledger::{
        resolve::group,
        umbrella::{Node, WINDOW, best},
    },
    model::{Registry, Umbrella},
};

/// Within so many days one common party is enough for two deals to be looked at together.
const NEAR: TimeDelta = TimeDelta::days(14);

/// Decides anew for every deal that may be concerned by a change to what it belongs: the changed ones, those that lay
/// under one that is changed or gone (`orphans`), and those that may belong to a changed one. Returns how many deals that
/// were not changed by themselves say something else than before.
pub async fn link(
    db: &mut PgConnection,
    changed: &BTreeMap<Uuid, Cause>,
    orphans: &[Uuid],
    registry: &Registry,
    now: DateTime<Utc>,
) -> sqlx::Result<usize> {
    let ids: Vec<Uuid> = changed.keys().copied().collect();
    let mut concerned: BTreeSet<Uuid> = ids.iter().chain(orphans).copied().collect();
    concerned.extend(links::under(db, &ids).await?);
    for deal in links::load(db, &ids).await?.values() {
        concerned.extend(links::near(db, &handles(deal, registry), WINDOW, NEAR).await?);
    }
    let mut moved = 0;
    let all: Vec<Uuid> = concerned.into_iter().collect();
    for deal in links::load(db, &all).await?.values() {
        let ids = links::near(db, &handles(deal, registry), WINDOW, NEAR).await?;
        let candidates: Vec<Linkable> =
            links::load(db, &ids).await?.into_values().filter(|candidate| candidate.id != deal.id).collect();
        let nodes: Vec<Node> =
            candidates.iter().map(|candidate| Node::of(&candidate.deal, &candidate.told, registry)).collect();
        let umbrella = best(&Node::of(&deal.deal, &deal.told, registry), &nodes).map(|(at, link)| Umbrella {
            deal: candidates[at].id,
            headline: candidates[at].deal.headline.clone(),
            bond: link.bond,
            reasons: link.reasons.into_iter().map(ToOwned::to_owned).collect(),
        });
        let own = changed.get(&deal.id).copied();
        let cause = own.unwrap_or(Cause::rule(now));
        if links::put(db, deal, umbrella, cause).await? == Written::Changed && own.is_none() {
            moved += 1;
        }
    }
    Ok(moved)
}

/// What a deal may be linked by.
fn handles(deal: &Linkable, registry: &Registry) -> Handles {
    let mut companies = BTreeSet::new();
    for party in &deal.deal.parties {
        let root = group(&party.company, registry);
        let family = registry.family(&party.company).iter().chain([&party.company, &root]);
        companies.extend(family.map(|company| (company.clone(), root.clone())));
    }
    Handles { companies: companies.into_iter().collect(), words: deal.told.words(), day: deal.deal.day() }
}
