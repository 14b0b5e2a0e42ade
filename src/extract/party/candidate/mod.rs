//! Capitalised runs and what they look like: a company, a person, a place, or nothing.

mod body;
mod case;
mod clues;
mod known;
mod loud;
mod numbered;
mod run;
mod small;
mod sort;
mod terms;
mod unknown;

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    ops::Range,
};

use foldhash::fast::RandomState;

use super::{beside::noun_before, is_boilerplate};
use crate::{
    extract::{
        lexicon::{Gazette, Lexicon},
        text::{Part, Text, TokenKind},
    },
    model::Registry,
};
use case::{dateline_end, is_loud, opens};

/// What a capitalised run looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sort {
    /// A company of the registry.
    Known(usize),
    /// Perhaps a company; `formal` where its form says so.
    Unknown {
        /// A legal form, a company word, or a noun such as "start-up" before it.
        formal: bool,
    },
    /// A person.
    Person,
    /// A place.
    Place,
    /// A product, a paper, a month.
    Nothing,
}

/// A capitalised run.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub tokens: Range<usize>,
    pub sentence: usize,
    /// The words of its name; none for a known company's, which the registry has.
    pub words: Vec<String>,
    pub name: String,
    pub possessive: bool,
    pub in_title: bool,
    pub sort: Sort,
    /// The company of the registry of whose name this is more, where its form says so: "Hyundai Engineering" is not Hyundai.
    pub unit_of: Option<usize>,
}

/// Every capitalised run of a text.
pub(super) fn find(text: &Text, lexicon: &Lexicon, registry: &Registry, occupied: &[bool]) -> Vec<Candidate> {
    let lowered = OnceCell::new();
    let mut inner: HashSet<&str, RandomState> = HashSet::default();
    let mut counts: HashMap<&str, usize, RandomState> = HashMap::default();
    let loud: Vec<bool> = text.sentences.iter().map(|sentence| is_loud(text, lexicon, sentence)).collect();
    for (sentence, shouting) in text.sentences.iter().zip(&loud) {
        for at in sentence.tokens.clone() {
            let token = text.tokens[at];
            if token.kind != TokenKind::Word {
                continue;
            }
            if token.capital {
                *counts.entry(text.word(at)).or_default() += 1;
            }
            if token.capital && !*shouting && !opens(text, &sentence.tokens, at) {
                inner.insert(text.word(at));
            }
        }
    }
    let small = small::small_names(text, lexicon);
    let mut all: Vec<Candidate> = Vec::new();
    // Where capitals mean nothing, only names count that stand elsewhere: those sentences come last.
    let mut told: HashMap<String, Vec<Vec<String>>, RandomState> = HashMap::default();
    let (plain, capitals): (Vec<usize>, Vec<usize>) = (0..text.sentences.len()).partition(|index| !loud[*index]);
    let retelling = !capitals.is_empty();
    for (index, shouting) in plain.into_iter().map(|i| (i, false)).chain(capitals.into_iter().map(|i| (i, true))) {
        let sentence = &text.sentences[index];
        if is_boilerplate(sentence.part) {
            continue;
        }
        let capitals = shouting && !text.slice(sentence.tokens.clone()).contains(char::is_lowercase);
        let mut at = dateline_end(text, lexicon, &sentence.tokens);
        while at < sentence.tokens.end {
            let token = text.tokens[at];
            if occupied[at] || token.kind == TokenKind::Sign {
                at += 1;
                continue;
            }
            let context = Context {
                text,
                lexicon,
                registry,
                occupied,
                sentence: &sentence.tokens,
                lowered: &lowered,
                inner: &inner,
                counts: &counts,
                told: &told,
                small: &small,
                shouting,
                capitals,
            };
            if let Some((mut candidate, next)) = context.candidate(at) {
                candidate.sentence = index;
                candidate.in_title = sentence.part == Part::Title;
                at = next.max(at + 1);
                if retelling
                    && !shouting
                    && matches!(candidate.sort, Sort::Unknown { .. })
                    && let Some(first) = candidate.words.first()
                {
                    let list = told.entry(first.to_lowercase()).or_default();
                    if list.len() < 8 && !list.contains(&candidate.words) {
                        list.push(candidate.words.clone());
                    }
                }
                if candidate.sort != Sort::Nothing {
                    all.push(candidate);
                }
            } else {
                at += 1;
            }
        }
    }
    let terms = terms::agreed_terms(text);
    all.retain(|candidate| terms.is_empty() || !terms.contains(&candidate.words.join(" ").to_lowercase()));
    all.sort_by_key(|candidate| candidate.tokens.start);
    all
}

