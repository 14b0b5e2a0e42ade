//! Numbers as written: digits or words, with their scale and the currency before them.

use rust_decimal::Decimal;

use crate::{
    extract::{
        lexicon::Lexicon,
        text::{Text, TokenKind},
    },
    model::Currency,
};

/// A number with what stands directly around it.
#[derive(Debug, Clone)]
pub struct Part {
    /// First token, the currency sign included.
    pub start: usize,
    /// One past the last token.
    pub end: usize,
    /// The number, multiplied by its scale.
    pub value: Decimal,
    /// The scale.
    pub scale: Decimal,
    /// Whether a scale is stated.
    pub scaled: bool,
    /// The currency before it.
    pub currency: Option<Currency>,
    /// Whether the currency is a bare "$", which a code after the figure may correct.
    pub symbol_only: bool,
}

/// The number that begins at a token, with the currency before it.
pub fn part(text: &Text, lexicon: &Lexicon, at: usize, end: usize) -> Option<Part> {
    if at >= end || !begins(text, lexicon, at) {
        return None;
    }
    let (currency, symbol_only, number_at) = currency_before(text, lexicon, at, end);
    let (value, mut next, spelled) = number(text, lexicon, number_at, end)?;
    // A number that begins in the middle of a word or another number is none: "GB-200", "Q3-2025".
    if currency.is_none() && !spelled && at > 0 && text.joined(at) && text.is_hyphen(at - 1) && text.joined(at - 1) {
        let before = at.checked_sub(2).map(|b| text.tokens[b]);
        if before.is_some_and(|b| b.kind == TokenKind::Word && b.end - b.start <= 3 && b.capital) {
            return None;
        }
    }
    let mut scale = Decimal::ONE;
    let mut scaled = false;
    for _ in 0..2 {
        let mut word = next;
        if word < end && text.is_hyphen(word) && text.joined(word) && text.joined(word + 1) {
            word += 1;
        }
        if word >= end {
            break;
        }
        let lower = text.lower(word);
        let short = lower.len() <= 2 && lower != "bn" && lower != "tn" && lower != "mn";
        let Some(factor) = lexicon.scales.get(text.known(word)) else { break };
        if short && (!text.joined(word) || text.is_hyphen(word - 1)) && !(currency.is_some() && lower == "cr") {
            break;
        }
        // "5m" is a length and "5k" a run, unless money stands before them.
        if lower == "m" && currency.is_none() && super::currency_after(text, lexicon, word + 1, end).is_none() {
            break;
        }
        scale = scale.checked_mul(*factor)?;
        scaled = true;
        next = word + 1;
    }
    let article = spelled && matches!(text.lower(number_at), "a" | "an" | "first") && next == number_at + 1;
    if article && !scaled && currency.is_none() && !unit_follows(text, lexicon, next) {
        return None;
    }
    let value = value.checked_mul(scale)?;
    Some(Part { start: at, end: next, value, scale, scaled, currency, symbol_only })
}

/// Whether a number may begin at a token, its currency included: no other one is looked at closely.
fn begins(text: &Text, lexicon: &Lexicon, at: usize) -> bool {
    let token = &text.tokens[at];
    let code = token.capital && token.end - token.start == 3;
    token.kind == TokenKind::Number
        || lexicon.numeric.has(text.known(at))
        || token.kind == TokenKind::Word && (code || lexicon.lettered_ends.has(text.known(at + 1)))
}

fn unit_follows(text: &Text, lexicon: &Lexicon, at: usize) -> bool {
    lexicon.power.has(text.known(at)) || text.lower(at) == "decade"
}

