//! What stands around a name or a figure in its sentence.

use std::collections::BTreeSet;

use super::super::{
    assemble::{Draft, Scene},
    clause::{Item, What},
    quantity::Measure,
    text::Part,
};
use super::features::Features;

/// The most names, and the most figures, that are considered for one draft.
pub(super) const MANY: usize = 48;

/// Whether a sentence stands in a paragraph of which the draft has a sentence: in a round-up a paragraph is a story.
pub(super) fn same_paragraph(scene: &Scene, draft: &Draft, sentence: usize) -> bool {
    let paragraph = |s: usize| scene.text.sentences[s].paragraph;
    draft.sentences.iter().any(|own| paragraph(*own) == paragraph(sentence))
}

/// Where an article tells a draft: in its headline, in its first paragraph, in both, or further down.
pub(super) fn place(scene: &Scene, draft: &Draft) -> &'static str {
    let title = draft.sentences.iter().any(|s| scene.is_title(*s));
    let lead = draft.sentences.iter().any(|s| scene.is_lead(*s));
    match (title, lead) {
        (true, true) => "both",
        (true, _) => "title",
        (_, true) => "lead",
        _ => "body",
    }
}

/// How many paragraphs an article has, roughly.
pub(super) fn paragraphs(scene: &Scene) -> &'static str {
    count(scene.text.sentences.last().map_or(0, |last| last.paragraph))
}

/// How long an article is.
pub(super) fn length(scene: &Scene) -> &'static str {
    match scene.text.sentences.len() {
        ..6 => "note",
        6..12 => "short",
        12..25 => "article",
        25..45 => "long",
        _ => "essay",
    }
}

/// The sentences of a draft's surroundings: its own and, with a `reach`, those at most so many before or after one, the
/// rest of its paragraphs, the line that heads them, and the headline of all but long articles.
pub(super) fn surroundings(scene: &Scene, draft: &Draft, reach: usize) -> BTreeSet<usize> {
    let sentences = &scene.text.sentences;
    let mut found: BTreeSet<usize> = draft.sentences.clone();
    if reach > 0 {
        if sentences.len() < 30 {
            found.extend((0..sentences.len()).take_while(|s| scene.is_title(*s)));
        }
        found.extend(draft.sentences.iter().filter_map(|own| sentences[*own].heading));
        let mut before = None;
        for own in &draft.sentences {
            let paragraph = sentences[*own].paragraph;
            if before.replace(paragraph) != Some(paragraph) {
                let first = sentences.partition_point(|s| s.paragraph < paragraph);
                let end = sentences.partition_point(|s| s.paragraph <= paragraph);
                found.extend(first..end);
            }
            if !scene.is_title(*own) {
                found.extend(
                    own.saturating_sub(reach)..own.saturating_add(reach).saturating_add(1).min(sentences.len()),
                );
            }
        }
    }
    found.retain(|s| sentences[*s].part != Part::Boilerplate);
    found
}

/// Everybody who is named in some sentences, the draft's own parties first.
pub(super) fn entities(scene: &Scene, draft: &Draft, sentences: &BTreeSet<usize>) -> Vec<usize> {
    let mut found: Vec<usize> = draft.parties.iter().map(|(entity, _)| *entity).collect();
    for sentence in sentences {
        for entity in scene.mentions(*sentence).iter().flat_map(|mention| &mention.entities) {
            if found.len() < MANY && !found.contains(entity) {
                found.push(*entity);
            }
        }
    }
    found
}

/// The sums and the power in some sentences, and those that the rules gave a draft.
pub(super) fn figures(scene: &Scene, draft: &Draft, sentences: &BTreeSet<usize>) -> Vec<usize> {
    let near = sentences.iter().flat_map(|sentence| scene.figures_of(*sentence));
    let all: BTreeSet<usize> = near.take(MANY).chain(draft.figures.iter().copied().take(MANY)).collect();
    let counts = |figure: &usize| {
        let figure = &scene.figures[*figure];
        (figure.is_money() || figure.is_power()) && !figure.per_unit && !figure.conversion
    };
    all.into_iter().filter(counts).collect()
}

/// How many items are looked at on each side of a place: what is further away tells nothing, and there may be thousands.
const ABOUT: usize = 64;

/// How many words may describe a name in a list.
const DESCRIBED: usize = 5;

