//! A quote with the figures that were read from it marked in place. Pure.

use std::{str::FromStr, sync::LazyLock};

use regex::Regex;
use rust_decimal::Decimal;

use crate::model::Claim;

/// A piece of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its text.
    pub text: String,
    /// Whether it is a figure of the claim.
    pub figure: bool,
}

/// Pages show short quotes only: so many characters of one at most.
const LONGEST: usize = 420;

static FIGURE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?ix)
        (?: (?: US|A|C|S|HK|NT|NZ|R|CN )? [$€£¥₹₩] | \b(?:USD|EUR|GBP|JPY|CNY|RMB|INR|KRW|AUD|CAD|SGD|SAR|AED|Rs\.?) ) ?
        \s? (?<number> \d{1,3}(?:,\d{2,3})+(?:\.\d+)? | \d+(?:\.\d+)? )
        (?: [\s-]? (?<magnitude> trillion|billion|million|thousand|crore|lakh|tn|bn|mn|k|m|b|t )\b )?
        (?: [\s-]? (?<power> gigawatts?|megawatts?|gw|mw|kilowatts?|kw )\b )?
        (?: \s? (?:dollars|euros|pounds|yen|won|rupees)\b )?";
    Regex::new(pattern).expect("the pattern is part of the program, and every test of this module uses it")
});

/// A quote in pieces: the figures that the claim holds are marked; a long quote is cut around the first of them.
pub fn pieces(quote: &str, claim: &Claim) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    for found in FIGURE.captures_iter(quote) {
        let Some(whole) = found.get(0) else { continue };
        let word = |name: &str| found.name(name).map(|part| part.as_str());
        if !is_of(claim, word("number"), word("magnitude"), word("power")) {
            continue;
        }
        let start = whole.start() + (whole.as_str().len() - whole.as_str().trim_start().len());
        if start > at {
            pieces.push(Piece { text: quote[at..start].to_owned(), figure: false });
        }
        pieces.push(Piece { text: quote[start..whole.end()].to_owned(), figure: true });
        at = whole.end();
    }
    if at < quote.len() {
        pieces.push(Piece { text: quote[at..].to_owned(), figure: false });
    }
    cut(pieces)
}

/// Whether a figure of the text is one that the claim holds.
fn is_of(claim: &Claim, number: Option<&str>, magnitude: Option<&str>, power: Option<&str>) -> bool {
    let Some(number) = number.and_then(|digits| Decimal::from_str(&digits.replace(',', "")).ok()) else { return false };
    let scale: i64 = match magnitude.map(str::to_lowercase).as_deref() {
        None => 1,
        Some("k" | "thousand") => 1_000,
        Some("lakh") => 100_000,
        Some("m" | "mn" | "million") => 1_000_000,
        Some("crore") => 10_000_000,
        Some("b" | "bn" | "billion") => 1_000_000_000,
        Some(_) => 1_000_000_000_000,
    };
    let Some(value) = number.checked_mul(Decimal::from(scale)) else { return false };
    if let Some(unit) = power {
        let megawatts = match unit.to_lowercase().chars().next() {
            Some('g') => value * Decimal::ONE_THOUSAND,
            Some('k') => value / Decimal::ONE_THOUSAND,
            _ => value,
        };
        return claim
            .capacity
            .iter()
            .any(|power| power.mw.get() == megawatts || power.mw_max.is_some_and(|high| high.get() == megawatts));
    }
    let chips = claim.chips.iter().filter_map(|chips| chips.count).any(|count| Decimal::from(count) == value);
    chips || claim.amounts.iter().any(|amount| amount.value == value || amount.value_max == Some(value))
        // The low end of "5 to 7 billion" stands without its magnitude or unit.
        || (magnitude.is_none() && is_low_end(claim, number))
}

fn is_low_end(claim: &Claim, number: Decimal) -> bool {
    let of_money = claim.amounts.iter().filter(|amount| amount.value_max.is_some()).any(|amount| {
        [1_000_000_i64, 1_000_000_000, 1_000_000_000_000]
            .into_iter()
            .any(|scale| number.checked_mul(Decimal::from(scale)) == Some(amount.value))
    });
    of_money
        || claim
            .capacity
            .iter()
            .filter(|power| power.mw_max.is_some())
            .any(|power| power.mw.get() == number || power.mw.get() == number * Decimal::ONE_THOUSAND)
}

