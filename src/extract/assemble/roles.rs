//! Who plays which role in a draft.

use super::{Scene, draft::Draft};
use crate::{
    extract::{
        lexicon::{FrameKind, FrameRole},
        party::Mention,
    },
    model::{Category, Kind, Role},
};

/// The parties whose roles a rule left open, or that a merge brought from another kind of deal.
fn autos_of(draft: &Draft, allowed: &[Role]) -> Vec<usize> {
    draft
        .parties
        .iter()
        .filter(|(_, r)| match r {
            FrameRole::Auto => true,
            FrameRole::Is(role) => *role != Role::Backer && !allowed.contains(role),
        })
        .map(|(e, _)| *e)
        .collect()
}

/// Settles the roles that were left to the parties' trades.
pub(super) fn roles(scene: &Scene, draft: &mut Draft) {
    let FrameKind::Deal(kind) = draft.kind else { return };
    let allowed = kind.roles();
    let (paying, paid) = match kind {
        Kind::Partnership | Kind::JointVenture => (Role::Partner, Role::Partner),
        _ => (allowed[0], allowed.get(1).copied().unwrap_or(allowed[0])),
    };
    let sells = |entity: usize| {
        scene.names.entities[entity].category.map(|category| match kind {
            Kind::Compute | Kind::Lease => matches!(
                category,
                Category::GpuCloud | Category::DataCenter | Category::Miner | Category::Hyperscaler | Category::Telecom
            ),
            Kind::Power => matches!(category, Category::Utility | Category::Nuclear | Category::Energy),
            Kind::Chips => {
                matches!(category, Category::Chipmaker | Category::Hardware | Category::CoolingPowerEquipment)
            }
            _ => false,
        })
    };
    // A hyperscaler buys from a neocloud and sells to a lab.
    let strength = |entity: usize| match (kind, scene.names.entities[entity].category) {
        (Kind::Compute | Kind::Lease, Some(Category::DataCenter | Category::Miner)) => 4,
        (Kind::Compute | Kind::Lease, Some(Category::GpuCloud))
        | (Kind::Equity, Some(Category::AiLab | Category::GpuCloud | Category::Chipmaker)) => 3,
        (Kind::Compute | Kind::Lease, Some(Category::Hyperscaler)) => 2,
        (Kind::Compute | Kind::Lease, Some(Category::AiLab | Category::Investor | Category::Bank))
        | (Kind::Equity, Some(Category::Investor | Category::Bank | Category::SovereignFund)) => 0,
        (_, Some(_)) if sells(entity) == Some(true) => 3,
        _ => 1,
    };
    let paid = if kind == Kind::Acquisition
        && (autos_of(draft, allowed).len() > 1 || draft.parties.iter().any(|(_, r)| *r == FrameRole::Is(Role::Target)))
    {
        Role::Seller
    } else {
        paid
    };
    let taken_paid = draft.parties.iter().any(|(_, r)| *r == FrameRole::Is(paid));
    let taken_paying = draft.parties.iter().any(|(_, r)| *r == FrameRole::Is(paying));
    let autos = autos_of(draft, allowed);
    if autos.is_empty() {
        let paid = if kind == Kind::Debt { Role::Borrower } else { paid };
        fill(scene, draft, kind, paid, &sells);
        return;
    }
    let seller = if taken_paid {
        None
    } else if taken_paying || autos.len() > 1 {
        // The first of equals sells.
        autos.iter().copied().rev().max_by_key(|e| strength(*e))
    } else {
        autos.iter().copied().find(|e| scene.names.entities[*e].known && sells(*e) == Some(true))
    };
    for (entity, role) in &mut draft.parties {
        if autos.contains(entity) {
            *role = FrameRole::Is(if Some(*entity) == seller || taken_paying && !taken_paid { paid } else { paying });
        }
    }
    fill(scene, draft, kind, paid, &sells);
}

/// Adds the supplying side where the clause leaves it out: the only one of that trade in its sentences.
fn fill(scene: &Scene, draft: &mut Draft, kind: Kind, paid: Role, sells: &dyn Fn(usize) -> Option<bool>) {
    if !matches!(kind, Kind::Power | Kind::Compute | Kind::Lease | Kind::Chips | Kind::Equity | Kind::Debt) {
        return;
    }
    if draft.parties.is_empty() || draft.parties.iter().any(|(_, r)| *r == FrameRole::Is(paid)) {
        return;
    }
    let sentences: Vec<usize> = draft.frames.iter().map(|f| f.sentence).collect();
    let first = sentences.iter().copied().filter(|s| !scene.is_title(*s)).min().unwrap_or(0);
    let around = |mention: &&Mention| {
        sentences.contains(&mention.sentence) || mention.sentence + 1 == first && kind != Kind::Equity
    };
    let mut found: Vec<usize> = scene
        .names
        .mentions
        .iter()
        .filter(around)
        .flat_map(|m| m.entities.iter().copied())
        .filter(|e| !draft.parties.iter().any(|(known, _)| known == e))
        .filter(|e| {
            if matches!(kind, Kind::Equity | Kind::Debt) {
                !matches!(
                    scene.names.entities[*e].category,
                    Some(Category::Investor | Category::Bank | Category::SovereignFund | Category::Government)
                )
            } else {
                sells(*e) == Some(true)
            }
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    // Of several the one who speaks, or who stands in the headline, is meant.
    if found.len() > 1 {
        let speaks = |e: &usize| {
            scene.names.mentions.iter().filter(around).any(|m| {
                m.entities.contains(e)
                    && matches!(
                        scene.text.lower(m.tokens.end),
                        "said" | "says" | "announced" | "today" | "confirmed" | "told"
                    )
            })
        };
        if found.iter().filter(|e| speaks(e)).count() == 1 {
            found.retain(speaks);
        }
    }
    if found.len() > 1 {
        found.retain(|e| scene.names.mentions.iter().any(|m| scene.is_title(m.sentence) && m.entities.contains(e)));
    }
    if let [one] = found[..] {
        draft.parties.push((one, FrameRole::Is(paid)));
    }
}
