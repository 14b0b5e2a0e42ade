//! Which drafts are worth a closer look.

use super::super::{
    assemble::{Draft, Scene, keeps, shadowed},
    clause::What,
    frame::Standing,
    lexicon::Form,
};
use super::{
    Question, around,
    around::{Around, yes},
    features::Features,
    kind, propose,
};

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
    (number, spare): (usize, bool),
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
        _ if spare => "spare",
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
    features.note("length", &[around::length(scene), standing]);
    features.note("lengthv", &[around::length(scene), verdict, name]);
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
        let denied = scene.items[frame.sentence].iter().any(|item| item.what == What::Not);
        features.note_if(denied, "not", &[standing, name]);
        features.note_if(!signals.hedges.is_empty(), "hedges", &[verdict]);
        for (at, status) in signals.status.iter().filter(|(at, _)| near(at)) {
            features.note("signal", &[status.as_str(), verdict]);
            features.note("signalword", &[scene.text.lower(*at)]);
        }
    }
    if let [figure] = draft.figures[..] {
        let whole = drafts.iter().any(|other| other.figures.len() > 1 && other.figures.contains(&figure));
        features.note("one", &[yes(whole), standing, name]);
        if spare {
            beside(scene, drafts, figure, name, &mut features);
        }
        features.note("onev", &[yes(whole), verdict, place]);
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

/// Notes how the figure of a spare draft stands to those that another draft holds with it, and to whom it stands next.
fn beside(scene: &Scene, drafts: &[Draft], figure: usize, name: &str, features: &mut Features) {
    let own = &scene.figures[figure];
    let names = propose::closest(scene, own);
    for holder in drafts.iter().filter(|other| other.figures.len() > 1 && other.figures.contains(&figure)).take(3) {
        let strangers = names.iter().filter(|entity| !holder.parties.iter().any(|(known, _)| known == *entity)).count();
        features.note("strangers", &[around::count(strangers), around::count(names.len()), name]);
        for other in holder.figures.iter().filter(|other| **other != figure).take(3) {
            let other = &scene.figures[*other];
            if other.is_money() != own.is_money() {
                continue;
            }
            let place = Around::token(scene, own.sentence, own.tokens.start).filter(|_| own.sentence == other.sentence);
            let path = place.and_then(|place| place.path(other.tokens.start));
            features.note("sibling", &[path.as_deref().unwrap_or("far")]);
            let size = if other.value > own.value { "smaller" } else { "larger" };
            features.note("siblings", &[size, around::count(own.sentence.abs_diff(other.sentence)), name]);
        }
    }
}
