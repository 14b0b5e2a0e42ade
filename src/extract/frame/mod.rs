//! Frames: what one clause says of one deal.

mod reach;
mod subject;

use std::ops::Range;

use crate::model::{Category, Kind, Role};

use super::{
    clause::{Item, What},
    lexicon::{Form, FrameKind, FrameRole, FrameRule, Lexicon, Slot},
    party::Names,
    quantity::{Figure, Measure},
};

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

    fn verb(&self, at: usize, senses: &[(&'static str, Form)]) -> Option<(Frame, Option<usize>)> {
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

    fn noun(&self, at: usize, classes: &[&'static str]) -> Option<Frame> {
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
    fn bought(&self, things: &[(&'static str, Option<usize>)], elements: &[Element]) -> Option<&'static str> {
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

    fn entities(&self, item: usize) -> &[usize] {
        self.name(item).map_or(&[], |mention| &self.names.mentions[mention].entities)
    }

    /// Puts the names of each slot into the roles of a rule.
    fn fill(&self, rule: &FrameRule, elements: &[Element], parties: &mut Vec<(usize, FrameRole)>) {
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
    fn rule(
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
    fn things(&self, elements: &[Element], object_nouns: &[usize]) -> Vec<(&'static str, Option<usize>)> {
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

    /// Whether a verb is in the passive: a form of "be" before a participle, or a bare participle before "by".
    fn passive(&self, at: usize, form: Form) -> bool {
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

fn push(parties: &mut Vec<(usize, FrameRole)>, entities: impl IntoIterator<Item = usize>, role: FrameRole) {
    for entity in entities {
        if !parties.iter().any(|(known, _)| *known == entity) {
            parties.push((entity, role));
        }
    }
}
