//! Whose dollar a bare "$" is, and whose crowns those are that several countries have.

use super::{Figure, Measure};
use crate::{
    extract::{lexicon::Lexicon, text::Text},
    model::Currency,
};

/// Reads "$" as the dollar of the country where the article is at home: a text that names it by its places, that
/// writes no other sign for that dollar, and that either writes "US$" for the American one or hardly speaks of America.
pub(super) fn settle(text: &Text, lexicon: &Lexicon, figures: &mut [Figure]) {
    let bare = |figure: &Figure| figure.measure == Measure::Money(Currency::USD) && text.is(figure.tokens.start, "$");
    if !figures.iter().any(bare) {
        return;
    }
    let mut cues: Vec<(Currency, &str)> = Vec::new();
    for at in 0..text.tokens.len() {
        if !text.tokens[at].capital {
            continue;
        }
        for currency in lexicon.dollars.longest(text, at, text.tokens.len()).into_iter().flat_map(|(_, found)| found) {
            let cue = (*currency, text.lower(at));
            if cues.len() < 32 && !cues.contains(&cue) {
                cues.push(cue);
            }
        }
    }
    let count = |wanted: Currency| cues.iter().filter(|(known, _)| *known == wanted).count();
    let best = cues.iter().map(|(known, _)| *known).filter(|c| *c != Currency::USD).max_by_key(|c| count(*c));
    let Some(own) = best else { return };
    let marked = figures.iter().any(|f| f.measure == Measure::Money(own));
    let american = figures.iter().any(|f| f.measure == Measure::Money(Currency::USD) && !bare(f));
    // "$10-billion" is how Canadian papers write.
    let hyphen = Some(own) == Currency::from_code("CAD")
        && figures.iter().any(|f| bare(f) && (f.tokens.start + 1..f.tokens.end).any(|at| text.is_hyphen(at)));
    let home = count(own) + usize::from(hyphen) + usize::from(american);
    if marked || home < 2 || !american && count(Currency::USD) * 2 > home {
        return;
    }
    for figure in figures.iter_mut().filter(|f| bare(f)) {
        figure.measure = Measure::Money(own);
    }
}

/// Currencies that share a word, by the word; the letters before a figure count as one.
fn shared(word: &str) -> &'static [&'static str] {
    match word {
        "crown" | "crowns" | "krona" | "krone" | "kroner" | "kronor" | "kr" => &["SEK", "NOK", "DKK", "CZK", "ISK"],
        "peso" | "pesos" => &["MXN", "PHP", "ARS", "CLP", "COP", "UYU"],
        "rupee" | "rupees" | "rs" => &["INR", "PKR", "LKR", "NPR"],
        "dinar" | "dinars" => &["KWD", "BHD", "JOD", "IQD", "TND", "RSD"],
        "dirham" | "dirhams" => &["AED", "MAD"],
        "rial" | "rials" | "riyal" | "riyals" => &["SAR", "QAR", "OMR", "IRR"],
        "shilling" | "shillings" | "sh" => &["KES", "UGX", "TZS"],
        "franc" | "francs" => &["CHF", "XOF", "XAF", "RWF", "BIF", "CDF"],
        "cfa" => &["XOF", "XAF"],
        "p" => &["PHP", "BWP"],
        "k" => &["ZMW", "PGK"],
        "pound" | "pounds" => &["GBP", "EGP"],
        _ => &[],
    }
}

/// Reads a currency word that several countries share as that of the country which the text names.
pub(super) fn settle_shared(text: &Text, lexicon: &Lexicon, figures: &mut [Figure]) {
    let mut homes: Option<Vec<Currency>> = None;
    for figure in figures {
        let Measure::Money(own) = figure.measure else { continue };
        let (first, last) = (figure.tokens.start, figure.tokens.end - 1);
        // At the end of a figure a letter is its scale: "$500K".
        let mut sharers = if matches!(text.lower(last), "k" | "p") { &[] } else { shared(text.lower(last)) };
        // "Danish crowns" says whose they are.
        let named = last > first
            && lexicon.words.longest(text, last - 1, last + 1).is_some_and(|(length, _)| length > 1)
            || last > first + 1
                && lexicon.words.longest(text, last - 2, last + 1).is_some_and(|(length, _)| length > 2);
        if sharers.is_empty() {
            sharers = shared(text.lower(first));
        }
        if sharers.is_empty() || named {
            continue;
        }
        let homes = homes.get_or_insert_with(|| {
            (0..text.tokens.len())
                .filter(|at| text.tokens[*at].capital)
                .filter_map(|at| lexicon.homes.longest(text, at, text.tokens.len()).map(|(_, found)| found[0]))
                .collect()
        });
        let count = |currency: Currency| homes.iter().filter(|home| **home == currency).count();
        let mut best = (own, count(own));
        for currency in sharers.iter().filter_map(|code| Currency::from_code(code)) {
            let named = count(currency);
            if named > best.1 {
                best = (currency, named);
            }
        }
        figure.measure = Measure::Money(best.0);
    }
}
