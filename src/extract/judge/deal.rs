//! Whether what was made of a draft is a deal, once it is known who takes part and which figures it wants.

use super::super::{
    assemble::{Draft, Scene},
    lexicon::FrameKind,
};
use super::{Question, Wanted, around, around::yes, features::Features};

/// A draft with all that is known of it and of the others.
pub(super) struct Case<'a> {
    /// The drafts that are left, with the figures that they want.
    pub kept: &'a [Draft],
    /// Which of them is asked about.
    pub at: usize,
    /// What the rules by themselves would do with it.
    pub verdict: &'static str,
    /// How sure the weights are that each entity takes part.
    pub sure: &'a [(usize, i32)],
    /// What every draft wants.
    pub wanted: &'a [Wanted],
}

pub(super) fn features(scene: &Scene, case: &Case<'_>, spelled: bool) -> Features {
    let Case { kept, at, verdict, sure, wanted } = *case;
    let draft = &kept[at];
    let mut features = Features::about(Question::Deal, spelled);
    let margin = step(draft.margin.unwrap_or(0));
    let FrameKind::Deal(kind) = draft.kind else { return features };
    let kind = kind.as_str();
    features.note("margin", &[margin]);
    features.note("margink", &[margin, kind]);
    features.note("marginv", &[margin, verdict]);
    features.note("kind", &[kind]);
    let of = |entity: &usize| sure.iter().find(|(known, _)| known == entity).map_or(0, |(_, margin)| *margin);
    let mut roles: Vec<&str> = draft.parties.iter().map(|(_, role)| role.name()).collect();
    roles.sort_unstable();
    roles.dedup();
    let roles = roles.join("+");
    features.note("roles", &[&roles, kind]);
    features.note("rolesm", &[&roles, kind, margin]);
    features.note("parties", &[around::count(draft.parties.len()), kind]);
    for (entity, role) in &draft.parties {
        features.note("sure", &[role.name(), step(of(entity))]);
        let own = &scene.names.entities[*entity];
        features.note("party", &[role.name(), own.standing(), own.category.map_or("none", |c| c.as_str())]);
    }
    let least = draft.parties.iter().map(|(entity, _)| of(entity)).min().unwrap_or(-400);
    let most = draft.parties.iter().map(|(entity, _)| of(entity)).max().unwrap_or(-400);
    features.note("least", &[step(least)]);
    features.note("most", &[step(most)]);
    features.note("mostm", &[step(most), margin]);
    features.note("leastm", &[step(least), margin]);
    // Its figures: how much it wants them, and whether another wants them more.
    let own = wanted.iter().filter(|(_, owner, _)| *owner == at);
    let mut best = -400;
    let mut held = 0;
    let mut lost = 0;
    for (figure, _, want) in own {
        best = best.max(*want);
        let rival = wanted.iter().any(|(other, owner, more)| other == figure && *owner != at && more > want);
        if rival { lost += 1 } else { held += 1 }
    }
    features.note("want", &[step(best)]);
    features.note("wantm", &[step(best), margin]);
    features.note("wantk", &[step(best), kind]);
    features.note("held", &[around::count(held), around::count(lost), kind]);
    features.note("heldm", &[around::count(held.min(1)), around::count(lost.min(1)), margin]);
    let place = around::place(scene, draft);
    features.note("place", &[place, margin]);
    features.note("placeroles", &[place, &roles, kind]);
    features.note("placefig", &[place, around::count(held.min(2)), around::count(draft.parties.len().min(3)), kind]);
    features.note("frames", &[around::count(draft.frames.len()), around::count(draft.sentences.len()), margin]);
    features.note("length", &[around::length(scene), margin]);
    features.note("lengthk", &[around::length(scene), kind, place]);
    // The others: how many, how sure, and whether one of them tells the same.
    let others = || kept.iter().enumerate().filter(|(other, _)| *other != at);
    features.note("others", &[around::count(kept.len() - 1), margin]);
    let top = others().map(|(_, other)| other.margin.unwrap_or(0)).max();
    features.note("top", &[top.map_or("none", step), margin]);
    let mut nearest = "none";
    let mut weight = 0;
    for (_, other) in others() {
        let shared = draft.parties.iter().filter(|party| other.parties.contains(party)).count();
        let named = draft.parties.iter().filter(|(e, _)| other.parties.iter().any(|(f, _)| e == f)).count();
        let same = other.kind == draft.kind;
        let all = shared == draft.parties.len();
        let (tells, score) = match (all, same, shared, named) {
            (true, true, _, _) => ("all", 5),
            (_, true, 1.., _) => ("some", 4),
            (_, true, _, 1..) => ("turned", 3),
            (_, _, _, n) if n > 0 && n == draft.parties.len() => ("named", 2),
            (_, _, _, 1..) => ("touched", 1),
            _ => ("none", 0),
        };
        if score > weight {
            weight = score;
            nearest = tells;
        }
        if score > 0 {
            let more = if other.margin > draft.margin { "more" } else { "less" };
            features.note("other", &[tells, more, margin]);
            features.note("otherfig", &[tells, more, around::count(held.min(1)), around::count(lost.min(1))]);
        }
    }
    features.note("nearest", &[nearest, margin]);
    features.note("nearestk", &[nearest, kind, place]);
    features.note("nearestf", &[nearest, around::count(held.min(2)), around::count(draft.parties.len().min(3))]);
    features.note("alone", &[yes(kept.len() == 1), margin, place]);
    features
}

/// A margin as a word.
fn step(margin: i32) -> &'static str {
    match margin {
        ..-300 => "-4",
        -300..-150 => "-3",
        -150..-80 => "-2",
        -80..-30 => "-1",
        -30..0 => "-0",
        0..30 => "0",
        30..80 => "1",
        80..150 => "2",
        150..250 => "3",
        250..400 => "4",
        _ => "5",
    }
}
