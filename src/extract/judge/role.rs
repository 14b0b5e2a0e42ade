//! What a name does in a deal.

use std::{collections::BTreeSet, ops::Range};

use super::super::{
    assemble::{Draft, Scene},
    lexicon::FrameRole,
    text::Part,
};
use super::{
    Question, around,
    around::{Around, yes},
    beside,
    features::Features,
};
use crate::model::Kind;

/// How many tokens away a noun may be that tells a role.
const REACH: usize = 30;

/// A name of whom it is asked what it does in a draft.
pub(super) struct Case<'a> {
    /// All drafts.
    pub drafts: &'a [(usize, Draft)],
    /// Which of them is asked about.
    pub at: usize,
    /// What is transacted in it.
    pub kind: Kind,
    /// The name.
    pub entity: usize,
    /// The draft's surroundings.
    pub near: &'a BTreeSet<usize>,
}

/// `taken` are the roles that names before this one have.
pub(super) fn features(
    scene: &Scene,
    case: &Case<'_>,
    (question, taken): (Question, &[(usize, FrameRole)]),
    spelled: bool,
) -> Features {
    let Case { drafts, at, kind, entity, near } = *case;
    let draft = &drafts[at].1;
    let mut features = Features::about(question, spelled);
    let kind = kind.as_str();
    let own = &scene.names.entities[entity];
    let rule = draft.parties.iter().find(|(known, _)| *known == entity).map_or("none", |(_, role)| role.name());
    features.note("bias", &[kind]);
    features.note("rule", &[rule]);
    features.note("rulek", &[rule, kind]);
    features.note("rulekk", &[rule, kind, draft.kind.name()]);
    for frame in &draft.frames {
        for (known, role) in &frame.parties {
            if *known == entity {
                features.note("frame", &[role.name(), kind]);
            }
        }
    }
    let same = draft
        .parties
        .iter()
        .filter(|(known, role)| *known != entity && *role != FrameRole::Auto && role.name() == rule)
        .count();
    features.note("rivals", &[rule, kind, around::count(same)]);
    // Which roles those before it have: most kinds have one of each on one side.
    let mut roles: Vec<&str> = taken.iter().map(|(_, role)| role.name()).collect();
    roles.sort_unstable();
    roles.dedup();
    features.note("taken", &[&roles.join("+"), kind]);
    features.note("takenrule", &[&roles.join("+"), rule]);
    for role in &roles {
        features.note("has", &[role, kind]);
    }
    features.note("takenn", &[around::count(taken.len()), kind]);
    let category = own.category.map_or("none", |category| category.as_str());
    features.note("trade", &[category, kind]);
    features.note("traderule", &[category, rule, kind]);
    features.note("form", &[own.standing(), rule]);
    for description in own.descriptions() {
        features.note("called", &[description, kind]);
        if let Some(last) = description.rsplit(' ').next() {
            features.note("calledlast", &[last, kind]);
        }
    }
    if let Some(last) = own.name.rsplit(' ').next().filter(|_| !own.known) {
        features.note("nameend", &[&last.to_lowercase(), kind]);
    }
    elsewhere(case, rule, &mut features);
    let mut in_title = false;
    let mut in_own = 0;
    let mut named = 0;
    let mut anywhere = 0;
    let order = |sentence: usize| {
        let mut seen: Vec<usize> = Vec::new();
        for mention in scene.mentions(sentence).iter().take(40) {
            for other in &mention.entities {
                if !seen.contains(other) {
                    seen.push(*other);
                }
            }
        }
        seen.iter().position(|other| *other == entity).unwrap_or(9)
    };
    heading(scene, case, rule, &mut features);
    // What a name does is seen from its first few mentions.
    let mut left = [8, 3, 6];
    for mention in scene.names.mentions.iter().filter(|m| m.entities.contains(&entity)) {
        anywhere += 1;
        named += usize::from(!mention.pronoun);
        let title = scene.is_title(mention.sentence);
        let inside = draft.sentences.contains(&mention.sentence);
        in_title |= title;
        if title {
            features.note("titlenth", &[around::count(order(mention.sentence)), kind]);
        }
        if !inside && !title && !near.contains(&mention.sentence) {
            continue;
        }
        in_own += usize::from(inside);
        let (prefix, sort) = match (title, inside) {
            (true, _) => ("t.", 1),
            (_, true) => ("b.", 0),
            _ => ("n.", 2),
        };
        if left[sort] == 0 {
            continue;
        }
        left[sort] -= 1;
        if inside && !title {
            features.note("nth", &[around::count(order(mention.sentence)), kind]);
        }
        features.note_if(mention.possessive, "owns", &[prefix, kind]);
        features.note_if(mention.pronoun, "pronoun", &[prefix, kind]);
        match Around::token(scene, mention.sentence, mention.tokens.start) {
            Some(place) => {
                place.note(&mut features, prefix, kind);
                if inside {
                    beside::figures(scene, case, &mention.tokens, mention.sentence, rule, &mut features);
                }
                for frame in draft.frames.iter().filter(|frame| frame.sentence == mention.sentence).take(12) {
                    let side = if mention.tokens.start < frame.trigger { "before" } else { "after" };
                    let word = scene.text.lower(frame.trigger);
                    features.note("side", &[side, kind]);
                    features.note("sideword", &[side, word]);
                    let covered = frame.tokens.contains(&mention.tokens.start);
                    features.note("covered", &[if covered { "in" } else { "out" }, side, kind]);
                    if let Some(path) = place.path(frame.trigger) {
                        features.note("path", &[&path, kind]);
                        features.note("pathword", &[&path, word]);
                    }
                }
            }
            None => features.note("hidden", &[kind]),
        }
        let stands = scene.relations[mention.sentence].iter().filter(|relation| relation.entity == entity);
        for relation in stands.take(24) {
            let near = draft.frames.iter().any(|frame| frame.trigger == relation.word);
            let own = if near { "own" } else { "other" };
            let far = if inside || title { "" } else { "near" };
            features.note("stands", &[relation.stands, relation.class, kind, far]);
            features.note("standsthing", &[relation.stands, relation.class, relation.thing, kind, far]);
            features.note("standsown", &[relation.stands, own, kind]);
            features.note("standsrule", &[relation.stands, relation.class, rule, far]);
        }
        // "The lender X", "X as tenant": nouns that say it.
        let tokens = &scene.text.sentences[mention.sentence].tokens;
        let from = mention.tokens.start.saturating_sub(4).max(tokens.start);
        let to = (mention.tokens.end + 4).min(tokens.end);
        for at in from..to {
            if let Some((_, roles)) = scene.lexicon.roles.longest(scene.text, at, to) {
                let side = if at < mention.tokens.start { "before" } else { "after" };
                features.note("rolenoun", &[roles[0].as_str(), side]);
            }
        }
        // "The lenders were X, Y and Z", "X, Y and Z are the sellers": the next such noun on each side, however many stand between.
        let between = |range: Range<usize>| {
            let names = scene.mentions(mention.sentence).iter().filter(|m| range.contains(&m.tokens.start)).count();
            around::count(names.min(2))
        };
        let noun = |at: &usize| {
            scene.lexicon.roles.longest(scene.text, *at, tokens.end).map(|(_, roles)| (*at, roles[0].as_str()))
        };
        let from = mention.tokens.start.saturating_sub(REACH).max(tokens.start);
        let left = (from..mention.tokens.start).rev().find_map(|at| noun(&at));
        let right = (mention.tokens.end..(mention.tokens.end + REACH).min(tokens.end)).find_map(|at| noun(&at));
        if let Some((at, role)) = left {
            features.note("roleleft", &[role, between(at..mention.tokens.start), kind]);
            features.note("roleleftp", &[role, prefix, if right.is_some() { "both" } else { "one" }]);
        }
        if let Some((at, role)) = right {
            features.note("roleright", &[role, between(mention.tokens.end..at), kind]);
            features.note("rolerightp", &[role, prefix, if left.is_some() { "both" } else { "one" }]);
        }
    }
    // Where it stands in the draft's paragraphs.
    let mut para = "none";
    for mention in scene.names.mentions.iter().filter(|m| m.entities.contains(&entity)) {
        if !scene.is_title(mention.sentence) && around::same_paragraph(scene, draft, mention.sentence) {
            let own = scene.text.sentences[mention.sentence].paragraph;
            let first = scene.names.mentions.partition_point(|m| scene.text.sentences[m.sentence].paragraph < own);
            let first = scene.names.mentions.get(first);
            para = if first.is_some_and(|m| m.entities.contains(&entity)) { "first" } else { "inside" };
            break;
        }
    }
    features.note("para", &[para, kind]);
    features.note("pararule", &[para, rule]);
    features.note("paralong", &[para, around::paragraphs(scene), rule]);
    let away = scene
        .names
        .mentions
        .iter()
        .filter(|m| m.entities.contains(&entity))
        .flat_map(|m| draft.frames.iter().take(12).map(move |f| f.sentence.abs_diff(m.sentence)))
        .min()
        .unwrap_or(99);
    features.note("away", &[around::count(away), rule]);
    features.note("awaypara", &[around::count(away), para, kind]);
    features.note("title", &[yes(in_title), kind]);
    features.note("own", &[around::count(in_own), kind]);
    features.note("titleown", &[yes(in_title), around::count(in_own), rule]);
    features.note("named", &[around::count(named)]);
    features.note("anywhere", &[around::count(anywhere), rule]);
    let lead = scene.names.mentions.iter().any(|m| m.entities.contains(&entity) && scene.is_lead(m.sentence));
    features.note("lead", &[yes(lead), rule]);
    features
}

