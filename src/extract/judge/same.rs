//! Whether two drafts are one deal.

use super::super::assemble::{Draft, Scene, equal};
use super::{Question, around, features::Features};

/// Of two drafts, each with what the rules by themselves would do with it.
pub(super) fn features(
    scene: &Scene,
    (a, first): (&Draft, &str),
    (b, second): (&Draft, &str),
    spelled: bool,
) -> Features {
    let mut features = Features::about(Question::Same, spelled);
    let (ka, kb) = (a.kind.name(), b.kind.name());
    let kinds = if ka == kb { "same" } else { "other" };
    let (low, high) = if ka < kb { (ka, kb) } else { (kb, ka) };
    features.note("kinds", &[low, high]);
    let shared = a.parties.iter().filter(|(e, _)| b.parties.iter().any(|(f, _)| e == f)).count();
    let least = a.parties.len().min(b.parties.len());
    let overlap = match (shared, least) {
        (_, 0) => "none",
        (0, _) => "apart",
        (s, l) if s == l => "within",
        _ => "some",
    };
    features.note("parties", &[overlap, kinds]);
    features.note("partiesn", &[around::count(a.parties.len()), around::count(b.parties.len()), overlap]);
    features.note("partiesk", &[overlap, low, high]);
    for (entity, role) in &a.parties {
        if let Some((_, other)) = b.parties.iter().find(|(known, _)| known == entity) {
            features.note("role", &[role.name(), other.name()]);
        }
    }
    // One role, two parties.
    for (entity, role) in &a.parties {
        for (other, second) in &b.parties {
            features.note_if(role == second && entity != other, "clash", &[role.name(), ka]);
        }
    }
    let figures = |draft: &Draft, money: bool| {
        let own = draft.figures.iter().copied();
        own.filter(|f| if money { scene.figures[*f].is_money() } else { scene.figures[*f].is_power() })
            .collect::<Vec<_>>()
    };
    for money in [true, false] {
        let (fa, fb) = (figures(a, money), figures(b, money));
        let common = fa.iter().any(|f| fb.iter().any(|g| equal(scene, *f, *g)));
        let relation = match (fa.is_empty(), fb.is_empty(), common) {
            (_, _, true) => "common",
            (false, false, _) => "differ",
            (true, true, _) => "none",
            _ => "one",
        };
        let measure = if money { "money" } else { "power" };
        features.note("figures", &[relation, measure, kinds]);
        features.note("figuresp", &[relation, measure, overlap]);
        features.note("figuresk", &[relation, measure, low, high]);
    }
    let relation = |money: bool| {
        let (fa, fb) = (figures(a, money), figures(b, money));
        match (fa.is_empty(), fb.is_empty()) {
            (true, true) => "none",
            (false, false) if fa.iter().any(|f| fb.iter().any(|g| equal(scene, *f, *g))) => "common",
            (false, false) => "differ",
            _ => "one",
        }
    };
    let (money, power) = (relation(true), relation(false));
    let gap = a.sentences.iter().flat_map(|s| b.sentences.iter().map(|t| s.abs_diff(*t))).min().unwrap_or(99);
    let title = |draft: &Draft| draft.sentences.iter().any(|s| scene.is_title(*s));
    let lead = |draft: &Draft| draft.sentences.iter().any(|s| scene.is_lead(*s));
    let near = match gap {
        0 => "0",
        1 => "1",
        2 | 3 => "2-3",
        _ => "far",
    };
    features.note("verdicts", &[first, second, kinds]);
    features.note("verdictsp", &[first, second, kinds, overlap]);
    features.note("verdictsk", &[first, second, low, high]);
    features.note("whole", &[kinds, overlap, money, power]);
    features.note("wholegap", &[kinds, overlap, money, near]);
    features.note("wholeverdict", &[kinds, overlap, money, first, second]);
    features.note("kindsfigures", &[low, high, overlap, money]);
    features.note("gap", &[around::count(gap), kinds]);
    features.note("gapp", &[around::count(gap), overlap]);
    let titled = if title(a) || title(b) { "title" } else { "body" };
    let led = if lead(a) || lead(b) { "lead" } else { "body" };
    features.note("place", &[titled, led, overlap]);
    features.note("placek", &[titled, led, kinds, overlap]);
    let paragraph = |draft: &Draft| draft.frames.first().map(|f| scene.text.sentences[f.sentence].paragraph);
    let para = if paragraph(a) == paragraph(b) { "same" } else { "other" };
    features.note("para", &[para, overlap, kinds]);
    features.note("paralong", &[para, overlap, around::paragraphs(scene)]);
    let background = a.background != b.background;
    features.note_if(background, "background", &[overlap]);
    features.note_if(a.apart || b.apart, "apart", &[kinds]);
    // How the later of the two is introduced.
    if let Some(frame) = b.frames.first() {
        let start = scene.text.sentences[frame.sentence].tokens.start;
        features.note("opens", &[scene.text.lower(start), overlap]);
        features.note("trigger", &[scene.text.lower(frame.trigger), overlap]);
        for at in start..frame.trigger.min(start + 12) {
            let word = scene.text.lower(at);
            features.note_if(
                matches!(
                    word,
                    "also"
                        | "separately"
                        | "separate"
                        | "another"
                        | "second"
                        | "too"
                        | "the"
                        | "this"
                        | "other"
                        | "earlier"
                        | "meanwhile"
                ),
                "word",
                &[word, overlap],
            );
        }
    }
    features
}
