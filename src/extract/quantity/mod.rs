//! Figures: money, power, chips and spans of time, each with its qualifier.

mod attributes;
mod dollar;
mod number;
mod share;
#[cfg(test)]
mod tests;

use std::ops::Range;

use rust_decimal::Decimal;

use super::{
    lexicon::Lexicon,
    text::{Sentence, Text, TokenKind},
};
use crate::model::{Currency, Qualifier, Use};
use number::{Part, part};

/// What a figure measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Money.
    Money(Currency),
    /// Power; the value is in megawatts.
    Power,
    /// Chips of a model, where it is said.
    Chips(Option<String>),
    /// A span of time; the value is in months.
    Duration,
}

/// A figure with its place and circumstances.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone)]
pub struct Figure {
    /// Its tokens, without the qualifier before it.
    pub tokens: Range<usize>,
    /// The sentence in which it stands.
    pub sentence: usize,
    /// What it measures.
    pub measure: Measure,
    /// The figure, or the low end of a range.
    pub value: Decimal,
    /// The high end of a range.
    pub value_max: Option<Decimal>,
    /// How exactly it is stated.
    pub qualifier: Qualifier,
    /// Whether it is the sum of each year.
    pub annual: bool,
    /// Whether it hangs on a condition, an option or a later phase.
    pub contingent: bool,
    /// Whether it is a price of one piece, share or hour.
    pub per_unit: bool,
    /// Whether it only converts the figure before it.
    pub conversion: bool,
    /// What it is used for, as far as the words around it tell.
    pub usage: Use,
}

impl Figure {
    /// A figure of which nothing is known but what stands in it.
    fn new(tokens: Range<usize>, measure: Measure, value: Decimal, value_max: Option<Decimal>) -> Self {
        Self {
            tokens,
            sentence: 0,
            measure,
            value,
            value_max,
            qualifier: if value_max.is_some() { Qualifier::Range } else { Qualifier::Exact },
            annual: false,
            contingent: false,
            per_unit: false,
            conversion: false,
            usage: Use::Deal,
        }
    }

    /// Whether it is a sum of money.
    pub fn is_money(&self) -> bool {
        matches!(self.measure, Measure::Money(_))
    }

    /// Whether it is power.
    pub fn is_power(&self) -> bool {
        self.measure == Measure::Power
    }
}

/// All figures of a text, in its order.
pub fn find(text: &Text, lexicon: &Lexicon) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    for (index, sentence) in text.sentences.iter().enumerate() {
        let first = figures.len();
        let mut at = sentence.tokens.start;
        while at < sentence.tokens.end {
            let found = figure_at(text, lexicon, at, sentence)
                .or_else(|| share::of_the(text, lexicon, at, sentence))
                .or_else(|| share::of_before(text, lexicon, at, sentence, &figures));
            if let Some(mut figure) = found {
                figure.sentence = index;
                at = figure.tokens.end;
                figures.push(figure);
            } else {
                at += 1;
            }
        }
        for nth in first..figures.len() {
            let before = if nth > first { figures[nth - 1].tokens.end } else { sentence.tokens.start };
            let after = figures.get(nth + 1).map_or(sentence.tokens.end, |next| next.tokens.start);
            let (told, rest) = figures.split_at_mut(nth);
            let previous = told[first..].last();
            attributes::fill(text, lexicon, &mut rest[0], previous, before, after);
        }
    }
    dollar::settle(text, lexicon, &mut figures);
    dollar::settle_shared(text, lexicon, &mut figures);
    figures
}

