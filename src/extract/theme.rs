//! What an article is about, by the terms that it uses.

use std::{collections::BTreeMap, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::model::Theme;

/// The terms, each with its theme.
struct Terms {
    search: AhoCorasick,
    themes: Vec<Theme>,
}

static TERMS: LazyLock<Terms> = LazyLock::new(|| {
    let file: BTreeMap<Theme, Vec<String>> =
        toml::from_str(include_str!("lexicon/themes.toml")).expect("the themes that ship with the program are valid");
    let (themes, terms): (Vec<Theme>, Vec<String>) =
        file.into_iter().flat_map(|(theme, terms)| terms.into_iter().map(move |term| (theme, term))).unzip();
    let search = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(terms)
        .expect("the terms of the themes make an automaton");
    Terms { search, themes }
});

/// A term in the headline counts as so many in the text.
const HEADLINE: usize = 4;
/// From so many points on an article is of a theme: a term in the headline, or three in the text.
const ENOUGH: usize = 3;
/// A term that is repeated counts no further than this.
const OFTEN: usize = 3;
/// An article is of no more themes than this.
const MOST: usize = 3;

/// The themes of an article, what it speaks of most first; none where it speaks of none of them enough.
pub fn themes(title: &str, text: &str) -> Vec<Theme> {
    let mut points: BTreeMap<Theme, usize> = BTreeMap::new();
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for (text, each) in [(title, HEADLINE), (text, 1)] {
        for found in TERMS.search.find_iter(text).filter(|found| is_word(text, found.start(), found.end())) {
            let often = seen.entry(found.pattern().as_usize()).or_default();
            *often += 1;
            if *often <= OFTEN {
                *points.entry(TERMS.themes[found.pattern().as_usize()]).or_default() += each;
            }
        }
    }
    let mut themes: Vec<(Theme, usize)> = points.into_iter().filter(|(_, points)| *points >= ENOUGH).collect();
    themes.sort_by_key(|(theme, points)| (std::cmp::Reverse(*points), *theme));
    // What is only touched upon beside a main theme is none.
    let least = themes.first().map_or(0, |(_, most)| most / 3);
    themes.into_iter().filter(|(_, points)| *points >= least).take(MOST).map(|(theme, _)| theme).collect()
}

/// Whether a piece of a text is a whole word, or its plural.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let inside = |letter: char| letter.is_alphanumeric();
    let after = text[end..].strip_prefix('s').unwrap_or(&text[end..]);
    !text[..start].chars().next_back().is_some_and(inside) && !after.chars().next().is_some_and(inside)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use strum::VariantArray;

    use super::*;

    #[test]
    fn a_headline_tells_the_theme() {
        assert_eq!(themes("Harrow Energy restarts a nuclear reactor for Corvid AI", ""), [Theme::Power]);
        assert_eq!(themes("Fennimore Bank leads a loan to Bluefin", "The debt is secured."), [Theme::Capital]);
        assert_eq!(themes("Corvid AI orders GPUs", ""), [Theme::Chips]);
    }

    #[test]
    fn a_part_of_a_word_is_none() {
        // "site" in "website", "land" in "Finland", "app" in "approach".
        assert_eq!(themes("A website in Finland approaches", ""), []);
    }

    #[test]
    fn one_word_in_passing_is_no_theme() {
        assert_eq!(themes("Quietwater opens an office", "Its landlord was there."), []);
    }

    #[test]
    fn every_theme_has_terms_and_no_term_has_two() {
        let file: BTreeMap<Theme, Vec<String>> = toml::from_str(include_str!("lexicon/themes.toml")).unwrap();
        assert_eq!(file.keys().copied().collect::<Vec<_>>(), Theme::VARIANTS);
        let all: Vec<&String> = file.values().flatten().collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.iter().all(|term| term.to_lowercase() == **term));
    }

    proptest! {
        #[test]
        fn any_text_has_at_most_three_themes(title in "\\PC{0,60}", text in "\\PC{0,400}") {
            prop_assert!(themes(&title, &text).len() <= MOST);
        }
    }
}
