//! Deals of one sentence that differ in one party and in the figure: "$2 billion in X and $1 billion in Y".

use super::super::{
    assemble::{Draft, Scene},
    clause::{Item, What},
    lexicon::FrameRole,
    quantity::Figure,
};
use crate::model::Role;

/// How many items may stand between a figure and the name that it goes with: "$2 billion of notes to X".
const CLOSE: usize = 4;

/// The most deals that one sentence tells so; what goes on is a table.
const MOST: usize = 8;

/// As many drafts as one tells, each with the figure and the party that go together, and with all that they share. One draft
/// where many may fill a side of one deal, as investors and lenders do, and where the other figures would have to be divided
/// too.
pub(super) fn split(scene: &Scene, draft: Draft) -> Vec<Draft> {
    for of in [Figure::is_money, Figure::is_power] {
        if let Some((role, pairs)) = pairs(scene, &draft, of) {
            let own = |pair: &(usize, usize)| {
                let mut one = draft.clone();
                one.parties.retain(|(entity, _)| !pairs.iter().any(|(_, name)| name == entity));
                one.parties.push((pair.1, role));
                one.figures.retain(|figure| *figure == pair.0 || !of(&scene.figures[*figure]));
                one
            };
            return pairs.iter().map(own).collect();
        }
    }
    vec![draft]
}

/// The figures of a draft with the name that each goes with, and the role of these, where each has one of its own.
fn pairs(scene: &Scene, draft: &Draft, of: fn(&Figure) -> bool) -> Option<(FrameRole, Vec<(usize, usize)>)> {
    let figures: Vec<usize> = draft.figures.iter().copied().filter(|figure| of(&scene.figures[*figure])).collect();
    let sentence = scene.figures[*figures.first()?].sentence;
    if !(2..=MOST).contains(&figures.len())
        || draft.figures.len() - figures.len() > 1
        || figures.iter().any(|figure| scene.figures[*figure].sentence != sentence)
    {
        return None;
    }
    let items = &scene.items[sentence];
    let at = |figure: &usize| items.iter().position(|item| item.what == What::Figure(*figure));
    let places: Vec<usize> = figures.iter().map(at).collect::<Option<_>>()?;
    let names = after(items, &places).or_else(|| before(items, &places))?;
    let mut pairs = Vec::new();
    for (figure, name) in figures.iter().zip(names) {
        let What::Name(mention) = items[name].what else { return None };
        let [entity] = scene.names.mentions[mention].entities[..] else { return None };
        if pairs.iter().any(|(_, known)| *known == entity) {
            return None;
        }
        pairs.push((*figure, entity));
    }
    // All of them do the same, or nothing was found out about them.
    let role = |entity: usize| draft.parties.iter().find(|(known, _)| *known == entity).map(|(_, role)| *role);
    let roles: Vec<FrameRole> = pairs.iter().filter_map(|(_, entity)| role(*entity)).collect();
    let first = *roles.first()?;
    let many = [Role::Investor, Role::Lender, Role::Partner, Role::Seller];
    if many.iter().any(|role| first == FrameRole::Is(*role)) {
        return None;
    }
    let shared = draft.parties.iter().any(|(_, role)| *role != first);
    (shared && roles.iter().all(|role| *role == first)).then_some((first, pairs))
}

/// The names that follow the figures, each after the same preposition: "$2 billion in X and $1 billion in Y".
fn after(items: &[Item], figures: &[usize]) -> Option<Vec<usize>> {
    let mut names = Vec::new();
    let mut slot = None;
    for (nth, figure) in figures.iter().enumerate() {
        let name = (figure + 2..(figure + 2 + CLOSE).min(items.len())).find(|at| is_name(&items[*at]))?;
        let prepositions: Vec<&What> = items[figure + 1..name]
            .iter()
            .map(|item| &item.what)
            .filter(|what| matches!(what, What::Slot(_)))
            .collect();
        let plain =
            items[figure + 1..name].iter().all(|item| matches!(item.what, What::Slot(_) | What::Noun(_) | What::Word));
        let [own] = prepositions[..] else { return None };
        if !plain || *slot.get_or_insert(own) != own {
            return None;
        }
        if let Some(next) = figures.get(nth + 1)
            && !joined(items, name, *next)
        {
            return None;
        }
        names.push(name);
    }
    Some(names)
}

/// The names that the figures follow: "with X for 200 megawatts and with Y for 90 megawatts".
fn before(items: &[Item], figures: &[usize]) -> Option<Vec<usize>> {
    let mut names = Vec::new();
    for (nth, figure) in figures.iter().enumerate() {
        let name = (figure.saturating_sub(CLOSE + 1)..*figure).rev().find(|at| is_name(&items[*at]))?;
        let between = &items[name + 1..*figure];
        let plain = between.iter().all(|item| matches!(item.what, What::Slot(_) | What::Noun(_) | What::Word));
        let led = name > 0 && matches!(items[name - 1].what, What::Slot(_));
        if !plain || !led || !between.iter().any(|item| matches!(item.what, What::Slot(_))) {
            return None;
        }
        if nth > 0 && !joined(items, figures[nth - 1], name) {
            return None;
        }
        names.push(name);
    }
    Some(names)
}

/// Whether nothing but "and" or a comma, and what leads in the next of a list, stands between two items.
fn joined(items: &[Item], one: usize, other: usize) -> bool {
    let Some(between) = items.get(one + 1..other) else { return false };
    let plain = |item: &Item| {
        matches!(item.what, What::And | What::Comma | What::Slot(_) | What::Word | What::Glue | What::Noun(_))
    };
    between.len() <= CLOSE
        && between.iter().all(plain)
        && between.iter().any(|item| matches!(item.what, What::And | What::Comma))
}

fn is_name(item: &Item) -> bool {
    matches!(item.what, What::Name(_))
}
