//! What the extractor knows of English and of this field: data files, read once.
//!
//! Nothing in here is about one article. A trigger, a currency or a place is added to its file, never to the code.

mod files;
mod frames;
mod phrases;
mod senses;
mod vocabulary;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use foldhash::fast::RandomState;
use rust_decimal::Decimal;
use serde::Deserialize;

use files::{Cues, Grammar, Numbers, Sides, Wholes, Words};
pub use frames::{FrameKind, FrameRole, FrameRule, Slot};
pub use phrases::Phrases;
use senses::senses;
pub use vocabulary::{Set, Table, Vocabulary, Word};

use super::text::{self, Text};
use crate::model::{Bond, Currency, Status, Use};

/// How a verb is inflected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The bare form: after "to" or an auxiliary, or a plural present.
    Base,
    /// Third person of the present.
    Present,
    /// Past tense, or participle where both look the same.
    Past,
    /// Past participle only.
    Participle,
    /// The -ing form.
    Ing,
}

impl Form {
    /// The form in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Present => "present",
            Self::Past => "past",
            Self::Participle => "participle",
            Self::Ing => "ing",
        }
    }
}

/// What a word or phrase can be in a clause: like the names of its classes, it lives as long as the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Senses {
    /// Forms of verbs, each with its class.
    pub verbs: &'static [(&'static str, Form)],
    /// Classes of nouns.
    pub nouns: &'static [&'static str],
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Verb(&'static str, Form),
    Noun(&'static str),
}

/// The side of a figure on which a cue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Before the figure.
    Before,
    /// After it.
    After,
}

/// What is known of a capitalised phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gazette {
    /// A country, state, region or city.
    Place,
    /// A people or a language.
    Nationality,
    /// A product, an index, an abbreviation of the trade.
    Product,
    /// A newspaper, an agency.
    Publication,
}

/// What speaks for money where a sum goes without its currency.
#[derive(Debug)]
pub struct Share {
    /// Classes of verbs before it.
    pub verbs: Vec<String>,
    /// Nouns before it, or after "of the".
    pub nouns: Set,
    /// Words before it, with at most one between.
    pub before: Set,
    /// Words whose numbers are names.
    pub series: Set,
    /// Words and signs that may follow it: none is counted.
    pub ends: Set,
}

