//! Coreference: "the company", "the chipmaker", "the two", "it", and names given in brackets.

use super::{Mention, Names};
use crate::extract::{
    lexicon::{Lexicon, Slot},
    text::{Part, Text},
};
use crate::model::Category;

/// Adds a mention for every description and pronoun that can be resolved.
pub(super) fn resolve(text: &Text, lexicon: &Lexicon, names: &mut Names, author: Option<usize>) {
    let mut listed = std::mem::take(&mut names.mentions);
    let mut all: Vec<Mention> = Vec::with_capacity(listed.len() * 2);
    let topic = topic(text, names, &listed);
    let defined = definitions(text, &listed);
    let mut next = 0;
    // Who acted last, before this sentence and in it.
    let mut focus: Option<usize> = None;
    // Each item of a list begins with whom its introduction speaks of.
    let mut introduction: Option<(usize, Option<usize>)> = None;
    for (index, sentence) in text.sentences.iter().enumerate() {
        if sentence.part == Part::Boilerplate {
            while listed.get(next).is_some_and(|m| m.sentence == index) {
                next += 1;
            }
            continue;
        }
        if sentence.part == Part::Item {
            match introduction {
                Some((paragraph, before)) if paragraph != sentence.paragraph => {
                    focus = before;
                    introduction = Some((sentence.paragraph, before));
                }
                Some(_) => {}
                None => introduction = Some((sentence.paragraph, focus)),
            }
        } else {
            introduction = None;
        }
        let mut subject: Option<usize> = None;
        // Who speaks within quotation marks is a person.
        let mut quoted = false;
        let mut at = sentence.tokens.start;
        while at < sentence.tokens.end {
            while listed.get(next).is_some_and(|m| m.tokens.start < at) {
                next += 1;
            }
            if let Some(mention) = listed.get_mut(next).filter(|m| m.tokens.start == at) {
                at = mention.tokens.end;
                if subject.is_none() && !after_preposition(text, lexicon, mention.tokens.start, sentence.tokens.start) {
                    subject = mention.entities.first().copied();
                }
                let entities = std::mem::take(&mut mention.entities);
                all.push(Mention { entities, tokens: mention.tokens.clone(), ..*mention });
                next += 1;
                continue;
            }
            quoted = match text.word(at) {
                "“" => true,
                "”" => false,
                "\"" => !quoted,
                _ => quoted,
            };
            if let Some(entity) = author.filter(|_| !quoted && matches!(text.lower(at), "we" | "our" | "us")) {
                let own = text.lower(at) == "our";
                subject = subject.or(Some(entity));
                all.push(Mention {
                    tokens: at..at + 1,
                    sentence: index,
                    entities: vec![entity],
                    possessive: own,
                    pronoun: own,
                });
                at += 1;
                continue;
            }
            if !lexicon.references.has(text.known(at)) && (defined.is_empty() || !text.tokens[at].capital) {
                at += 1;
                continue;
            }
            let state = State {
                text,
                lexicon,
                names,
                all: &all,
                topic,
                focus,
                subject,
                sentence: index,
                upcoming: listed.get(next).map(|m| m.tokens.clone()),
            };
            if let Some((mut mention, end)) = state.reference(at, sentence.tokens.end, sentence.tokens.start, &defined)
            {
                mention.sentence = index;
                if subject.is_none() && mention.entities.len() == 1 {
                    subject = mention.entities.first().copied();
                }
                at = end;
                all.push(mention);
            } else {
                at += 1;
            }
        }
        focus = subject.or(focus);
    }
    names.mentions = all;
}

/// Whom the article is about: the first name in it that is surely somebody's, else the first.
fn topic(text: &Text, names: &Names, listed: &[Mention]) -> Option<usize> {
    let first = listed.first()?;
    debug_assert!(first.sentence < text.sentences.len());
    let sure = |m: &&Mention| m.entities.iter().any(|e| names.entities[*e].known || names.entities[*e].formal);
    listed.iter().take(6).find(sure).unwrap_or(first).entities.first().copied()
}

