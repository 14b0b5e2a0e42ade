//! Words that a contract or a filing gives capitals for the rest of its text.

use std::collections::HashSet;

use crate::extract::text::Text;

/// The common nouns that a contract or a filing gives capitals for the rest of its text: "a new order form (the “Order Form”)",
/// "the senior notes due 2031 (the “Notes”)". In lower case.
pub(super) fn agreed_terms(text: &Text) -> HashSet<String> {
    let quote = |at: usize| matches!(text.word(at), "\"" | "“" | "”");
    let mut found = HashSet::new();
    for open in (0..text.tokens.len()).filter(|at| text.is(*at, "(")) {
        let Some(start) = (open + 1..open + 6).find(|at| quote(*at)).map(|at| at + 1) else { continue };
        let Some(end) = (start + 1..start + 5).find(|at| quote(*at)) else { continue };
        let Some(noun) = text.tokens.get(end - 1).filter(|token| token.capital).map(|_| text.lower(end - 1)) else {
            continue;
        };
        let before = open.saturating_sub(20)..open;
        let common =
            |at: usize| !text.tokens[at].capital && text.lower(at).trim_end_matches('s') == noun.trim_end_matches('s');
        if before.clone().any(common) {
            found.insert((start..end).map(|at| text.lower(at)).collect::<Vec<_>>().join(" "));
        }
    }
    found
}