/// The currency that begins at a token, whether it is a bare dollar sign, and the token after it.
fn currency_before(text: &Text, lexicon: &Lexicon, at: usize, end: usize) -> (Option<Currency>, bool, usize) {
    let word = text.word(at);
    if let Some(currency) = lexicon.symbols.get(text.known(at)) {
        return (Some(*currency), word == "$", at + 1);
    }
    if text.tokens[at].kind != TokenKind::Word {
        return (None, false, at);
    }
    if at + 1 < end && text.joined(at + 1) && lexicon.lettered_ends.has(text.known(at + 1)) {
        let sign = format!("{}{}", word.to_uppercase(), text.word(at + 1));
        if let Some(currency) = lexicon.lettered.get(&sign) {
            return (Some(*currency), false, at + 2);
        }
    }
    // "HK $10 billion"; of a single letter before a blank nobody knows whether it is a word.
    if text.is(at + 1, "$") && at + 2 < end && word.len() >= 2 && text.tokens[at].capital {
        let sign = format!("{}$", word.to_uppercase());
        if let Some(currency) = lexicon.lettered.get(&sign) {
            return (Some(*currency), false, at + 2);
        }
    }
    let known = super::code(text, at).or_else(|| {
        // In small letters only those that are no English word.
        let lettered = text.tokens[at].capital || matches!(word, "kr" | "zl" | "zł" | "rmb" | "skr" | "nkr" | "dkr");
        let number = |at: usize| text.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Number);
        let letter = word.len() == 1 && word != "R" || word.eq_ignore_ascii_case("won");
        let alone = letter && !(text.joined(at + 1) && number(at + 1));
        lexicon.prefixes.get(text.known(at)).copied().filter(|_| lettered && !alone)
    });
    let Some(currency) = known else { return (None, false, at) };
    let mut next = at + 1;
    if text.is(next, ".") && text.joined(next) {
        next += 1;
    }
    if next < end && lexicon.symbols.has(text.known(next)) {
        next += 1;
    }
    if next < end && text.tokens[next].kind == TokenKind::Number {
        (Some(currency), false, next)
    } else {
        (None, false, at)
    }
}

/// The bare number at a token, the token after it, and whether it is spelled.
fn number(text: &Text, lexicon: &Lexicon, at: usize, end: usize) -> Option<(Decimal, usize, bool)> {
    let token = text.tokens.get(at).filter(|_| at < end)?;
    match token.kind {
        TokenKind::Number => {
            let word = text.word(at);
            if word.len() > 24 {
                return None;
            }
            let digits: String = word.chars().filter(|c| *c != ',').collect();
            let value: Decimal = digits.parse().ok()?;
            let (more, next) = fraction_after(text, at + 1, end);
            Some((value.checked_add(more)?, next, false))
        }
        TokenKind::Word => spelled(text, lexicon, at, end),
        TokenKind::Sign => None,
    }
}

/// The part of one that follows a whole number: "2½", "2 1/2", "two and a half"; and the token after it.
fn fraction_after(text: &Text, at: usize, end: usize) -> (Decimal, usize) {
    if at < end && (text.is(at, "½") || text.is(at, "¼") || text.is(at, "¾")) {
        return (vulgar(text.word(at)).unwrap_or_default(), at + 1);
    }
    if at + 2 < end && text.is(at + 1, "/") && text.joined(at + 1) && text.joined(at + 2) && text.tokens[at].spaced {
        let parts = (text.word(at).parse::<u32>(), text.word(at + 2).parse::<u32>());
        if let (Ok(top), Ok(bottom @ (2 | 3 | 4 | 8))) = parts
            && top > 0
            && top < bottom
        {
            return (Decimal::from(top) / Decimal::from(bottom), at + 3);
        }
    }
    let hyphen = |at: usize| usize::from(at < end && text.is_hyphen(at) && text.joined(at) && text.joined(at + 1));
    let and = at + hyphen(at);
    if and >= end || text.lower(and) != "and" {
        return (Decimal::ZERO, at);
    }
    let count = and + 1 + hyphen(and + 1);
    let part = count + 1 + hyphen(count + 1);
    if part >= end {
        return (Decimal::ZERO, at);
    }
    match (text.lower(count), text.lower(part)) {
        ("a" | "one", "half") => (Decimal::new(5, 1), part + 1),
        ("a" | "one", "quarter") => (Decimal::new(25, 2), part + 1),
        ("three", "quarters") => (Decimal::new(75, 2), part + 1),
        _ => (Decimal::ZERO, at),
    }
}

fn vulgar(word: &str) -> Option<Decimal> {
    match word {
        "½" => Some(Decimal::new(5, 1)),
        "¼" => Some(Decimal::new(25, 2)),
        "¾" => Some(Decimal::new(75, 2)),
        _ => None,
    }
}

