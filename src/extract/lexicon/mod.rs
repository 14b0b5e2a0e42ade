//! What the extractor knows of English and of this field: data files, read once.
//!
//! Nothing in here is about one article. A trigger, a currency or a place is added to its file, never to the code.

mod frames;
mod phrases;

use std::{collections::HashSet, sync::LazyLock};

use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

pub use frames::{FrameKind, FrameRole, FrameRule, Slot};
pub use phrases::Phrases;

use crate::model::{Currency, Status, Use};

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

/// What a word or phrase can be in a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// A form of a verb of a class.
    Verb(&'static str, Form),
    /// A noun of a class.
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

/// Everything from the data files.
#[derive(Debug)]
pub struct Lexicon {
    abbreviations: HashSet<String>,
    openers: HashSet<String>,
    /// Headings after which the article is over.
    pub boilerplate_heads: Vec<Vec<String>>,
    /// Openings of sentences that ask the reader for something.
    pub boilerplate_calls: Vec<Vec<String>>,
    /// Month names to their number.
    pub months: HashMap<String, u32>,
    /// Weekday names to their number, Monday 0.
    pub weekdays: HashMap<String, u32>,
    /// Capitalised words that are no part of a name at the start of a sentence.
    pub plain: HashSet<String>,
    /// Function words, which never begin a name that they open a sentence with.
    pub function: HashSet<String>,
    /// Nouns that stand for a company ("the chipmaker"), with the trades that they fit; none for any.
    pub describers: Phrases<&'static str>,
    /// Legal forms.
    pub legal: HashSet<String>,
    /// Words that say "company" inside a name.
    pub company_words: HashSet<String>,
    /// Words that make a capitalised name a law's, a programme's or a meeting's.
    pub thing_words: HashSet<String>,
    /// Words before or after a person's name.
    pub titles: HashSet<String>,
    /// First names.
    pub given_names: HashSet<String>,
    /// Words that make a capitalised name a place's.
    pub place_words: HashSet<String>,
    /// Places, peoples, products and publications, as written.
    pub gazette: HashMap<String, Gazette>,
    /// The most words that an entry of the gazette has.
    pub gazette_words: usize,
    /// Scale words.
    pub scales: HashMap<String, Decimal>,
    /// Spelled numbers.
    pub spelled: HashMap<String, Decimal>,
    /// Currency signs with the letters before them.
    pub symbols: HashMap<String, Currency>,
    /// Currency letters before a figure.
    pub prefixes: HashMap<String, Currency>,
    /// Currency words after a figure.
    pub words: Phrases<Currency>,
    /// Words of a country whose papers write its own dollar as "$".
    pub dollars: Phrases<Currency>,
    /// Words of a country whose currency shares its word with others.
    pub homes: Phrases<Currency>,
    /// Units of power, in megawatts.
    pub power: HashMap<String, Decimal>,
    /// Qualifiers before a figure.
    pub qualifiers: Phrases<crate::model::Qualifier>,
    /// Words between a qualifier and its figure.
    pub fillers: HashSet<String>,
    /// Qualifiers after a figure.
    pub after: Phrases<crate::model::Qualifier>,
    /// "a year" after a figure.
    pub annual: Phrases<()>,
    /// "per share" after a figure.
    pub per_unit: Phrases<()>,
    /// Verbs and nouns by class.
    pub grammar: Phrases<Sense>,
    /// What verbs and nouns mean together.
    pub frames: Vec<FrameRule>,
    /// Which frames may fit a verb class and a noun class.
    pub frames_of: HashMap<(&'static str, &'static str), Vec<usize>>,
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
    pub barriers: HashSet<String>,
    /// Relative pronouns.
    pub relatives: HashSet<String>,
    /// Verbs of saying.
    pub saying: HashSet<String>,
    /// Auxiliary verbs.
    pub auxiliaries: HashSet<String>,
    /// Adverbs that may stand between a subject and its verb.
    pub adverbs: HashSet<String>,
    /// Words that pass their subject on to an infinitive.
    pub control: HashSet<String>,
    /// Nouns for a party's role: "the seller is X".
    pub roles: Phrases<crate::model::Role>,
    /// What figures are used for.
    pub uses: Phrases<(Use, Side)>,
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

    fn load() -> Self {
        let words: Words = parse(include_str!("words.toml"));
        let numbers: Numbers = parse(include_str!("numbers.toml"));
        let grammar: Grammar = parse(include_str!("grammar.toml"));
        let cues: Cues = parse(include_str!("cues.toml"));
        let uses: BTreeMap<String, Sides> = parse(include_str!("uses.toml"));
        let frames = frames::load(include_str!("frames.toml"));

        let mut gazette = HashMap::new();
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
        let mut frames_of: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, frame) in frames.iter().enumerate() {
            for verb in &frame.verbs {
                for thing in &frame.things {
                    frames_of.entry((*verb, *thing)).or_default().push(index);
                }
            }
        }
        let mut cue_phrases = Phrases::default();
        for (status, phrases) in &cues.status {
            for phrase in phrases {
                cue_phrases.add(phrase, *status);
            }
        }
        let mut use_phrases = Phrases::default();
        for (name, sides) in &uses {
            let usage = &usage(name);
            for phrase in &sides.before {
                use_phrases.add(phrase, (*usage, Side::Before));
            }
            for phrase in &sides.after {
                use_phrases.add(phrase, (*usage, Side::After));
            }
        }
        let mut role_phrases = Phrases::default();
        for (role, nouns) in &words.roles {
            for noun in nouns {
                role_phrases.add(noun, *role);
            }
        }
        let mut qualifiers = Phrases::default();
        for (name, list) in [
            (crate::model::Qualifier::About, &numbers.qualifiers.about),
            (crate::model::Qualifier::AtLeast, &numbers.qualifiers.at_least),
            (crate::model::Qualifier::UpTo, &numbers.qualifiers.up_to),
        ] {
            for phrase in list {
                qualifiers.add(phrase, name);
            }
        }
        let mut after = Phrases::default();
        for phrase in &numbers.qualifiers.after_at_least {
            after.add(phrase, crate::model::Qualifier::AtLeast);
        }
        for phrase in &numbers.qualifiers.after_up_to {
            after.add(phrase, crate::model::Qualifier::UpTo);
        }
        for phrase in &numbers.qualifiers.after_about {
            after.add(phrase, crate::model::Qualifier::About);
        }
        let number_map = |map: &BTreeMap<String, f64>| {
            map.iter().map(|(k, v)| (k.clone(), Decimal::try_from(*v).unwrap_or_default())).collect()
        };
        let currency_map = |map: &BTreeMap<String, String>| {
            map.iter().filter_map(|(k, v)| Some((k.clone(), Currency::from_code(v)?))).collect()
        };
        let mut currency_words = Phrases::default();
        for (word, code) in &numbers.words {
            if let Some(currency) = Currency::from_code(code) {
                currency_words.add(word, currency);
            }
        }
        let countries = |lists: &BTreeMap<String, Vec<String>>| {
            let mut phrases = Phrases::default();
            for (code, cues) in lists {
                if let Some(currency) = Currency::from_code(code) {
                    for cue in cues {
                        phrases.add(cue, currency);
                    }
                }
            }
            phrases
        };
        let (dollars, homes) = (countries(&numbers.dollars), countries(&numbers.homes));
        Self {
            abbreviations: set(words.abbreviations),
            openers: set(words.openers),
            boilerplate_heads: split_all(&words.boilerplate_heads),
            boilerplate_calls: split_all(&words.boilerplate_calls),
            months: numbered(&words.months, 12).into_iter().map(|(k, v)| (k, v + 1)).collect(),
            weekdays: numbered(&words.weekdays, 7),
            plain: set(words.plain),
            function: set(words.function),
            describers: describers(&words.describers),
            legal: set(words.legal),
            company_words: set(words.company),
            thing_words: set(words.thing),
            titles: set(words.titles),
            given_names: set(words.given_names),
            place_words: set(words.place),
            gazette_words: gazette.keys().map(|k: &String| k.split(' ').count()).max().unwrap_or(1),
            gazette,
            scales: number_map(&numbers.scales),
            spelled: number_map(&numbers.spelled),
            symbols: currency_map(&numbers.symbols),
            prefixes: currency_map(&numbers.prefixes),
            words: currency_words,
            dollars,
            homes,
            power: number_map(&numbers.power),
            qualifiers,
            fillers: set(numbers.qualifiers.fillers),
            after,
            annual: plain_phrases(&numbers.qualifiers.annual),
            per_unit: plain_phrases(&numbers.qualifiers.per_unit),
            grammar: senses(&grammar),
            frames,
            frames_of,
            status: cue_phrases,
            hedges: plain_phrases(&cues.hedges),
            contingent: plain_phrases(&cues.contingent),
            background: plain_phrases(&cues.background.before),
            other: plain_phrases(&cues.other.words),
            barriers: set(cues.clause.barriers),
            relatives: set(cues.clause.relatives),
            saying: set(cues.clause.saying),
            auxiliaries: set(cues.clause.auxiliaries),
            adverbs: set(cues.clause.adverbs),
            control: set(cues.clause.control),
            roles: role_phrases,
            uses: use_phrases,
        }
    }

    /// Whether the full stop after a word in lower case ends no sentence.
    pub fn is_abbreviation(&self, word: &str) -> bool {
        self.abbreviations.contains(word)
    }

    /// Whether a word in lower case often opens a sentence.
    pub fn opens_sentence(&self, word: &str) -> bool {
        self.openers.contains(word)
    }

    /// Whether a word in lower case is one that the grammar knows, and so hardly a name.
    pub fn is_common(&self, word: &str) -> bool {
        self.grammar.has_word(word) || self.describers.has_word(word)
    }

    /// What a phrase as written is known as.
    pub fn gazette(&self, phrase: &str) -> Option<Gazette> {
        self.gazette.get(phrase).copied()
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

fn set(words: Vec<String>) -> HashSet<String> {
    words.into_iter().collect()
}

fn split_all(phrases: &[String]) -> Vec<Vec<String>> {
    phrases.iter().map(|phrase| phrase.split_whitespace().map(str::to_owned).collect()).collect()
}

fn plain_phrases(list: &[String]) -> Phrases<()> {
    let mut phrases = Phrases::default();
    for phrase in list {
        phrases.add(phrase, ());
    }
    phrases
}

/// A noun can fit several trades: it is added once for each.
fn describers(trades: &BTreeMap<String, Vec<String>>) -> Phrases<&'static str> {
    let mut phrases = Phrases::default();
    for (trade, nouns) in trades {
        for noun in nouns {
            phrases.add(noun, intern(trade));
        }
    }
    phrases
}

/// Names in order, then abbreviations of the same order: those of three letters stand for the name that they begin.
fn numbered(names: &[String], full: usize) -> HashMap<String, u32> {
    names
        .iter()
        .filter_map(|name| {
            let nth = names[..full].iter().position(|whole| whole.starts_with(&name[..3.min(name.len())]))?;
            Some((name.clone(), u32::try_from(nth).ok()?))
        })
        .collect()
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

/// Every form of every verb, and every noun with its plural.
fn senses(grammar: &Grammar) -> Phrases<Sense> {
    let mut phrases = Phrases::default();
    for (class, verbs) in &grammar.verbs {
        let class = intern(class);
        for verb in verbs {
            let (head, rest) = verb.split_once(' ').map_or((verb.as_str(), ""), |(h, r)| (h, r));
            let (prefix, head, rest) = match rest.strip_prefix("- ") {
                // "co - lead": the verb stands after the hyphen.
                Some(after) => {
                    let (h, r) = after.split_once(' ').unwrap_or((after, ""));
                    (format!("{head} - "), h, r)
                }
                None => (String::new(), head, rest),
            };
            for (form, spelled) in inflect(head, &grammar.irregular) {
                phrases.add(format!("{prefix}{spelled} {rest}").trim(), Sense::Verb(class, form));
            }
        }
    }
    for (class, nouns) in &grammar.nouns {
        let class = intern(class);
        for noun in nouns {
            phrases.add(noun, Sense::Noun(class));
        }
    }
    phrases
}

fn inflect(verb: &str, irregular: &BTreeMap<String, [String; 4]>) -> Vec<(Form, String)> {
    let mut forms = vec![(Form::Base, verb.to_owned())];
    if let Some([third, past, participle, ing]) = irregular.get(verb) {
        forms.push((Form::Present, third.clone()));
        forms.push((Form::Past, past.clone()));
        if participle != past {
            forms.push((Form::Participle, participle.clone()));
        }
        forms.push((Form::Ing, ing.clone()));
        return forms;
    }
    let stem = verb.strip_suffix('e');
    let consonant_y = verb.strip_suffix('y').filter(|s| !s.ends_with(['a', 'e', 'i', 'o', 'u']));
    let third = match consonant_y {
        Some(s) => format!("{s}ies"),
        None if verb.ends_with(['s', 'x', 'z']) || verb.ends_with("ch") || verb.ends_with("sh") => format!("{verb}es"),
        None => format!("{verb}s"),
    };
    let past = match (consonant_y, stem) {
        (Some(s), _) => format!("{s}ied"),
        (None, Some(_)) => format!("{verb}d"),
        (None, None) => format!("{verb}ed"),
    };
    let ing = stem.filter(|s| !s.ends_with('e')).map_or_else(|| format!("{verb}ing"), |s| format!("{s}ing"));
    forms.extend([(Form::Present, third), (Form::Past, past), (Form::Ing, ing)]);
    forms
}

#[derive(Deserialize)]
struct Words {
    function: Vec<String>,
    describers: BTreeMap<String, Vec<String>>,
    abbreviations: Vec<String>,
    openers: Vec<String>,
    boilerplate_heads: Vec<String>,
    boilerplate_calls: Vec<String>,
    months: Vec<String>,
    weekdays: Vec<String>,
    plain: Vec<String>,
    legal: Vec<String>,
    company: Vec<String>,
    titles: Vec<String>,
    thing: Vec<String>,
    roles: BTreeMap<crate::model::Role, Vec<String>>,
    given_names: Vec<String>,
    countries: Vec<String>,
    regions: Vec<String>,
    cities: Vec<String>,
    place: Vec<String>,
    nationalities: Vec<String>,
    products: Vec<String>,
    publications: Vec<String>,
}

#[derive(Deserialize)]
struct Numbers {
    scales: BTreeMap<String, f64>,
    spelled: BTreeMap<String, f64>,
    symbols: BTreeMap<String, String>,
    prefixes: BTreeMap<String, String>,
    words: BTreeMap<String, String>,
    dollars: BTreeMap<String, Vec<String>>,
    homes: BTreeMap<String, Vec<String>>,
    power: BTreeMap<String, f64>,
    qualifiers: Qualifiers,
}

#[derive(Deserialize)]
struct Qualifiers {
    about: Vec<String>,
    at_least: Vec<String>,
    up_to: Vec<String>,
    fillers: Vec<String>,
    after_at_least: Vec<String>,
    after_about: Vec<String>,
    after_up_to: Vec<String>,
    annual: Vec<String>,
    per_unit: Vec<String>,
}

#[derive(Deserialize)]
struct Grammar {
    irregular: BTreeMap<String, [String; 4]>,
    verbs: BTreeMap<String, Vec<String>>,
    nouns: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Cues {
    status: BTreeMap<Status, Vec<String>>,
    hedges: Vec<String>,
    contingent: Vec<String>,
    background: Background,
    other: Other,
    clause: Clause,
}

#[derive(Deserialize)]
struct Other {
    words: Vec<String>,
}

#[derive(Deserialize)]
struct Background {
    before: Vec<String>,
}

#[derive(Deserialize)]
struct Clause {
    barriers: Vec<String>,
    relatives: Vec<String>,
    saying: Vec<String>,
    auxiliaries: Vec<String>,
    adverbs: Vec<String>,
    control: Vec<String>,
}

#[derive(Deserialize)]
struct Sides {
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
}
