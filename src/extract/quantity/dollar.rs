//! Whose dollar a bare "$" is.

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
