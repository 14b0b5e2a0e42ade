//! How the names of a sentence stand to its verbs and nouns.

use super::Reader;
use crate::extract::{
    clause::{Item, What},
    lexicon::{Lexicon, Slot},
    party::Names,
    quantity::Figure,
};

/// How a name stands to a verb or noun of its sentence, whether or not a frame is made of it.
#[derive(Debug, Clone)]
pub struct Relation {
    /// The name.
    pub entity: usize,
    /// The class of the verb or noun.
    pub class: &'static str,
    /// Its token.
    pub word: usize,
    /// `subject`, `agent` (of a passive), `owner`, or the slot on the right.
    pub stands: &'static str,
    /// The class of the thing that the verb acts on, where there is one.
    pub thing: &'static str,
}

/// How the names of a sentence stand to its verbs and nouns.
pub fn relations(lexicon: &Lexicon, names: &Names, figures: &[Figure], items: &[Item]) -> Vec<Relation> {
    let reader = Reader { lexicon, names, items, figures, sentence: 0 };
    let mut relations = Vec::new();
    if !items.iter().any(|item| matches!(item.what, What::Name(_))) {
        return relations;
    }
    for (at, item) in items.iter().enumerate() {
        let (class, form) = match &item.what {
            What::Verb(senses) => (senses[0].0, Some(senses[0].1)),
            What::Noun(classes) => (classes[0], None),
            _ => continue,
        };
        let word = item.tokens.start;
        let passive = form.is_some_and(|form| reader.passive(at, form));
        let first = if form.is_some() && !passive { Slot::Object } else { Slot::Other };
        let (elements, _) = reader.right(at, first);
        let thing = match form {
            Some(_) => reader.things(&elements, &[]).first().map_or("none", |(class, _)| class),
            None => "noun",
        };
        let mut push = |item: usize, stands: &'static str| {
            for entity in reader.entities(item) {
                relations.push(Relation { entity: *entity, class, word, stands, thing });
            }
        };
        if form.is_some() {
            for name in reader.subject(at).0 {
                push(name, if passive { "acted" } else { "subject" });
            }
        } else if let Some(owner) = (at.saturating_sub(5)..at).rev().find(|left| reader.name(*left).is_some()) {
            push(owner, if reader.possessive(owner) { "owner" } else { "before" });
        }
        for element in elements.iter().filter(|element| reader.name(element.item).is_some()) {
            push(element.item, if passive && element.slot == Slot::By { "agent" } else { element.slot.name() });
        }
    }
    relations
}
