//! Which of the written deals belong to which.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    db::{
        deals::{Cause, Written},
        keys,
        links::{self, Linkable},
    },
    ledger::umbrella::{Node, Placed, best},
    model::{Bond, Registry, Umbrella},
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
    let mut ids: Vec<Uuid> = changed.keys().copied().collect();
    // Whom an editor has put under a changed deal comes after it in the order of who may hold whom.
    let mut above = ids.clone();
    while !above.is_empty() {
        above = links::said_under(db, &above).await?;
        above.retain(|id| !ids.contains(id));
        ids.extend(&above);
    }
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
        let said = match deal.told.placed {
            Some(Placed::Under { bond, .. }) => known.said_whole(id).map(|whole| (whole, bond)),
            Some(Placed::Alone) | None => None,
        };
        let umbrella = match said {
            Some((whole, bond)) => Some(under(whole, bond, &["an editor says so"])),
            None if deal.told.placed == Some(Placed::Alone) => None,
            None => best(&node, candidates.iter().map(|(_, node)| node))
                .map(|(at, link)| under(&candidates[at].0, link.bond, &link.reasons)),
        };
        let own = changed.get(&id).copied();
        let cause = own.unwrap_or(Cause::rule(now));
        if links::put(db, &deal, umbrella, cause).await? == Written::Changed && own.is_none() {
            moved += 1;
        }
    }
    Ok(moved)
}

fn under(whole: &Linkable, bond: Bond, reasons: &[&str]) -> Umbrella {
    Umbrella {
        deal: whole.id,
        headline: whole.deal.headline.clone(),
        bond,
        reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
    }
}

/// The deals that have been looked at.
struct Known<'a> {
    nodes: HashMap<Uuid, (Linkable, Node)>,
    registry: &'a Registry,
}

impl Known<'_> {
    async fn learn(&mut self, db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<()> {
        let mut new: Vec<Uuid> = ids.iter().filter(|id| !self.nodes.contains_key(*id)).copied().collect();
        let mut placed = Vec::new();
        while !new.is_empty() {
            let loaded = links::load(db, &new).await?;
            new = loaded.values().filter_map(|deal| deal.said_under).collect();
            for (id, deal) in loaded {
                let node = Node::of(&deal.deal, &deal.told, self.registry);
                placed.extend(deal.said_under.map(|_| id));
                self.nodes.insert(id, (deal, node));
            }
            new.retain(|id| !self.nodes.contains_key(id));
        }
        for id in placed {
            self.put_under(id);
        }
        Ok(())
    }

    /// The deal under which an editor has put this one; none where following such words leads back to it.
    fn said_whole(&self, id: Uuid) -> Option<&Linkable> {
        let mut seen = HashSet::from([id]);
        let mut at = self.nodes.get(&id)?.0.said_under?;
        let whole = self.nodes.get(&at).map(|(whole, _)| whole);
        while seen.insert(at) {
            let Some(next) = self.nodes.get(&at).and_then(|(deal, _)| deal.said_under) else { return whole };
            at = next;
        }
        None
    }

    /// Moves a deal, after all those under which editors have put it and each other, in the order of who may hold whom.
    fn put_under(&mut self, id: Uuid) {
        let Some(whole) = self.said_whole(id).map(|whole| whole.id) else { return };
        self.put_under(whole);
        if let (Some((_, whole)), Some((deal, node))) = (self.nodes.get(&whole), self.nodes.get(&id)) {
            let moved = (deal.clone(), node.clone().put_under(whole));
            self.nodes.insert(id, moved);
        }
    }
}
