//! Names: who the text speaks of, by name, by description or by pronoun.

mod beside;
mod candidate;
mod namesake;
mod reference;
#[cfg(test)]
mod tests;
mod unite;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use foldhash::fast::RandomState;

use super::{
    lexicon::Lexicon,
    quantity::Figure,
    text::{Part, Text},
};
use crate::model::{Category, Registry};
use beside::{Beside, beside};
use candidate::{Candidate, Sort};

/// Somebody who can be a party.
#[derive(Debug, Clone)]
pub struct Entity {
    /// The name under which a claim gives it.
    pub name: String,
    /// What it does, where the registry or its own name tells.
    pub category: Option<Category>,
    /// Whether the registry has it.
    pub known: bool,
    /// Whether its form says that it is a company.
    pub formal: bool,
    /// Where it is from, ISO 3166-1 alpha-2, and what it does, as the text says; of a company of the registry only where
    /// both contradict what it has.
    pub told: (Option<&'static str>, Option<Category>),
    /// The words of its longest name.
    words: Vec<String>,
    /// Nouns that the text calls it.
    descriptions: Vec<String>,
    /// The countries and the nouns that stand right beside its name.
    beside: Vec<Beside>,
}

impl Entity {
    /// Whether the text calls it so: "the developer X".
    pub fn is_called(&self, noun: &str) -> bool {
        self.descriptions.iter().any(|d| d.ends_with(noun))
    }

    /// How well it is known for a company: `known`, `formal` or `bare`.
    pub fn standing(&self) -> &'static str {
        match (self.known, self.formal) {
            (true, _) => "known",
            (_, true) => "formal",
            _ => "bare",
        }
    }

    /// Nouns that the text calls it.
    pub fn descriptions(&self) -> &[String] {
        &self.descriptions
    }
}

/// A place in the text that stands for one or more entities.
#[derive(Debug, Clone)]
pub struct Mention {
    /// Its tokens, without a possessive ending.
    pub tokens: Range<usize>,
    /// Its sentence.
    pub sentence: usize,
    /// Whom it stands for: several for "the two".
    pub entities: Vec<usize>,
    /// Whether it owns what follows.
    pub possessive: bool,
    /// Whether it is a pronoun.
    pub pronoun: bool,
}

/// Everybody in a text.
#[derive(Debug, Default)]
pub struct Names {
    /// Who there is.
    pub entities: Vec<Entity>,
    /// Where they are, in the order of the text.
    pub mentions: Vec<Mention>,
    /// The tokens that name places, with the place's name.
    pub places: Vec<(Range<usize>, String)>,
}

