//! Phrases by their first word, so that the longest one at a token is found with one look-up.

use std::collections::HashMap;

use crate::extract::text::Text;

/// A set of phrases, each with what it means.
#[derive(Debug, Clone)]
pub struct Phrases<T> {
    by_first: HashMap<Box<str>, Vec<Phrase<T>>>,
}

impl<T> Default for Phrases<T> {
    fn default() -> Self {
        Self { by_first: HashMap::new() }
    }
}

#[derive(Debug, Clone)]
struct Phrase<T> {
    rest: Vec<Box<str>>,
    meanings: Vec<T>,
}

impl<T: Clone + PartialEq> Phrases<T> {
    /// Adds a phrase: words in lower case with blanks between them. Signs are words of their own (`fund - raise`).
    pub fn add(&mut self, phrase: &str, meaning: T) {
        let mut words = phrase.split_whitespace().map(Box::from);
        let Some(first) = words.next() else { return };
        let rest: Vec<Box<str>> = words.collect();
        let list = self.by_first.entry(first).or_default();
        if let Some(known) = list.iter_mut().find(|known| known.rest == rest) {
            if !known.meanings.contains(&meaning) {
                known.meanings.push(meaning);
            }
            return;
        }
        let at = list.partition_point(|known| known.rest.len() >= rest.len());
        list.insert(at, Phrase { rest, meanings: vec![meaning] });
    }

    /// The longest phrase that begins at a token, and how many tokens it covers. A hyphen in the text may stand for
    /// the blank of the phrase.
    pub fn longest<'a>(&'a self, text: &'a Text, at: usize, end: usize) -> Option<(usize, &'a [T])> {
        self.all(text, at, end).next()
    }

    /// Every phrase that begins at a token, longest first.
    pub fn all<'a>(&'a self, text: &'a Text, at: usize, end: usize) -> impl Iterator<Item = (usize, &'a [T])> {
        self.by_first.get(text.lower(at)).into_iter().flatten().filter_map(move |phrase| {
            let mut next = at + 1;
            for word in &phrase.rest {
                if next < end && text.lower(next) != &**word && text.is_hyphen(next) && text.joined(next) {
                    next += 1;
                }
                if next >= end || text.lower(next) != &**word {
                    return None;
                }
                next += 1;
            }
            Some((next - at, phrase.meanings.as_slice()))
        })
    }

    /// Whether a single word is a phrase of its own.
    pub fn has_word(&self, word: &str) -> bool {
        self.by_first.get(word).is_some_and(|list| list.iter().any(|phrase| phrase.rest.is_empty()))
    }

    /// What a whole phrase means.
    pub fn of(&self, phrase: &str) -> Option<&[T]> {
        let mut words = phrase.split_whitespace();
        let list = self.by_first.get(words.next()?)?;
        let rest: Vec<&str> = words.collect();
        list.iter()
            .find(|known| known.rest.iter().map(|w| &**w).eq(rest.iter().copied()))
            .map(|known| known.meanings.as_slice())
    }

    /// The phrases that end right before a token, longest first: those of the last few words.
    pub fn ending_at<'a>(&'a self, text: &'a Text, from: usize, end: usize) -> Option<(usize, &'a [T])> {
        (from.max(end.saturating_sub(6))..end)
            .find_map(|at| self.all(text, at, end).find(|(length, _)| at + length == end).map(|(_, m)| (at, m)))
    }
}
