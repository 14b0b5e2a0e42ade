//! Drafts for what no rule took.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
};

use super::super::{
    assemble::{Draft, Scene},
    clause::What,
    frame::{Frame, Standing},
    lexicon::{FrameKind, FrameRole},
    quantity::{Figure, Measure},
    text::Part,
};
use super::{around, keep};
use crate::model::{Status, Use};

/// The most drafts that are added to those of the rules.
const MOST: usize = 150;

/// How far apart two figures of one deal may be, in items.
const PARTED: usize = 200;

/// Drafts for what no rule took: a sum or power beside a name, a headline with two names, and a paragraph of a round-up.
pub(super) fn proposals(scene: &Scene, drafts: &[Draft]) -> Vec<Draft> {
    let mut proposals: Vec<Draft> = Vec::new();
    let told: BTreeSet<usize> =
        drafts.iter().filter(|d| !d.background).flat_map(|draft| draft.frames.iter().map(|f| f.sentence)).collect();
    let taken: HashSet<usize> = drafts.iter().flat_map(|draft| draft.figures.iter().copied()).collect();
    for (index, sentence) in scene.text.sentences.iter().enumerate() {
        if silent(scene, index) {
            continue;
        }
        let free: Vec<usize> = told_sums(scene, index..index + 1).filter(|figure| !taken.contains(figure)).collect();
        let names = named(scene, index..index + 1);
        let pair = names.len() > 1 && (scene.is_title(index) || scene.is_lead(index)) && !told.contains(&index);
        if names.is_empty() || free.is_empty() && !pair {
            continue;
        }
        let at = free.first().map_or(sentence.tokens.start, |figure| scene.figures[*figure].tokens.start);
        let parties = names.into_iter().take(4).collect();
        proposals.push(Draft {
            figures: free,
            ..proposed(scene, index, trigger(scene, index, at), parties, FrameKind::Generic)
        });
    }
    // In a round-up a paragraph is a story: one in which the rules found none may tell one all the same.
    let verdicts = keep::verdicts(scene, drafts);
    let kept = drafts.iter().zip(&verdicts).filter(|(_, verdict)| **verdict == "kept");
    let kept: BTreeSet<usize> = kept.flat_map(|(draft, _)| draft.frames.iter().map(|f| f.sentence)).collect();
    let stories: HashSet<usize> = proposals.iter().map(|draft| draft.frames[0].sentence).collect();
    let mut at = 0;
    while at < scene.text.sentences.len() {
        let first = &scene.text.sentences[at];
        let end = (at..scene.text.sentences.len())
            .find(|s| scene.text.sentences[*s].paragraph != first.paragraph)
            .unwrap_or(scene.text.sentences.len());
        let sentences = at..end;
        at = end;
        if matches!(first.part, Part::Boilerplate | Part::Title) {
            continue;
        }
        let figures: Vec<usize> = told_sums(scene, sentences.clone()).collect();
        let names = named(scene, sentences.clone());
        if names.is_empty()
            || figures.is_empty()
            || kept.range(sentences.clone()).next().is_some()
            || sentences.len() == 1 && stories.contains(&sentences.start)
        {
            continue;
        }
        let tokens = scene.text.sentences[sentences.start].tokens.clone();
        let first_verb = scene.items[sentences.clone()]
            .iter()
            .flatten()
            .find(|item| matches!(item.what, What::Verb(_)))
            .or_else(|| scene.items[sentences.clone()].iter().flatten().find(|item| matches!(item.what, What::Noun(_))))
            .map_or(tokens.start, |item| item.tokens.start);
        let sentence = sentences
            .clone()
            .find(|s| scene.text.sentences[*s].tokens.contains(&first_verb))
            .unwrap_or(sentences.start);
        let parties = names.into_iter().take(6).collect();
        let mut draft = Draft { figures, ..proposed(scene, sentence, first_verb, parties, FrameKind::Spend) };
        draft.sentences.extend(sentences);
        proposals.push(draft);
    }
    proposals.truncate(MOST);
    proposals
}