/// Finds everybody in a text.
pub fn find(text: &Text, lexicon: &Lexicon, registry: &Registry, figures: &[Figure], publisher: Option<&str>) -> Names {
    let mut occupied = vec![false; text.tokens.len()];
    for figure in figures {
        occupied[figure.tokens.clone()].iter_mut().for_each(|t| *t = true);
    }
    let mut candidates = candidate::find(text, lexicon, registry, &occupied);
    namesake::settle(text, lexicon, registry, &mut candidates);
    let people = people(text, &candidates);
    let mut names = Names::default();
    let mut by_company: HashMap<usize, usize, RandomState> = HashMap::default();

    // The body first: a headline may be all capitals, so it only repeats names that the body has, where it can.
    let order = candidates.iter().filter(|c| !c.in_title).chain(candidates.iter().filter(|c| c.in_title));
    let mut by_first: HashMap<String, Vec<usize>, RandomState> = HashMap::default();
    // A company of which the text has told only by the name of a unit so far: "Hyundai Engineering", then "Hyundai".
    let mut units: HashMap<usize, usize, RandomState> = HashMap::default();
    for candidate in order {
        match &candidate.sort {
            Sort::Known(company) => {
                if let Some(unit) = units.get(company).filter(|_| !by_company.contains_key(company)) {
                    add(text, lexicon, &mut names, candidate, *unit);
                    continue;
                }
                let entity = *by_company.entry(*company).or_insert_with(|| {
                    let company = &registry.companies()[*company];
                    names.entities.push(Entity {
                        name: company.name.clone(),
                        category: Some(company.category),
                        known: true,
                        formal: true,
                        told: (None, None),
                        words: company.name.split(' ').map(str::to_owned).collect(),
                        descriptions: Vec::new(),
                        beside: Vec::new(),
                    });
                    let first = company.name.split(' ').next().unwrap_or_default().to_lowercase();
                    by_first.entry(first).or_default().push(names.entities.len() - 1);
                    names.entities.len() - 1
                });
                add(text, lexicon, &mut names, candidate, entity);
            }
            Sort::Unknown { formal } => {
                let words: Vec<String> = candidate.words.clone();
                let person = || {
                    people.contains(&words.join(" ")) || words.len() == 1 && people.contains(&format!("* {}", words[0]))
                };
                if words.is_empty() || !people.is_empty() && person() {
                    continue;
                }
                let list = by_first.entry(words[0].to_lowercase()).or_default();
                let found = list.iter().copied().find(|index| {
                    let known = &names.entities[*index].words;
                    // "Scala" is Scala Data Centers where the text has that; "Keppel Fund III" is not Keppel.
                    if names.entities[*index].known {
                        let word =
                            words.last().is_some_and(|w| lexicon.company_words.has(lexicon.word(&w.to_lowercase())));
                        return known.starts_with(&words) && !(word && words.len() == 1);
                    }
                    opens_with(known, &words) || opens_with(&words, known)
                });
                let entity = found.or_else(|| unite::acronym(&names.entities, &words)).unwrap_or_else(|| {
                    names.entities.push(Entity {
                        name: words.join(" "),
                        category: trade_of(&words),
                        known: false,
                        formal: false,
                        told: (None, None),
                        words: words.clone(),
                        descriptions: Vec::new(),
                        beside: Vec::new(),
                    });
                    list.push(names.entities.len() - 1);
                    names.entities.len() - 1
                });
                if let Some(company) = candidate.unit_of {
                    units.entry(company).or_insert(entity);
                }
                let own = &mut names.entities[entity];
                own.formal |= formal;
                if !own.known && words.len() > own.words.len() && opens_with(&words, &own.words) {
                    own.name.clone_from(&candidate.name);
                    own.words = words;
                    own.category = trade_of(&own.words);
                } else if !own.known && words == own.words {
                    own.name.clone_from(&candidate.name);
                } else if !own.known && words.len() == own.words.len() && !own.name.contains(char::is_lowercase) {
                    own.name.clone_from(&candidate.name);
                    own.words = words;
                }
                add(text, lexicon, &mut names, candidate, entity);
            }
            Sort::Place => names.places.push((candidate.tokens.clone(), candidate.name.clone())),
            Sort::Person | Sort::Nothing => {}
        }
    }
    unite::unite(text, lexicon, &mut names);
    for entity in &mut names.entities {
        entity.told = told(entity, lexicon, registry);
    }
    let mut sites = sites(text, &names);
    sites.extend(spots(text, &names));
    names.mentions.retain(|m| !m.entities.iter().any(|e| sites.contains(e)));
    names.mentions.sort_by_key(|m| m.tokens.start);
    names.places.sort_by_key(|p| p.0.start);
    let author = author(text, &names, publisher);
    reference::resolve(text, lexicon, &mut names, author);
    names
}

/// What a text tells of where somebody is from and what it does; see [`Entity::told`].
fn told(entity: &Entity, lexicon: &Lexicon, registry: &Registry) -> (Option<&'static str>, Option<Category>) {
    let country = entity.beside.iter().find_map(|beside| beside.country);
    let nouns = || entity.beside.iter().filter_map(|beside| beside.noun.as_deref());
    let trade = nouns().find_map(|noun| trade_called(lexicon, noun));
    if !entity.known {
        return (country, entity.category.or(trade));
    }
    let company = registry.find(&entity.name);
    let elsewhere =
        company.and_then(|company| company.country.as_deref()).is_some_and(|own| country.is_some_and(|c| c != own));
    let otherwise =
        company.is_some_and(|company| trade.is_some() && !nouns().any(|noun| fits(lexicon, noun, company.category)));
    if elsewhere && otherwise { (country, trade) } else { (None, None) }
}

