//! Which drafts are deals of the article, and which might be although no rule made one.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
};

use super::super::{
    assemble::{Draft, Scene, keeps, shadowed},
    clause::What,
    frame::{Frame, Standing},
    lexicon::{Form, FrameKind, FrameRole},
    quantity::Measure,
    text::Part,
};
use super::{
    Question, around,
    around::{Around, yes},
    features::Features,
    kind,
};
use crate::model::{Status, Use};

/// The most drafts that are added to those of the rules.
const MOST: usize = 150;

/// Drafts for what no rule took: a sum or power beside a name, and a headline with two names.
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
        // The verb or noun closest before the figure stands in for a trigger.
        let trigger = scene.items[index]
            .iter()
            .filter(|item| matches!(item.what, What::Verb(_) | What::Noun(_)))
            .min_by_key(|item| item.tokens.start.abs_diff(at))
            .map_or(at, |item| item.tokens.start);
        let mut draft = Draft::of(Frame {
            kind: FrameKind::Generic,
            parties: names.into_iter().take(4).map(|entity| (entity, FrameRole::Auto)).collect(),
            sentence: index,
            tokens: sentence.tokens.clone(),
            trigger,
            form: None,
            standing: Standing::Support,
            relative: false,
            drops: false,
        });
        draft.figures = free;
        draft.status = Status::Announced;
        proposals.push(draft);
    }
    // In a round-up a paragraph is a story: one in which the rules found none may tell one all the same.
    let verdicts = verdicts(scene, drafts);
    let kept = drafts.iter().zip(&verdicts).filter(|(_, verdict)| **verdict == "kept");
    let kept: BTreeSet<usize> = kept.flat_map(|(draft, _)| draft.frames.iter().map(|f| f.sentence)).collect();
    let proposed: HashSet<usize> = proposals.iter().map(|draft| draft.frames[0].sentence).collect();
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
            || sentences.len() == 1 && proposed.contains(&sentences.start)
        {
            continue;
        }
        let tokens = scene.text.sentences[sentences.start].tokens.clone();
        let trigger = scene.items[sentences.clone()]
            .iter()
            .flatten()
            .find(|item| matches!(item.what, What::Verb(_)))
            .or_else(|| scene.items[sentences.clone()].iter().flatten().find(|item| matches!(item.what, What::Noun(_))))
            .map_or(tokens.start, |item| item.tokens.start);
        let sentence =
            sentences.clone().find(|s| scene.text.sentences[*s].tokens.contains(&trigger)).unwrap_or(sentences.start);
        let mut draft = Draft::of(Frame {
            kind: FrameKind::Spend,
            parties: names.into_iter().take(6).map(|entity| (entity, FrameRole::Auto)).collect(),
            sentence,
            tokens: scene.text.sentences[sentence].tokens.clone(),
            trigger,
            form: None,
            standing: Standing::Support,
            relative: false,
            drops: false,
        });
        draft.sentences.extend(sentences);
        draft.figures = figures;
        draft.status = Status::Announced;
        proposals.push(draft);
    }
    proposals.truncate(MOST);
    proposals
}

/// Whether a sentence tells no deal, whatever figures it has: money of a settlement or a fine, and what is denied ("it did
/// not sign a contract worth $2 billion").
fn silent(scene: &Scene, sentence: usize) -> bool {
    scene.text.sentences[sentence].part == Part::Boilerplate
        || scene.signals[sentence].other
        || scene.items[sentence].iter().any(|item| item.what == What::Not)
}

