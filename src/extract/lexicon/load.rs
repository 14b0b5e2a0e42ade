//! The lexicon from its data files.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use foldhash::fast::RandomState;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{
    Gazette, Lexicon, Phrases, Set, Share, Side, Table, Vocabulary,
    files::{Cues, Grammar, Numbers, Sides, Wholes, Words},
    frames,
    senses::senses,
};
use crate::{
    extract::text,
    model::{Bond, Currency, Use},
};

/// The words that `clause` looks for.
const CLAUSAL: [&str; 19] = [
    "not",
    "never",
    "cannot",
    "neither",
    "no",
    "and",
    "or",
    "put",
    "puts",
    "putting",
    "all",
    "whole",
    "week",
    "month",
    "year",
    "today",
    "yesterday",
    "quarter",
    "summit",
];

/// The words that `quantity::number` looks for.
const NUMERIC: [&str; 8] = ["half", "quarter", "a", "an", "first", "½", "¼", "¾"];

/// The words that `assemble::signals` looks for.
const STAGE: [&str; 16] = [
    "had",
    "quarter",
    "said",
    "says",
    "say",
    "announced",
    "confirmed",
    "told",
    "reported",
    "year",
    "capex",
    "guidance",
    "guided",
    "fiscal",
    "expenditure",
    "expenditures",
];

/// The words that `party::reference` looks for: those that may stand for somebody, or open a description of somebody.
const REFERENCES: [&str; 9] = ["itself", "it", "its", "they", "both", "each", "the", "this", "that"];