/// A part of one that stands before its scale: "half a billion", "a quarter of a million", "three-quarters of a
/// gigawatt", "half million".
fn part_of(text: &Text, lexicon: &Lexicon, at: usize, end: usize) -> Option<(Decimal, usize)> {
    let hyphen = |at: usize| usize::from(text.is_hyphen(at) && text.joined(at) && text.joined(at + 1));
    let mut next = at;
    if text.lower(next) == "a" {
        next += 1 + hyphen(next + 1);
    }
    let value = match text.lower(next) {
        "half" => Decimal::new(5, 1),
        "quarter" => Decimal::new(25, 2),
        "three" if next == at => {
            next += 1 + hyphen(next + 1);
            (text.lower(next) == "quarters").then_some(Decimal::new(75, 2))?
        }
        _ => return None,
    };
    next += 1 + hyphen(next + 1);
    if text.lower(next) == "of" {
        next += 1;
    }
    if matches!(text.lower(next), "a" | "an") {
        next += 1 + hyphen(next + 1);
    }
    let (word, known) = (text.lower(next), text.known(next));
    // "Half the", "a half year": only what is counted in large units is halved.
    let counts = lexicon.scales.has(known) && word.len() > 3 || lexicon.power.has(known);
    (next < end && counts).then_some((value, next))
}

fn spelled(text: &Text, lexicon: &Lexicon, at: usize, end: usize) -> Option<(Decimal, usize, bool)> {
    let word = text.lower(at);
    if let Some((value, next)) = part_of(text, lexicon, at, end) {
        return Some((value, next, true));
    }
    if let Some(value) = vulgar(word) {
        return Some((value, at + 1, true));
    }
    match word {
        "a" | "an" => {
            let next = text.lower(at + 1);
            if at + 1 < end && next == "hundred" {
                return cardinal(text, lexicon, at, end).map(|(value, next)| (value, next, true));
            }
            let counts = lexicon.scales.has(text.known(at + 1)) && next.len() > 3
                || lexicon.power.has(text.known(at + 1))
                || next == "decade";
            (counts && at + 1 < end).then_some((Decimal::ONE, at + 1, true))
        }
        // "The first gigawatt comes in 2026": one of them.
        "first" => {
            let counts = matches!(text.lower(at + 1), "gigawatt" | "megawatt");
            (counts && at + 1 < end).then_some((Decimal::ONE, at + 1, true))
        }
        _ => {
            let (value, next) = cardinal(text, lexicon, at, end)?;
            let (more, next) = fraction_after(text, next, end);
            let mut value = value.checked_add(more)?;
            let mut next = next;
            // "One point five billion"
            let mut place = Decimal::new(1, 1);
            if text.lower(next) == "point" {
                let mut digit = next + 1;
                while digit < end && place >= Decimal::new(1, 3) {
                    let Some(ones) = lexicon.spelled.get(text.known(digit)).filter(|v| **v < Decimal::TEN) else {
                        break;
                    };
                    value += ones * place;
                    place /= Decimal::TEN;
                    digit += 1;
                    next = digit;
                }
            }
            Some((value, next, true))
        }
    }
}

/// A whole number below a thousand in words: "a hundred and twenty-five".
fn cardinal(text: &Text, lexicon: &Lexicon, at: usize, end: usize) -> Option<(Decimal, usize)> {
    let mut value = Decimal::ONE;
    let mut next = at + 1;
    if text.lower(at) != "a" {
        (value, next) = tens(text, lexicon, at, end)?;
    }
    let hyphen = usize::from(text.is_hyphen(next) && text.joined(next) && text.joined(next + 1));
    if next + hyphen < end && text.lower(next + hyphen) == "hundred" {
        value *= Decimal::ONE_HUNDRED;
        next += hyphen + 1;
        let and = usize::from(text.lower(next) == "and");
        if let Some((rest, after)) = tens(text, lexicon, next + and, end) {
            value += rest;
            next = after;
        }
    }
    Some((value, next))
}

/// "Twenty-five", "twenty five", "seven".
fn tens(text: &Text, lexicon: &Lexicon, at: usize, end: usize) -> Option<(Decimal, usize)> {
    let mut value = *lexicon.spelled.get(text.known(at)).filter(|_| at < end)?;
    let mut next = at + 1;
    let hyphen = usize::from(text.is_hyphen(next) && text.joined(next));
    let ones = next + hyphen;
    if value >= Decimal::from(20)
        && ones < end
        && let Some(more) = lexicon.spelled.get(text.known(ones)).filter(|v| **v < Decimal::TEN)
    {
        value += more;
        next = ones + 1;
    }
    Some((value, next))
}