fn figure_at(text: &Text, lexicon: &Lexicon, at: usize, sentence: &Sentence) -> Option<Figure> {
    let end = sentence.tokens.end;
    let first = part(text, lexicon, at, end)?;
    let (measure, mut next, mut factor) = match unit(text, lexicon, &first, end) {
        Some((measure, next, factor)) => (Some(measure), next, factor),
        None => (first.currency.map(Measure::Money), first.end, Decimal::ONE),
    };
    let mut low = first.value;
    let mut high = None;
    let mut measure = measure;
    if let Some(second) = second_part(text, lexicon, &first, next, sentence) {
        let unit = unit(text, lexicon, &second, end);
        let other = unit.as_ref().map(|u| u.0.clone()).or_else(|| second.currency.map(Measure::Money));
        let fits = match (&measure, &other) {
            (Some(Measure::Money(a)), Some(Measure::Money(b))) => a == b,
            (Some(Measure::Money(_)), None) => second.scaled && first.currency.is_some(),
            (Some(a), Some(b)) => a == b,
            (None, Some(_)) => true,
            _ => false,
        };
        let (second_end, second_factor) = unit.as_ref().map_or((second.end, Decimal::ONE), |u| (u.1, u.2));
        if fits {
            let own = if first.scaled || measure.is_some() && factor != Decimal::ONE { factor } else { second_factor };
            if !first.scaled && second.scaled {
                low = low.checked_mul(second.scale)?;
            }
            let first_factor = if measure.is_none() { second_factor } else { own };
            let top = second.value.checked_mul(second_factor)?;
            low = low.checked_mul(first_factor)?;
            if top > low {
                high = Some(top.normalize());
                next = second_end;
                measure = measure.or(other);
                factor = Decimal::ONE;
            } else {
                low = first.value;
            }
        }
    }
    let measure = measure?;
    let value = low.checked_mul(factor)?.normalize();
    if measure == Measure::Duration && value > Decimal::from(1200) {
        return None;
    }
    Some(Figure::new(at..next, measure, value, high))
}

/// The second number of "5 to 7", "5-7" or "between 5 and 7".
fn second_part(text: &Text, lexicon: &Lexicon, first: &Part, next: usize, sentence: &Sentence) -> Option<Part> {
    let before = first.start.checked_sub(1).filter(|b| *b >= sentence.tokens.start).map_or("", |b| text.lower(b));
    // "A 10- to 15-year term"
    let hanging = text.is_hyphen(next) && text.joined(next) && !text.joined(next + 1);
    let next = next + usize::from(hanging);
    let connects = match text.lower(next) {
        // "From 5 to 7", "by 5 to 12": what it was, and what it is now.
        "to" => before != "from" && before != "by",
        "and" => {
            let two = first.start.checked_sub(2).filter(|b| *b >= sentence.tokens.start).map_or("", |b| text.lower(b));
            let floor = matches!(before, "least") && two == "at";
            if floor
                && let Some((length, [Qualifier::UpTo, ..])) =
                    lexicon.qualifiers.longest(text, next + 1, sentence.tokens.end)
            {
                return part(text, lexicon, next + 1 + length, sentence.tokens.end);
            }
            before == "between" || two == "between"
        }
        "-" | "–" | "—" | "‑" => text.joined(next) && text.joined(next + 1),
        _ => false,
    };
    if !connects {
        return None;
    }
    part(text, lexicon, next + 1, sentence.tokens.end)
}

/// What a number measures by the word after it: the measure, the first token after the unit, and the factor.
fn unit(text: &Text, lexicon: &Lexicon, part: &Part, end: usize) -> Option<(Measure, usize, Decimal)> {
    let mut at = part.end;
    if at < end && text.is_hyphen(at) && text.joined(at) && text.joined(at + 1) {
        at += 1;
    }
    if at >= end {
        return None;
    }
    let word = text.lower(at);
    if part.currency.is_none() {
        if let Some(factor) = lexicon.power.get(text.known(at)) {
            let mut after = at + 1;
            if after < end && text.is_hyphen(after) && text.joined(after) {
                after += 1;
            }
            let energy = matches!(text.lower(after), "hour" | "hours" | "h" | "day" | "days" | "scale" | "class")
                && (after > at + 1 || text.lower(after).starts_with("hour"));
            return (!energy).then(|| (Measure::Power, at + 1, *factor));
        }
        if let Some(months) = months_in(word) {
            let after = text.lower(at + 1);
            let age = matches!(after, "ago" | "old" | "earlier" | "later" | "before" | "high" | "low")
                || text.is_hyphen(at + 1) && text.lower(at + 2) == "old";
            return (!age && (part.value < Decimal::from(100))).then(|| (Measure::Duration, at + 1, months));
        }
    }
    if let Some((length, currency)) = currency_after(text, lexicon, at, end) {
        // "Pounds" weigh, "won" wins and what is "real" is no sum: these need a scale, or a plural.
        let doubtful = length == 1
            && matches!(
                word,
                "pound" | "won" | "real" | "rand" | "dong" | "sol" | "crown" | "mark" | "sterling" | "tala"
            );
        if part.currency.is_none() && (part.scaled || !doubtful) {
            return Some((Measure::Money(currency), at + length, Decimal::ONE));
        }
        if text.tokens[at].kind == TokenKind::Sign {
            return None;
        }
        // "$5 billion Canadian dollars", "$5bn CAD"
        let own = part
            .currency
            .map(|own| if length > 1 || part.symbol_only && code(text, at).is_some() { currency } else { own });
        return own.map(|c| (Measure::Money(c), at + length, Decimal::ONE));
    }
    if part.currency.is_some() || part.value < Decimal::TWO {
        return None;
    }
    chips(text, at, end).map(|(model, next)| (Measure::Chips(model), next, Decimal::ONE))
}