impl Lexicon {
    pub(super) fn load() -> Self {
        let words: Words = parse(include_str!("words.toml"));
        let numbers: Numbers = parse(include_str!("numbers.toml"));
        let grammar: Grammar = parse(include_str!("grammar.toml"));
        let cues: Cues = parse(include_str!("cues.toml"));
        let uses: BTreeMap<String, Sides> = parse(include_str!("uses.toml"));
        let wholes: Wholes = parse(include_str!("wholes.toml"));
        let frames = frames::load(include_str!("frames.toml"));

        let mut words_known = Vocabulary::new();
        let vocabulary = &mut words_known;
        let mut gazette: HashMap<String, Gazette, RandomState> = HashMap::default();
        let sorts = [
            (&words.products, Gazette::Product),
            (&words.publications, Gazette::Publication),
            (&words.nationalities, Gazette::Nationality),
            (&words.cities, Gazette::Place),
            (&words.regions, Gazette::Place),
            (&words.countries, Gazette::Place),
        ];
        for (names, sort) in sorts {
            gazette.extend(names.iter().map(|name| (name.clone(), sort)));
        }
        let gazette_begins = vocabulary.set();
        for name in gazette.keys() {
            // "U.S.": the text may have it as one word or, before further letters, as several.
            for first in [text::first_token(name), text::first_letters(name)] {
                vocabulary.put(&first.to_ascii_lowercase(), gazette_begins);
            }
        }
        let mut frames_of: HashMap<_, Vec<usize>, RandomState> = HashMap::default();
        for (index, frame) in frames.iter().enumerate() {
            for verb in &frame.verbs {
                for thing in &frame.things {
                    frames_of.entry((*verb, *thing)).or_default().push(index);
                }
            }
        }
        let mut cue_phrases = Phrases::new(vocabulary);
        for (status, phrases) in &cues.status {
            for phrase in phrases {
                cue_phrases.add(vocabulary, phrase, *status);
            }
        }
        let mut use_phrases = Phrases::new(vocabulary);
        for (name, sides) in &uses {
            let usage = &usage(name);
            for phrase in &sides.before {
                use_phrases.add(vocabulary, phrase, (*usage, Side::Before));
            }
            for phrase in &sides.after {
                use_phrases.add(vocabulary, phrase, (*usage, Side::After));
            }
        }
        let mut bonds = Phrases::new(vocabulary);
        for (phrases, meaning) in [
            (&wholes.part, (Bond::Part, false)),
            (&wholes.part_of_named, (Bond::Part, true)),
            (&wholes.addition, (Bond::Addition, false)),
        ] {
            for phrase in phrases {
                bonds.add(vocabulary, phrase, meaning);
            }
        }
        let mut role_phrases = Phrases::new(vocabulary);
        for (role, nouns) in &words.roles {
            for noun in nouns {
                role_phrases.add(vocabulary, noun, *role);
            }
        }
        let mut qualifiers = Phrases::new(vocabulary);
        for (name, list) in [
            (crate::model::Qualifier::About, &numbers.qualifiers.about),
            (crate::model::Qualifier::AtLeast, &numbers.qualifiers.at_least),
            (crate::model::Qualifier::UpTo, &numbers.qualifiers.up_to),
        ] {
            for phrase in list {
                qualifiers.add(vocabulary, phrase, name);
            }
        }
        let mut after = Phrases::new(vocabulary);
        for phrase in &numbers.qualifiers.after_at_least {
            after.add(vocabulary, phrase, crate::model::Qualifier::AtLeast);
        }
        for phrase in &numbers.qualifiers.after_up_to {
            after.add(vocabulary, phrase, crate::model::Qualifier::UpTo);
        }
        for phrase in &numbers.qualifiers.after_about {
            after.add(vocabulary, phrase, crate::model::Qualifier::About);
        }
        let mut lettered = HashMap::new();
        let lettered_ends = vocabulary.set();
        for (sign, currency) in currencies(&numbers.symbols).filter(|(sign, _)| sign.chars().count() > 1) {
            lettered.insert(sign.to_owned(), currency);
            vocabulary.put(&sign[sign.char_indices().last().map_or(0, |(at, _)| at)..], lettered_ends);
        }
        let mut currency_words = Phrases::new(vocabulary);
        for (word, code) in &numbers.words {
            if let Some(currency) = Currency::from_code(code) {
                currency_words.add(vocabulary, word, currency);
            }
        }
        let mut countries = |lists: &BTreeMap<String, Vec<String>>| {
            let mut phrases = Phrases::new(vocabulary);
            for (code, cues) in lists {
                if let Some(currency) = Currency::from_code(code) {
                    for cue in cues {
                        phrases.add(vocabulary, cue, currency);
                    }
                }
            }
            phrases
        };
        let (dollars, homes) = (countries(&numbers.dollars), countries(&numbers.homes));
        let mut lexicon = Self {
            abbreviations: Set::of(vocabulary, &words.abbreviations),
            openers: Set::of(vocabulary, &words.openers),
            boilerplate_heads: split_all(vocabulary, &words.boilerplate_heads),
            boilerplate_lists: split_all(vocabulary, &words.boilerplate_lists),
            boilerplate_calls: split_all(vocabulary, &words.boilerplate_calls),
            months: numbered(vocabulary, &words.months, 12, 1),
            weekdays: numbered(vocabulary, &words.weekdays, 7, 0),
            plain: Set::of(vocabulary, &words.plain),
            function: Set::of(vocabulary, &words.function),
            describers: describers(vocabulary, &words.describers),
            legal: Set::of(vocabulary, &words.legal),
            company_words: Set::of(vocabulary, &words.company),
            thing_words: Set::of(vocabulary, &words.thing),
            titles: Set::of(vocabulary, &words.titles),
            given_names: Set::of(vocabulary, &words.given_names),
            english: Set::of(vocabulary, &include_str!("english.txt").lines().collect::<Vec<_>>()),
            place_words: Set::of(vocabulary, &words.place),
            trade_words: Set::of(vocabulary, &words.trade),
            acting: Set::of(vocabulary, &words.acting),
            of_places: Set::of(vocabulary, &words.of_places),
            officers: Set::of(vocabulary, &words.officers),
            gazette_words: gazette.keys().map(|k: &String| k.split(' ').count()).max().unwrap_or(1),
            gazette,
            gazette_begins,
            states: words.countries.into_iter().chain(words.seats).collect(),
            scales: Table::of(vocabulary, decimals(&numbers.scales)),
            spelled: Table::of(vocabulary, decimals(&numbers.spelled)),
            symbols: Table::of(vocabulary, currencies(&numbers.symbols)),
            lettered,
            lettered_ends,
            prefixes: Table::of(vocabulary, currencies(&numbers.prefixes)),
            words: currency_words,
            dollars,
            homes,
            share: Share {
                verbs: numbers.share.verbs,
                nouns: Set::of(vocabulary, &numbers.share.nouns),
                before: Set::of(vocabulary, &numbers.share.before),
                series: Set::of(vocabulary, &numbers.share.series),
                ends: Set::of(vocabulary, &numbers.share.ends),
            },
            power: Table::of(vocabulary, decimals(&numbers.power)),
            qualifiers,
            fillers: Set::of(vocabulary, &numbers.qualifiers.fillers),
            after,
            annual: plain_phrases(vocabulary, &numbers.qualifiers.annual),
            per_unit: plain_phrases(vocabulary, &numbers.qualifiers.per_unit),
            grammar: senses(vocabulary, &grammar),
            frames,
            frames_of,
            status: cue_phrases,
            hedges: plain_phrases(vocabulary, &cues.hedges),
            contingent: plain_phrases(vocabulary, &cues.contingent),
            background: plain_phrases(vocabulary, &cues.background.before),
            other: plain_phrases(vocabulary, &cues.other.words),
            barriers: Set::of(vocabulary, &cues.clause.barriers),
            relatives: Set::of(vocabulary, &cues.clause.relatives),
            saying: Set::of(vocabulary, &cues.clause.saying),
            auxiliaries: Set::of(vocabulary, &cues.clause.auxiliaries),
            adverbs: Set::of(vocabulary, &cues.clause.adverbs),
            control: Set::of(vocabulary, &cues.clause.control),
            references: Set::of(vocabulary, &REFERENCES),
            roles: role_phrases,
            uses: use_phrases,
            bonds,
            namings: plain_phrases(vocabulary, &wholes.namings),
            frameworks: plain_phrases(vocabulary, &wholes.frameworks),
            reached: plain_phrases(vocabulary, &wholes.reached),
            increments: plain_phrases(vocabulary, &wholes.increments),
            agreements: plain_phrases(vocabulary, &wholes.agreements),
            prepositions: Table::of(vocabulary, frames::PREPOSITIONS),
            clausal: Set::of(vocabulary, &CLAUSAL),
            numeric: Set::of(vocabulary, &NUMERIC),
            stage: Set::of(vocabulary, &STAGE),
            vocabulary: words_known,
        };
        lexicon.clausal = Set::union([
            lexicon.clausal,
            lexicon.describers.beginnings(),
            lexicon.grammar.beginnings(),
            lexicon.months.set(),
            lexicon.weekdays.set(),
            lexicon.relatives,
            lexicon.auxiliaries,
            lexicon.prepositions.set(),
            lexicon.barriers,
            lexicon.adverbs,
            lexicon.control,
        ]);
        lexicon.numeric =
            Set::union([lexicon.numeric, lexicon.symbols.set(), lexicon.prefixes.set(), lexicon.spelled.set()]);
        lexicon.stage = Set::union([
            lexicon.stage,
            lexicon.status.beginnings(),
            lexicon.other.beginnings(),
            lexicon.hedges.beginnings(),
            lexicon.background.beginnings(),
            lexicon.months.set(),
        ]);
        lexicon
    }
}

