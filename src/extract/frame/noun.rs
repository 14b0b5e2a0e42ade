//! What a noun says of a deal: "the purchase of X by Y", "X's $5 billion order from Y".

use super::{Element, Frame, REACH, Reader, Standing, push};
use crate::extract::{clause::What, lexicon::Slot};

impl Reader<'_> {
    pub(super) fn noun(&self, at: usize, classes: &[&'static str]) -> Option<Frame> {
        let things: Vec<(&'static str, Option<usize>)> = classes.iter().map(|c| (*c, Some(at))).collect();
        let (mut elements, end) = self.right(at, Slot::Other);
        let mut start = at;
        let mut possessors = Vec::new();
        // "land acquisition" is told by its first noun.
        if classes.contains(&"purchase") && at > 0 && matches!(self.items[at - 1].what, What::Noun(_)) {
            return None;
        }
        for left in (at.saturating_sub(14)..at).rev() {
            match &self.items[left].what {
                What::Name(_) if left + 1 == at && self.describes(left) => break,
                What::Name(_) => {
                    possessors = if self.possessive(left) { self.owners(left) } else { self.coordinated(left) };
                    start = possessors.iter().copied().min().unwrap_or(left);
                    break;
                }
                What::Word | What::Figure(_) | What::Glue | What::Noun(_) | What::Auxiliary(_) => {}
                // "X's $18 billion for …", "X's $5 billion and up to $20 billion in …"
                What::Slot(Slot::For | Slot::In | Slot::Of) | What::And
                    if left > 0 && matches!(self.items[left - 1].what, What::Figure(_)) => {}
                What::Slot(Slot::Other | Slot::To)
                    if matches!(self.items[left + 1].what, What::Figure(_) | What::Slot(_) | What::Word)
                        && left + 3 > at.saturating_sub(6)
                        && self.figure_between(left, at) => {}
                What::Slot(Slot::In) if classes.contains(&"talks") => {}
                _ => break,
            }
        }
        let phrase = (at.saturating_sub(REACH)..at)
            .rev()
            .take_while(|i| {
                matches!(self.items[*i].what, What::Figure(_) | What::Noun(_))
                    || self.items[*i].what == What::Word && at - i < 4
            })
            .filter(|i| matches!(self.items[*i].what, What::Figure(_)))
            .last();
        let start = phrase.map_or(start, |figure| start.min(figure));
        if classes.contains(&"capital") && !self.figure_between(start, at) {
            return None;
        }
        // "For its campus" tells whose the campus is, and builds nothing.
        let only_its = possessors.iter().all(|item| self.pronoun(*item)) && !possessors.is_empty();
        if only_its && classes.contains(&"site") && !self.figure_between(start, at) {
            return None;
        }
        elements.extend(possessors.iter().map(|item| Element { slot: Slot::Possessor, item: *item }));
        let bought = self.bought(&things, &elements);
        let (rule, _) = match bought {
            Some(class) => self.rule(std::iter::once("buy"), &[(class, None)], &elements, &[], end)?,
            None => self.rule(std::iter::once("noun"), &things, &elements, &[], end)?,
        };
        let mut parties = Vec::new();
        if let Some(role) = rule.role(Slot::Subject).filter(|_| bought.is_some()) {
            push(&mut parties, possessors.iter().flat_map(|item| self.entities(*item)).copied(), role);
        }
        self.fill(rule, &elements, &mut parties);
        if parties.is_empty() {
            return None;
        }
        Some(Frame {
            kind: rule.kind,
            parties,
            sentence: self.sentence,
            tokens: self.items[start].tokens.start..self.items[end.max(at + 1) - 1].tokens.end,
            trigger: self.items[at].tokens.start,
            form: None,
            standing: Standing::of(rule),
            relative: false,
            drops: false,
        })
    }

    /// What is bought in "the purchase of 220 acres".
    pub(super) fn bought(
        &self,
        things: &[(&'static str, Option<usize>)],
        elements: &[Element],
    ) -> Option<&'static str> {
        if things.first().is_none_or(|(class, _)| *class != "purchase") {
            return None;
        }
        let of = elements.iter().find(|e| e.slot == Slot::Of)?;
        let What::Noun(classes) = &self.items[of.item].what else { return None };
        classes.iter().copied().find(|class| matches!(*class, "land" | "power" | "stake" | "chips" | "percent"))
    }

    fn figure_between(&self, from: usize, to: usize) -> bool {
        (from..to).any(|i| matches!(self.items[i].what, What::Figure(_)))
    }

    /// "X and Y's": both own what follows, but "A, X's" are two things.
    fn owners(&self, at: usize) -> Vec<usize> {
        if at >= 2 && self.items[at - 1].what == What::And && self.name(at - 2).is_some() && !self.possessive(at - 2) {
            vec![at - 2, at]
        } else {
            vec![at]
        }
    }
}