/// `X, Inc. (the "Company")`: the capitalised word stands for X from there on.
fn definitions(text: &Text, listed: &[Mention]) -> Vec<(String, usize)> {
    let mut defined: Vec<(String, usize)> = Vec::new();
    for mention in listed {
        let close = mention.tokens.end + 8;
        for open in mention.tokens.end..close.min(text.tokens.len()) {
            if !text.is(open, "(") {
                continue;
            }
            for at in open + 1..(open + 8).min(text.tokens.len()) {
                if text.is(at, ")") {
                    break;
                }
                if matches!(text.word(at), "“" | "\"") && text.tokens.get(at + 1).is_some_and(|t| t.capital) {
                    let word = text.word(at + 1).to_owned();
                    if !defined.iter().any(|(known, _)| *known == word)
                        && let Some(entity) = mention.entities.first()
                    {
                        defined.push((word, *entity));
                    }
                    break;
                }
            }
            break;
        }
    }
    defined
}

fn after_preposition(text: &Text, lexicon: &Lexicon, at: usize, start: usize) -> bool {
    at > start && {
        let skips = matches!(text.lower(at - 1), "the" | "a" | "its" | "rival") && at > start + 1;
        let before = text.known(if skips { at - 2 } else { at - 1 });
        lexicon.prepositions.has(before)
    }
}

struct State<'a> {
    text: &'a Text,
    lexicon: &'a Lexicon,
    names: &'a Names,
    all: &'a [Mention],
    topic: Option<usize>,
    focus: Option<usize>,
    subject: Option<usize>,
    sentence: usize,
    /// The next name after the token that is looked at.
    upcoming: Option<std::ops::Range<usize>>,
}

