//! The text as read: characters, tokens, sentences and blocks.
//!
//! Everything inside the extractor counts bytes, because slices are cheap that way; [`Text::chars`] turns a byte
//! offset into the contract's code points at the very end.

use std::ops::Range;

use super::lexicon::{Lexicon, Word};
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
        let tokens = tokenize(&source);
        let known = tokens.iter().map(|token| lexicon.word(&lower[token.start..token.end])).collect();
        let mut text = Self { source, lower, counts, known, tokens, sentences: Vec::new() };
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

/// The first token of a text.
pub fn first_token(text: &str) -> &str {
    tokenize(text).first().map_or("", |token| &text[token.start..token.end])
}

/// The letters and digits with which a text begins.
pub fn first_letters(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric() && !is_mark(letter)).next().unwrap_or_default()
}

fn tokenize(source: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(source.len() / 4);
    let mut spaced = true;
    let mut at = 0;
    while let Some(letter) = letter_at(source, at) {
        let start = at;
        at += letter.len_utf8();
        if letter.is_whitespace() || is_invisible(letter) {
            spaced = true;
            continue;
        }
        let mut capital = letter.is_uppercase();
        let kind = if letter.is_ascii_digit() {
            at = digits_end(source, at);
            // "7Fold" is a name; "300MW" and "5G" are a number with its unit.
            let mut tail = source[at..].chars();
            capital = tail.next().is_some_and(char::is_uppercase)
                && tail.next().is_some_and(char::is_lowercase)
                && tail.next().is_some_and(char::is_lowercase);
            if capital {
                at = run_end(source, at, char::is_alphanumeric);
                TokenKind::Word
            } else {
                TokenKind::Number
            }
        } else if letter.is_alphanumeric() {
            // "U.S." and "L.L.C." are one word: single letters, each with its full stop.
            at = match (dotted_length(&source[start..]), currency_length(&source[start..])) {
                (0, 0) => run_end(source, at, |letter| letter.is_alphanumeric() || is_mark(letter)),
                (0, code) => start + code,
                (dotted, _) => start + dotted,
            };
            TokenKind::Word
        } else {
            TokenKind::Sign
        };
        let hyphen = matches!(letter, '-' | '‑' | '–' | '−');
        tokens.push(Token { start, end: at, kind, capital, spaced, hyphen });
        spaced = false;
    }
    tokens
}

/// The character that begins at a byte. Most are ASCII, and need no decoding.
fn letter_at(source: &str, at: usize) -> Option<char> {
    match source.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
        Some(_) => source[at..].chars().next(),
        None => None,
    }
}

/// Where a run of such letters, all letters and digits of ASCII among them, ends.
fn run_end(source: &str, mut at: usize, belongs: impl Fn(char) -> bool) -> usize {
    let bytes = source.as_bytes();
    loop {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        match letter_at(source, at) {
            Some(letter) if !letter.is_ascii() && belongs(letter) => at += letter.len_utf8(),
            _ => return at,
        }
    }
}

/// Where the digits that go on at a byte end, with the separators between them.
fn digits_end(source: &str, mut at: usize) -> usize {
    let bytes = source.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    while digit(at) || bytes.get(at).is_some_and(|byte| matches!(byte, b',' | b'.')) && digit(at + 1) {
        at += 1;
    }
    at
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
                | "CFA"
        )
        || matches!(
            code,
            "R" | "P" | "K" | "N" | "W" | "Won" | "TL" | "QR" | "SR" | "KD" | "BD" | "RO" | "Bt" | "TSh" | "USh"
        ) && is_scaled(&text[letters..]);
    if digit && known { letters } else { 0 }
}

/// Whether a number begins a text that counts millions or more: "4.6 billion", "1.3-billion", "640m". A letter before any
/// other number is the name of a road or a chip.
fn is_scaled(text: &str) -> bool {
    let rest = &text[digits_end(text, 0)..];
    let (apart, rest) = match rest.strip_prefix([' ', '-', '\u{a0}']) {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let word = rest[..rest.bytes().take_while(u8::is_ascii_alphabetic).count().min(9)].to_ascii_lowercase();
    matches!(word.as_str(), "million" | "billion" | "trillion" | "bn" | "mn" | "tn" | "bln" | "mln" | "bil" | "mil")
        || !apart && matches!(word.as_str(), "m" | "b")
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
    let mut over = false;
    let mut listing = false;
    let mut aside = false;
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
                // What is longer than a headline is the article's own again.
                listing &= !is_prose(text, line_start);
                over |= starts_boilerplate(text, start..at + 1, line_end, lexicon);
                let headed = is_headed(text, start..at + 1, line_end, &lexicon.boilerplate_lists);
                // "Related: Tarn Cloud rents a hall": one link, and the article goes on behind it.
                aside = headed && (start..at).any(|t| text.is(t, ":"));
                listing |= headed && !aside;
            }
            if over || listing || aside || is_call(text, start..at + 1, lexicon) {
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
fn is_call(text: &Text, tokens: Range<usize>, lexicon: &Lexicon) -> bool {
    lexicon.boilerplate_calls.iter().any(|call| {
        tokens.end - tokens.start >= call.len()
            && call.iter().enumerate().all(|(nth, word)| text.known(tokens.start + nth).is(*word))
    })
}