/// Everything from the data files.
#[derive(Debug)]
pub struct Lexicon {
    vocabulary: Vocabulary,
    abbreviations: Set,
    openers: Set,
    /// Headings after which the article is over.
    pub boilerplate_heads: Vec<Vec<u32>>,
    /// Headings of lists of other articles.
    pub boilerplate_lists: Vec<Vec<u32>>,
    /// Openings of sentences that ask the reader for something.
    pub boilerplate_calls: Vec<Vec<u32>>,
    /// Month names to their number.
    pub months: Table<u32>,
    /// Weekday names to their number, Monday 0.
    pub weekdays: Table<u32>,
    /// Capitalised words that are no part of a name at the start of a sentence.
    pub plain: Set,
    /// Function words, which never begin a name that they open a sentence with.
    pub function: Set,
    /// Nouns that stand for a company ("the chipmaker"), with the trades that they fit; none for any.
    pub describers: Phrases<&'static str>,
    /// Legal forms.
    pub legal: Set,
    /// Words that say "company" inside a name.
    pub company_words: Set,
    /// Words that make a capitalised name a law's, a programme's or a meeting's.
    pub thing_words: Set,
    /// Words before or after a person's name.
    pub titles: Set,
    /// First names.
    pub given_names: Set,
    /// Words that several labelled articles write in lower case; see `scripts/english`.
    pub english: Set,
    /// Words that make a capitalised name a place's.
    pub place_words: Set,
    /// Places, peoples, products and publications, as written.
    gazette: HashMap<String, Gazette, RandomState>,
    /// The first words of the gazette's entries, in lower case.
    gazette_begins: Set,
    /// The most words that an entry of the gazette has.
    pub gazette_words: usize,
    /// Countries, and the seats of governments that stand for them.
    pub states: HashSet<String>,
    /// Scale words.
    pub scales: Table<Decimal>,
    /// Spelled numbers.
    pub spelled: Table<Decimal>,
    /// Currency signs.
    pub symbols: Table<Currency>,
    /// Currency signs with the letters before them.
    pub lettered: HashMap<String, Currency>,
    /// The signs with which these end.
    pub lettered_ends: Set,
    /// Currency letters before a figure.
    pub prefixes: Table<Currency>,
    /// Currency words after a figure.
    pub words: Phrases<Currency>,
    /// Words of a country whose papers write its own dollar as "$".
    pub dollars: Phrases<Currency>,
    /// Words of a country whose currency shares its word with others.
    pub homes: Phrases<Currency>,
    /// What speaks for money where a sum goes without its currency.
    pub share: Share,
    /// Units of power, in megawatts.
    pub power: Table<Decimal>,
    /// Qualifiers before a figure.
    pub qualifiers: Phrases<crate::model::Qualifier>,
    /// Words between a qualifier and its figure.
    pub fillers: Set,
    /// Qualifiers after a figure.
    pub after: Phrases<crate::model::Qualifier>,
    /// "a year" after a figure.
    pub annual: Phrases<()>,
    /// "per share" after a figure.
    pub per_unit: Phrases<()>,
    /// Verbs and nouns by class.
    pub grammar: Phrases<Senses>,
    /// What verbs and nouns mean together.
    pub frames: Vec<FrameRule>,
    /// Which frames may fit a verb class and a noun class.
    pub frames_of: HashMap<(&'static str, &'static str), Vec<usize>, RandomState>,
    /// Cues of a deal's status.
    pub status: Phrases<Status>,
    /// Cues that somebody other than a party knows it.
    pub hedges: Phrases<()>,
    /// Cues that a figure hangs on a condition.
    pub contingent: Phrases<()>,
    /// Cues that what follows is history.
    pub background: Phrases<()>,
    /// Cues that a sentence tells of money that is no deal's.
    pub other: Phrases<()>,
    /// Words that begin a subordinate clause.
    pub barriers: Set,
    /// Relative pronouns.
    pub relatives: Set,
    /// Verbs of saying.
    pub saying: Set,
    /// Auxiliary verbs.
    pub auxiliaries: Set,
    /// Adverbs that may stand between a subject and its verb.
    pub adverbs: Set,
    /// Words that pass their subject on to an infinitive.
    pub control: Set,
    /// Prepositions, with the slot that they open.
    pub prepositions: Table<Slot>,
    /// Words that a clause knows by themselves, or as the beginning of a phrase: all others are just words in it.
    pub clausal: Set,
    /// Words with which a number may begin, currency letters and signs among them.
    pub numeric: Set,
    /// Words that may tell how far a deal has come, or begin a phrase that does.
    pub stage: Set,
    /// Words that may stand for somebody, or open a description of somebody.
    pub references: Set,
    /// Nouns for a party's role: "the seller is X".
    pub roles: Phrases<crate::model::Role>,
    /// What figures are used for.
    pub uses: Phrases<(Use, Side)>,
    /// Words after which a text names the larger deal that one belongs to, and whether a name or a noun for a framework
    /// has to follow them.
    pub bonds: Phrases<(Bond, bool)>,
    /// Words that give a deal's own name.
    pub namings: Phrases<()>,
    /// Nouns for what holds many deals.
    pub frameworks: Phrases<()>,
    /// What was done with an earlier deal in a month that is told.
    pub reached: Phrases<()>,
    /// What says that a deal comes on top of an earlier one.
    pub increments: Phrases<()>,
    /// Nouns for a deal that others may belong to.
    pub agreements: Phrases<()>,
}

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
    /// The lexicon that ships with the program.
    ///
    /// # Panics
    /// Never in a build that passed its tests: the files are part of the program, and a test reads them.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);
        &SHIPPED
    }

    fn load() -> Self {
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

    /// What is known of a word in lower case.
    pub fn word(&self, word: &str) -> Word {
        self.vocabulary.word(word)
    }

    /// Whether the full stop after a word ends no sentence.
    pub fn is_abbreviation(&self, word: Word) -> bool {
        self.abbreviations.has(word)
    }

    /// Whether a word often opens a sentence.
    pub fn opens_sentence(&self, word: Word) -> bool {
        self.openers.has(word)
    }

    /// Whether a word is one that the grammar knows, and so hardly a name.
    pub fn is_common(&self, word: Word) -> bool {
        self.grammar.has_word(word) || self.describers.has_word(word)
    }

    /// What a phrase as written is known as.
    pub fn gazette(&self, phrase: &str) -> Option<Gazette> {
        self.gazette.get(phrase).copied()
    }

    /// What a range of tokens is known as.
    pub fn gazetted(&self, text: &Text, tokens: Range<usize>) -> Option<Gazette> {
        if self.begins_gazetted(text.known(tokens.start)) { self.gazette(text.slice(tokens)) } else { None }
    }

    /// Whether an entry of the gazette may begin with a word.
    pub fn begins_gazetted(&self, word: Word) -> bool {
        self.gazette_begins.has(word)
    }

    /// The trades that fit a noun which stands for a company.
    pub fn trades_of(&self, noun: &str) -> Option<&[&'static str]> {
        self.describers.of(&self.vocabulary, noun)
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

fn parse<T: for<'de> Deserialize<'de>>(toml: &str) -> T {
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
fn intern(word: &str) -> &'static str {
    static WORDS: LazyLock<std::sync::Mutex<HashSet<&'static str>>> = LazyLock::new(Default::default);
    let mut words = WORDS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = words.get(word) {
        return known;
    }
    let kept: &'static str = Box::leak(word.to_owned().into_boxed_str());
    words.insert(kept);
    kept
}
