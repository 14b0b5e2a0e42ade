//! The text as read: characters, tokens, sentences and blocks.
//!
//! Everything inside the extractor counts bytes, because slices are cheap that way; [`Text::chars`] turns a byte
//! offset into the contract's code points at the very end.

use std::ops::Range;

use super::lexicon::Lexicon;
use crate::model::Currency;

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
}

/// An article's text, cut up.
#[derive(Debug)]
pub struct Text {
    source: String,
    lower: String,
    counts: Vec<usize>,
    /// All tokens.
    pub tokens: Vec<Token>,
    /// All sentences.
    pub sentences: Vec<Sentence>,
}

impl Text {
    /// Cuts up a text whose first line is its headline where `titled`.
    pub fn new(source: String, titled: bool, lexicon: &Lexicon) -> Self {
        let lower = source.to_ascii_lowercase();
        let counts = source
            .char_indices()
            .enumerate()
            .fold((Vec::with_capacity(source.len() / STRIDE + 1), 0), |(mut counts, mut next), (nth, (byte, _))| {
                while byte >= next {
                    // The count of characters that begin before the stride's first byte.
                    counts.push(nth);
                    next += STRIDE;
                }
                (counts, next)
            })
            .0;
        let tokens = tokenize(&source);
        let mut text = Self { source, lower, counts, tokens, sentences: Vec::new() };
        text.sentences = split(&text, titled, lexicon);
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
        let Some(base) = self.counts.get(stride) else {
            return self.source.chars().count();
        };
        // The remembered count belongs to the first character that begins at or after the stride's first byte.
        let mut from = stride * STRIDE;
        while !self.source.is_char_boundary(from) {
            from += 1;
        }
        if byte < from {
            return *base;
        }
        base + self.source[from..byte].chars().count()
    }

    /// A token as written.
    pub fn word(&self, token: usize) -> &str {
        self.tokens.get(token).map_or("", |t| &self.source[t.start..t.end])
    }

    /// A token in lower case (of ASCII letters only, so that offsets stay).
    pub fn lower(&self, token: usize) -> &str {
        self.tokens.get(token).map_or("", |t| &self.lower[t.start..t.end])
    }

    /// The slice that a range of tokens covers.
    pub fn slice(&self, tokens: Range<usize>) -> &str {
        if tokens.is_empty() || tokens.end > self.tokens.len() {
            return "";
        }
        &self.source[self.tokens[tokens.start].start..self.tokens[tokens.end - 1].end]
    }

    /// Whether a token stands directly after the one before it.
    pub fn joined(&self, token: usize) -> bool {
        self.tokens.get(token).is_some_and(|t| !t.spaced)
    }

    /// Whether a token is this sign.
    pub fn is(&self, token: usize, sign: &str) -> bool {
        self.word(token) == sign
    }

    /// Whether a token is a hyphen or a dash that stands directly between two others.
    pub fn is_hyphen(&self, token: usize) -> bool {
        matches!(self.word(token), "-" | "‑" | "–" | "−")
    }
}

fn tokenize(source: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(source.len() / 5);
    let mut spaced = true;
    let mut letters = source.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        if letter.is_whitespace() || is_invisible(letter) {
            spaced = true;
            continue;
        }
        let mut end = start + letter.len_utf8();
        let kind = if letter.is_ascii_digit() {
            while let Some(&(at, next)) = letters.peek() {
                let after = source[at + next.len_utf8()..].chars().next();
                if next.is_ascii_digit() || matches!(next, ',' | '.') && after.is_some_and(|c| c.is_ascii_digit()) {
                    end = at + next.len_utf8();
                    letters.next();
                } else {
                    break;
                }
            }
            // "7Fold" is a name; "300MW" and "5G" are a number with its unit.
            let mut tail = source[end..].chars();
            let name = tail.next().is_some_and(char::is_uppercase)
                && tail.next().is_some_and(char::is_lowercase)
                && tail.next().is_some_and(char::is_lowercase);
            if name {
                while let Some(&(at, next)) = letters.peek() {
                    if !next.is_alphanumeric() {
                        break;
                    }
                    end = at + next.len_utf8();
                    letters.next();
                }
                tokens.push(Token { start, end, kind: TokenKind::Word, capital: true, spaced });
                spaced = false;
                continue;
            }
            TokenKind::Number
        } else if letter.is_alphanumeric() {
            // "U.S." and "L.L.C." are one word: single letters, each with its full stop.
            let dotted = dotted_length(&source[start..]);
            if dotted > 0 {
                end = start + dotted;
                while letters.peek().is_some_and(|(at, _)| *at < end) {
                    letters.next();
                }
            } else {
                let code = currency_length(&source[start..]);
                while let Some(&(at, next)) = letters.peek() {
                    if code > 0 && at >= start + code {
                        break;
                    }
                    if next.is_alphanumeric() || is_mark(next) {
                        end = at + next.len_utf8();
                        letters.next();
                    } else {
                        break;
                    }
                }
            }
            TokenKind::Word
        } else {
            TokenKind::Sign
        };
        tokens.push(Token { start, end, kind, capital: letter.is_uppercase(), spaced });
        spaced = false;
    }
    tokens
}

