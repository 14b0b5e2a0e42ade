//! Statements of a role: "the seller is X", "X and Y are the lenders", "X, the supplier", "X as operator".

use super::{Scene, draft::Draft};
use crate::{
    extract::{
        clause::{Item, What},
        lexicon::{FrameKind, FrameRole, Lexicon},
    },
    model::{Kind, Role},
};

/// Gives the parties that the text names with their role to the closest deal that has such a role.
pub(super) fn apply(scene: &Scene, lexicon: &Lexicon, drafts: &mut [Draft]) {
    for sentence in 0..scene.items.len() {
        let tokens = scene.text.sentences[sentence].tokens.clone();
        let items = &scene.items[sentence];
        for at in tokens.clone() {
            let Some((length, roles)) = lexicon.roles.longest(scene.text, at, tokens.end) else { continue };
            let named = names(scene, items, at, at + length);
            if !named.is_empty() {
                give(scene, drafts, sentence, roles[0], &named);
            }
        }
    }
}

/// Whom a role noun speaks of.
fn names(scene: &Scene, items: &[Item], start: usize, end: usize) -> Vec<usize> {
    let Some(first) = items.iter().position(|i| i.tokens.end > start) else { return Vec::new() };
    let after = items.iter().position(|i| i.tokens.start >= end).unwrap_or(items.len());
    let entities = |item: usize| match items.get(item).map(|i| &i.what) {
        Some(What::Name(mention)) => scene.names.mentions[*mention].entities.clone(),
        _ => Vec::new(),
    };
    // "The seller is X", "the AI lab's investors are A, B and C"
    let copula = (after..(after + 3).min(items.len())).find(|i| items[*i].what == What::Auxiliary(true));
    let owned = first == 0 || matches!(items[first - 1].what, What::Word | What::Name(_) | What::Glue);
    if let Some(copula) = copula.filter(|_| owned) {
        let mut found = Vec::new();
        for (next, item) in items.iter().enumerate().skip(copula + 1) {
            match item.what {
                What::Name(mention) if !scene.names.mentions[mention].possessive => found.extend(entities(next)),
                What::Comma | What::And => {}
                What::Word if found.is_empty() && next < copula + 3 => {}
                _ => break,
            }
        }
        if !found.is_empty() {
            return found;
        }
    }
    // "Lenders: A, B and C", "the sellers, led by A", "a pool of seven banks including A and B"
    let listed = list_after(scene, items, after);
    if !listed.is_empty() {
        return listed;
    }
    // "A, B AND C AMONG INVESTORS"
    if first > 1 && scene.text.lower(items[first - 1].tokens.start) == "among" {
        let found = list_before(scene, items, first - 2);
        if !found.is_empty() {
            return found;
        }
    }
    // "X is the developer", "A and B were the lead investors"
    let before = (first.saturating_sub(3)..first).rev().find(|i| items[*i].what == What::Auxiliary(true));
    if let Some(copula) = before.filter(|c| (*c + 1..first).all(|i| matches!(items[i].what, What::Word | What::Glue))) {
        let mut found = Vec::new();
        for left in (0..copula).rev() {
            match items[left].what {
                What::Name(mention) if !scene.names.mentions[mention].possessive => found.extend(entities(left)),
                What::And | What::Comma if !found.is_empty() => {}
                _ => break,
            }
        }
        found.reverse();
        return found;
    }
    // "X, the supplier", "X as operator"
    let lead = first.checked_sub(1).map(|i| scene.text.lower(items[i].tokens.start));
    if matches!(lead, Some("the" | "as")) && first >= 2 {
        let name = if items[first - 2].what == What::Comma { first.checked_sub(3) } else { Some(first - 2) };
        let name = name.filter(|_| lead == Some("as") || items[first - 2].what == What::Comma);
        if let Some(name) = name.filter(|_| lead == Some("as")) {
            return list_before(scene, items, name);
        }
        let closed =
            after >= items.len() || matches!(items[after].what, What::Comma | What::Word | What::And | What::Break);
        if let Some(name) = name.filter(|_| closed) {
            return entities(name);
        }
    }
    Vec::new()
}

/// The names of a list that a sign or a word such as "including" opens after a role noun.
fn list_after(scene: &Scene, items: &[Item], after: usize) -> Vec<usize> {
    // "Five lenders (A, B and C)"
    if let Some(item) = items.get(after).filter(|item| scene.text.is(item.tokens.start, "(")) {
        let inside = scene.names.mentions.iter().filter(|m| item.tokens.contains(&m.tokens.start));
        let found: Vec<usize> = inside.flat_map(|m| m.entities.iter().copied()).collect();
        if found.len() > 1 {
            return found;
        }
    }
    let word = |i: usize| items.get(i).map_or("", |item| scene.text.lower(item.tokens.start));
    let at = if word(after) == "," { after + 1 } else { after };
    let opened = match word(at) {
        ":" | "?" | "including" | "namely" | "include" | "includes" | "included" => at + 1,
        "led" | "headed" | "fronted" if word(at + 1) == "by" => at + 2,
        "such" if word(at + 1) == "as" => at + 2,
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    let mut words = 0;
    for item in items.iter().skip(opened) {
        match item.what {
            What::Name(mention) => {
                if scene.names.mentions[mention].possessive {
                    break;
                }
                found.extend(scene.names.mentions[mention].entities.iter().copied());
                words = 0;
            }
            What::Comma | What::And => {}
            What::Word | What::Figure(_) if words < 3 => words += 1,
            _ => break,
        }
    }
    found
}

/// A name with those listed before it.
fn list_before(scene: &Scene, items: &[Item], last: usize) -> Vec<usize> {
    let mut found = Vec::new();
    for item in items[..=last].iter().rev() {
        match item.what {
            What::Name(mention) if !scene.names.mentions[mention].possessive => {
                found.extend(scene.names.mentions[mention].entities.iter().rev().copied());
            }
            What::And | What::Comma if !found.is_empty() => {}
            _ => break,
        }
    }
    found.reverse();
    found
}

fn give(scene: &Scene, drafts: &mut [Draft], sentence: usize, role: Role, entities: &[usize]) {
    let fitting = |kind: Kind| match (kind, role) {
        (_, Role::Backer) => Some(role),
        (Kind::Compute, Role::Supplier) => Some(Role::Provider),
        (Kind::Power | Kind::Chips, Role::Provider) => Some(Role::Supplier),
        (Kind::Lease, Role::Buyer) => Some(Role::Tenant),
        (Kind::Acquisition, Role::Buyer) => Some(Role::Acquirer),
        _ => kind.roles().contains(&role).then_some(role),
    };
    let best = drafts
        .iter()
        .enumerate()
        .filter(|(_, draft)| !draft.background)
        .filter_map(|(index, draft)| {
            let FrameKind::Deal(kind) = draft.kind else { return None };
            let role = fitting(kind)?;
            let distance = draft.sentences.iter().map(|s| s.abs_diff(sentence)).min()?;
            let knows = draft.parties.iter().any(|(e, _)| entities.contains(e));
            (distance <= 3).then_some((distance, !knows, index, role))
        })
        .min_by_key(|(distance, stranger, index, _)| (*distance, *stranger, *index));
    let Some((_, _, index, role)) = best else { return };
    for entity in entities {
        match drafts[index].parties.iter_mut().find(|(known, _)| known == entity) {
            Some((_, known)) => *known = FrameRole::Is(role),
            None => drafts[index].parties.push((*entity, FrameRole::Is(role))),
        }
    }
    drafts[index].sentences.insert(sentence);
    debug_assert!(sentence < scene.items.len());
}
