//! What is transacted.

use super::super::{
    assemble::{Draft, Scene},
    clause::What,
};
use super::{Question, features::Features};

pub(super) fn features(scene: &Scene, draft: &Draft, spelled: bool) -> Features {
    let mut features = Features::about(Question::Kind, spelled);
    let drafted = draft.kind.name();
    features.note("rule", &[drafted]);
    for frame in &draft.frames {
        let kind = frame.kind.name();
        let title = if scene.is_title(frame.sentence) { "title" } else { "body" };
        features.note("frame", &[kind, title]);
        features.note("trigger", &[scene.text.lower(frame.trigger)]);
        let items = &scene.items[frame.sentence];
        if let Some(at) = items.iter().position(|item| item.tokens.contains(&frame.trigger)) {
            for (n, item) in items[at + 1..].iter().take(6).enumerate() {
                let word = scene.text.lower(item.tokens.start);
                features.note("object", &[word]);
                features.note_if(n < 3, "triggerobject", &[scene.text.lower(frame.trigger), word]);
                if let What::Noun(classes) = &item.what {
                    features.note("objectclass", &[classes[0], drafted]);
                }
            }
        }
    }
    words(scene, draft, &mut features, drafted);
    for (entity, role) in &draft.parties {
        let category = scene.names.entities[*entity].category.map_or("none", |category| category.as_str());
        let role = role.name();
        features.note("trade", &[category]);
        features.note("traderole", &[category, role]);
        features.note("role", &[role]);
    }
    let money = draft.figures.iter().any(|f| scene.figures[*f].is_money());
    let power = draft.figures.iter().any(|f| scene.figures[*f].is_power());
    features.note("figures", &[if money { "money" } else { "-" }, if power { "power" } else { "-" }]);
    features.note("figuresk", &[if money { "money" } else { "-" }, if power { "power" } else { "-" }, drafted]);
    features
}

/// How many items of a sentence are looked at: more than any that somebody wrote has.
const LONGEST: usize = 200;

/// The words of the draft's sentences and the classes of its nouns and verbs.
pub(super) fn words(scene: &Scene, draft: &Draft, features: &mut Features, with: &str) {
    for sentence in &draft.sentences {
        let title = if scene.is_title(*sentence) { "title" } else { "body" };
        let items = &scene.items[*sentence];
        let items = &items[..items.len().min(LONGEST)];
        for item in items {
            match &item.what {
                What::Noun(classes) => {
                    features.note("noun", &[classes[0], title]);
                    features.note("nounk", &[classes[0], with]);
                }
                What::Verb(senses) => features.note("verb", &[senses[0].0, title]),
                _ => {}
            }
            if !matches!(item.what, What::Name(_) | What::Figure(_) | What::Comma | What::Time) {
                features.note("word", &[scene.text.lower(item.tokens.start)]);
            }
        }
        for pair in items.windows(2) {
            if pair.iter().all(|item| !matches!(item.what, What::Name(_) | What::Figure(_) | What::Comma | What::Time))
            {
                let [a, b] = [&pair[0], &pair[1]].map(|item| scene.text.lower(item.tokens.start));
                features.note("pair", &[a, b]);
            }
        }
    }
}