fn usage(name: &str) -> Use {
    match name {
        "deal" => Use::Deal,
        "valuation" => Use::Valuation,
        "revenue" => Use::Revenue,
        "forecast" => Use::Forecast,
        "market" => Use::Market,
        "comparison" => Use::Comparison,
        _ => Use::Context,
    }
}

pub(super) fn parse<T: for<'de> Deserialize<'de>>(toml: &str) -> T {
    toml::from_str(toml).expect("the lexicon that ships with the program is valid")
}

fn decimals(map: &BTreeMap<String, f64>) -> impl Iterator<Item = (&str, Decimal)> {
    map.iter().map(|(word, value)| (word.as_str(), Decimal::try_from(*value).unwrap_or_default()))
}

fn currencies(map: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, Currency)> {
    map.iter().filter_map(|(word, code)| Some((word.as_str(), Currency::from_code(code)?)))
}

fn split_all(vocabulary: &mut Vocabulary, phrases: &[String]) -> Vec<Vec<u32>> {
    phrases.iter().map(|phrase| phrase.split_whitespace().map(|word| vocabulary.id(word)).collect()).collect()
}

fn plain_phrases(vocabulary: &mut Vocabulary, list: &[String]) -> Phrases<()> {
    let mut phrases = Phrases::new(vocabulary);
    for phrase in list {
        phrases.add(vocabulary, phrase, ());
    }
    phrases
}

/// A noun can fit several trades: it is added once for each.
fn describers(vocabulary: &mut Vocabulary, trades: &BTreeMap<String, Vec<String>>) -> Phrases<&'static str> {
    let mut phrases = Phrases::new(vocabulary);
    for (trade, nouns) in trades {
        for noun in nouns {
            phrases.add(vocabulary, noun, intern(trade));
        }
    }
    phrases
}

/// Names in order, counted from `first`, then abbreviations of the same order: those of three letters stand for the name
/// that they begin.
fn numbered(vocabulary: &mut Vocabulary, names: &[String], full: usize, first: u32) -> Table<u32> {
    let numbers = names.iter().filter_map(|name| {
        let nth = names[..full].iter().position(|whole| whole.starts_with(&name[..3.min(name.len())]))?;
        Some((name.as_str(), u32::try_from(nth).ok()? + first))
    });
    Table::of(vocabulary, numbers)
}

/// A class name lives as long as the lexicon, which lives as long as the program.
pub(super) fn intern(word: &str) -> &'static str {
    static WORDS: LazyLock<std::sync::Mutex<HashSet<&'static str>>> = LazyLock::new(Default::default);
    let mut words = WORDS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = words.get(word) {
        return known;
    }
    let kept: &'static str = Box::leak(word.to_owned().into_boxed_str());
    words.insert(kept);
    kept
}
