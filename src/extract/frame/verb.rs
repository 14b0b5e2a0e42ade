//! What a verb says of a deal: who acts, what it acts on, and who plays which role by the rule that fits.

use super::{Element, Frame, REACH, Reader, Standing, push};
use crate::{
    extract::{
        clause::What,
        lexicon::{Form, FrameKind, FrameRole, Slot},
        quantity::Measure,
    },
    model::{Category, Kind, Role},
};

impl Reader<'_> {
    pub(super) fn verb(&self, at: usize, senses: &[(&'static str, Form)]) -> Option<(Frame, Option<usize>)> {
        let form = senses[0].1;
        // "did not sign", "has yet to build" tell of no deal.
        if (at.saturating_sub(3)..at)
            .rev()
            .take_while(|i| {
                matches!(self.items[*i].what, What::Not | What::Glue | What::Auxiliary(_) | What::Slot(Slot::To))
            })
            .any(|i| self.items[i].what == What::Not)
        {
            return None;
        }
        if self.items.get(at + 1).is_some_and(|next| next.what == What::Not) {
            return None;
        }
        let passive = self.passive(at, form);
        let (mut subject, relative) = self.subject(at);
        let (mut elements, end) = self.right(at, Slot::Object);
        let mut object_nouns: Vec<usize> = Vec::new();
        if passive {
            // What stands on the left is acted upon; "by" names who acts.
            let left: Vec<Element> = subject.iter().map(|item| Element { slot: Slot::Object, item: *item }).collect();
            subject =
                elements.iter().filter(|e| e.slot == Slot::By && self.name(e.item).is_some()).map(|e| e.item).collect();
            elements.retain(|e| e.slot != Slot::By);
            object_nouns = self.nouns_before(at);
            elements.splice(0..0, left);
        }
        if !passive && !relative {
            object_nouns = self.antecedent(at, &subject);
        }
        let subjects: Vec<usize> = subject.iter().flat_map(|i| self.entities(*i)).copied().collect();
        elements.extend(self.fronted(at));
        elements.extend(self.counterpart(at));
        let mut things = self.things(&elements, &object_nouns);
        let mut senses = senses;
        let buying = [("buy", form)];
        if let Some(bought) = self.bought(&things, &elements) {
            senses = &buying;
            things = vec![(bought, things[0].1)];
        }
        let (rule, thing) = self.rule(senses.iter().map(|s| s.0), &things, &elements, &subjects, end)?;
        let mut parties: Vec<(usize, FrameRole)> = Vec::new();
        if let Some(role) = rule.role(Slot::Subject) {
            push(&mut parties, subjects.iter().copied(), role);
        }
        self.fill(rule, &elements, &mut parties);
        // A bank in a loan lends, whatever the verb.
        if rule.kind == FrameKind::Deal(Kind::Debt) {
            for (entity, role) in &mut parties {
                if *role == FrameRole::Is(Role::Borrower)
                    && self.names.entities[*entity].category == Some(Category::Bank)
                {
                    *role = FrameRole::Is(Role::Lender);
                }
            }
        }
        // "X and Y have signed an agreement to supply": which of the two supplies, their trades tell.
        if subjects.len() == 2 && parties.len() == 2 && self.infinitive(at) && self.governed_by_signing(at) {
            for (_, role) in &mut parties {
                if matches!(role, FrameRole::Is(Role::Supplier | Role::Provider | Role::Buyer)) {
                    *role = FrameRole::Auto;
                }
            }
        }
        let start = subject.iter().copied().chain([at]).min().unwrap_or(at);
        Some((
            Frame {
                kind: rule.kind,
                parties,
                sentence: self.sentence,
                tokens: self.items[start].tokens.start..self.items[end.max(at + 1) - 1].tokens.end,
                trigger: self.items[at].tokens.start,
                form: Some(form),
                standing: Standing::of(rule),
                relative,
                drops: rule.verbs.contains(&"drop") && senses.iter().any(|(class, _)| *class == "drop"),
            },
            thing,
        ))
    }

    /// "… is in talks with X to order": X stands on the other side of the order.
    fn counterpart(&self, verb: usize) -> Vec<Element> {
        let governor = if self.infinitive(verb) { self.governor(verb) } else { None };
        let Some(governor) = governor else { return Vec::new() };
        let mut found = Vec::new();
        let mut slot = Slot::Other;
        for at in governor + 1..verb {
            match self.items[at].what {
                What::Slot(word) => slot = word,
                What::Name(_) if slot == Slot::With && !self.possessive(at) => found.push(Element { slot, item: at }),
                _ => {}
            }
        }
        found
    }

    /// "With X, it will build …": a name with its preposition at the head of the clause.
    fn fronted(&self, verb: usize) -> Vec<Element> {
        let from = verb.saturating_sub(REACH);
        let clause = (from..verb)
            .rev()
            .find(|i| matches!(self.items[*i].what, What::Break | What::Barrier | What::Relative))
            .map_or(from, |i| i + 1);
        let What::Slot(slot @ (Slot::With | Slot::From | Slot::For)) = self.items[clause].what else {
            return Vec::new();
        };
        (clause + 1..verb)
            .take_while(|i| !matches!(self.items[*i].what, What::Comma | What::Verb(_) | What::Slot(_)))
            .filter(|i| self.name(*i).is_some())
            .take(1)
            .map(|item| Element { slot, item })
            .collect()
    }

    /// Whether a verb is in the passive: a form of "be" before a participle, or a bare participle before "by".
    pub(super) fn passive(&self, at: usize, form: Form) -> bool {
        if !matches!(form, Form::Past | Form::Participle) {
            return false;
        }
        for left in (at.saturating_sub(4)..at).rev() {
            match self.items[left].what {
                What::Auxiliary(be) => return be,
                What::Glue | What::Not => {}
                _ => break,
            }
        }
        matches!(self.items.get(at + 1).map(|i| &i.what), Some(What::Slot(Slot::By)))
    }

    /// In "a deal that X has signed" the verb acts on what the relative clause is about.
    fn antecedent(&self, verb: usize, subject: &[usize]) -> Vec<usize> {
        let Some(first) = subject.first() else { return Vec::new() };
        let Some(pronoun) = (verb.saturating_sub(10)..*first).rev().find(|i| self.items[*i].what == What::Relative)
        else {
            return Vec::new();
        };
        let plain = (pronoun + 1..*first).all(|i| matches!(self.items[i].what, What::Word | What::Glue));
        match self.items.get(pronoun.wrapping_sub(1)).map(|i| &i.what) {
            Some(What::Noun(_)) if plain && pronoun + 6 > *first => vec![pronoun - 1],
            _ => Vec::new(),
        }
    }

    fn nouns_before(&self, at: usize) -> Vec<usize> {
        let mut found: Vec<usize> = (at.saturating_sub(12)..at)
            .rev()
            .take_while(|i| !matches!(self.items[*i].what, What::Break | What::Barrier | What::Verb(_)))
            .filter(|i| {
                let chips = |f: usize| matches!(self.figures[f].measure, Measure::Chips(_));
                matches!(self.items[*i].what, What::Noun(_))
                    || matches!(self.items[*i].what, What::Figure(f) if chips(f))
            })
            .collect();
        // The head of the phrase comes first in it.
        found.reverse();
        found
    }
}
