//! What the extractor knows of English and of this field: data files, read once.
//!
//! Nothing in here is about one article. A trigger, a currency or a place is added to its file, never to the code.

mod files;
mod frames;
mod load;
mod phrases;
mod senses;
mod vocabulary;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

use foldhash::fast::RandomState;
use rust_decimal::Decimal;

pub use frames::{FrameKind, FrameRole, FrameRule, Slot};
pub use phrases::Phrases;
pub use vocabulary::{Set, Table, Vocabulary, Word};

use super::text::Text;
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
    /// Words of a trade, which make no name by themselves.
    pub trade_words: Set,
    /// Verbs before which a name acts, beside those of the grammar.
    pub acting: Set,
    /// Words after which "of" brings in a place.
    pub of_places: Set,
    /// Offices that are written as a part of a person's name.
    pub officers: Set,
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

impl Lexicon {
    /// The lexicon that ships with the program.
    ///
    /// # Panics
    /// Never in a build that passed its tests: the files are part of the program, and a test reads them.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Lexicon> = LazyLock::new(Lexicon::load);
        &SHIPPED
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
