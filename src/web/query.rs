//! What a visitor types into the search box: words, and operators that narrow. Pure.
//!
//! `company:`, `kind:`, `status:`, `country:`, `mw>500`, `usd>1bn`, `before:2026` and `after:2025-06` become the fields of the
//! timeline's filter, so that the same search stands on the timeline too. All else is left to the full-text search, which
//! knows quotation marks, OR and minus.

use chrono::NaiveDate;

use super::filter::{Filter, day};

/// A search as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The words, in the language of web searches.
    pub words: String,
    /// The filter that words and operators come to.
    pub filter: Filter,
    /// Whether there is an operator.
    pub narrowed: bool,
}

/// The operators with a value after a colon, and the field that each sets.
const FIELDS: [(&str, &str); 5] =
    [("company", "company"), ("kind", "kind"), ("status", "status"), ("country", "country"), ("role", "role")];

impl Query {
    /// Reads what was typed.
    pub fn parse(typed: &str) -> Self {
        let (mut words, mut pairs) = (Vec::new(), Vec::<(&str, String)>::new());
        for token in tokens(typed) {
            match operator(token) {
                Some(pair) => pairs.push(pair),
                None => words.push(token),
            }
        }
        let words = words.join(" ");
        let narrowed = !pairs.is_empty();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !words.is_empty() {
            query.append_pair("q", &words);
        }
        query.extend_pairs(pairs);
        Self { filter: Filter::parse(&query.finish()), words, narrowed }
    }
}

/// An operator as a field and its value.
fn operator(token: &str) -> Option<(&'static str, String)> {
    let lower = token.to_lowercase();
    for (sign, field) in [("mw", "min_mw"), ("usd", "min_usd")] {
        if let Some(value) = lower.strip_prefix(sign).and_then(|rest| rest.strip_prefix('>')) {
            return Some((field, value.trim_start_matches('=').to_owned())).filter(|(_, value)| !value.is_empty());
        }
    }
    let (name, value) = token.split_once(':')?;
    let (name, value) = (name.to_lowercase(), value.trim_matches('"'));
    if value.is_empty() {
        return None;
    }
    match name.as_str() {
        // The day before, so that what is before 2026 ends with 2025.
        "before" => {
            let first = day(value, false).ok().and_then(|first: NaiveDate| first.pred_opt());
            Some(("to", first.map_or(value.to_owned(), |last| last.to_string())))
        }
        "after" => Some(("from", value.to_owned())),
        _ => FIELDS.iter().find(|(word, _)| *word == name).map(|(_, field)| (*field, value.to_owned())),
    }
}

/// The words of a text; what stands in quotation marks is one, with what stands before it.
fn tokens(typed: &str) -> Vec<&str> {
    let (mut tokens, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, letter) in typed.char_indices() {
        if letter == '"' {
            quoted = !quoted;
        } else if letter.is_whitespace() && !quoted {
            tokens.push(&typed[start..at]);
            start = at + letter.len_utf8();
        }
    }
    tokens.push(&typed[start..]);
    tokens.retain(|token| !token.is_empty());
    tokens
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Kind;

    #[test]
    fn operators_narrow_and_the_rest_is_searched_for() {
        let query = Query::parse(
            "\"power purchase\" nuclear -solar company:\"Northwind Compute\" kind:power mw>500 usd>=1bn before:2026",
        );
        assert_eq!(query.words, "\"power purchase\" nuclear -solar");
        assert_eq!(query.filter.company.as_deref(), Some("Northwind Compute"));
        assert_eq!(query.filter.deals.kinds, [Kind::Power]);
        assert_eq!(query.filter.deals.min_mw, Some(500.into()));
        assert_eq!(query.filter.deals.min_usd, Some(1_000_000_000.into()));
        assert_eq!(query.filter.deals.to, NaiveDate::from_ymd_opt(2025, 12, 31));
        assert!(query.narrowed && query.filter.problems.is_empty());
    }

    #[test]
    fn a_word_with_a_colon_that_is_no_operator_is_a_word() {
        let query = Query::parse("Stargate: the site company: 10:30");
        assert_eq!((query.words.as_str(), query.narrowed), ("Stargate: the site company: 10:30", false));
    }

    #[test]
    fn a_value_that_cannot_be_read_is_told() {
        assert!(Query::parse("mw>plenty").filter.problem("min_mw").is_some());
        assert!(Query::parse("before:sometime").filter.problem("to").is_some());
    }

    proptest! {
        #[test]
        fn without_operators_every_word_stays(typed in "[a-z\"\\- ]{0,60}") {
            let query = Query::parse(&typed);
            let spaceless = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(spaceless(&query.words), spaceless(&typed));
        }
    }
}
