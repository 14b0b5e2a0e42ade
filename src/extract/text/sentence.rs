//! Sentences, and which part of the article each belongs to.

use super::{
    Part, Sentence, Text, TokenKind,
    boilerplate::{Surround, is_call},
};
use crate::extract::lexicon::Lexicon;

/// Cuts the tokens into sentences: at line ends, and at full stops that no abbreviation explains.
pub(super) fn cut(text: &Text, titled: bool, lexicon: &Lexicon) -> Vec<Sentence> {
    let mut sentences: Vec<Sentence> = Vec::new();
    let mut start = 0;
    let mut paragraph = 0;
    let mut surround = Surround::default();
    let mut line_start = 0;
    let count = text.tokens.len();
    for at in 0..count {
        let last = at + 1 == count;
        if !last && !text.tokens[at + 1].spaced {
            continue;
        }
        let line_end = last || breaks_line(text, at, line_start, titled && paragraph == 0);
        if !line_end && !ends_sentence(text, at, lexicon) {
            continue;
        }
        let part = if titled && paragraph == 0 {
            Part::Title
        } else {
            if start == line_start {
                surround.begin_line(text, start..at + 1, line_end, lexicon);
            }
            if surround.holds() || is_call(text, start..at + 1, lexicon) {
                Part::Boilerplate
            } else if is_bullet(text, line_start) {
                Part::Item
            } else {
                Part::Body
            }
        };
        sentences.push(Sentence { tokens: start..at + 1, part, paragraph, heading: None });
        start = at + 1;
        if line_end {
            paragraph += 1;
            line_start = start;
        }
    }
    sentences
}

/// Whether the line, and with it the paragraph, ends after a token. Hard-wrapped lines are joined.
pub(super) fn breaks_line(text: &Text, at: usize, line_start: usize, title: bool) -> bool {
    let (this, next) = (&text.tokens[at], &text.tokens[at + 1]);
    let gap = &text.source[this.end..next.start];
    match gap.bytes().filter(|b| *b == b'\n').count() {
        0 => false,
        1 if !title => {
            let long = this.end - text.tokens[line_start].start > 50;
            let open = !matches!(text.word(at), "." | "!" | "?" | ":" | ";" | "”" | "\"" | ")");
            let runs_on = text.source[next.start..].starts_with(char::is_lowercase);
            !(long && open && runs_on)
        }
        _ => true,
    }
}

/// Whether a sentence ends after a token behind which there is white space.
fn ends_sentence(text: &Text, at: usize, lexicon: &Lexicon) -> bool {
    // Only signs and abbreviations do.
    if text.tokens[at].kind != TokenKind::Sign && !text.source.as_bytes()[..text.tokens[at].end].ends_with(b".") {
        return false;
    }
    let mut stop = at;
    while stop > 0 && matches!(text.word(stop), "”" | "\"" | "’" | "'" | ")" | "]" | "»") && text.joined(stop) {
        stop -= 1;
    }
    let next = &text.tokens[at + 1];
    let opens = next.capital || next.kind == TokenKind::Number || next.kind == TokenKind::Sign;
    match text.word(stop) {
        "!" | "?" | "…" => opens && !next_is_closing(text, at + 1),
        "." => {
            if !opens || next_is_closing(text, at + 1) || matches!(text.word(at + 1), "," | ";") {
                return false;
            }
            if stop == 0 || !text.joined(stop) {
                return true;
            }
            let before = text.word(stop - 1);
            let initial = before.chars().count() == 1 && before.chars().all(char::is_uppercase);
            let abbreviated = lexicon.is_abbreviation(text.known(stop - 1))
                && (text.tokens[stop - 1].capital || next.kind == TokenKind::Number);
            !(initial || abbreviated)
        }
        word => {
            // "in the U.S. The company": a dotted abbreviation ends a sentence only before a word that opens one.
            word.len() > 3 && word.ends_with('.') && next.capital && lexicon.opens_sentence(text.known(at + 1))
        }
    }
}

fn next_is_closing(text: &Text, at: usize) -> bool {
    matches!(text.word(at), ")" | "]" | "”" | "»")
}

fn is_bullet(text: &Text, at: usize) -> bool {
    matches!(text.word(at), "•" | "*" | "·" | "▪" | "–" | "-" | "—" | "►" | "‣" | "→" | "■")
        || text.tokens.get(at).is_some_and(|t| t.kind == TokenKind::Number && t.end - t.start <= 2)
            && matches!(text.word(at + 1), "." | ")")
            && text.joined(at + 1)
}
