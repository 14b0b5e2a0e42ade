//! Frames: what one clause says of one deal.

mod noun;
mod reach;
mod relation;
mod rule;
mod subject;
mod verb;

use std::ops::Range;

use super::{
    clause::{Item, What},
    lexicon::{Form, FrameKind, FrameRole, FrameRule, Lexicon, Slot},
    party::Names,
    quantity::Figure,
};
pub use relation::{Relation, relations};

/// What a frame is worth by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It tells a deal.
    Plain,
    /// It tells one where a figure or a second party bears it out.
    Weak,
    /// It only adds to a deal that another frame tells.
    Support,
}

impl Standing {
    fn of(rule: &FrameRule) -> Self {
        match (rule.support, rule.weak) {
            (true, _) => Self::Support,
            (false, true) => Self::Weak,
            (false, false) => Self::Plain,
        }
    }
}

/// What one clause says of one deal.
#[derive(Debug, Clone)]
pub struct Frame {
    /// What is transacted.
    pub kind: FrameKind,
    /// Who takes part.
    pub parties: Vec<(usize, FrameRole)>,
    /// Its sentence.
    pub sentence: usize,
    /// The tokens from its first to its last argument.
    pub tokens: Range<usize>,
    /// The trigger's token.
    pub trigger: usize,
    /// How the verb is inflected; `None` for a noun.
    pub form: Option<Form>,
    /// What the frame is worth by itself.
    pub standing: Standing,
    /// Whether it stands in a relative clause.
    pub relative: bool,
    /// Whether the verb itself calls the deal off.
    pub drops: bool,
}

/// How many items a trigger looks to either side: far more than any clause has, but less than a text without full stops.
const REACH: usize = 1024;

/// How many verbs an infinitive looks up for who acts: "plans to begin to buy".
const GOVERNORS: usize = 6;

/// A name or a noun with the slot in which it stands.
#[derive(Debug, Clone, Copy)]
struct Element {
    slot: Slot,
    item: usize,
}

/// All frames of a sentence.
pub fn find(lexicon: &Lexicon, names: &Names, figures: &[Figure], items: &[Item], sentence: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut used = vec![false; items.len()];
    let reader = Reader { lexicon, names, items, figures, sentence };
    for (at, item) in items.iter().enumerate() {
        if let What::Verb(senses) = &item.what
            && let Some((frame, thing)) = reader.verb(at, senses)
        {
            if let Some(thing) = thing {
                used[thing] = true;
            }
            if !frame.parties.is_empty() {
                frames.push(frame);
            }
        }
    }
    for (at, item) in items.iter().enumerate() {
        if let What::Noun(classes) = &item.what
            && !used[at]
        {
            frames.extend(reader.noun(at, classes));
        }
    }
    frames.sort_by_key(|f| f.trigger);
    frames
}
struct Reader<'a> {
    lexicon: &'a Lexicon,
    names: &'a Names,
    items: &'a [Item],
    figures: &'a [Figure],
    sentence: usize,
}

impl Reader<'_> {
    fn name(&self, item: usize) -> Option<usize> {
        if let What::Name(mention) = self.items.get(item)?.what { Some(mention) } else { None }
    }

    fn possessive(&self, item: usize) -> bool {
        self.name(item).is_some_and(|m| self.names.mentions[m].possessive)
    }

    fn entities(&self, item: usize) -> &[usize] {
        self.name(item).map_or(&[], |mention| &self.names.mentions[mention].entities)
    }
}

fn push(parties: &mut Vec<(usize, FrameRole)>, entities: impl IntoIterator<Item = usize>, role: FrameRole) {
    for entity in entities {
        if !parties.iter().any(|(known, _)| *known == entity) {
            parties.push((entity, role));
        }
    }
}
