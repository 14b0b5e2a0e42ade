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
        if lower == "m" && currency.is_none() && !matches!(text.lower(word + 1), "euros" | "dollars" | "pounds") {
            break;
        }
        scale = scale.checked_mul(*factor)?;
        scaled = true;
        next = word + 1;
    }
    if spelled && !scaled && currency.is_none() && text.lower(number_at) == "a" && !unit_follows(text, lexicon, next) {
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
    let known = super::code(text, at).or_else(|| {
        let lettered = text.tokens[at].capital || matches!(word, "kr");
        lexicon.prefixes.get(text.known(at)).copied().filter(|_| lettered)
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
            digits.parse().ok().map(|value| (value, at + 1, false))
        }
        TokenKind::Word => spelled(text, lexicon, at, end),
        TokenKind::Sign => None,
    }
}

fn spelled(text: &Text, lexicon: &Lexicon, at: usize, end: usize) -> Option<(Decimal, usize, bool)> {
    let half = Decimal::new(5, 1);
    let word = text.lower(at);
    match word {
        "half" | "quarter" => {
            let value = if word == "half" { half } else { Decimal::new(25, 2) };
            let mut next = at + 1;
            if text.lower(next) == "of" {
                next += 1;
            }
            let article = next < end && (matches!(text.lower(next), "a" | "an") || text.is_hyphen(next));
            article.then_some((value, next + 1, true))
        }
        "a" | "an" => {
            let next = text.lower(at + 1);
            let known = text.known(at + 1);
            let counts = lexicon.scales.has(known) && next.len() > 3 || lexicon.power.has(known) || next == "decade";
            (counts && at + 1 < end).then_some((Decimal::ONE, at + 1, true))
        }
        _ => {
            let mut value = *lexicon.spelled.get(text.known(at))?;
            let mut next = at + 1;
            // "twenty-five"
            if value >= Decimal::from(20)
                && next + 1 < end
                && text.is_hyphen(next)
                && let Some(ones) = lexicon.spelled.get(text.known(next + 1)).filter(|v| **v < Decimal::TEN)
            {
                value += ones;
                next += 2;
            }
            if next < end && text.lower(next) == "hundred" {
                value *= Decimal::ONE_HUNDRED;
                next += 1;
            }
            // "two and a half billion"
            if next + 2 < end
                && text.lower(next) == "and"
                && text.lower(next + 1) == "a"
                && text.lower(next + 2) == "half"
            {
                value += half;
                next += 3;
            }
            Some((value, next, true))
        }
    }
}