/// The currency named by the words, the code or the sign that stands after a number, and how many tokens it takes.
fn currency_after(text: &Text, lexicon: &Lexicon, at: usize, end: usize) -> Option<(usize, Currency)> {
    if at >= end {
        return None;
    }
    let code = code(text, at);
    let number = text.tokens.get(at + 1).filter(|t| t.kind == TokenKind::Number);
    // "10 €"; in "2025 $5bn" and "2025 USD 5bn" the currency is that of what follows.
    let coded = text.word(at).len() == 3 && Currency::from_code(&text.word(at).to_ascii_uppercase()).is_some();
    if number.is_some() && coded {
        return None;
    }
    if let Some((length, currencies)) = lexicon.words.longest(text, at, end) {
        return Some((length, currencies[0]));
    }
    if let Some(currency) = code {
        return Some((1, currency));
    }
    let follows = number.is_some_and(|t| !t.spaced);
    lexicon.symbols.get(text.known(at)).filter(|_| !follows).map(|currency| (1, *currency))
}

fn months_in(word: &str) -> Option<Decimal> {
    match word {
        "year" | "years" | "yr" | "yrs" => Some(Decimal::from(12)),
        "month" | "months" => Some(Decimal::ONE),
        "decade" | "decades" => Some(Decimal::from(120)),
        _ => None,
    }
}

/// Currency codes that a text in capitals, or one on chips, more often means otherwise, and the code by which ISO 4217 says
/// that no currency is meant.
const NO_CURRENCY: [&str; 13] =
    ["AMD", "ALL", "TRY", "TOP", "CUP", "GEL", "SOS", "BAM", "ANG", "LAK", "MOP", "PEN", "XXX"];

/// An ISO currency code written in capitals, but for [`NO_CURRENCY`].
fn code(text: &Text, at: usize) -> Option<Currency> {
    let word = text.word(at);
    let shaped = word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase());
    if !shaped || NO_CURRENCY.contains(&word) {
        return None;
    }
    Currency::from_code(word)
}

/// Lower-case words that may stand between a number and its chips.
const DESCRIBES: [&str; 28] = [
    "ai",
    "additional",
    "advanced",
    "cutting",
    "custom",
    "edge",
    "extra",
    "further",
    "graphics",
    "high",
    "end",
    "inference",
    "its",
    "latest",
    "more",
    "new",
    "next",
    "generation",
    "nvidia",
    "of",
    "processing",
    "own",
    "special",
    "top",
    "training",
    "used",
    "-",
    "accelerator",
];

/// A count of chips: the noun within the next words, and the model before it.
fn chips(text: &Text, at: usize, end: usize) -> Option<(Option<String>, usize)> {
    let mut model = None;
    if text.tokens[at].capital
        && text.tokens.get(at + 1).is_some_and(|t| t.kind == TokenKind::Word && !t.capital)
        && is_month(text.lower(at))
    {
        return None;
    }
    for next in at..(at + 7).min(end) {
        let word = text.word(next);
        match text.lower(next) {
            "gpus" | "chips" | "accelerators" | "processors" | "tpus" | "superchips" | "xpus" | "gpu" => {
                return Some((model, next + 1));
            }
            "of" if next == at => {}
            _ if text.tokens[next].kind == TokenKind::Sign && !text.is_hyphen(next) => return None,
            _ if text.tokens[next].kind == TokenKind::Number => return None,
            _ => {
                let coded = word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_uppercase());
                let named =
                    matches!(word, "Blackwell" | "Hopper" | "Rubin" | "Ascend" | "Trainium" | "Trainium2" | "Instinct");
                if coded || named && model.is_none() {
                    model = Some(word.to_owned());
                } else if !text.tokens[next].capital && !DESCRIBES.contains(&text.lower(next)) {
                    return None;
                }
            }
        }
    }
    None
}

/// "24 February": a day, no count.
fn is_month(word: &str) -> bool {
    matches!(
        word,
        "january"
            | "february"
            | "march"
            | "april"
            | "may"
            | "june"
            | "july"
            | "august"
            | "september"
            | "october"
            | "november"
            | "december"
    )
}