impl State<'_> {
    fn reference(&self, at: usize, end: usize, start: usize, defined: &[(String, usize)]) -> Option<(Mention, usize)> {
        match self.text.lower(at) {
            "itself" => {
                let entity = self.subject.or(self.focus).or(self.topic)?;
                Some(self.mention(at..at + 1, vec![entity]))
            }
            // "Leasing all of it": a thing, nobody.
            "it" if at > start && self.text.lower(at - 1) == "of" => None,
            "it" => {
                let entity = self.pronoun(at, start)?;
                Some(self.mention(at..at + 1, vec![entity]))
            }
            "its" => {
                let entity = self.subject.or(self.focus).or(self.topic)?;
                let (mut mention, end) = self.mention(at..at + 1, vec![entity]);
                mention.possessive = true;
                mention.pronoun = true;
                Some((mention, end))
            }
            "they" | "both" | "each" => {
                if self.text.lower(at) == "both" && self.text.tokens.get(at + 1).is_some_and(|t| t.capital) {
                    return None;
                }
                let described = self.lexicon.describers.longest(self.text, at + 1, end);
                let plural = matches!(self.text.lower(at + 1), "companies" | "firms" | "sides" | "groups" | "parties");
                if self.text.lower(at) != "they" && !plural && described.is_none() {
                    return None;
                }
                let two = if plural || self.text.lower(at) == "both" { self.last_two()? } else { self.close_two()? };
                Some(self.mention(at..at + 1 + usize::from(plural), two))
            }
            _ if self.text.tokens[at].capital && defined.iter().any(|(word, _)| word == self.text.word(at)) => {
                let entity = defined.iter().find(|(word, _)| word == self.text.word(at))?.1;
                Some(self.mention(at..at + 1, vec![entity]))
            }
            "the" | "this" | "that" => self.description(at, end, defined),
            _ => None,
        }
    }

    fn mention(&self, tokens: std::ops::Range<usize>, entities: Vec<usize>) -> (Mention, usize) {
        let text = self.text;
        let mut end = tokens.end;
        let plural = text.lower(end.wrapping_sub(1)).ends_with('s');
        let pronoun = matches!(text.lower(tokens.start), "it" | "itself" | "they" | "both");
        let possessive = !pronoun
            && text.joined(end)
            && matches!(text.word(end), "'" | "’")
            && (plural || text.joined(end + 1) && text.lower(end + 1) == "s");
        if possessive {
            end += if text.lower(end + 1) == "s" { 2 } else { 1 };
        }
        (Mention { tokens, sentence: self.sentence, entities, possessive, pronoun: false }, end)
    }

    fn pronoun(&self, at: usize, start: usize) -> Option<usize> {
        // As an object it is somebody other than who acts in this clause.
        let object = at > start && self.lexicon.prepositions.has(self.text.known(at - 1))
            || self.lexicon.grammar.longest(self.text, at.saturating_sub(1), at).is_some_and(|_| at > start);
        if object {
            let other = [self.topic, self.focus].into_iter().flatten().find(|e| Some(*e) != self.subject);
            return other.or_else(|| {
                self.all.iter().rev().flat_map(|m| m.entities.iter().copied()).find(|e| Some(*e) != self.subject)
            });
        }
        self.subject.or(self.focus).or(self.topic)
    }

    /// "They": the only two of this sentence or of the one before it in the paragraph.
    fn close_two(&self) -> Option<Vec<usize>> {
        let paragraph = self.text.sentences[self.sentence].paragraph;
        let from = self.sentence.saturating_sub(1);
        let mut two: Vec<usize> = self
            .all
            .iter()
            .filter(|m| m.sentence >= from && self.text.sentences[m.sentence].paragraph == paragraph)
            .flat_map(|m| m.entities.iter().copied())
            .collect();
        two.sort_unstable();
        two.dedup();
        (two.len() == 2).then_some(two)
    }

    /// "The three companies": as many of this sentence, or of the one before.
    fn last_many(&self, count: usize) -> Option<Vec<usize>> {
        [self.sentence, self.sentence.saturating_sub(1)].into_iter().find_map(|sentence| {
            let mut many: Vec<usize> = Vec::new();
            for entity in self.all.iter().filter(|m| m.sentence == sentence).flat_map(|m| m.entities.iter()) {
                if !many.contains(entity) {
                    many.push(*entity);
                }
            }
            (many.len() == count).then_some(many)
        })
    }

    /// "The two": the first two of this sentence, of the one before, or of the article.
    fn last_two(&self) -> Option<Vec<usize>> {
        let of = |from: usize, to: usize| {
            let mut two: Vec<usize> = Vec::new();
            for mention in self.all.iter().filter(|m| (from..=to).contains(&m.sentence)) {
                for entity in &mention.entities {
                    if !two.contains(entity) && two.len() < 2 {
                        two.push(*entity);
                    }
                }
            }
            (two.len() == 2).then_some(two)
        };
        let before = self.sentence.saturating_sub(1);
        of(self.sentence, self.sentence)
            .or_else(|| of(before, before))
            .or_else(|| of(before, self.sentence))
            .or_else(|| of(0, self.sentence))
    }

    fn description(&self, at: usize, end: usize, defined: &[(String, usize)]) -> Option<(Mention, usize)> {
        let text = self.text;
        if text.lower(at) == "the" {
            let count = match text.lower(at + 1) {
                "three" | "trio" => 3,
                "four" => 4,
                "five" => 5,
                _ => 0,
            };
            let noun =
                matches!(text.lower(at + 2), "companies" | "firms" | "sides" | "groups" | "partners" | "parties");
            let verb = self.lexicon.auxiliaries.has(text.known(at + 2)) || matches!(text.lower(at + 2), "said" | "say");
            if count > 0 && (noun || verb) {
                return Some(self.mention(at..at + 2 + usize::from(noun), self.last_many(count)?));
            }
            if let Some((_, entity)) = defined.iter().find(|(word, _)| text.word(at + 1) == word) {
                return Some(self.mention(at..at + 2, vec![*entity]));
            }
            let two =
                matches!(text.lower(at + 1), "two" | "pair" | "duo" | "companies" | "partners" | "buyers" | "sides")
                    && !text.tokens.get(at + 2).is_some_and(|t| t.capital && t.spaced)
                    && (text.lower(at + 1) != "two"
                        || matches!(
                            text.lower(at + 2),
                            "companies" | "firms" | "sides" | "groups" | "partners" | "parties"
                        )
                        || self.lexicon.auxiliaries.has(text.known(at + 2))
                        || self.lexicon.adverbs.has(text.known(at + 2))
                        || matches!(
                            text.lower(at + 2),
                            "said" | "say" | "signed" | "agreed" | "plan" | "announced" | "expect"
                        ));
            if two {
                let noun =
                    matches!(text.lower(at + 2), "companies" | "firms" | "sides" | "groups" | "partners" | "parties");
                return Some(self.mention(at..at + 2 + usize::from(noun), self.last_two()?));
            }
        }
        // "the Finnish network supplier", "the Californian company": up to three words before the noun.
        for skip in 1..=4 {
            let from = at + skip;
            if from >= end {
                return None;
            }
            if let Some((length, trades)) = self.lexicon.describers.longest(text, from, end) {
                let last = from + length;
                // "The Tees Growth Fund" is a name of its own.
                if self.upcoming.as_ref().is_some_and(|name| name.start < last && name.end >= last) {
                    return None;
                }
                // "the chipmaker Nvidia" is the name itself; "the company town" is no company.
                if text.tokens.get(last).is_some_and(|t| t.capital && t.spaced) && last < end {
                    return None;
                }
                if text.is_hyphen(last) && text.joined(last) {
                    return None;
                }
                let noun = (from..last).map(|t| text.lower(t)).collect::<Vec<_>>().join(" ");
                let after = self.lexicon.prepositions.get(text.known(at.wrapping_sub(1)));
                let object = at > 0 && matches!(after, Some(Slot::From | Slot::To | Slot::With | Slot::By));
                let entity = self.described(&noun, trades, object)?;
                return Some(self.mention(at..last, vec![entity]));
            }
            let word = text.tokens[from];
            let lower = text.lower(from);
            let known = text.known(from);
            let ends = self.lexicon.prepositions.has(known)
                || self.lexicon.auxiliaries.has(known)
                || self.lexicon.grammar.has_word(known) && skip > 1
                || matches!(lower, "a" | "an" | "the" | "its" | "their" | "it" | "he" | "she" | "they" | "we");
            let modifier = word.kind == crate::extract::text::TokenKind::Word && !ends;
            if !(modifier || text.is_hyphen(from)) {
                return None;
            }
        }
        None
    }

    /// Whom a noun stands for: somebody whom the text called so, somebody of that trade, or whoever acted last.
    fn described(&self, noun: &str, trades: &[&str], object: bool) -> Option<usize> {
        // "X has ordered … from the firm": the firm is somebody other than who acts.
        let other = |e: &usize| !object || Some(*e) != self.subject;
        let recent = || self.all.iter().rev().flat_map(|m| m.entities.iter().copied()).filter(other);
        let generic = trades.contains(&"any");
        if !generic || noun.contains(' ') {
            let called =
                recent().find(|e| self.names.entities[*e].descriptions.iter().any(|d| d == noun || d.ends_with(noun)));
            if called.is_some() {
                return called;
            }
        }
        let fits = |entity: usize| {
            self.names.entities[entity].category.is_some_and(|category| trades.contains(&category.as_str()))
        };
        if !generic {
            let fitting = [self.subject, self.focus, self.topic]
                .into_iter()
                .flatten()
                .filter(other)
                .chain(recent())
                .find(|e| fits(*e));
            if fitting.is_some() {
                return fitting;
            }
        }
        // "The joint venture" is nobody but one that was named so.
        if trades.contains(&"venture") {
            return None;
        }
        // A council is no company.
        let private = |e: &usize| {
            let entity = &self.names.entities[*e];
            entity.category != Some(Category::Government)
                && (entity.known || entity.formal || self.names.entities.len() == 1)
        };
        let acting = [self.focus, self.subject, self.topic].into_iter().flatten().filter(other);
        acting.clone().find(private).or_else(|| recent().find(private)).or_else(|| acting.into_iter().next())
    }
}
