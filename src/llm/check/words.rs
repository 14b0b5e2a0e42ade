//! Whether a text has the words, and what a name is without its trappings.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate};
use regex::Regex;

/// Whether a text holds these words, as whole words: as they are, or in capitals as a headline may have them.
pub(super) fn stands_in(text: &str, words: &str) -> bool {
    let words = words.trim();
    let is_whole = |(at, found): (usize, &str)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    !words.is_empty()
        && (text.match_indices(words).any(is_whole) || text.match_indices(&words.to_uppercase()).any(is_whole))
}

/// A name without the legal forms at its end.
pub(super) fn without_legal_form(name: &str) -> &str {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?:,?\s+(?:Inc|Incorporated|Corp|Corporation|Co|L\.?L\.?C|Ltd|Limited|plc|PLC|SE|S\.?A|AG|N\.?V|B\.?V|",
            r"L\.?P|LLP|GmbH|AB|ASA|AS|Oyj|SpA|KK)\.?)+$",
        ))
        .expect("a fixed pattern")
    });
    FORM.find(name).map_or(name, |form| &name[..form.start()])
}

/// Whether a name is only what a filing calls a party: the Company, the Customer.
pub(super) fn is_common_noun(name: &str) -> bool {
    let name = name.to_lowercase();
    let noun = name.strip_prefix("the ").unwrap_or(&name);
    matches!(
        noun,
        "company"
            | "companies"
            | "customer"
            | "supplier"
            | "buyer"
            | "seller"
            | "borrower"
            | "lender"
            | "lenders"
            | "tenant"
            | "landlord"
            | "purchaser"
            | "parties"
            | "startup"
            | "start-up"
            | "firm"
            | "group"
            | "it"
            | "they"
            | "we"
            | "two"
    )
}

/// Whether a text names a day: in digits, by month and day, or by its weekday within the week before `published`.
pub(super) fn names_day(text: &str, day: NaiveDate, published: Option<NaiveDate>) -> bool {
    if published == Some(day) {
        return true;
    }
    let text = text.to_lowercase();
    let (month, number) = (day.format("%B").to_string().to_lowercase(), day.day());
    let ordinal = match (number % 10, number / 10) {
        (1, ten) if ten != 1 => "st",
        (2, ten) if ten != 1 => "nd",
        (3, ten) if ten != 1 => "rd",
        _ => "th",
    };
    let short = &month[..3];
    let months = [month.clone(), short.to_owned(), format!("{short}."), format!("{}.", &month[..month.len().min(4)])];
    let by_month = months.iter().any(|month| {
        [format!("{month} {number}"), format!("{number} {month}")].iter().any(|words| stands_in(&text, words))
            || [format!("{month} {number}{ordinal}"), format!("{number}{ordinal} {month}")]
                .iter()
                .any(|words| stands_in(&text, words))
    });
    let by_weekday = published.is_some_and(|published| {
        (1..7).contains(&(published - day).num_days()) && stands_in(&text, &day.format("%A").to_string().to_lowercase())
    });
    by_month || by_weekday || stands_in(&text, &day.format("%Y-%m-%d").to_string())
}