/// Whether a noun is one that companies of a category are called.
fn fits(lexicon: &Lexicon, noun: &str, category: Category) -> bool {
    lexicon
        .trades_of(noun)
        .is_some_and(|trades| trades.iter().any(|trade| *trade == "any" || *trade == category.as_str()))
}

/// Whether a name begins with the words of another, whatever their capitals.
fn opens_with(long: &[String], short: &[String]) -> bool {
    long.len() >= short.len() && long.iter().zip(short).all(|(l, s)| l == s || l.to_lowercase() == s.to_lowercase())
}

/// Who says "we": the publisher where it is somebody of whom the text speaks, else the one whom an "About X" paragraph
/// presents, where there is only one.
fn author(text: &Text, names: &Names, publisher: Option<&str>) -> Option<usize> {
    let called = |name: &str| {
        let name = name.to_lowercase();
        names.entities.iter().position(|entity| {
            let own = entity.name.to_lowercase();
            own == name || name.starts_with(&format!("{own} ")) || own.starts_with(&format!("{name} "))
        })
    };
    if let Some(entity) = publisher.and_then(called) {
        return Some(entity);
    }
    let mut about = text.sentences.iter().filter(|s| is_boilerplate(s.part)).filter_map(|s| {
        let tokens = s.tokens.clone();
        (text.is(tokens.start, "About") && tokens.len() > 1 && tokens.len() < 8)
            .then(|| text.slice(tokens.start + 1..tokens.end))
    });
    let first = about.next()?;
    if about.next().is_some() { None } else { called(first) }
}

fn add(text: &Text, lexicon: &Lexicon, names: &mut Names, candidate: &Candidate, entity: usize) {
    if let Some(description) = candidate::description_before(text, lexicon, candidate.tokens.start) {
        let own = &mut names.entities[entity];
        if own.category.is_none() {
            own.category = trade_called(lexicon, &description);
        }
        own.descriptions.push(description);
    }
    let sentence = &text.sentences[candidate.sentence].tokens;
    let found = beside(text, lexicon, sentence, &candidate.tokens);
    if found != Beside::default() {
        names.entities[entity].beside.push(found);
    }
    names.mentions.push(Mention {
        tokens: candidate.tokens.clone(),
        sentence: candidate.sentence,
        entities: vec![entity],
        possessive: candidate.possessive,
        pronoun: false,
    });
}

/// The unknown names that the text gives to a site: "the Hyperion campus", "Frontier, a campus of 1.4 GW".
fn sites(text: &Text, names: &Names) -> HashSet<usize> {
    let somebody = |at: usize| {
        matches!(
            text.lower(at),
            "operator"
                | "developer"
                | "company"
                | "firm"
                | "business"
                | "provider"
                | "owner"
                | "builder"
                | "group"
                | "specialist"
                | "start"
                | "startup"
                | "investor"
                | "unit"
                | "arm"
        )
    };
    let site = |at: usize| {
        let plain = text.tokens.get(at).is_some_and(|t| !t.capital);
        let one = matches!(
            text.lower(at),
            "campus"
                | "site"
                | "datacenter"
                | "plant"
                | "project"
                | "program"
                | "programme"
                | "complex"
                | "supercomputer"
                | "reactor"
                | "cluster"
                | "facility"
                | "station"
                | "park"
                | "scheme"
                | "plan"
        ) && !somebody(at + 1);
        let two = text.lower(at) == "data" && matches!(text.lower(at + 1), "center" | "centre") && !somebody(at + 2);
        plain && (one || two)
    };
    let mut found = HashSet::new();
    for mention in &names.mentions {
        let end = mention.tokens.end;
        let apposed =
            text.is(end, ",") && matches!(text.lower(end + 1), "a" | "an" | "the") && (2..5).any(|n| site(end + n));
        let numbered = text.tokens.get(end).is_some_and(|t| t.kind == super::text::TokenKind::Number) && site(end + 1);
        if !mention.possessive && (site(end) || numbered || apposed) {
            found.extend(mention.entities.iter().copied().filter(|e| {
                let entity = &names.entities[*e];
                !entity.known && !entity.formal
            }));
        }
    }
    found
}

