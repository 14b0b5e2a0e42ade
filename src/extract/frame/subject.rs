//! Who acts: the names before a verb, with those coordinated and apposed.

use super::{GOVERNORS, REACH, Reader};
use crate::extract::{
    clause::What,
    lexicon::{Form, Slot},
};

impl Reader<'_> {
    /// Who acts: the names before a verb, and whether it stands in a relative clause about them.
    pub(super) fn subject(&self, verb: usize) -> (Vec<usize>, bool) {
        // "… has signed agreements with Y to buy": whoever signs buys.
        let mut verbs = vec![verb];
        while let Some(last) = verbs.last().copied().filter(|last| self.infinitive(*last))
            && let Some(governor) = self.governor(last).filter(|_| verbs.len() <= GOVERNORS)
        {
            verbs.push(governor);
        }
        let mut found = (Vec::new(), false);
        while found.0.is_empty()
            && let Some(verb) = verbs.pop()
        {
            found = self.own_subject(verb);
        }
        found
    }

    /// Who acts, as far as the clause of the verb itself tells.
    fn own_subject(&self, verb: usize) -> (Vec<usize>, bool) {
        let clause = verb.saturating_sub(REACH);
        // "within weeks of closing": whoever acts in the sentence.
        if verb > 0
            && matches!(self.items[verb - 1].what, What::Slot(_) | What::Barrier)
            && matches!(&self.items[verb].what, What::Verb(senses) if senses[0].1 == Form::Ing)
            && let Some(name) =
                (clause..verb).find(|i| self.name(*i).is_some() && !self.possessive(*i) && !self.governed(*i))
        {
            return (self.following(name), false);
        }
        let mut at = verb;
        let mut fallback: Option<usize> = None;
        let mut first = true;
        while at > clause {
            at -= 1;
            match &self.items[at].what {
                What::Name(_) => {
                    if self.possessive(at) {
                        fallback = fallback.or(Some(at));
                    } else if self.governed(at) {
                        fallback = fallback.or((verb - at > 1 && !self.belongs(at)).then_some(at)).or(None);
                        if self.belongs(at) {
                            return (self.with_partner(at), false);
                        }
                    } else {
                        // "X together with Y has agreed": both act.
                        let mut found = self.coordinated(at);
                        let partner = fallback.filter(|with| !self.possessive(*with) && self.beside(at, *with));
                        found.extend(partner);
                        return (found, false);
                    }
                }
                What::Relative => {
                    // The antecedent stands right before, perhaps behind a comma.
                    for left in (at.saturating_sub(8)..at).rev() {
                        match self.items[left].what {
                            What::Name(_) => return (self.coordinated(left), true),
                            What::Comma | What::Slot(_) | What::Word | What::Noun(_) | What::Figure(_) => {}
                            _ => break,
                        }
                    }
                    return (fallback.into_iter().collect(), true);
                }
                What::Barrier | What::Break => {
                    if self.items[at].what == What::Barrier {
                        break;
                    }
                    // A bullet or a bracket: what is before it may still own the verb, but only in a list item.
                    if at > 2 {
                        break;
                    }
                }
                What::Comma if first => {
                    // ", which …, has": jump over the insertion.
                    if let Some(open) =
                        (clause..at).rev().find(|i| matches!(self.items[*i].what, What::Comma | What::Break))
                    {
                        // "A Kuwaiti fund, X, would buy": the insertion names who acts.
                        if self.apposed(open, at) {
                            return (self.coordinated(at - 1), false);
                        }
                        at = open;
                    }
                }
                _ => {}
            }
            if !matches!(self.items[at].what, What::Auxiliary(_) | What::Glue | What::Not) {
                first = false;
            }
        }
        (fallback.into_iter().collect(), false)
    }

    /// Whether only words and "with" stand between two names.
    pub(super) fn beside(&self, first: usize, second: usize) -> bool {
        second - first < 7
            && (first + 1..second)
                .all(|i| matches!(self.items[i].what, What::Word | What::Comma | What::Slot(Slot::With)))
            && (first + 1..second).any(|i| self.items[i].what == What::Slot(Slot::With))
    }

    /// Whether an insertion between two commas is the name of what stands before it.
    pub(super) fn apposed(&self, open: usize, close: usize) -> bool {
        let named = (open + 1..close).all(|i| matches!(self.items[i].what, What::Name(_) | What::And))
            && open + 1 < close
            && self.name(close - 1).is_some()
            && !self.possessive(close - 1);
        let noun = open > 1
            && matches!(self.items[open].what, What::Comma)
            && matches!(self.items[open - 1].what, What::Word | What::Noun(_))
            && !(open.saturating_sub(5)..open).any(|i| matches!(self.items[i].what, What::Name(_)));
        named && noun
    }

    pub(super) fn infinitive(&self, verb: usize) -> bool {
        let form = if let What::Verb(senses) = &self.items[verb].what { senses[0].1 } else { return false };
        form == Form::Base && verb > 0 && self.items[verb - 1].what == What::Slot(Slot::To)
    }

    /// The verb or auxiliary before an infinitive in its clause.
    pub(super) fn governor(&self, verb: usize) -> Option<usize> {
        for left in (verb.saturating_sub(REACH)..verb - 1).rev() {
            match &self.items[left].what {
                What::Verb(_) | What::Auxiliary(_) => return Some(left),
                What::Barrier | What::Break | What::Relative => return None,
                _ => {}
            }
        }
        None
    }

    pub(super) fn governed_by_signing(&self, verb: usize) -> bool {
        self.governor(verb).is_some_and(|left| match &self.items[left].what {
            What::Verb(senses) => senses.iter().any(|(class, _)| *class == "sign"),
            _ => false,
        })
    }

    /// Whether a name is an object of what stands before it, so that it does not act itself.
    pub(super) fn governed(&self, at: usize) -> bool {
        let mut first = at;
        let mut left = at;
        while left > first.saturating_sub(5) && at - left < REACH {
            left -= 1;
            match self.items[left].what {
                // "Banks including X and Y" act themselves.
                What::Slot(Slot::Including) => return false,
                What::Slot(_) | What::Verb(_) => return true,
                What::Word | What::Figure(_) | What::Noun(_) | What::Glue => {}
                // In a list the first name decides.
                What::And | What::Comma if left > 0 && self.name(left - 1).is_some() => {
                    first = left - 1;
                    left = first;
                }
                _ => return false,
            }
        }
        false
    }

    /// "The Indian arm of X", "funds managed by X": X itself acts.
    pub(super) fn belongs(&self, at: usize) -> bool {
        at >= 2
            && matches!(self.items[at - 1].what, What::Slot(Slot::Of | Slot::By))
            && matches!(&self.items[at - 2].what, What::Word | What::Glue)
    }

    /// "Meta and funds managed by X": Meta acts with it.
    pub(super) fn with_partner(&self, at: usize) -> Vec<usize> {
        let mut found = self.coordinated(at);
        for left in (at.saturating_sub(6)..at - 1).rev() {
            match self.items[left].what {
                What::Word | What::Glue | What::Slot(_) | What::Noun(_) => {}
                What::And if left > 0 && self.name(left - 1).is_some() => {
                    found.splice(0..0, self.coordinated(left - 1));
                    break;
                }
                _ => break,
            }
        }
        found
    }

    /// A name with those coordinated before it: "X, Y and the developer Z".
    pub(super) fn coordinated(&self, at: usize) -> Vec<usize> {
        let mut found = vec![at];
        let mut first = at;
        while let Some(before) = self.coordinate_before(first).filter(|before| at - before < REACH) {
            found.push(before);
            first = before;
        }
        found.reverse();
        found
    }

    pub(super) fn coordinate_before(&self, first: usize) -> Option<usize> {
        let mut left = first.checked_sub(1)?;
        let mut described = 0;
        while described < 6 && (self.items[left].what == What::Word || self.pronoun(left) || self.trade(left)) {
            left = left.checked_sub(1)?;
            described += 1;
        }
        match self.items[left].what {
            What::And => {}
            What::Comma if described == 0 => {}
            _ => return None,
        }
        let mut before = left.checked_sub(1)?;
        if self.items[before].what == What::Comma {
            before = before.checked_sub(1)?;
            // "X, the Spanish tower operator, and Y": the insertion describes X.
            if self.name(before).is_none() || self.governed(before) {
                before = self.described_before(before)?;
            }
        }
        (self.name(before).is_some() && !self.possessive(before)).then_some(before)
    }

    /// Whether a noun can tell a company's trade: "data centre minnow X".
    pub(super) fn trade(&self, at: usize) -> bool {
        matches!(&self.items[at].what, What::Noun(classes)
            if classes.iter().any(|class| matches!(*class, "site" | "other" | "firm")))
    }

    /// The name before the comma that opens an insertion without a verb.
    pub(super) fn described_before(&self, last: usize) -> Option<usize> {
        for left in (last.saturating_sub(12)..=last).rev() {
            match self.items[left].what {
                What::Comma => {
                    let name = left.checked_sub(1)?;
                    return (self.name(name).is_some() && !self.governed(name)).then_some(name);
                }
                What::Word | What::Noun(_) | What::Slot(_) | What::Name(_) | What::Glue | What::Figure(_) => {}
                _ => return None,
            }
        }
        None
    }

    /// A name with those coordinated after it.
    pub(super) fn following(&self, at: usize) -> Vec<usize> {
        let mut found = vec![at];
        let mut next = at + 1;
        while next + 1 < self.items.len().min(at + REACH) && matches!(self.items[next].what, What::And | What::Comma) {
            if self.items[next].what == What::Comma && self.items[next + 1].what == What::And {
                next += 1;
            }
            if next + 1 < self.items.len() && self.name(next + 1).is_some() {
                found.push(next + 1);
                next += 2;
            } else {
                break;
            }
        }
        found
    }
}
