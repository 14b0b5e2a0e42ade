//! What stands on the right of a trigger, and where its clause ends.

use super::{Element, REACH, Reader};
use crate::extract::{
    clause::What,
    lexicon::{Form, Slot},
    quantity::Measure,
};

impl Reader<'_> {
    /// The names and nouns after a trigger with their slots, and the item at which its clause ends.
    pub(super) fn right(&self, at: usize, first: Slot) -> (Vec<Element>, usize) {
        let mut elements = Vec::new();
        let mut slot = first;
        let mut outer = first;
        let mut next = at + 1;
        while next < self.items.len().min(at + REACH) {
            match &self.items[next].what {
                // "With a pool of seven banks: A, B and C"
                What::Break
                    if matches!(outer, Slot::With | Slot::From | Slot::By | Slot::Between) && self.lists(next + 1) =>
                {
                    slot = outer;
                }
                What::Barrier | What::Relative | What::Break | What::Verb(_) | What::Auxiliary(_) => break,
                // "300 MW of solar power" is an object as a whole.
                What::Slot(Slot::Of) if matches!(self.items[next - 1].what, What::Figure(_)) => {}
                // "From a group of banks including X": X stands where the group does.
                What::Slot(Slot::Including) => slot = outer,
                // "From the trustee of X", "to a unit of X": X stands where its part does.
                What::Slot(Slot::Of) if self.passes_on(outer, next) => {}
                What::Slot(Slot::Of) => slot = Slot::Of,
                What::Slot(word) => {
                    slot = *word;
                    outer = *word;
                }
                What::Name(_) if self.describes(next) => {}
                What::Name(_) => {
                    // "…, and Z will build": a new clause begins with its subject.
                    let after_comma = matches!(self.items[next - 1].what, What::Comma | What::And);
                    if after_comma && self.opens_clause(next) {
                        break;
                    }
                    if after_comma
                        && self.possessive(next)
                        && (!elements.is_empty() || first == Slot::Other)
                        && !self.pronoun(next)
                    {
                        break;
                    }
                    let venture = self.names_venture(next);
                    let own = if self.possessive(next)
                        && !matches!(slot, Slot::On | Slot::At | Slot::From | Slot::To | Slot::With | Slot::By)
                    {
                        Slot::Owner
                    } else if venture {
                        Slot::Called
                    } else {
                        slot
                    };
                    let own = if own == Slot::Object && self.heads_noun(next) { Slot::Of } else { own };
                    elements.push(Element { slot: own, item: next });
                    if own == Slot::Of && slot == Slot::Object && !self.possessive(next) {
                        elements.push(Element { slot: Slot::Object, item: next });
                    }
                }
                What::Noun(_) | What::Figure(_) => elements.push(Element { slot, item: next }),
                _ => {}
            }
            next += 1;
        }
        (elements, next)
    }

    /// Whether the rest of the sentence is a list of at least two names.
    pub(super) fn lists(&self, from: usize) -> bool {
        if self.items.len().saturating_sub(from) > REACH {
            return false;
        }
        let names = (from..self.items.len()).filter(|i| self.name(*i).is_some()).count();
        let short = self.items.len().saturating_sub(from) <= 3 * names + 1;
        names > 1
            && short
            && self.name(from).is_some()
            && self.items[from..].iter().all(|i| matches!(i.what, What::Name(_) | What::Comma | What::And | What::Word))
    }

    /// Whether the word before "of" is a part or an agent of the name after it, so that the name keeps its slot.
    pub(super) fn passes_on(&self, outer: Slot, of: usize) -> bool {
        matches!(outer, Slot::From | Slot::To | Slot::With | Slot::By | Slot::Between)
            && match &self.items[of - 1].what {
                What::Word => true,
                What::Noun(classes) => classes.iter().any(|class| matches!(*class, "firm" | "other")),
                _ => false,
            }
    }

    /// Whether an unknown name only tells the model of the thing after it: "Superpower gas turbines".
    pub(super) fn describes(&self, at: usize) -> bool {
        let Some(mention) = self.name(at) else { return false };
        let vague = self.names.mentions[mention].entities.iter().all(|e| {
            let entity = &self.names.entities[*e];
            !entity.known && !entity.formal
        });
        vague && !self.possessive(at) && matches!(self.items.get(at + 1).map(|i| &i.what), Some(What::Noun(_)))
    }

    /// Whether a name only tells whose or which the thing after it is: "Nvidia GB300 GPUs".
    pub(super) fn heads_noun(&self, at: usize) -> bool {
        let what = |i: usize| self.items.get(i).map(|i| &i.what);
        let thing = |i: usize| match what(i) {
            Some(What::Noun(_)) => true,
            Some(What::Figure(figure)) => matches!(self.figures[*figure].measure, Measure::Chips(_)),
            _ => false,
        };
        thing(at + 1) || matches!(what(at + 1), Some(What::Word | What::Glue)) && thing(at + 2)
    }

    /// "The venture X", "a joint venture, X,": the name is the venture's.
    pub(super) fn names_venture(&self, at: usize) -> bool {
        let before = if self.items[at - 1].what == What::Comma { at.checked_sub(2) } else { Some(at - 1) };
        before.is_some_and(|i| matches!(&self.items[i].what, What::Noun(classes) if classes.contains(&"venture")))
    }

    /// "Its": the owner is who acts anyway.
    pub(super) fn pronoun(&self, at: usize) -> bool {
        self.name(at).is_some_and(|m| self.names.mentions[m].pronoun)
    }

    pub(super) fn opens_clause(&self, name: usize) -> bool {
        for next in name + 1..(name + 4).min(self.items.len()) {
            match self.items[next].what {
                What::Auxiliary(_) => return true,
                What::Verb(senses) => return !matches!(senses[0].1, Form::Ing | Form::Base),
                What::Glue => {}
                _ => return false,
            }
        }
        false
    }
}