/// A place in a sentence, with the list that it belongs to.
pub(super) struct Around<'a> {
    scene: &'a Scene<'a>,
    items: &'a [Item],
    /// The first item of its list.
    head: usize,
    /// The last item of its list.
    tail: usize,
}

impl<'a> Around<'a> {
    /// Around the item that holds a token.
    pub(super) fn token(scene: &'a Scene<'a>, sentence: usize, token: usize) -> Option<Self> {
        let items = &scene.items[sentence];
        let at = items.partition_point(|item| item.tokens.end <= token);
        if !items.get(at)?.tokens.contains(&token) {
            return None;
        }
        let same = |a: usize| std::mem::discriminant(&items[a].what) == std::mem::discriminant(&items[at].what);
        let joins = |a: usize| matches!(items[a].what, What::And | What::Comma);
        // "KKR, the sovereign fund Mubadala and Canada's PSP": what describes a name in a list.
        let named = matches!(items[at].what, What::Name(_));
        let describes = |a: usize| {
            named
                && matches!(items[a].what, What::Word | What::Noun(_))
                && !matches!(scene.text.lower(items[a].tokens.start), "said" | "says" | "told" | "which" | "who")
        };
        let (mut head, mut tail) = (at, at);
        for _ in 0..ABOUT {
            let first =
                (head.saturating_sub(DESCRIBED)..=head).rev().find(|a| *a == 0 || !describes(*a - 1)).unwrap_or(head);
            if first < 2 || !joins(first - 1) {
                break;
            }
            let before = if first >= 3 && joins(first - 2) { first - 3 } else { first - 2 };
            if !same(before) {
                break;
            }
            head = before;
        }
        for _ in 0..ABOUT {
            if tail + 2 >= items.len() || !joins(tail + 1) {
                break;
            }
            let after = if tail + 3 < items.len() && joins(tail + 2) { tail + 3 } else { tail + 2 };
            let Some(after) = (after..(after + DESCRIBED + 1).min(items.len())).find(|a| !describes(*a)) else { break };
            if !same(after) {
                break;
            }
            tail = after;
        }
        Some(Self { scene, items, head, tail })
    }

