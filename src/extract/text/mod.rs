//! The text as read: characters, tokens, sentences and blocks.
//!
//! Everything inside the extractor counts bytes, because slices are cheap that way; [`Text::chars`] turns a byte
//! offset into the contract's code points at the very end.

mod boilerplate;
mod heading;
mod sentence;
#[cfg(test)]
mod tests;
mod token;

use std::ops::Range;

use super::lexicon::{Lexicon, Word};
pub use token::{first_letters, first_token};

/// How many bytes lie between two remembered code-point counts.
const STRIDE: usize = 128;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, perhaps with digits after the first letter.
    Word,
    /// Digits, with separators between them.
    Number,
    /// Any other single character that is no white space.
    Sign,
}

/// A word, a number or a sign with its place in the text.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is made of.
    pub kind: TokenKind,
    /// Whether its first letter is a capital.
    pub capital: bool,
    /// Whether white space stands before it.
    pub spaced: bool,
    /// Whether it is a hyphen or a dash.
    pub hyphen: bool,
}

/// What part of the article a sentence belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The headline.
    Title,
    /// The running text.
    Body,
    /// An item of a list.
    Item,
    /// What stands around an article: related headlines, sign-ups, the "About" paragraph of a press release.
    Boilerplate,
}

/// A run of tokens that ends where a sentence or a line does.
#[derive(Debug, Clone)]
pub struct Sentence {
    /// Its tokens.
    pub tokens: Range<usize>,
    /// Where it stands.
    pub part: Part,
    /// The paragraph that it belongs to, counted from the headline.
    pub paragraph: usize,
    /// The line that heads what it stands in, if any: "Nvidia's stakes:" over a list.
    pub heading: Option<usize>,
}

/// An article's text, cut up.
#[derive(Debug)]
pub struct Text {
    source: String,
    lower: String,
    /// How many characters begin before each stride.
    counts: Vec<usize>,
    /// What the lexicon knows of each token.
    known: Vec<Word>,
    /// All tokens.
    pub tokens: Vec<Token>,
    /// All sentences.
    pub sentences: Vec<Sentence>,
}

impl Text {
    /// Cuts up a text whose first line is its headline where `titled`.
    pub fn new(source: String, titled: bool, lexicon: &Lexicon) -> Self {
        let lower = source.to_ascii_lowercase();
        let mut counts = Vec::with_capacity(source.len() / STRIDE + 2);
        counts.push(0);
        for stride in source.as_bytes().chunks(STRIDE) {
            counts.push(counts[counts.len() - 1] + begins(stride));
        }
        let tokens = token::cut(&source);
        let known = tokens.iter().map(|token| lexicon.word(&lower[token.start..token.end])).collect();
        let mut text = Self { source, lower, counts, known, tokens, sentences: Vec::new() };
        text.sentences = heading::found(&text, sentence::cut(&text, titled, lexicon));
        text
    }

    /// The text itself.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The code points before a byte offset.
    pub fn chars(&self, byte: usize) -> usize {
        let byte = byte.min(self.source.len());
        let stride = byte / STRIDE;
        self.counts[stride] + begins(&self.source.as_bytes()[stride * STRIDE..byte])
    }

    /// A token as written.
    #[inline]
    pub fn word(&self, token: usize) -> &str {
        self.tokens.get(token).map_or("", |t| &self.source[t.start..t.end])
    }

    /// A token in lower case (of ASCII letters only, so that offsets stay).
    #[inline]
    pub fn lower(&self, token: usize) -> &str {
        self.tokens.get(token).map_or("", |t| &self.lower[t.start..t.end])
    }

    /// What the lexicon knows of a token.
    #[inline]
    pub fn known(&self, token: usize) -> Word {
        self.known.get(token).copied().unwrap_or_default()
    }

    /// The slice that a range of tokens covers.
    pub fn slice(&self, tokens: Range<usize>) -> &str {
        if tokens.is_empty() || tokens.end > self.tokens.len() {
            return "";
        }
        &self.source[self.tokens[tokens.start].start..self.tokens[tokens.end - 1].end]
    }

    /// Whether a token stands directly after the one before it.
    #[inline]
    pub fn joined(&self, token: usize) -> bool {
        self.tokens.get(token).is_some_and(|t| !t.spaced)
    }

    /// Whether a token is this sign.
    #[inline]
    pub fn is(&self, token: usize, sign: &str) -> bool {
        let bytes = self.source.as_bytes();
        self.tokens.get(token).map_or(sign.is_empty(), |t| bytes[t.start..t.end] == *sign.as_bytes())
    }

    /// Whether a token is a hyphen or a dash that stands directly between two others.
    #[inline]
    pub fn is_hyphen(&self, token: usize) -> bool {
        self.tokens.get(token).is_some_and(|t| t.hyphen)
    }
}

/// How many characters begin in a slice of a text.
fn begins(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}
