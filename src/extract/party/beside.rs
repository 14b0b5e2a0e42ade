//! Where a company is from and what it does, as the text says right beside its name: "the Oslo-based operator X", "the
//! British chip designer X", "X, a Norwegian utility", "X (Utrecht)".

use std::ops::Range;

use crate::{
    extract::{lexicon::Lexicon, text::Text},
    model::places::{country, country_of_adjective},
};

/// What stands beside one mention of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// ISO 3166-1 alpha-2.
    pub country: Option<&'static str>,
    /// The noun that it is called, before the name or in apposition.
    pub noun: Option<String>,
}

/// What stands beside the name at these tokens, in its sentence.
pub(super) fn beside(text: &Text, lexicon: &Lexicon, sentence: &Range<usize>, name: &Range<usize>) -> Beside {
    let mut found = Beside::default();
    let noun = noun_before(text, lexicon, name.start).filter(|start| *start >= sentence.start);
    let modified = noun.unwrap_or(name.start);
    found.country = country_before(text, sentence.start, modified);
    if let Some(start) = noun {
        found.noun = Some(words(text, start..name.start));
    }
    let end = name.end;
    if text.is(end, "(") {
        found.country = found.country.or_else(|| {
            let (after, country) = country_at(text, end + 1, sentence.end)?;
            text.is(after, ")").then_some(country)
        });
    }
    if text.is(end, ",") && end + 2 < sentence.end {
        let mut at = end + 1;
        if matches!(text.lower(at), "a" | "an" | "the") {
            at += 1;
            let origin = country_at(text, at, sentence.end).map(|(after, country)| match text.lower(after) {
                "-" if text.lower(after + 1) == "based" => (after + 2, country),
                _ => (after, country),
            });
            let from = origin.map_or(at, |(after, _)| after);
            let called = lexicon.describers.longest(text, from, sentence.end).map(|(length, _)| from..from + length);
            if let Some(called) = called {
                found.country = found.country.or(origin.map(|(_, country)| country));
                at = called.end;
                found.noun = found.noun.or_else(|| Some(words(text, called)));
            }
        }
        if matches!(text.lower(at), "based" | "headquartered") && text.lower(at + 1) == "in" {
            let seat = country_at(text, at + 2, sentence.end).map(|(_, country)| country);
            found.country = found.country.or(seat);
        }
    }
    found
}

/// Where the noun that describes the name at a token begins: at "server builder" in "the server builder X".
pub(super) fn noun_before(text: &Text, lexicon: &Lexicon, name: usize) -> Option<usize> {
    (name.saturating_sub(4)..name)
        .find(|start| lexicon.describers.longest(text, *start, name).is_some_and(|(length, _)| start + length == name))
}

fn words(text: &Text, tokens: Range<usize>) -> String {
    tokens.map(|t| text.lower(t)).collect::<Vec<_>>().join(" ")
}

/// The country of the adjective, or of the place before "-based", that ends at a token.
fn country_before(text: &Text, from: usize, end: usize) -> Option<&'static str> {
    if end < from + 1 {
        return None;
    }
    if text.lower(end - 1) == "based" && end >= from + 3 && text.is(end - 2, "-") {
        let place = end - 2;
        let starts = place.saturating_sub(3).max(from)..place;
        return starts.filter(|start| text.tokens[*start].capital).find_map(|start| country(text.slice(start..place)));
    }
    // The longer first: "South Korean".
    let starts = end.saturating_sub(2).max(from)..end;
    starts.filter(|start| text.tokens[*start].capital).find_map(|start| country_of_adjective(text.slice(start..end)))
}

/// The country of the longest place or adjective that begins at a token, and the token after it.
fn country_at(text: &Text, at: usize, end: usize) -> Option<(usize, &'static str)> {
    if !text.tokens.get(at).is_some_and(|token| token.capital) {
        return None;
    }
    let ends = (at + 1..=(at + 3).min(end)).rev().filter(|end| text.tokens[*end - 1].capital);
    ends.map(|end| (end, text.slice(at..end))).find_map(|(end, slice)| {
        let country = country_of_adjective(slice).or_else(|| country(slice))?;
        Some((end, country))
    })
}
