//! Which rule of the lexicon fits a verb or noun with what stands around it, and whom it gives which role.

use super::{Element, Reader, push};
use crate::{
    extract::{
        clause::What,
        lexicon::{FrameKind, FrameRole, FrameRule, Slot},
        quantity::Measure,
    },
    model::{Category, Kind},
};

impl Reader<'_> {
    /// Puts the names of each slot into the roles of a rule.
    pub(super) fn fill(&self, rule: &FrameRule, elements: &[Element], parties: &mut Vec<(usize, FrameRole)>) {
        for element in elements {
            // "All of it on Nvidia's systems" tells the chips, not who rents them out.
            let chips = rule.kind == FrameKind::Deal(Kind::Compute) && element.slot == Slot::On;
            let own = |e: &usize| !chips || self.names.entities[*e].category != Some(Category::Chipmaker);
            if let Some(mention) = self.name(element.item)
                && let Some(role) = rule.role(element.slot)
            {
                push(parties, self.names.mentions[mention].entities.iter().copied().filter(own), role);
            }
        }
    }

    /// The rule that fits best: things in order of closeness, verb classes in any order, then the rules' own order.
    pub(super) fn rule(
        &self,
        verbs: impl Iterator<Item = &'static str>,
        things: &[(&'static str, Option<usize>)],
        elements: &[Element],
        subjects: &[usize],
        end: usize,
    ) -> Option<(&FrameRule, Option<usize>)> {
        let verbs: Vec<&'static str> = verbs.collect();
        things.iter().find_map(|(thing, item)| {
            let index = verbs
                .iter()
                .filter_map(|verb| self.lexicon.frames_of.get(&(*verb, *thing)))
                .flatten()
                .copied()
                .filter(|index| {
                    let then = self.lexicon.frames[*index].then;
                    then.is_none_or(|class| match self.items.get(end).map(|i| &i.what) {
                        Some(What::Verb(next)) => next.iter().any(|(known, _)| *known == class),
                        _ => false,
                    })
                })
                .filter(|index| {
                    // What floats something else does not float itself.
                    let itself = self.lexicon.frames[*index].kind != FrameKind::Deal(Kind::Ipo) || *thing != "none";
                    itself || !elements.iter().any(|e| e.slot == Slot::Object)
                })
                .filter(|index| {
                    let rule = &self.lexicon.frames[*index];
                    let filled = |slot: &Slot| {
                        elements.iter().any(|e| {
                            (e.slot == *slot || *slot == Slot::Of && e.slot == Slot::Owner)
                                && self.entities(e.item).iter().any(|entity| !subjects.contains(entity))
                        })
                    };
                    rule.needs.iter().all(filled) && (rule.any.is_empty() || rule.any.iter().any(filled))
                })
                .min()?;
            Some((&self.lexicon.frames[index], *item))
        })
    }

    /// What a verb acts on, closest first: its objects, what prepositions bring in, and at last nothing.
    pub(super) fn things(&self, elements: &[Element], object_nouns: &[usize]) -> Vec<(&'static str, Option<usize>)> {
        let mut things: Vec<(&'static str, Option<usize>)> = Vec::new();
        let mut add = |item: usize| match &self.items[item].what {
            What::Noun(classes) => things.extend(classes.iter().map(|c| (*c, Some(item)))),
            What::Figure(figure) => match self.figures[*figure].measure {
                Measure::Chips(_) => things.push(("chips", None)),
                Measure::Power => things.push(("mw", None)),
                _ => {}
            },
            _ => things.push(("name", None)),
        };
        for item in object_nouns {
            add(*item);
        }
        for element in elements.iter().filter(|e| e.slot == Slot::Object) {
            // In "Google Cloud capacity" the name only describes the thing.
            if self.name(element.item).is_some() && self.heads_noun(element.item) {
                continue;
            }
            // In "a plant development agreement" the last noun tells what it is.
            let modifies = matches!(self.items[element.item].what, What::Noun(_)) && self.is_deal(element.item + 1);
            if !self.is_power(element.item) && !modifies {
                add(element.item);
            }
        }
        for element in elements.iter().filter(|e| e.slot == Slot::Object && self.is_power(e.item)) {
            add(element.item);
        }
        let others = || elements.iter().filter(|e| e.slot != Slot::Object && self.name(e.item).is_none());
        for element in others().filter(|e| !self.is_power(e.item)).chain(others().filter(|e| self.is_power(e.item))) {
            add(element.item);
        }
        things.push(("none", None));
        things.push(("any", None));
        things
    }

    fn is_deal(&self, item: usize) -> bool {
        matches!(self.items.get(item).map(|i| &i.what), Some(What::Noun(classes)) if classes.contains(&"deal"))
    }

    fn is_power(&self, item: usize) -> bool {
        matches!(self.items[item].what, What::Figure(figure) if self.figures[figure].is_power())
    }
}
