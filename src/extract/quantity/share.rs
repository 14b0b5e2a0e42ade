//! Figures whose unit stands at another: "60 of the 80 megawatts", "25 million euros, of which the fund lends 12 million".

use rust_decimal::Decimal;

use super::{
    Figure, Measure, figure_at,
    number::{Part, part},
};
use crate::extract::{
    lexicon::Lexicon,
    text::{Sentence, Text, TokenKind},
};

/// How many sentences after a sum one may stand that goes without its currency.
const SENTENCES: usize = 3;
/// How many tokens and how many figures may stand between, so that the time is linear in a text of numbers alone.
const TOKENS: usize = 200;
const FIGURES: usize = 8;

/// A number that begins at a token, without a currency before it; whoever asks has seen that it has no unit either.
fn bare(text: &Text, lexicon: &Lexicon, at: usize, sentence: &Sentence) -> Option<Part> {
    let starts = text.tokens[at].kind == TokenKind::Number || lexicon.spelled.has(text.known(at));
    if !starts {
        return None;
    }
    part(text, lexicon, at, sentence.tokens.end).filter(|part| part.currency.is_none())
}

/// Whether nothing that is counted follows a number: "15 million tonnes".
fn is_alone(text: &Text, lexicon: &Lexicon, next: usize, sentence: &Sentence) -> bool {
    next >= sentence.tokens.end || lexicon.share.ends.has(text.known(next))
}

/// Some of a figure that is named with it: "60 of the 80 megawatts", "17 of its 28 million euros".
pub(super) fn of_the(text: &Text, lexicon: &Lexicon, at: usize, sentence: &Sentence) -> Option<Figure> {
    let share = bare(text, lexicon, at, sentence)?;
    let whole_at = share.end + 2;
    let pointed = matches!(text.lower(share.end + 1), "the" | "its" | "their" | "those" | "these" | "that");
    if whole_at >= sentence.tokens.end || text.lower(share.end) != "of" || !pointed {
        return None;
    }
    // "Phase 2 of the 500 MW", "2/3 of the 90 megawatts", "by 2026 of the 3,000 megawatts" count something else.
    let counted = at > sentence.tokens.start
        && (text.joined(at) || text.is(at - 1, "#") || lexicon.share.series.has(text.known(at - 1)));
    let year = !share.scaled && share.value >= Decimal::from(1990) && share.value <= Decimal::from(2060);
    if counted || year {
        return None;
    }
    let first = part(text, lexicon, whole_at, sentence.tokens.end)?;
    let whole = figure_at(text, lexicon, whole_at, sentence)
        .filter(|whole| matches!(whole.measure, Measure::Money(_) | Measure::Power) && whole.value_max.is_none())?;
    if !is_alone(text, lexicon, whole.tokens.end, sentence) {
        return None;
    }
    // What one of the whole's counts for, with its scale unless the share has one of its own.
    let one =
        whole.value.checked_div(if share.scaled { first.value } else { first.value.checked_div(first.scale)? })?;
    let value = share.value.checked_mul(one)?.normalize();
    (value < whole.value).then(|| Figure::new(at..share.end, whole.measure, value, None))
}

/// A sum whose currency only one before it tells: "Of that, 15 billion will go …", "two billion of it", "a further 20
/// million hangs on a permit", "the bank 8 million".
pub(super) fn of_before(
    text: &Text,
    lexicon: &Lexicon,
    at: usize,
    sentence: &Sentence,
    figures: &[Figure],
) -> Option<Figure> {
    let share = bare(text, lexicon, at, sentence)?;
    if !share.scaled || share.value < Decimal::from(1_000_000) {
        return None;
    }
    let whole = figures.iter().rev().take(FIGURES).find(|figure| figure.is_money())?;
    let mut between = whole.tokens.end..at;
    // A number of something else stands between: what follows may be more of that.
    let counts = |at: usize| {
        lexicon.scales.has(text.known(at))
            && (text.word(at).len() > 1 || text.joined(at))
            && !figures.iter().rev().take(FIGURES).any(|figure| figure.tokens.contains(&at))
    };
    let far = text.sentences[whole.sentence..].iter().take(SENTENCES + 1).all(|near| near.tokens.end <= at);
    if far || between.len() > TOKENS || between.any(counts) {
        return None;
    }
    let pointer = |at: usize| matches!(text.lower(at), "that" | "which" | "it" | "this" | "the");
    let follows = text.lower(share.end);
    let inner = |next: usize| share.end + next < sentence.tokens.end;
    let of_the = text.lower(share.end + 1) == "the";
    let after = follows == "of" && inner(1) && pointer(share.end + 1) && !of_the;
    let of_sum = follows == "of" && inner(2) && of_the && lexicon.share.nouns.has(text.known(share.end + 2));
    let last = |words: usize| sentence.tokens.start.max(at.saturating_sub(words))..at;
    let before = last(6).any(|of| {
        text.lower(of) == "of" && pointer(of + 1) && (of + 2 == at || (of + 2..at).any(|comma| text.is(comma, ",")))
    });
    let ends = is_alone(text, lexicon, share.end, sentence);
    let bracketed = text.is(share.end, ")") && at.checked_sub(1).is_some_and(|open| text.is(open, "("));
    let smaller = share.value < whole.value_max.unwrap_or(whole.value);
    // Where the sum before has its currency after it, the next ones go without where they can be nothing else.
    let written = text.tokens[whole.tokens.start].kind == TokenKind::Number
        || lexicon.spelled.has(text.known(whole.tokens.start));
    let paid = last(4).any(|verb| {
        lexicon.grammar.longest(text, verb, at).is_some_and(|(_, senses)| {
            senses[0].verbs.iter().any(|(class, _)| lexicon.share.verbs.iter().any(|known| known == class))
        })
    });
    let called = last(4).any(|noun| lexicon.share.nouns.has(text.known(noun)));
    let led = last(2).any(|word| lexicon.share.before.has(text.known(word)));
    // "60 million on signing" opens a sentence or a list, and "the fund 400 million euros, Ilmarinen 300 million" names who.
    let opens = (at == sentence.tokens.start || matches!(text.lower(at - 1), ":" | ";"))
        && !matches!(follows, "is" | "are" | "was" | "were" | "has" | "had");
    let inside = sentence.tokens.contains(&whole.tokens.start);
    let named = inside && text.tokens[at - 1].capital;
    let listed = inside && lexicon.scales.has(text.known(whole.tokens.end - 1));
    let told = smaller && (after || of_sum || before && ends || bracketed)
        || written && ends && (paid || called || led || opens || named || listed);
    told.then(|| Figure::new(at..share.end, whole.measure.clone(), share.value.normalize(), None))
}
