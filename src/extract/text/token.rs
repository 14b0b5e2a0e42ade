//! Words, numbers and signs.

use super::{Token, TokenKind};
use crate::model::Currency;

/// The first token of a text.
pub fn first_token(text: &str) -> &str {
    cut(text).first().map_or("", |token| &text[token.start..token.end])
}

/// The letters and digits with which a text begins.
pub fn first_letters(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric() && !is_mark(letter)).next().unwrap_or_default()
}

/// All words, numbers and signs of a text.
pub(super) fn cut(source: &str) -> Vec<Token> {
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
