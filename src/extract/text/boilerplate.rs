//! What stands around an article: related headlines, sign-ups, the "About" paragraph of a press release.

use std::ops::Range;

use super::{Text, TokenKind, sentence::breaks_line};
use crate::extract::lexicon::Lexicon;

/// What stands around the article, while it is read line by line.
#[derive(Debug, Default)]
pub(super) struct Surround {
    /// The article is over.
    over: bool,
    /// Headlines of other articles follow, until a line is longer than a headline.
    listing: bool,
    /// The line is a link to another article, and the article goes on behind it.
    link: bool,
}

impl Surround {
    /// Looks at the first sentence of a line.
    pub(super) fn begin_line(&mut self, text: &Text, sentence: Range<usize>, whole_line: bool, lexicon: &Lexicon) {
        // What is longer than a headline is the article's own again.
        self.listing &= !is_prose(text, sentence.start);
        self.over |= starts_boilerplate(text, sentence.clone(), whole_line, lexicon);
        let headed = is_headed(text, sentence.clone(), whole_line, &lexicon.boilerplate_lists);
        // "Related: Tarn Cloud rents a hall".
        self.link = headed && (sentence.start..sentence.end - 1).any(|at| text.is(at, ":"));
        self.listing |= headed && !self.link;
    }

    /// Whether it holds what is read.
    pub(super) fn holds(&self) -> bool {
        self.over || self.listing || self.link
    }
}

/// How long a line is, in bytes, that is no headline or teaser of another article.
const PROSE: usize = 240;

/// Whether a line is more than a headline.
fn is_prose(text: &Text, line_start: usize) -> bool {
    let first = text.tokens[line_start].start;
    let mut at = line_start;
    while at + 1 < text.tokens.len() && text.tokens[at].end - first < PROSE {
        if breaks_line(text, at, line_start, false) {
            return false;
        }
        at += 1;
    }
    text.tokens[at].end - first >= PROSE
}

/// A line that opens what is no longer the article: "Media contacts", "About Wattline".
fn starts_boilerplate(text: &Text, tokens: Range<usize>, whole_line: bool, lexicon: &Lexicon) -> bool {
    let from = first_word(text, &tokens);
    let short = whole_line && tokens.end - from <= 7;
    if short
        && text.word(from) == "About"
        && text.tokens.get(from + 1).is_some_and(|t| t.capital)
        && from + 1 < tokens.end
    {
        return !matches!(text.word(tokens.end - 1), "." | "?" | "!");
    }
    is_headed(text, tokens, whole_line, &lexicon.boilerplate_heads)
}

/// Where the signs before a line's first word end.
fn first_word(text: &Text, tokens: &Range<usize>) -> usize {
    tokens.clone().find(|at| text.tokens[*at].kind != TokenKind::Sign).unwrap_or(tokens.end)
}

/// Whether a line is one of these headings, or begins with one and a colon.
fn is_headed(text: &Text, tokens: Range<usize>, whole_line: bool, heads: &[Vec<u32>]) -> bool {
    let from = first_word(text, &tokens);
    let short = whole_line && tokens.end - from <= 7;
    heads.iter().any(|head| {
        let words = head.len();
        from + words <= tokens.end
            && (short && from + words == tokens.end || text.is(from + words, ":"))
            && head.iter().enumerate().all(|(nth, word)| text.known(from + nth).is(*word))
    })
}

/// A sentence that asks the reader to do something for the publisher.
pub(super) fn is_call(text: &Text, tokens: Range<usize>, lexicon: &Lexicon) -> bool {
    lexicon.boilerplate_calls.iter().any(|call| {
        tokens.end - tokens.start >= call.len()
            && call.iter().enumerate().all(|(nth, word)| text.known(tokens.start + nth).is(*word))
    })
}
