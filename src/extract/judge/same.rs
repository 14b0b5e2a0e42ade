//! Whether two drafts are one deal.

use super::super::{
    assemble::{Draft, Scene, equal},
    lexicon::FrameRole,
    quantity::Figure,
};
use super::{Question, around, around::Around, court::View, features::Features};

/// Of two drafts, each with what the rules by themselves would do with it, and with what it looks like by itself.
pub(super) fn features(
    scene: &Scene,
    (a, first, seen): (&Draft, &str, &View),
    (b, second, other): (&Draft, &str, &View),
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
    let (money, power) = (relation(scene, a, b, Figure::is_money), relation(scene, a, b, Figure::is_power));
    for (relation, measure) in [(money, "money"), (power, "power")] {
        features.note("figures", &[relation, measure, kinds]);
        features.note("figuresp", &[relation, measure, overlap]);
        features.note("figuresk", &[relation, measure, low, high]);
    }
    between(scene, (a, b), overlap, &mut features);
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
    viewed(&mut features, seen, other, (money, power), near);
    features
}

/// Notes what stands between the first figures of two drafts in a sentence, and how many figures are the very same.
fn between(scene: &Scene, (a, b): (&Draft, &Draft), overlap: &str, features: &mut Features) {
    let few = |draft: &Draft| draft.figures.iter().copied().take(around::MANY).collect::<Vec<_>>();
    let (of_a, of_b) = (few(a), few(b));
    let both = of_a.iter().filter(|figure| of_b.contains(figure)).count();
    let [both, own, other] = [both, a.figures.len(), b.figures.len()].map(around::count);
    features.note("both", &[both, own, other]);
    features.note("bothp", &[both, own, other, overlap]);
    for (first, second) in of_a.iter().flat_map(|first| of_b.iter().map(move |second| (first, second))).take(6) {
        let (x, y) = (&scene.figures[*first], &scene.figures[*second]);
        if first == second || x.sentence != y.sentence || x.is_money() != y.is_money() {
            continue;
        }
        let path = Around::token(scene, x.sentence, x.tokens.start).and_then(|place| place.path(y.tokens.start));
        let path = path.unwrap_or_else(|| "far".to_owned());
        features.note("between", &[&path]);
        features.note("betweenp", &[&path, overlap]);
    }
}

/// How the figures of two drafts stand to each other.
fn relation(scene: &Scene, a: &Draft, b: &Draft, of: fn(&Figure) -> bool) -> &'static str {
    let own = |draft: &Draft| draft.figures.iter().copied().filter(|f| of(&scene.figures[*f])).collect::<Vec<_>>();
    let (fa, fb) = (own(a), own(b));
    match (fa.is_empty(), fb.is_empty()) {
        (true, true) => "none",
        (false, false) if fa.iter().any(|f| fb.iter().any(|g| equal(scene, *f, *g))) => "common",
        (false, false) => "differ",
        _ => "one",
    }
}

/// How what two drafts look like by themselves goes together; `money` and `power` tell how their figures do.
fn viewed(features: &mut Features, seen: &View, other: &View, (money, power): (&str, &str), near: &str) {
    let (ka, kb) = (seen.kind.as_str(), other.kind.as_str());
    let (low, high) = if ka < kb { (ka, kb) } else { (kb, ka) };
    features.begin("v.");
    features.note("kinds", &[low, high]);
    let kinds = if ka == kb { "same" } else { "other" };
    let mut held = 0;
    let mut agree = 0;
    let mut turned = 0;
    for (entity, role) in &seen.parties {
        if let Some((_, own)) = other.parties.iter().find(|(known, _)| known == entity) {
            held += 1;
            if own == role { agree += 1 } else { turned += 1 }
        }
    }
    // One role, on both sides filled by nobody in common.
    let mut clash = 0;
    let mut roles: Vec<FrameRole> = seen.parties.iter().map(|(_, role)| *role).collect();
    roles.sort_unstable_by_key(|role| role.name());
    roles.dedup();
    for role in roles {
        let of = |view: &View| view.parties.iter().filter(|(_, own)| *own == role).map(|(e, _)| *e).collect::<Vec<_>>();
        let (x, y) = (of(seen), of(other));
        if !y.is_empty() && !x.iter().any(|e| y.contains(e)) {
            clash += 1;
            features.note("clash", &[role.name(), kinds, near]);
        }
    }
    let least = seen.parties.len().min(other.parties.len());
    let [held, agree, turned, clash, least] = [held, agree, turned, clash.min(2), least.min(3)].map(around::count);
    features.note("held", &[held, least, kinds]);
    features.note("agree", &[agree, clash, turned, kinds]);
    features.note("agreenear", &[agree, clash, kinds, near]);
    features.note("agreek", &[agree, clash, low, high]);
    features.note("money", &[money, agree, clash, kinds]);
    features.note("power", &[power, agree, clash, kinds]);
    features.note("all", &[money, power, agree, clash, kinds, near]);
    features.begin("");
}