/// The sums and the power of some sentences that may be a deal's.
fn told_sums(scene: &Scene, sentences: Range<usize>) -> impl Iterator<Item = usize> {
    sentences.filter(|s| !silent(scene, *s)).flat_map(|sentence| scene.figures_of(sentence)).filter(|figure| {
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

/// What the rules would do with each draft.
pub(super) fn verdicts(scene: &Scene, drafts: &[Draft]) -> Vec<&'static str> {
    let kept: Vec<bool> = drafts.iter().map(|draft| keeps(scene, draft)).collect();
    let rest: Vec<Draft> =
        drafts.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(draft, _)| draft.clone()).collect();
    drafts
        .iter()
        .zip(&kept)
        .map(|(draft, kept)| match (kept, *kept && shadowed(scene, draft, &rest)) {
            (false, _) => "dropped",
            (true, true) => "shadowed",
            (true, false) => "kept",
        })
        .collect()
}

pub(super) fn features(
    scene: &Scene,
    drafts: &[Draft],
    number: usize,
    verdicts: &[&'static str],
    spelled: bool,
) -> Features {
    let mut features = Features::about(Question::Keep, spelled);
    let draft = &drafts[number];
    let verdict = verdicts[number];
    let name = draft.kind.name();
    let support = draft.frames.iter().all(|f| f.standing == Standing::Support);
    let weak = draft.frames.iter().all(|f| f.standing == Standing::Weak);
    let standing = match (support, weak) {
        (true, _) => "support",
        (_, true) => "weak",
        _ => "plain",
    };
    features.note("verdict", &[verdict]);
    features.note("verdictk", &[verdict, name]);
    features.note("standing", &[standing, verdict]);
    features.note("standingk", &[standing, name]);
    features.note_if(draft.background, "background", &[name]);
    features.note_if(draft.background, "background", &["any"]);
    let place = around::place(scene, draft);
    features.note("place", &[place, verdict]);
    features.note("placek", &[place, name]);
    features.note("placest", &[place, standing]);
    let first = draft.sentences.first().copied().unwrap_or(0);
    features.note("sentence", &[around::count(first), verdict]);
    features.note("paragraphs", &[around::paragraphs(scene), verdict, place]);
    features.note("whole", &[yes(draft.sentences.len() > draft.frames.len()), name, standing]);
    let same = drafts.iter().zip(verdicts).enumerate().any(|(other, (known, verdict))| {
        other != number
            && *verdict == "kept"
            && known.frames.iter().any(|f| around::same_paragraph(scene, draft, f.sentence))
    });
    features.note("neighbour", &[yes(same), standing, verdict]);
    let money = draft.figures.iter().filter(|f| scene.figures[**f].is_money()).count();
    let power = draft.figures.iter().filter(|f| scene.figures[**f].is_power()).count();
    features.note("figures", &[around::count(money), around::count(power), verdict]);
    features.note("figuresk", &[around::count(money.min(1)), around::count(power.min(1)), name, verdict]);
    features.note("frames", &[around::count(draft.frames.len()), verdict]);
    features.note("parties", &[around::count(draft.parties.len()), name]);
    let kept = verdicts.iter().filter(|v| **v == "kept").count();
    features.note("kept", &[around::count(kept), verdict]);
    features.note("alone", &[around::count(kept), standing, place]);
    for (entity, role) in &draft.parties {
        let own = &scene.names.entities[*entity];
        let role = role.name();
        features.note("party", &[own.standing(), role]);
        features.note("trade", &[own.category.map_or("none", |category| category.as_str()), role]);
        let titled = scene.names.mentions.iter().any(|m| scene.is_title(m.sentence) && m.entities.contains(entity));
        features.note("titled", &[yes(titled), verdict]);
    }
    // Whether another draft tells it better.
    let covered = drafts.iter().enumerate().any(|(other, known)| {
        other != number
            && verdicts[other] == "kept"
            && draft.parties.iter().all(|(e, _)| known.parties.iter().any(|(f, _)| e == f))
    });
    features.note("covered", &[yes(covered), standing, verdict]);
    for frame in &draft.frames {
        let trigger = scene.text.lower(frame.trigger);
        let form = frame.form.map_or("noun", Form::name);
        features.note("trigger", &[trigger, standing]);
        features.note("form", &[form, place]);
        features.note("formv", &[form, verdict]);
        features.note_if(frame.relative, "relative", &[verdict]);
        if let Some(place) = Around::token(scene, frame.sentence, frame.trigger) {
            place.note(&mut features, "g.", standing);
        }
        let signals = &scene.signals[frame.sentence];
        let near = |at: &usize| at.abs_diff(frame.trigger) < 12;
        features.note_if(signals.history.iter().any(near), "history", &[verdict]);
        features.note_if(signals.months.iter().any(near), "months", &[verdict]);
        features.note_if(signals.guidance, "guidance", &[verdict]);
        features.note_if(signals.quarter, "quarter", &[verdict]);
        features.note_if(signals.other, "other", &[verdict]);
        features.note_if(!signals.hedges.is_empty(), "hedges", &[verdict]);
        for (at, status) in signals.status.iter().filter(|(at, _)| near(at)) {
            features.note("signal", &[status.as_str(), verdict]);
            features.note("signalword", &[scene.text.lower(*at)]);
        }
    }
    for figure in &draft.figures {
        let own = &scene.figures[*figure];
        if let Some(place) = Around::token(scene, own.sentence, own.tokens.start) {
            place.note(&mut features, "f.", if own.is_money() { "money" } else { "power" });
        }
    }
    for sentence in (0..scene.items.len()).take_while(|s| scene.is_title(*s)) {
        for item in &scene.items[sentence] {
            if !matches!(item.what, What::Name(_) | What::Figure(_)) {
                features.note("headline", &[scene.text.lower(item.tokens.start), place]);
            }
        }
    }
    kind::words(scene, draft, &mut features, standing);
    features
}
