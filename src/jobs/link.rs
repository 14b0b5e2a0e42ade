//! Which of the written deals belong to which.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    db::{
        deals::{Cause, Written},
        keys,
        links::{self, Linkable},
    },
    ledger::umbrella::{Node, best},
    model::{Registry, Umbrella},
};

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
    let mut known = Known { nodes: HashMap::new(), registry };
    known.learn(db, &ids).await?;
    // Where to look for each of those that have been looked at, lest it be asked twice.
    let mut near: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (id, (_, node)) in &known.nodes {
        keys::note_deal(db, *id, node.day(), &node.keys().0).await?;
    }
    for (id, (_, node)) in &known.nodes {
        let probes = node.keys().1;
        near.insert(*id, keys::deals(db, node.day(), &probes).await?);
    }
    let mut concerned: BTreeSet<Uuid> = ids.iter().chain(orphans).copied().collect();
    concerned.extend(links::under(db, &ids).await?);
    let around: BTreeSet<Uuid> = near.values().flatten().copied().collect();
    known.learn(db, &around.iter().chain(&concerned).copied().collect::<Vec<_>>()).await?;
    // Of those around, only one that would take a changed deal for its own needs to be asked anew.
    for id in &around {
        let Some((_, child)) = known.nodes.get(id) else { continue };
        let may = ids
            .iter()
            .filter_map(|id| known.nodes.get(id))
            .any(|(_, whole)| crate::ledger::umbrella::link(child, whole).is_some());
        if may {
            concerned.insert(*id);
        }
    }
    let mut moved = 0;
    for id in concerned {
        let Some((deal, node)) = known.nodes.get(&id).cloned() else { continue };
        let candidates = match near.get(&id) {
            Some(candidates) => candidates.clone(),
            None => keys::deals(db, node.day(), &node.keys().1).await?,
        };
        let candidates: Vec<Uuid> = candidates.into_iter().filter(|candidate| *candidate != id).collect();
        known.learn(db, &candidates).await?;
        let candidates: Vec<&(Linkable, Node)> = candidates.iter().filter_map(|id| known.nodes.get(id)).collect();
        let umbrella = best(&node, candidates.iter().map(|(_, node)| node)).map(|(at, link)| Umbrella {
            deal: candidates[at].0.id,
            headline: candidates[at].0.deal.headline.clone(),
            bond: link.bond,
            reasons: link.reasons.into_iter().map(ToOwned::to_owned).collect(),
        });
        let own = changed.get(&id).copied();
        let cause = own.unwrap_or(Cause::rule(now));
        if links::put(db, &deal, umbrella, cause).await? == Written::Changed && own.is_none() {
            moved += 1;
        }
    }
    Ok(moved)
}

/// The deals that have been looked at.
struct Known<'a> {
    nodes: HashMap<Uuid, (Linkable, Node)>,
    registry: &'a Registry,
}

impl Known<'_> {
    async fn learn(&mut self, db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<()> {
        let new: Vec<Uuid> = ids.iter().filter(|id| !self.nodes.contains_key(*id)).copied().collect();
        if new.is_empty() {
            return Ok(());
        }
        for (id, deal) in links::load(db, &new).await? {
            let node = Node::of(&deal.deal, &deal.told, self.registry);
            self.nodes.insert(id, (deal, node));
        }
        Ok(())
    }
}