/// Whether a line over the draft names somebody: over a list it may name a party of every item.
fn heading(scene: &Scene, case: &Case<'_>, rule: &str, features: &mut Features) {
    let (draft, kind) = (&case.drafts[case.at].1, case.kind.as_str());
    let sentences = &scene.text.sentences;
    let named = |sentence: usize| scene.mentions(sentence).iter().filter(|m| m.entities.contains(&case.entity)).count();
    if !draft.sentences.iter().filter_map(|own| sentences[*own].heading).any(|heading| named(heading) > 0) {
        return;
    }
    let item = draft.sentences.iter().any(|own| sentences[*own].part == Part::Item);
    features.note("heads", &[kind, yes(item)]);
    features.note("headsrule", &[rule, kind]);
    let own: usize = draft.sentences.iter().map(|own| named(*own)).sum();
    features.note("headsn", &[around::count(own.min(2)), around::count(draft.parties.len().min(3)), kind]);
}

/// What the rules have a name do in the other drafts: in an article of several deals, somebody's part in another often rules
/// out one in this.
fn elsewhere(case: &Case<'_>, rule: &str, features: &mut Features) {
    let own = &case.drafts[case.at].1;
    let mut count = 0;
    for (at, (_, other)) in case.drafts.iter().enumerate() {
        let Some((_, role)) = other.parties.iter().find(|(known, _)| *known == case.entity).filter(|_| at != case.at)
        else {
            continue;
        };
        count += 1;
        let shared = if own.sentences.is_disjoint(&other.sentences) { "apart" } else { "shared" };
        features.note("elsewhere", &[rule, role.name(), shared]);
        features.note("elsewherek", &[rule, role.name(), case.kind.as_str(), other.kind.name()]);
    }
    features.note("elsewheren", &[rule, around::count(count), around::count(case.drafts.len())]);
}