/// The noun that describes the name that begins at a token: "the server builder X".
pub(super) fn description_before(text: &Text, lexicon: &Lexicon, at: usize) -> Option<String> {
    // "joint venture, christened X": the word that names it stands between.
    let mut at = at;
    if at > 1 && matches!(text.lower(at - 1), "called" | "named" | "christened" | "dubbed" | "branded") {
        at -= if text.is(at - 2, ",") { 2 } else { 1 };
    }
    let start = noun_before(text, lexicon, at)?;
    Some((start..at).map(|t| text.lower(t)).collect::<Vec<_>>().join(" "))
}

struct Context<'a, 't> {
    text: &'t Text,
    lexicon: &'a Lexicon,
    registry: &'a Registry,
    occupied: &'a [bool],
    sentence: &'a Range<usize>,
    /// The words that the text has in lower case, once somebody asked for them.
    lowered: &'a OnceCell<HashSet<&'t str, RandomState>>,
    inner: &'a HashSet<&'a str, RandomState>,
    counts: &'a HashMap<&'a str, usize, RandomState>,
    /// The unknown names of other sentences, by their first word in lower case.
    told: &'a HashMap<String, Vec<Vec<String>>, RandomState>,
    /// Words in lower case that the text introduces as names.
    small: &'a HashSet<&'a str>,
    shouting: bool,
    /// Whether all of it is in capitals.
    capitals: bool,
}

impl Context<'_, '_> {
    fn candidate(&self, at: usize) -> Option<(Candidate, usize)> {
        if let Some(found) = self.known(at) {
            return Some(found);
        }
        if let Some(found) = self.gazetted(at) {
            return Some(found);
        }
        self.unknown(at)
    }

    /// Whether the text has a word in lower case.
    fn in_lower_case(&self, word: &str) -> bool {
        let text = self.text;
        let lowered = self.lowered.get_or_init(|| {
            let words = text.tokens.iter().enumerate().filter(|(_, t)| t.kind == TokenKind::Word && !t.capital);
            words.map(|(at, _)| text.lower(at)).collect()
        });
        lowered.contains(word)
    }

    fn made(&self, tokens: Range<usize>, words: Vec<String>, sort: Sort) -> (Candidate, usize) {
        let mut next = tokens.end;
        let possessive = self.possessive(next);
        if possessive > 0 {
            next += possessive;
        }
        let name = words.join(" ");
        let candidate = Candidate {
            tokens,
            sentence: 0,
            words,
            name,
            possessive: possessive > 0,
            in_title: false,
            sort,
            unit_of: None,
        };
        (candidate, next)
    }

    /// How many tokens a possessive ending takes.
    fn possessive(&self, at: usize) -> usize {
        if at >= self.sentence.end || !self.text.joined(at) || !matches!(self.text.word(at), "'" | "’") {
            return 0;
        }
        if at + 1 < self.sentence.end && self.text.lower(at + 1) == "s" && self.text.joined(at + 1) {
            return 2;
        }
        usize::from(self.text.word(at - 1).ends_with(['s', 'S']))
    }

    fn is_company_word(&self, at: usize) -> bool {
        self.text.tokens.get(at).is_some_and(|t| t.capital) && self.lexicon.company_words.has(self.text.known(at))
    }

    /// The end of a legal form after a name: ", Inc." or " plc".
    fn legal_end(&self, end: usize) -> Option<usize> {
        let text = self.text;
        let mut at = end;
        if at < self.sentence.end && text.is(at, ",") {
            at += 1;
        }
        let mut last = None;
        while at < self.sentence.end
            && text.tokens[at].capital | matches!(text.word(at), "plc" | "SpA" | "d.o.o.")
            && self.lexicon.legal.has(text.known(at))
            && !(text.lower(at) == "company" && last.is_none())
        {
            at += 1;
            if at < self.sentence.end && text.is(at, ".") && text.joined(at) && at + 1 < self.sentence.end {
                at += 1;
            }
            last = Some(at);
        }
        last
    }

