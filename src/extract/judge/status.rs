//! How far a deal has come.

use super::super::assemble::{Draft, Scene};
use super::{Question, features::Features, kind};
use crate::extract::{
    clause::What,
    lexicon::{Form, FrameKind},
};

pub(super) fn features(scene: &Scene, draft: &Draft, spelled: bool) -> Features {
    let mut features = Features::about(Question::Status, spelled);
    let name = if let FrameKind::Deal(kind) = draft.kind { kind.as_str() } else { "open" };
    let rule = draft.status.as_str();
    features.note("rule", &[rule]);
    features.note("rulek", &[rule, name]);
    features.note("kind", &[name]);
    for frame in &draft.frames {
        let trigger = scene.text.lower(frame.trigger);
        let form = frame.form.map_or("noun", Form::name);
        let place = if scene.is_title(frame.sentence) { "title" } else { "body" };
        features.note("trigger", &[trigger, place]);
        features.note("triggerk", &[trigger, name]);
        features.note("form", &[form, place, name]);
        let items = &scene.items[frame.sentence];
        if let Some(at) = items.iter().position(|item| item.tokens.contains(&frame.trigger)) {
            for n in 1..=5 {
                if let Some(item) = at.checked_sub(n).map(|b| &items[b]) {
                    let word =
                        if matches!(item.what, What::Name(_)) { "@" } else { scene.text.lower(item.tokens.start) };
                    features.note("left", &[word]);
                    features.note_if(n == 1, "left1", &[word, form]);
                    features.note_if(n == 1, "left1t", &[word, trigger]);
                }
                if let Some(item) = items.get(at + n) {
                    let word =
                        if matches!(item.what, What::Name(_)) { "@" } else { scene.text.lower(item.tokens.start) };
                    features.note("right", &[word]);
                }
            }
        }
    }
    for sentence in &draft.sentences {
        let signals = &scene.signals[*sentence];
        let place = if scene.is_title(*sentence) { "title" } else { "body" };
        for (at, status) in &signals.status {
            features.note("signal", &[status.as_str(), place]);
            features.note("signalword", &[scene.text.lower(*at), name]);
        }
        features.note_if(!signals.hedges.is_empty(), "hedge", &[place]);
    }
    // The headline speaks for the article.
    for sentence in (0..scene.items.len()).take_while(|s| scene.is_title(*s)) {
        for item in &scene.items[sentence] {
            if !matches!(item.what, What::Name(_) | What::Figure(_)) {
                features.note("headline", &[scene.text.lower(item.tokens.start)]);
            }
        }
    }
    kind::words(scene, draft, &mut features, name);
    features
}