    /// A word for an item: a sign for names and figures, else what is written.
    fn word(&self, item: usize) -> &'a str {
        let Some(found) = self.items.get(item) else { return "" };
        match &found.what {
            What::Name(_) => "@",
            What::Figure(figure) => match self.scene.figures[*figure].measure {
                Measure::Money(_) => "$",
                Measure::Power => "MW",
                Measure::Chips(_) => "chips",
                Measure::Duration => "years",
            },
            What::Time => "time",
            _ => {
                let word = self.scene.text.lower(found.tokens.start);
                if word.bytes().next().is_some_and(|b| b.is_ascii_digit()) { "#" } else { word }
            }
        }
    }

    /// Those who stand in one list with a name, by the entities that their mentions stand for.
    pub(super) fn list(&self) -> impl Iterator<Item = usize> {
        self.items[self.head..=self.tail].iter().flat_map(|item| match item.what {
            What::Name(mention) => self.scene.names.mentions[mention].entities.clone(),
            _ => Vec::new(),
        })
    }

    /// What lies between this place and a token, in classes: names, figures, sorted verbs and nouns, and what joins them.
    /// `None` for a token of its own list, and for one that is more than eight of these away.
    pub(super) fn path(&self, token: usize) -> Option<String> {
        let at = self.items.partition_point(|item| item.tokens.end <= token);
        let (side, between) = if at < self.head {
            ("<", at + 1..self.head)
        } else if at > self.tail {
            (">", self.tail + 1..at)
        } else {
            return None;
        };
        let mut path = side.to_owned();
        let mut steps = 0;
        for item in between {
            let step = match self.items[item].what {
                What::Word | What::Glue => continue,
                What::Verb(_) | What::Noun(_) => match self.class(item) {
                    Some((class, _)) if self.passive(item) => &format!("{class}!"),
                    Some((class, _)) => class,
                    None => continue,
                },
                _ => self.word(item),
            };
            steps += 1;
            if steps > 8 {
                return None;
            }
            path.push(' ');
            path.push_str(step);
        }
        Some(path)
    }

    fn class(&self, item: usize) -> Option<(&'static str, &'static str)> {
        match &self.items.get(item)?.what {
            What::Verb(senses) => Some((senses[0].0, senses[0].1.name())),
            What::Noun(classes) => Some((classes[0], "noun")),
            _ => None,
        }
    }

    fn passive(&self, verb: usize) -> bool {
        (verb.saturating_sub(3)..verb).any(|item| self.items[item].what == What::Auxiliary(true))
    }

    /// Notes the words on both sides, the nearest verbs and nouns, and what lies between this place and the next names
    /// and figures.
    pub(super) fn note(&self, features: &mut Features, prefix: &'static str, kind: &str) {
        features.begin(prefix);
        let left = |n: usize| self.head.checked_sub(n).map_or("^", |item| self.word(item));
        let right = |n: usize| if self.tail + n < self.items.len() { self.word(self.tail + n) } else { "^" };
        features.note("l1", &[left(1)]);
        features.note("l1k", &[left(1), kind]);
        features.note("l2", &[left(2), left(1)]);
        features.note("l3", &[left(3), left(2), left(1)]);
        features.note("r1", &[right(1)]);
        features.note("r1k", &[right(1), kind]);
        features.note("r2", &[right(1), right(2)]);
        features.note("r3", &[right(1), right(2), right(3)]);
        features.note("lr", &[left(1), right(1)]);
        features.note_if(self.head < self.tail, "list", &[kind]);
        // "X, which …, has": what stands behind the insertion.
        if right(1) == "," {
            let close = (self.tail + 3..(self.tail + 18).min(self.items.len()))
                .find(|item| self.items[*item].what == What::Comma);
            if let Some(close) = close {
                features.note("skip", &[self.word(close + 1)]);
                features.note("skip2", &[self.word(close + 1), self.word(close + 2)]);
            }
        }
        for n in 1..=7 {
            if left(n) == "^" {
                break;
            }
            features.note("lb", &[left(n)]);
        }
        for n in 1..=7 {
            if right(n) == "^" {
                break;
            }
            features.note("rb", &[right(n)]);
        }
        self.note_classes(features, ["lc", "lck", "lcv"], (0..self.head).rev().take(ABOUT), kind, left(1));
        self.note_classes(
            features,
            ["rc", "rck", "rcv"],
            (self.tail + 1..self.items.len()).take(ABOUT),
            kind,
            right(1),
        );
        // What stands between this and the next name on each side.
        let names = |item: &usize| matches!(self.items[*item].what, What::Name(_));
        if let Some(before) = (0..self.head).rev().take(ABOUT).find(names) {
            for item in before + 1..self.head {
                features.note("nl", &[self.word(item)]);
            }
            if self.head - before <= 6 {
                let path: Vec<&str> = (before + 1..self.head).map(|item| self.word(item)).collect();
                features.note("nlp", &path);
            }
        } else {
            features.note("first", &[kind]);
        }
        if let Some(after) = (self.tail + 1..self.items.len()).take(ABOUT).find(names) {
            for item in self.tail + 1..after {
                features.note("nr", &[self.word(item)]);
            }
            if after - self.tail <= 6 {
                let path: Vec<&str> = (self.tail + 1..after).map(|item| self.word(item)).collect();
                features.note("nrp", &path);
            }
        } else {
            features.note("last", &[kind]);
        }
        features.begin("");
    }

    /// Notes the two nearest words on one side that the lexicon sorts, within the clause, and the word next to the place.
    fn note_classes(
        &self,
        features: &mut Features,
        [class_name, whole, first]: [&str; 3],
        side: impl Iterator<Item = usize>,
        kind: &str,
        next: &str,
    ) {
        let clause = side.take_while(|item| self.items[*item].what != What::Break);
        let sorted = clause.filter_map(|item| Some((item, self.class(item)?)));
        let mut seen = 0;
        for (item, (class, form)) in sorted.take(2) {
            let voice = if self.passive(item) { "passive" } else { form };
            features.note(class_name, &[class, if seen == 0 { "1" } else { "2" }]);
            features.note(whole, &[class, voice, kind, next]);
            features.note_if(seen == 0, first, &[class, voice, kind]);
            seen += 1;
        }
        features.note_if(seen == 0, class_name, &["none"]);
    }
}

/// Whether something is so, as a word.
pub(super) fn yes(so: bool) -> &'static str {
    if so { "yes" } else { "no" }
}

/// A small number as a word.
pub(super) fn count(number: usize) -> &'static str {
    match number {
        0 => "0",
        1 => "1",
        2 => "2",
        3 => "3",
        4 | 5 => "4-5",
        6..=8 => "6-8",
        9..=15 => "9-15",
        _ => "16+",
    }
}
