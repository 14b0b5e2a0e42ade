//! Where a text speaks of a labelled deal: a label says what, not where.

use super::{GoldDeal, pairing::close};
use crate::model::{Quantity, QuantityType};

/// The sentence that holds most of a deal's figures and names, a figure counting as two names; the first of equals.
pub(super) fn sentence(text: &str, quantities: &[Quantity], deal: &GoldDeal) -> Option<String> {
    let figures: Vec<usize> =
        quantities.iter().filter(|quantity| is_of(quantity, deal)).map(|quantity| quantity.start).collect();
    let mut best: Option<(usize, &str)> = None;
    let mut start = 0;
    for sentence in sentences(text) {
        let end = start + sentence.chars().count();
        let within = figures.iter().filter(|at| (start..end).contains(at)).count();
        let named = deal.parties.iter().filter(|party| party.name.split('|').any(|name| sentence.contains(name)));
        let weight = 2 * within + named.count();
        if weight > best.map_or(0, |(most, _)| most) {
            best = Some((weight, sentence));
        }
        start = end;
    }
    best.map(|(_, sentence)| sentence.trim().to_owned())
}

fn is_of(quantity: &Quantity, deal: &GoldDeal) -> bool {
    match quantity.measures {
        QuantityType::Money => deal
            .amounts
            .iter()
            .any(|amount| Some(amount.currency) == quantity.currency && close(amount.value, quantity.value)),
        QuantityType::Power => deal.capacity.iter().any(|capacity| close(capacity.mw.get(), quantity.value)),
        QuantityType::Chips | QuantityType::Duration => false,
    }
}

/// The whole text, cut after each line and after each full stop that a capital follows. Good enough to show.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let cut = rest.char_indices().find_map(|(at, c)| {
            let after = &rest[at + c.len_utf8()..];
            let ends = match c {
                '\n' => true,
                ' ' => rest[..at].ends_with(['.', '!', '?', '”', '"']) && after.starts_with(char::is_uppercase),
                _ => false,
            };
            ends.then_some(at + c.len_utf8())
        });
        let (sentence, after) = rest.split_at(cut.unwrap_or(rest.len()));
        rest = after;
        Some(sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::sentences;

    #[test]
    fn sentences_are_the_whole_text_cut_at_lines_and_full_stops() {
        let text = "A title\nIt paid $1.5 billion. Then it slept.\nEnd";
        let cut: Vec<&str> = sentences(text).collect();
        assert_eq!(cut, ["A title\n", "It paid $1.5 billion. ", "Then it slept.\n", "End"]);
    }
}