/// Keeps at most [`LONGEST`] characters, around the first figure where there is one.
fn cut(pieces: Vec<Piece>) -> Vec<Piece> {
    let length: usize = pieces.iter().map(|piece| piece.text.chars().count()).sum();
    if length <= LONGEST {
        return pieces;
    }
    let before: usize = pieces.iter().take_while(|piece| !piece.figure).map(|piece| piece.text.chars().count()).sum();
    let before = if before == length { 0 } else { before };
    let start = before.saturating_sub(LONGEST / 2);
    let end = start + LONGEST;
    let mut kept = Vec::new();
    let mut at = 0;
    for piece in pieces {
        let count = piece.text.chars().count();
        let (from, to) = (start.saturating_sub(at).min(count), end.saturating_sub(at).min(count));
        let text: String = piece.text.chars().skip(from).take(to - from).collect();
        if !text.is_empty() {
            kept.push(Piece { text, figure: piece.figure });
        }
        at += count;
    }
    // Whole words at both ends.
    if start > 0
        && let Some(first) = kept.first_mut().filter(|piece| !piece.figure)
    {
        let rest = first.text.split_once(' ').map_or(first.text.as_str(), |(_, rest)| rest);
        first.text = format!("… {rest}");
    }
    if end < length
        && let Some(last) = kept.last_mut().filter(|piece| !piece.figure)
    {
        let rest = last.text.rsplit_once(' ').map_or(last.text.as_str(), |(rest, _)| rest);
        last.text = format!("{rest} …");
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claim() -> Claim {
        serde_json::from_value(serde_json::json!({
            "kind": "compute", "status": "signed", "parties": [],
            "amounts": [{"value": "300000000000", "value_max": null, "currency": "USD"},
                        {"value": "5000000000", "value_max": "7000000000", "currency": "USD", "qualifier": "range"}],
            "capacity": [{"mw": 4500.0}], "chips": [{"count": 100_000, "model": "GB200"}],
            "duration_months": null, "announced_on": null, "places": [], "evidence": [], "confidence": 1.0
        }))
        .expect("a claim as the contract has it")
    }

    fn figures(quote: &str) -> Vec<String> {
        pieces(quote, &claim()).into_iter().filter(|piece| piece.figure).map(|piece| piece.text).collect()
    }

    #[test]
    fn the_figures_of_the_claim_are_marked_and_no_others() {
        let quote =
            "OpenAI, valued at $500 billion, will pay $300 billion for 4.5 gigawatts and 100,000 chips by 2027.";
        assert_eq!(figures(quote), ["$300 billion", "4.5 gigawatts", "100,000"]);
        assert_eq!(figures("a $300bn, 4,500MW deal, not $300 million"), ["$300bn", "4,500MW"]);
    }

    #[test]
    fn both_ends_of_a_range_are_marked() {
        assert_eq!(figures("between $5 and $7 billion"), ["$5", "$7 billion"]);
        assert_eq!(figures("a $5-7 billion plan"), ["$5", "7 billion"]);
    }

    #[test]
    fn a_long_quote_is_cut_around_its_figure() {
        let quote = format!("{} It costs $300 billion. {}", "Once upon a time. ".repeat(60), "The end. ".repeat(60));
        let shown = pieces(&quote, &claim());
        let text: String = shown.iter().map(|piece| piece.text.as_str()).collect();
        assert!(text.contains("$300 billion") && text.starts_with('…') && text.ends_with('…'), "{text}");
        assert!(text.chars().count() <= LONGEST + 4);
    }

    proptest! {
        #[test]
        fn a_short_quote_is_kept_whole(quote in "\\PC{0,200}") {
            let text: String = pieces(&quote, &claim()).into_iter().map(|piece| piece.text).collect();
            prop_assert_eq!(text, quote);
        }

        #[test]
        fn no_quote_breaks_the_marker(quote in "([$€]?[0-9.,]{1,30} ?(million|crore|GW|k|tn)? ?){0,40}") {
            pieces(&quote, &claim());
        }
    }
}
