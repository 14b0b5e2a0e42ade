//! Where the rules' answer is worth a second reading. Pure.

use std::sync::LazyLock;

use regex::Regex;

use super::combine::holds;
use crate::{
    extract::Reading,
    model::{Quantity, QuantityType, Use},
};

/// Below this, the extractor is not sure of a deal. Of the claims on the articles held back, nine in ten that are surer
/// are right, and six in ten of the others.
pub(super) const SURE: f64 = 0.9;

/// How many characters around a figure are looked at for words of a deal.
const AROUND: usize = 160;

/// Whether the rules doubt: a deal that they are not sure of, a figure of a deal that no deal holds, or none at all
/// although a figure stands among words of a deal.
pub(super) fn doubts(text: &str, rules: &Reading) -> bool {
    let figures = || {
        let measures = [QuantityType::Money, QuantityType::Power];
        rules.quantities.iter().filter(move |quantity| measures.contains(&quantity.measures))
    };
    let held = |quantity: &Quantity| rules.claims.iter().any(|claim| holds(claim, quantity));
    rules.claims.iter().any(|claim| claim.confidence < SURE)
        || figures().any(|quantity| quantity.usage == Use::Deal && !held(quantity))
        || rules.claims.is_empty() && figures().any(|quantity| stands_among_words_of_a_deal(text, quantity))
}

fn stands_among_words_of_a_deal(text: &str, quantity: &Quantity) -> bool {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)\b(?:acqui|agree|award|bond|borrow|bought|build|buy|commit|construct|contract|deal|financ|fund|",
            r"inject|invest|joint venture|leas|lend|lent|loan|order|partner|pledg|pour|purchas|rais|rent|secur|sell|",
            r"sign|sold|spend|stake|suppl|takeover|tender)",
        ))
        .expect("a fixed pattern")
    });
    let from = quantity.start.saturating_sub(AROUND);
    let around: String = text.chars().skip(from).take(quantity.end - from + AROUND).collect();
    WORDS.is_match(&around)
}
