//! Whether a figure is a deal's.

use std::cmp::Ordering;

use super::super::{
    assemble::{Draft, Scene},
    clause::What,
    lexicon::FrameKind,
    quantity::Measure,
};
use super::{
    Question, around,
    around::{Around, yes},
    beside,
    features::Features,
    sums::Sum,
};

pub(super) fn features(
    scene: &Scene,
    drafts: &[(usize, Draft)],
    index: usize,
    figure: usize,
    given: &[usize],
    sums: &[Sum],
    spelled: bool,
) -> Features {
    let mut features = Features::about(Question::Figure, spelled);
    let draft = &drafts[index].1;
    let own = &scene.figures[figure];
    let kind = if let FrameKind::Deal(kind) = draft.kind { kind.as_str() } else { "open" };
    let measure = match own.measure {
        Measure::Money(_) => "money",
        _ => "power",
    };
    let rule = if draft.figures.contains(&figure) {
        "here"
    } else if drafts.iter().any(|(_, other)| other.figures.contains(&figure)) {
        "there"
    } else {
        "nowhere"
    };
    let usage: &'static str = own.usage.into();
    let k = format!("{measure}-{kind}");
    let k = k.as_str();
    features.note("bias", &[k]);
    features.note("rule", &[rule]);
    features.note("rulek", &[rule, k]);
    features.note("use", &[usage, measure]);
    features.note("useruke", &[usage, rule, k]);
    let distance = draft
        .frames
        .iter()
        .map(|frame| (own.sentence.abs_diff(frame.sentence), own.sentence < frame.sentence))
        .min()
        .unwrap_or((9, false));
    let distance = match distance {
        (0, _) => "same",
        (1, false) => "next",
        (2, false) => "second",
        (_, false) => "later",
        (1, true) => "before",
        (_, true) => "earlier",
    };
    let title = scene.is_title(own.sentence);
    let place = if title {
        "title"
    } else if scene.is_lead(own.sentence) {
        "lead"
    } else {
        "body"
    };
    features.note("far", &[distance, place, rule]);
    features.note("fark", &[distance, place, k]);
    features.note("faruse", &[distance, usage, rule]);
    let para = if around::same_paragraph(scene, draft, own.sentence) { "inside" } else { "outside" };
    features.note("para", &[para, rule, around::paragraphs(scene)]);
    features.note("paradist", &[para, distance, k]);
    features.note("drafts", &[around::count(drafts.len()), rule]);
    features.note_if(own.annual, "annual", &[k]);
    features.note_if(own.contingent, "contingent", &[k]);
    features.note("qualifier", &[own.qualifier.as_str(), measure]);
    let covers = draft.frames.iter().any(|frame| frame.tokens.contains(&own.tokens.start));
    let elsewhere = drafts
        .iter()
        .enumerate()
        .any(|(other, (_, d))| other != index && d.frames.iter().any(|frame| frame.tokens.contains(&own.tokens.start)));
    features.note("covers", &[yes(covers), yes(elsewhere), rule]);
    features.note("coversk", &[yes(covers), yes(elsewhere), k]);
    let owned = drafts
        .iter()
        .enumerate()
        .any(|(other, (_, d))| other != index && d.frames.iter().any(|frame| frame.sentence == own.sentence));
    features.note("shared", &[yes(owned), distance]);
    // Phases and tranches add up to their deal's total.
    if let Some(whole) = sums[figure].part_of {
        let held = if given.iter().any(|f| close(scene.figures[*f].value, scene.figures[whole].value)) {
            "given"
        } else if draft.figures.iter().any(|f| close(scene.figures[*f].value, scene.figures[whole].value)) {
            "here"
        } else {
            "nowhere"
        };
        features.note("part", &[held, measure, distance]);
        features.note("partr", &[held, rule]);
        features.note("partk", &[held, k]);
    }
    if sums[figure].whole {
        features.note("sum", &[rule, measure]);
        features.note("sumk", &[k, distance]);
    }
    // What the deal has been given before it.
    let before: Vec<_> = given.iter().map(|f| &scene.figures[*f]).filter(|f| f.measure == own.measure).collect();
    features.note("given", &[around::count(before.len()), measure]);
    features.note("givenk", &[around::count(before.len()), k, rule]);
    if before.iter().any(|f| close(f.value, own.value)) {
        features.note("again", &[measure, distance]);
    } else if let Some(most) = before.iter().map(|f| f.value).max() {
        let size = if own.value > most { "larger" } else { "smaller" };
        features.note("than", &[size, rule, measure]);
        features.note("thank", &[size, k, distance]);
        let apart = before.iter().any(|f| f.sentence == own.sentence);
        features.note("beside", &[if apart { "same" } else { "other" }, size, k]);
    }
    // The same figure elsewhere, such as in the headline, and how it compares with the others.
    let equals = scene
        .figures
        .iter()
        .enumerate()
        .filter(|(other, f)| *other != figure && f.measure == own.measure && f.value == own.value)
        .count();
    let headline = scene
        .figures
        .iter()
        .any(|f| scene.is_title(f.sentence) && f.measure == own.measure && close(f.value, own.value));
    features.note("equals", &[around::count(equals), yes(headline), place]);
    features.note("headline", &[yes(headline), k]);
    let rivals: Vec<_> =
        draft.figures.iter().filter(|f| **f != figure && scene.figures[**f].measure == own.measure).collect();
    features.note("rivals", &[around::count(rivals.len()), rule, measure]);
    if let Some(largest) = rivals.iter().map(|f| scene.figures[**f].value).max() {
        let size = match own.value.cmp(&largest) {
            Ordering::Greater => "larger",
            Ordering::Equal => "equal",
            Ordering::Less => "smaller",
        };
        features.note("size", &[size, rule, measure]);
    }
    let here = scene.figures[scene.figures_of(own.sentence)].iter().filter(|f| f.measure == own.measure);
    let nth = here.clone().take_while(|f| f.tokens.start < own.tokens.start).count();
    features.note("nth", &[around::count(nth), around::count(here.count()), distance]);
    if let Measure::Money(currency) = own.measure {
        let digits = own.value.trunc().to_string().len();
        features.note("digits", &[around::count(digits), kind]);
        let bare =
            draft.figures.iter().any(|f| matches!(scene.figures[*f].measure, Measure::Money(c) if c != currency));
        features.note_if(bare, "othercurrency", &[rule]);
    }
    if let Some(place) = Around::token(scene, own.sentence, own.tokens.start) {
        place.note(&mut features, if title { "t." } else { "b." }, measure);
        place.note(&mut features, "k.", k);
    } else {
        features.note("hidden", &[rule, measure]);
    }
    beside::names(scene, drafts, index, figure, [measure, rule, k], &mut features);
    let signals = &scene.signals[own.sentence];
    let history = signals.history.iter().chain(&signals.months).any(|at| at.abs_diff(own.tokens.start) < 10);
    features.note("history", &[yes(history), rule]);
    features.note_if(signals.guidance, "guidance", &[rule]);
    features.note_if(signals.other, "other", &[rule]);
    // Whose sentence it is.
    let first = scene.mentions(own.sentence).first();
    let whose = match first {
        None => "nobody",
        Some(mention) if mention.tokens.start > own.tokens.start => "after",
        Some(mention) if mention.entities.iter().any(|e| draft.parties.iter().any(|(known, _)| known == e)) => "party",
        Some(_) => "stranger",
    };
    features.note("whose", &[whose, distance]);
    features.note("whosek", &[whose, rule, k]);
    let verb = scene.items[own.sentence]
        .iter()
        .rfind(|item| item.tokens.end <= own.tokens.start && matches!(item.what, What::Verb(_)))
        .map(|item| scene.text.lower(item.tokens.start));
    features.note("verb", &[verb.unwrap_or("none"), measure]);
    features
}

fn close(a: rust_decimal::Decimal, b: rust_decimal::Decimal) -> bool {
    let limit = a.max(b).checked_mul(rust_decimal::Decimal::new(5, 2));
    a.checked_sub(b).zip(limit).is_some_and(|(gap, limit)| gap.abs() <= limit)
}