    /// One of several states whose governments are named together: "the British and the United States governments", "the
    /// governments of Norway and Japan".
    fn government_among(&self, at: usize, end: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        let place = text.slice(at..end);
        if !self.lexicon.states.contains(place) {
            return None;
        }
        let listed = |t: usize| text.tokens[t].capital || matches!(text.lower(t), "and" | "the" | "," | "of");
        let ahead = (end..self.sentence.end).find(|t| !listed(*t)).is_some_and(|t| text.lower(t) == "governments");
        let behind = (self.sentence.start..at).rev().find(|t| !listed(*t));
        let behind = behind.is_some_and(|t| text.lower(t) == "governments" && text.lower(t + 1) == "of");
        if !ahead && !behind {
            return None;
        }
        let name = format!("{place} government");
        let known = self
            .registry
            .find(&name)
            .and_then(|known| self.registry.companies().iter().position(|company| std::ptr::eq(company, known)));
        Some(match known {
            Some(company) => self.made(at..end, Vec::new(), Sort::Known(company)),
            None => self.made(at..end, vec![place.to_owned(), "government".to_owned()], Sort::Unknown { formal: true }),
        })
    }

    fn gazetted(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        if !text.tokens[at].capital || !self.lexicon.begins_gazetted(text.known(at)) {
            return None;
        }
        for length in (1..=self.lexicon.gazette_words).rev() {
            let end = at + length;
            if end > self.sentence.end {
                continue;
            }
            let Some(sort) = self.lexicon.gazette(text.slice(at..end)) else { continue };
            let follows = end < self.sentence.end
                && text.tokens[end].capital
                && text.tokens[end].spaced
                && text.tokens[end].kind == TokenKind::Word;
            // "Texas Instruments", "Canadian Solar", "Abu Dhabi Power": the run goes on.
            let runs_on = follows
                && !self.shouting
                && self.lexicon.gazetted(text, end..end + 1).is_none()
                && self.known(end).is_none()
                && (self.is_company_word(end) || self.is_company_word(end + 1) || self.legal_end(end).is_some());
            // "Karnataka Industrial Areas Development Board"
            let body = follows
                && matches!(sort, Gazette::Place | Gazette::Nationality)
                && !self.shouting
                && self.names_body(end);
            // "Ontario Dentists' Pension Plan"
            let scheme = follows && matches!(text.word(end + 1), "'" | "’") && self.run_step(end, end + 1) == 2;
            if (runs_on || body || scheme) && sort != Gazette::Publication {
                return None;
            }
            // "The Canadian government" acts like a company.
            if sort == Gazette::Nationality && text.lower(end) == "government" && end < self.sentence.end {
                let words = vec![text.slice(at..end).to_owned(), "government".to_owned()];
                return Some(self.made(at..end + 1, words, Sort::Unknown { formal: true }));
            }
            // "Nordic Hashworks": the adjective of a region is part of a name more often than not.
            if follows
                && matches!(text.word(at), "Nordic" | "Baltic" | "Iberian")
                && !(at > self.sentence.start && text.is(at - 1, "the"))
            {
                return None;
            }
            // "The Danish navy", "the Polish state railways"
            if sort == Gazette::Nationality
                && let Some(to) = self.institution(end)
            {
                let words = (at..to).map(|t| text.word(t).to_owned()).collect();
                return Some(self.made(at..to, words, Sort::Unknown { formal: true }));
            }
            if sort == Gazette::Nationality {
                return Some(self.made(at..end, vec![text.slice(at..end).to_owned()], Sort::Nothing));
            }
            // "AI Zone", "Series E": the words after a product's name are part of it.
            if sort == Gazette::Product && follows && self.known(end).is_none() && !self.shouting {
                let mut last = end;
                while last < self.sentence.end && self.run_step(at, last) > 0 && self.known(last).is_none() {
                    last += self.run_step(at, last);
                }
                return Some(self.made(at..last.max(end), Vec::new(), Sort::Nothing));
            }
            if sort == Gazette::Place
                && let Some(government) = self.government_among(at, end)
            {
                return Some(government);
            }
            if sort == Gazette::Place && self.state_acts(at, end) {
                return Some(self.made(at..end, vec![text.slice(at..end).to_owned()], Sort::Unknown { formal: true }));
            }
            let sort = if sort == Gazette::Place { Sort::Place } else { Sort::Nothing };
            return Some(self.made(at..end, vec![text.slice(at..end).to_owned()], sort));
        }
        None
    }