/// The length of the currency letters at the start of "`SEK95bn`" or "Rs520"; 0 where a text begins otherwise.
fn currency_length(text: &str) -> usize {
    let letters = text.bytes().take(4).take_while(u8::is_ascii_alphabetic).count();
    let digit = text.as_bytes().get(letters).is_some_and(u8::is_ascii_digit);
    let code = &text[..letters];
    let known = letters == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) && Currency::from_code(code).is_some()
        || matches!(
            code,
            "Rs" | "RM"
                | "RMB"
                | "Rp"
                | "Fr"
                | "SFr"
                | "SKr"
                | "NKr"
                | "DKr"
                | "Kr"
                | "kr"
                | "Sh"
                | "KSh"
                | "Ksh"
                | "Dh"
                | "Dhs"
                | "Tk"
        );
    if digit && known { letters } else { 0 }
}

/// Combining marks belong to the letter before them.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}')
}

/// Characters that a reader does not see: joiners, direction marks, soft hyphens, the byte-order mark.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
}

/// The length of an abbreviation such as "U.S." at the start of a text; 0 where there is none.
fn dotted_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() && bytes[at].is_ascii_alphabetic() && bytes[at + 1] == b'.' {
        at += 2;
        if at >= 16 {
            break;
        }
    }
    if at < 4 || bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) { 0 } else { at }
}

/// Cuts the tokens into sentences: at line ends, and at full stops that no abbreviation explains.
fn split(text: &Text, titled: bool, lexicon: &Lexicon) -> Vec<Sentence> {
    let mut sentences: Vec<Sentence> = Vec::new();
    let mut start = 0;
    let mut paragraph = 0;
    let mut boilerplate = false;
    let mut line_start = 0;
    let count = text.tokens.len();
    for at in 0..count {
        let last = at + 1 == count;
        let line_end = last || breaks_line(text, at, line_start, titled && paragraph == 0);
        if !line_end && !ends_sentence(text, at, lexicon) {
            continue;
        }
        let part = if titled && paragraph == 0 {
            Part::Title
        } else {
            if start == line_start && starts_boilerplate(text, start..at + 1, line_end, lexicon) {
                boilerplate = true;
            }
            if boilerplate || is_call(text, start..at + 1, lexicon) {
                Part::Boilerplate
            } else if is_bullet(text, line_start) {
                Part::Item
            } else {
                Part::Body
            }
        };
        sentences.push(Sentence { tokens: start..at + 1, part, paragraph });
        start = at + 1;
        if line_end {
            paragraph += 1;
            line_start = start;
        }
    }
    sentences
}

/// Whether the line, and with it the paragraph, ends after a token. Hard-wrapped lines are joined.
fn breaks_line(text: &Text, at: usize, line_start: usize, title: bool) -> bool {
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

fn ends_sentence(text: &Text, at: usize, lexicon: &Lexicon) -> bool {
    let mut stop = at;
    while stop > 0 && matches!(text.word(stop), "”" | "\"" | "’" | "'" | ")" | "]" | "»") && text.joined(stop) {
        stop -= 1;
    }
    if !text.tokens[at + 1].spaced {
        return false;
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
            let abbreviated = lexicon.is_abbreviation(text.lower(stop - 1))
                && (text.tokens[stop - 1].capital || next.kind == TokenKind::Number);
            !(initial || abbreviated)
        }
        word => {
            // "in the U.S. The company": a dotted abbreviation ends a sentence only before a word that opens one.
            word.len() > 3 && word.ends_with('.') && next.capital && lexicon.opens_sentence(text.lower(at + 1))
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

/// A line that opens what is no longer the article: "Related articles", "About Wattline".
fn starts_boilerplate(text: &Text, tokens: Range<usize>, whole_line: bool, lexicon: &Lexicon) -> bool {
    let mut from = tokens.start;
    while from < tokens.end && text.tokens[from].kind == TokenKind::Sign {
        from += 1;
    }
    let short = whole_line && tokens.end - from <= 7;
    if short
        && text.word(from) == "About"
        && text.tokens.get(from + 1).is_some_and(|t| t.capital)
        && from + 1 < tokens.end
    {
        return !matches!(text.word(tokens.end - 1), "." | "?" | "!");
    }
    lexicon.boilerplate_heads.iter().any(|head| {
        let words = head.len();
        from + words <= tokens.end
            && (short && from + words == tokens.end || text.is(from + words, ":"))
            && head.iter().enumerate().all(|(nth, word)| text.lower(from + nth) == word)
    })
}

/// A sentence that asks the reader to do something for the publisher.
fn is_call(text: &Text, tokens: Range<usize>, lexicon: &Lexicon) -> bool {
    lexicon.boilerplate_calls.iter().any(|call| {
        tokens.end - tokens.start >= call.len()
            && call.iter().enumerate().all(|(nth, word)| text.lower(tokens.start + nth) == word)
    })
}