/// The unknown names that the text only has after a preposition of place: "at Sedenak", "near Columbiana".
fn spots(text: &Text, names: &Names) -> HashSet<usize> {
    let mut found: HashSet<usize> = HashSet::new();
    let mut elsewhere: HashSet<usize> = HashSet::new();
    for mention in &names.mentions {
        let start = mention.tokens.start;
        let before = if start > 0 { text.lower(start - 1) } else { "" };
        let put = start > 1
            && (text.tokens[start - 2].kind == super::text::TokenKind::Number
                || matches!(
                    text.lower(start - 2),
                    "stake"
                        | "stakes"
                        | "invest"
                        | "invests"
                        | "invested"
                        | "investing"
                        | "investment"
                        | "investments"
                        | "investor"
                        | "investors"
                        | "round"
                        | "shares"
                        | "holding"
                        | "interest"
                        | "equity"
                        | "money"
                        | "million"
                        | "billion"
                        | "bn"
                        | "m"
                        | "cent"
                        | "percent"
                        | "%"
                        | "put"
                        | "participated"
                        | "brings"
                        | "brought"
                        | "bring"
                        | "bringing"
                ));
        let local =
            matches!(before, "at" | "near" | "outside" | "around" | "along" | "beside") || before == "in" && !put;
        for entity in &mention.entities {
            let own = &names.entities[*entity];
            if local && !own.known && !own.formal && own.words.len() < 3 {
                found.insert(*entity);
            } else {
                elsewhere.insert(*entity);
            }
        }
    }
    found.retain(|entity| !elsewhere.contains(entity));
    found
}

/// The names of people, and their surnames marked with a star.
fn people(text: &Text, candidates: &[Candidate]) -> HashSet<String> {
    let mut people = HashSet::new();
    // "Finnish shipbuilder K. Lindgren" is a firm.
    let firms: HashSet<&[String]> =
        candidates.iter().filter(|c| c.sort == (Sort::Unknown { formal: true })).map(|c| c.words.as_slice()).collect();
    for candidate in candidates.iter().filter(|c| c.sort == Sort::Person && !firms.contains(c.words.as_slice())) {
        people.insert(candidate.words.join(" "));
        if let Some(last) = candidate.words.last() {
            people.insert(format!("* {last}"));
        }
        debug_assert!(candidate.tokens.end <= text.tokens.len());
    }
    people
}

/// What a company does, by the noun that the text calls it.
fn trade_called(lexicon: &Lexicon, noun: &str) -> Option<Category> {
    let trades = lexicon.trades_of(noun)?;
    trades.iter().find_map(|trade| trade.parse().ok())
}

/// What a company does, by the words of its name.
fn trade_of(words: &[String]) -> Option<Category> {
    words.iter().rev().find_map(|word| {
        Some(match word.to_lowercase().as_str() {
            "cloud" | "compute" | "computing" => Category::GpuCloud,
            "ai" | "labs" | "intelligence" => Category::AiLab,
            "semiconductor" | "semiconductors" | "silicon" | "microsystems" | "chips" | "micro" => Category::Chipmaker,
            "energy" | "renewables" | "solar" | "wind" | "gas" | "geothermal" | "hydro" => Category::Energy,
            "nuclear" | "atomic" | "fusion" | "fission" => Category::Nuclear,
            "power" | "electric" | "utilities" | "cooperative" | "electricity" => Category::Utility,
            "capital" | "ventures" | "partners" | "equity" | "investments" | "management" | "fund" | "investors" => {
                Category::Investor
            }
            "bank" | "credit" => Category::Bank,
            "government" | "ministry" | "department" | "agency" | "authority" | "council" | "commission" => {
                Category::Government
            }
            "data" | "datacenters" | "datacentres" | "centers" | "centres" | "infra" | "colocation" | "hosting" => {
                Category::DataCenter
            }
            "mining" | "miner" => Category::Miner,
            "technology" | "systems" | "servers" | "electronics" | "hardware" => Category::Hardware,
            _ => return None,
        })
    })
}

/// Whether a sentence is part of what the publisher's template adds.
fn is_boilerplate(part: Part) -> bool {
    part == Part::Boilerplate
}
