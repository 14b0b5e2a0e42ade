//! What a name does in a deal, once it is known what all the others do.

use strum::VariantArray;

use super::super::{assemble::Scene, lexicon::FrameRole};
use super::{
    around,
    around::{Around, yes},
    court::Cast,
    features::Features,
    role::Case,
};
use crate::model::Role;

/// What was thought of a name before anything was known of the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct First {
    /// The best answer and the one after it.
    answers: [usize; 2],
    /// How much better the best is.
    margin: i32,
}

impl First {
    pub(super) fn of(scores: &[i32], allowed: &[usize]) -> Self {
        let mut order: Vec<usize> = allowed.to_vec();
        order.sort_by_key(|answer| std::cmp::Reverse(scores[*answer]));
        let second = order.get(1).copied().unwrap_or(order[0]);
        Self { answers: [order[0], second], margin: scores[order[0]] - scores[second] }
    }
}

/// What speaks for a role when it is known what the others do, and what each does in the other drafts.
pub(super) fn features(
    scene: &Scene,
    case: &Case<'_>,
    first: First,
    others: &[(usize, FrameRole)],
    casts: &[Cast],
    features: &mut Features,
) {
    let Case { drafts, at, kind, entity, .. } = *case;
    let draft = &drafts[at].1;
    let word = |answer: usize| answer.checked_sub(1).map_or("none", |role| Role::VARIANTS[role].as_str());
    let [answer, second] = first.answers.map(word);
    let sure = match first.margin {
        ..20 => "0",
        20..50 => "20",
        50..100 => "50",
        100..200 => "100",
        200..350 => "200",
        _ => "350",
    };
    let kind = kind.as_str();
    features.note("first", &[answer, sure]);
    features.note("firstk", &[answer, second, sure, kind]);
    features.note("second", &[answer, second, sure]);
    let held = |role: &str| others.iter().filter(|(_, other)| other.name() == role).count();
    features.note("holders", &[answer, second, around::count(held(answer)), around::count(held(second)), kind]);
    features.note("free", &[answer, second, yes(held(second) == 0), sure]);
    features.note("alone", &[around::count(others.len()), answer, second, sure]);
    let mut roles: Vec<&str> = others.iter().map(|(_, role)| role.name()).collect();
    roles.sort_unstable();
    roles.dedup();
    features.note("roles", &[&roles.join("+"), kind, answer, sure]);
    features.note("rolessecond", &[&roles.join("+"), kind, answer, second]);
    for (other, cast) in casts.iter().enumerate().filter(|(other, _)| *other != at) {
        let Some((_, role)) = cast.parties.iter().find(|(known, _)| *known == entity) else { continue };
        let shared = if draft.sentences.is_disjoint(&drafts[other].1.sentences) { "apart" } else { "shared" };
        let held = cast.parties.iter().filter(|(_, own)| own == role).count();
        features.note("cast", &[answer, sure, role.name(), shared]);
        features.note("castk", &[answer, second, role.name(), cast.kind.as_str(), kind]);
        features.note("castn", &[answer, second, shared, around::count(held)]);
    }
    // Those who stand in one list mostly do the same.
    let mentions = scene.names.mentions.iter().filter(|m| m.entities.contains(&entity));
    for mention in mentions.filter(|m| draft.sentences.contains(&m.sentence) || others.is_empty()).take(6) {
        let Some(place) = Around::token(scene, mention.sentence, mention.tokens.start) else { continue };
        for other in place.list().filter(|other| *other != entity).take(8) {
            let role = others.iter().find(|(known, _)| *known == other).map_or("none", |(_, role)| role.name());
            features.note("list", &[role, answer]);
            features.note("listsure", &[role, answer, sure]);
            features.note("listsecond", &[role, answer, second]);
        }
    }
}
