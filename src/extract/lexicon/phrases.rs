//! Phrases by their first word, so that the longest one at a token is found with one look-up.

use super::vocabulary::{Set, Table, Vocabulary, Word};
use crate::extract::text::Text;

/// A set of phrases, each with what it means.
#[derive(Debug, Clone)]
pub struct Phrases<T> {
    by_first: Table<Vec<Phrase<T>>>,
}

#[derive(Debug, Clone)]
struct Phrase<T> {
    /// The numbers of the words after the first.
    rest: Vec<u32>,
    meanings: Vec<T>,
}

impl<T: Clone + PartialEq> Phrases<T> {
    /// A set without phrases as yet.
    pub(super) fn new(vocabulary: &mut Vocabulary) -> Self {
        Self { by_first: Table::of(vocabulary, []) }
    }

    /// Adds a phrase: words in lower case with blanks between them. Signs are words of their own (`fund - raise`).
    pub(super) fn add(&mut self, vocabulary: &mut Vocabulary, phrase: &str, meaning: T) {
        let mut words = phrase.split_whitespace();
        let Some(first) = words.next() else { return };
        let rest: Vec<u32> = words.map(|word| vocabulary.id(word)).collect();
        let list = self.by_first.entry(vocabulary, first);
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
    #[inline]
    pub fn longest<'a>(&'a self, text: &'a Text, at: usize, end: usize) -> Option<(usize, &'a [T])> {
        if self.begin(text.known(at)) { self.all(text, at, end).next() } else { None }
    }

    /// The same phrases, with one meaning made of all that each has.
    pub(super) fn together<U>(self, one: impl Fn(&[T]) -> U) -> Phrases<U> {
        let by_first = self.by_first.map(|list| {
            let phrases = list.into_iter();
            phrases.map(|phrase| Phrase { meanings: vec![one(&phrase.meanings)], rest: phrase.rest }).collect()
        });
        Phrases { by_first }
    }

    /// The words with which a phrase begins.
    pub(super) fn beginnings(&self) -> Set {
        self.by_first.set()
    }

    /// Whether a phrase begins with a word. Most words begin none, which one bit tells.
    #[inline]
    pub fn begin(&self, word: Word) -> bool {
        self.by_first.has(word)
    }

    /// Every phrase that begins at a token, longest first.
    pub fn all<'a>(&'a self, text: &'a Text, at: usize, end: usize) -> impl Iterator<Item = (usize, &'a [T])> {
        let (second, hyphen) = (text.known(at + 1), text.is_hyphen(at + 1));
        self.by_first.get(text.known(at)).into_iter().flatten().filter_map(move |phrase| {
            // Most phrases differ in their second word already.
            if !hyphen && phrase.rest.first().is_some_and(|word| !second.is(*word)) {
                return None;
            }
            let mut next = at + 1;
            for word in &phrase.rest {
                if next < end && !text.known(next).is(*word) && text.is_hyphen(next) && text.joined(next) {
                    next += 1;
                }
                if next >= end || !text.known(next).is(*word) {
                    return None;
                }
                next += 1;
            }
            Some((next - at, phrase.meanings.as_slice()))
        })
    }

    /// Whether a single word is a phrase of its own.
    pub fn has_word(&self, word: Word) -> bool {
        self.by_first.get(word).is_some_and(|list| list.iter().any(|phrase| phrase.rest.is_empty()))
    }

    /// What a whole phrase means.
    pub fn of(&self, vocabulary: &Vocabulary, phrase: &str) -> Option<&[T]> {
        let mut words = phrase.split_whitespace().map(|word| vocabulary.word(word));
        let list = self.by_first.get(words.next()?)?;
        let rest: Vec<Word> = words.collect();
        list.iter()
            .find(|known| known.rest.len() == rest.len() && known.rest.iter().zip(&rest).all(|(id, word)| word.is(*id)))
            .map(|known| known.meanings.as_slice())
    }

    /// The phrases that end right before a token, longest first: those of the last few words.
    pub fn ending_at<'a>(&'a self, text: &'a Text, from: usize, end: usize) -> Option<(usize, &'a [T])> {
        (from.max(end.saturating_sub(6))..end)
            .find_map(|at| self.all(text, at, end).find(|(length, _)| at + length == end).map(|(_, m)| (at, m)))
    }
}