    /// Whether hardly any article has a word in lower case, in this or a simpler form: then it is a name, foreign or rare.
    fn is_strange(&self, at: usize) -> bool {
        let english = |word: &str| self.lexicon.english.has(self.lexicon.word(word));
        let word = self.text.lower(at);
        let plain = |word: &str| {
            english(word)
                || ["s", "es", "d", "ed", "ing", "ly", "er", "ers", "ness", "al", "ally"]
                    .iter()
                    .any(|end| word.strip_suffix(end).is_some_and(|stem| english(stem) || english(&format!("{stem}e"))))
        };
        let led = || {
            ["un", "re", "non", "pre", "over", "under", "out", "mis", "dis"]
                .iter()
                .any(|start| word.strip_prefix(start).is_some_and(plain))
        };
        self.text.tokens.get(at).is_some_and(|t| t.kind == TokenKind::Word) && !(plain(word) || led())
    }

    fn nothing(&self, tokens: Range<usize>) -> Candidate {
        self.made(tokens, Vec::new(), Sort::Nothing).0
    }

    /// A capitalised word, or one with a capital inside ("nScale"), that is no unit.
    fn is_name_word(&self, at: usize) -> bool {
        let token = self.text.tokens[at];
        token.kind == TokenKind::Word
            && (token.capital
                || token.end - token.start > 3
                    && self.text.word(at).bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())
                    && self.text.word(at).chars().skip(1).any(char::is_uppercase)
                    && !self.text.word(at).ends_with("Wh"))
    }

    /// "**Yotta.** $2 billion for …", "Orrery (Eindhoven) — …", "Groq | …", "4. Lambda – 21 MW": the head of a list item or of
    /// a row, or, behind such a sign, its next cell.
    fn heads_item(&self, at: usize, end: usize) -> bool {
        let text = self.text;
        let parts = |at: usize| {
            let sign = matches!(text.word(at), "–" | "—" | "-" | "/" | "|" | "→" | "×");
            sign && text.tokens[at].spaced && text.tokens.get(at + 1).is_none_or(|next| next.spaced)
        };
        let opens = (self.sentence.start..at).all(|t| text.tokens[t].kind != TokenKind::Word);
        if end < self.sentence.end && parts(end) && (opens || parts(at - 1)) {
            return true;
        }
        if at > self.sentence.start && parts(at - 1) && end == self.sentence.end {
            return true;
        }
        let marked = at > self.sentence.start
            && matches!(text.word(at - 1), "*" | "_" | "•" | "→" | "▸" | "|" | "■" | "▪" | "►");
        let closed = match text.word(end) {
            "." | ":" if text.is(end + 1, "*") && text.joined(end + 1) => true,
            ":" => marked && at == self.sentence.start + 1,
            "*" => text.joined(end),
            "|" | "→" | "×" => true,
            _ => false,
        };
        marked && closed || at == self.sentence.start && matches!(text.word(end), "|" | "→" | "×")
    }

    /// Whether a verb or an auxiliary follows, so that what stands before it acts.
    fn acts(&self, at: usize) -> bool {
        if at >= self.sentence.end {
            return false;
        }
        let word = self.text.lower(at);
        self.lexicon.auxiliaries.has(self.text.known(at))
            || self.lexicon.saying.has(self.text.known(at))
            || self.lexicon.control.has(self.text.known(at))
                && (word.ends_with("ed") || word.ends_with('s'))
                && !matches!(word, "talks" | "negotiations" | "discussions")
            || self.lexicon.acting.has(self.text.known(at))
            || self
                .lexicon
                .grammar
                .longest(self.text, at, self.sentence.end)
                .is_some_and(|(_, senses)| !senses[0].verbs.is_empty())
    }
}