/// Drafts of which most tell what another tells better, for the deals that share their sentence with another or stand in one
/// that says neither who nor what: one for every sum and power that is not a draft's only one, and one for every sentence
/// with two names and no draft.
pub(super) fn spares(scene: &Scene, drafts: &[Draft]) -> Vec<Draft> {
    let mut spares = Vec::new();
    let told: HashSet<usize> =
        drafts.iter().flat_map(|draft| draft.frames.iter().map(|frame| frame.sentence)).collect();
    let mut names: Vec<usize> = Vec::new();
    for sentence in 0..scene.text.sentences.len() {
        if spares.len() >= MOST {
            break;
        }
        let before = std::mem::replace(&mut names, named(scene, sentence..sentence + 1));
        if names.is_empty() {
            names = before;
        }
        if scene.text.sentences[sentence].part == Part::Boilerplate {
            continue;
        }
        // A sentence with more is a table.
        for figure in sums(scene, sentence).take(around::MANY) {
            let own = &scene.figures[figure];
            let alone = |draft: &&Draft| {
                let rival = |other: &usize| {
                    let other = &scene.figures[*other];
                    other.tokens != own.tokens && (other.is_money() == own.is_money() || parted(scene, own, other))
                };
                draft.figures.contains(&figure) && !draft.figures.iter().take(around::MANY).any(rival)
            };
            let closest = closest(scene, own);
            let parties = if closest.is_empty() { names.iter().copied().take(2).collect() } else { closest };
            if parties.is_empty() || drafts.iter().any(|draft| alone(&draft)) {
                continue;
            }
            let holder = drafts.iter().find(|draft| draft.figures.contains(&figure));
            let kind = holder.map_or(FrameKind::Generic, |draft| draft.kind);
            let trigger = trigger(scene, sentence, own.tokens.start);
            spares.push(Draft { figures: vec![figure], ..proposed(scene, sentence, trigger, parties, kind) });
        }
        let pair = scene.mentions(sentence).len() > 1 && names.len() > 1;
        if pair && !told.contains(&sentence) {
            let tokens = &scene.text.sentences[sentence].tokens;
            let mut verbs = scene.items[sentence].iter().filter(|item| matches!(item.what, What::Verb(_)));
            let at = verbs.next().map_or(tokens.start, |item| item.tokens.start);
            spares.push(proposed(scene, sentence, at, names.iter().copied().take(4).collect(), FrameKind::Generic));
        }
    }
    spares.truncate(MOST);
    spares
}

/// A draft that no rule made, of a sentence.
fn proposed(scene: &Scene, sentence: usize, trigger: usize, parties: Vec<usize>, kind: FrameKind) -> Draft {
    let draft = Draft::of(Frame {
        kind,
        parties: parties.into_iter().map(|entity| (entity, FrameRole::Auto)).collect(),
        sentence,
        tokens: scene.text.sentences[sentence].tokens.clone(),
        trigger,
        form: None,
        standing: Standing::Support,
        relative: false,
        drops: false,
    });
    Draft { status: Status::Announced, ..draft }
}

/// The verb or noun closest to a token of a sentence, which stands in for what a rule would have found.
fn trigger(scene: &Scene, sentence: usize, at: usize) -> usize {
    let sorted = scene.items[sentence].iter().filter(|item| matches!(item.what, What::Verb(_) | What::Noun(_)));
    sorted.map(|item| item.tokens.start).min_by_key(|start| start.abs_diff(at)).unwrap_or(at)
}

/// Who is named first in a figure's sentence, and next to it on each side.
pub(super) fn closest(scene: &Scene, figure: &Figure) -> Vec<usize> {
    let mentions = scene.mentions(figure.sentence);
    let after = mentions.partition_point(|mention| mention.tokens.start < figure.tokens.start);
    let mut names = Vec::new();
    for mention in mentions.first().into_iter().chain(mentions[..after].last()).chain(mentions.get(after)) {
        for entity in &mention.entities {
            if !names.contains(entity) {
                names.push(*entity);
            }
        }
    }
    names
}

/// Whether a sentence tells no deal, whatever figures it has: money of a settlement or a fine, and what is denied ("it did
/// not sign a contract worth $2 billion").
fn silent(scene: &Scene, sentence: usize) -> bool {
    scene.text.sentences[sentence].part == Part::Boilerplate
        || scene.signals[sentence].other
        || scene.items[sentence].iter().any(|item| item.what == What::Not)
}

/// Whether a verb stands between two figures of a sentence: "a hall of 12 MW opens, and it has bought land for €6 million".
fn parted(scene: &Scene, a: &Figure, b: &Figure) -> bool {
    let between = a.tokens.end.min(b.tokens.end)..a.tokens.start.max(b.tokens.start);
    if a.sentence != b.sentence {
        return false;
    }
    let items = &scene.items[a.sentence];
    let first = items.partition_point(|item| item.tokens.start < between.start);
    let inside = items[first..].iter().take_while(|item| item.tokens.start < between.end);
    inside.take(PARTED).any(|item| matches!(item.what, What::Verb(_)))
}

/// The sums and the power of some sentences that may be a deal's.
fn told_sums(scene: &Scene, sentences: Range<usize>) -> impl Iterator<Item = usize> {
    sentences.filter(|s| !silent(scene, *s)).flat_map(|sentence| sums(scene, sentence))
}

/// The sums and the power of a sentence that no word speaks against.
fn sums(scene: &Scene, sentence: usize) -> impl Iterator<Item = usize> {
    scene.figures_of(sentence).filter(|figure| {
        let own = &scene.figures[*figure];
        matches!(own.measure, Measure::Money(_) | Measure::Power)
            && own.usage == Use::Deal
            && !own.per_unit
            && !own.conversion
    })
}

/// Who is named in some sentences, in their order.
fn named(scene: &Scene, sentences: Range<usize>) -> Vec<usize> {
    let mut names: Vec<usize> = Vec::new();
    for mention in sentences.flat_map(|sentence| scene.mentions(sentence)) {
        for entity in &mention.entities {
            if names.len() < 8 && !names.contains(entity) {
                names.push(*entity);
            }
        }
    }
    names
}
