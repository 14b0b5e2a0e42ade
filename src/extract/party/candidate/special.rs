//! Names that no capital shows: in a wire in capitals, in lower case, as an address.

use std::collections::{HashMap, HashSet};

use super::{Candidate, Context, Sort};
use crate::extract::{
    lexicon::Lexicon,
    text::{Part, Text, TokenKind},
};

/// The common nouns that a contract or a filing gives capitals for the rest of its text: "a new order form (the “Order Form”)",
/// "the senior notes due 2031 (the “Notes”)". In lower case.
pub(super) fn agreed_terms(text: &Text) -> HashSet<String> {
    let quote = |at: usize| matches!(text.word(at), "\"" | "“" | "”");
    let mut found = HashSet::new();
    for open in (0..text.tokens.len()).filter(|at| text.is(*at, "(")) {
        let Some(start) = (open + 1..open + 6).find(|at| quote(*at)).map(|at| at + 1) else { continue };
        let Some(end) = (start + 1..start + 5).find(|at| quote(*at)) else { continue };
        let Some(noun) = text.tokens.get(end - 1).filter(|token| token.capital).map(|_| text.lower(end - 1)) else {
            continue;
        };
        let before = open.saturating_sub(20)..open;
        let common =
            |at: usize| !text.tokens[at].capital && text.lower(at).trim_end_matches('s') == noun.trim_end_matches('s');
        if before.clone().any(common) {
            found.insert((start..end).map(|at| text.lower(at)).collect::<Vec<_>>().join(" "));
        }
    }
    found
}

/// The words in lower case that the text introduces as names: "nexavolt, a two-year-old start-up", "the operator du",
/// "nimbra, inc.", and what opens a paragraph or the headline without a capital.
pub(super) fn small_names<'a>(text: &'a Text, lexicon: &Lexicon) -> HashSet<&'a str> {
    let mut found = HashSet::new();
    let strange = |at: usize| {
        let token = text.tokens[at];
        let (word, known) = (text.word(at), text.known(at));
        token.kind == TokenKind::Word
            && !token.capital
            && (token.spaced || at == 0 || !text.joined(at) || matches!(text.word(at - 1), "“" | "\"" | "*" | "("))
            && word.chars().count() > 1
            && word.chars().all(char::is_alphanumeric)
            && !lexicon.is_common(known)
            && !lexicon.function.has(known)
            && !lexicon.plain.has(known)
            && !lexicon.auxiliaries.has(known)
            && !lexicon.adverbs.has(known)
            && !lexicon.titles.has(known)
            && !lexicon.saying.has(known)
            && !lexicon.company_words.has(known)
            && !lexicon.thing_words.has(known)
            && !lexicon.place_words.has(known)
            && !lexicon.months.has(known)
            && !lexicon.spelled.has(known)
            && !lexicon.scales.has(known)
            && !lexicon.roles.has_word(known)
    };
    // A name has no article.
    let mut articled: HashSet<&str> = HashSet::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (at, token) in text.tokens.iter().enumerate() {
        if token.kind == TokenKind::Word {
            *counts.entry(text.lower(at)).or_default() += 1;
        }
        if token.kind == TokenKind::Word && !token.capital {
            let before = if at > 0 { text.lower(at - 1) } else { "" };
            if matches!(before, "a" | "an" | "the" | "its" | "their" | "this" | "no" | "any" | "some" | "such") {
                articled.insert(text.word(at));
            }
        }
    }
    for sentence in &text.sentences {
        let tokens = sentence.tokens.clone();
        for at in tokens.clone() {
            if !strange(at) || articled.contains(text.word(at)) {
                continue;
            }
            let next = at + 1;
            let within = |t: usize| t < tokens.end;
            let again = counts.get(text.word(at)).is_some_and(|n| *n > 1);
            let placed = at == tokens.start
                || text.is(next + 1, "a")
                    && again
                    && matches!(text.lower(at - 1), "from" | "with" | "by" | "to" | "and");
            let apposed = placed
                && within(next + 2)
                && text.is(next, ",")
                && matches!(text.lower(next + 1), "a" | "an" | "the")
                && (next + 2..next + 12)
                    .take_while(|t| within(*t) && !text.is(*t, ","))
                    .any(|t| lexicon.describers.longest(text, t, tokens.end).is_some());
            let legal = within(next + 1)
                && text.is(next, ",")
                && matches!(text.lower(next + 1), "inc" | "ltd" | "llc" | "gmbh" | "plc" | "corp");
            // "the Portuguese cooling specialist mareva will", "GPU operator q9 and"
            let called = at > tokens.start + 1
                && text.tokens[at].spaced
                && super::description_before(text, lexicon, at).is_some()
                && !text.tokens[at - 1].capital
                && (text.word(at).contains(|c: char| c.is_ascii_digit())
                    || within(next)
                        && again
                        && (lexicon.auxiliaries.has(text.known(next)) || lexicon.saying.has(text.known(next))));
            let opens = at == tokens.start
                && (again || sentence.part == Part::Title)
                && within(next)
                && text.word(at).chars().count() > 3
                && (text.is(next, "'") || text.is(next, "’") || text.tokens[next].spaced && !text.tokens[next].capital)
                && (lexicon.auxiliaries.has(text.known(next))
                    || lexicon.saying.has(text.known(next))
                    || text.is(next, "'")
                    || text.is(next, "’")
                    || lexicon.grammar.has_word(text.known(next)));
            // "lumo9" has a figure in it.
            let coded = text.word(at).chars().count() > 4
                && text.word(at).chars().next().is_some_and(char::is_alphabetic)
                && text.word(at).contains(|c: char| c.is_ascii_digit())
                && (text.is(next, "'") || text.is(next, "’"));
            if apposed || legal || called || opens || coded {
                found.insert(text.word(at));
            }
        }
    }
    found
}

impl Context<'_, '_> {
    /// In a sentence of capitals: a name that another sentence has, as far as it stands here.
    pub(super) fn retold(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        if !text.tokens[at].capital {
            return None;
        }
        let same = |word: &str, at: usize| {
            if self.capitals { word.to_lowercase() == text.word(at).to_lowercase() } else { word == text.word(at) }
        };
        let names = self.told.get(&text.word(at).to_lowercase())?;
        let (name, length) = names
            .iter()
            .map(|name| {
                let length =
                    (0..name.len()).take_while(|n| at + n < self.sentence.end && same(&name[*n], at + n)).count();
                (name, length)
            })
            .max_by_key(|(name, length)| (*length, std::cmp::Reverse(name.len())))?;
        let whole = length == name.len() || length > 0 && !self.lexicon.is_common(text.known(at));
        if length == 0 || !whole {
            return None;
        }
        Some(self.made(at..at + length, name[..length].to_vec(), Sort::Unknown { formal: false }))
    }

    /// In a wire in capitals: the words before a verb at the start of a line that are no words of this field.
    pub(super) fn shouted(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        let line = self.sentence.start..at;
        let opens = line.len() < 8
            && line.clone().all(|t| {
                let sign = text.tokens[t].kind != TokenKind::Word;
                sign || line.len() < 6 && (text.is(t + 1, "-") || text.is(t + 2, "-") || text.is(t + 1, ":"))
            });
        if !self.capitals || !opens {
            return None;
        }
        let name = |t: usize| {
            let (token, known) = (text.tokens[t], text.known(t));
            token.kind == TokenKind::Word
                && text.word(t).chars().count() > 2
                && !self.lexicon.function.has(known)
                && !self.lexicon.plain.has(known)
                && !self.lexicon.auxiliaries.has(known)
                && !self.lexicon.adverbs.has(known)
                && !self.lexicon.titles.has(known)
                && !self.lexicon.months.has(known)
                && !self.lexicon.grammar.has_word(known)
                && !self.lexicon.describers.has_word(known)
                && !self.lexicon.saying.has(known)
        };
        if !name(at) {
            return None;
        }
        let mut end = at + 1;
        while end < self.sentence.end
            && end < at + 4
            && text.tokens[end].spaced
            && !self.acts(end)
            && (name(end) || self.is_company_word(end))
        {
            end += 1;
        }
        if !self.acts(end) || text.is(end, "AND") {
            return None;
        }
        let mut name_end = end;
        while name_end > at + 1 && self.lexicon.legal.has(text.known(name_end - 1)) {
            name_end -= 1;
        }
        let words: Vec<String> = (at..name_end)
            .map(|t| {
                let mut letters = text.word(t).chars();
                let first: String = letters.next().into_iter().collect();
                if text.word(t).chars().count() < 3 {
                    text.word(t).to_owned()
                } else {
                    first + &letters.as_str().to_lowercase()
                }
            })
            .collect();
        let place = self.lexicon.gazette(&words.join(" ")).is_some() || self.lexicon.gazette(&words[0]).is_some();
        let formal = name_end < end || words.len() > 1 && self.is_company_word(end - 1);
        (!place).then(|| self.made(at..end, words, Sort::Unknown { formal }))
    }

    /// `sealoft.io`: an address that stands for its owner.
    pub(super) fn domain(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        if !text.is(at + 1, ".") {
            return None;
        }
        let ending = matches!(text.word(at + 2), "io" | "ai" | "com" | "net" | "dev" | "xyz" | "cloud" | "tech");
        let joined = text.joined(at + 1) && text.joined(at + 2) && at + 2 < self.sentence.end;
        let address = at > 0 && text.joined(at) && matches!(text.word(at - 1), "." | "@" | "/");
        let word = text.word(at);
        if !ending || !joined || address || text.tokens[at].kind != TokenKind::Word || text.is(at + 3, "/") {
            return None;
        }
        let (mut candidate, next) =
            self.made(at..at + 3, vec![word.to_owned(), text.word(at + 2).to_owned()], Sort::Unknown { formal: true });
        text.slice(at..at + 3).clone_into(&mut candidate.name);
        Some((candidate, next))
    }

    /// `bitwald GmbH`, `o9 Inference`: a name in lower case that what follows shows to be one.
    pub(super) fn lower_case(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        let (token, next) = (text.tokens[at], text.tokens.get(at + 1)?);
        let word = text.word(at);
        if token.capital || !(next.capital || text.is(at + 1, "plc")) {
            return None;
        }
        let bare = token.kind == TokenKind::Word && at + 1 < self.sentence.end && next.spaced && !text.joined(at);
        if !bare {
            return None;
        }
        // With a capital inside it is no word of the lexicon, whatever it is without.
        let known = self.lexicon.word(word);
        let common = self.lexicon.is_common(known)
            || self.lexicon.function.has(known)
            || self.lexicon.plain.has(known)
            || self.lexicon.auxiliaries.has(known)
            || self.lexicon.adverbs.has(known);
        if common {
            return None;
        }
        let legal = matches!(
            text.word(at + 1),
            "GmbH"
                | "Inc"
                | "Ltd"
                | "LLC"
                | "AG"
                | "BV"
                | "AB"
                | "Oy"
                | "ASA"
                | "Corp"
                | "plc"
                | "Limited"
                | "SAS"
                | "Bhd"
        );
        if legal {
            let end = self.legal_end(at + 1).unwrap_or(at + 2);
            return Some(self.made(at..end, vec![word.to_owned()], Sort::Unknown { formal: true }));
        }
        if word.len() <= 4 && word.contains(|c: char| c.is_ascii_digit()) && next.capital {
            let mut end = at + 2;
            while self.is_company_word(end) && end < self.sentence.end && text.tokens[end].spaced {
                end += 1;
            }
            let words = (at..end).map(|t| text.word(t).to_owned()).collect();
            return Some(self.made(at..end, words, Sort::Unknown { formal: true }));
        }
        None
    }

    /// A name in lower case that the text introduces somewhere.
    pub(super) fn small_name(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        let word = text.word(at);
        let whole = !text.tokens[at].capital
            && !text.is_hyphen(at + 1)
            && (at == 0 || !text.joined(at) || matches!(text.word(at - 1), "“" | "\"" | "*" | "("));
        if !whole || !self.small.contains(word) {
            return None;
        }
        let mut end = self.legal_end(at + 1).unwrap_or(at + 1);
        if end == at + 1 && text.is(end, ",") && matches!(text.word(end + 1), "inc" | "ltd" | "llc" | "corp") {
            end += if text.is(end + 2, ".") { 3 } else { 2 };
        }
        Some(self.made(at..end.min(self.sentence.end), vec![word.to_owned()], Sort::Unknown { formal: true }))
    }

    /// In a headline in title case: the words before a legal form or a word such as "Capital".
    pub(super) fn headed(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        let lower = text.lower(at);
        let opens = !self.capitals
            && text.tokens[at].capital
            && text.tokens[at].kind == TokenKind::Word
            && text.word(at).chars().count() > 2
            && !self.lexicon.function.has(self.lexicon.word(lower))
            && !self.lexicon.plain.has(self.lexicon.word(lower))
            && !self.lexicon.titles.has(self.lexicon.word(lower))
            && !self.lexicon.is_common(self.lexicon.word(lower))
            && !self.lexicon.auxiliaries.has(self.lexicon.word(lower))
            && !self.lexicon.months.has(self.lexicon.word(lower))
            && !self.lexicon.company_words.has(self.lexicon.word(lower))
            && self.lexicon.gazette(text.word(at)).is_none();
        if !opens {
            return None;
        }
        let mut end = at + 1;
        let mut last = None;
        while end < self.sentence.end
            && end < at + 5
            && text.tokens[end].spaced
            && text.tokens[end].capital
            && text.tokens[end].kind == TokenKind::Word
            && !self.known_sure(end)
            && !self.lexicon.function.has(text.known(end))
        {
            let company = self.is_company_word(end);
            if !company && self.acts(end) {
                break;
            }
            end += 1;
            if company || self.lexicon.legal.has(text.known(end - 1)) {
                last = Some(end);
            }
        }
        let end = last?;
        let mut name_end = end;
        while name_end > at + 1 && self.lexicon.legal.has(text.known(name_end - 1)) {
            name_end -= 1;
        }
        let words = (at..name_end).map(|t| text.word(t).to_owned()).collect();
        let end = self.legal_end(end).unwrap_or(end);
        Some(self.made(at..end, words, Sort::Unknown { formal: true }))
    }

    /// The end of the common words that end a proper name: "the Thygesen family", "the Canterbury teachers' pension
    /// scheme", and of a site that is bought: "acquire the Quarry Lane campus".
    pub(super) fn common_end(&self, start: usize, end: usize) -> Option<usize> {
        let text = self.text;
        let limit = self.sentence.end;
        if end >= limit || !text.tokens[end].spaced || text.tokens[end].capital {
            return None;
        }
        if text.is(end, "family") {
            let vehicle =
                end + 1 < limit && matches!(text.lower(end + 1), "trust" | "office" | "foundation" | "estate");
            return Some(end + 1 + usize::from(vehicle));
        }
        // "The Elkhorn Valley public utility district"
        if let Some(to) = self.institution(end).filter(|to| *to > end + 1) {
            return Some(to);
        }
        let mut at = end;
        if at + 2 < limit
            && text.word(at).ends_with('s')
            && matches!(text.word(at + 1), "'" | "’")
            && text.joined(at + 1)
        {
            at += 2;
        }
        if at + 1 < limit
            && matches!(text.lower(at), "pension" | "pensions" | "superannuation" | "retirement" | "benefit")
            && matches!(text.lower(at + 1), "fund" | "scheme" | "plan" | "system" | "trust")
        {
            return Some(at + 2);
        }
        let site = match (text.lower(end), text.lower(end + 1)) {
            ("data", "center" | "centre") if end + 1 < limit => {
                end + 2 + usize::from(end + 2 < limit && matches!(text.lower(end + 2), "campus" | "park"))
            }
            ("campus" | "datacenter" | "datacentre", _) => end + 1,
            ("power", "station" | "plant") => end + 2,
            _ => return None,
        };
        let single = self.lexicon.gazette(text.slice(start..end)).is_none();
        (single && self.bought(start)).then_some(site)
    }

    /// Whether what begins at a token is bought or sold: "to acquire the", "the sale of".
    pub(super) fn bought(&self, start: usize) -> bool {
        let text = self.text;
        (start.saturating_sub(5).max(self.sentence.start)..start).any(|at| {
            matches!(
                text.lower(at),
                "buy"
                    | "buys"
                    | "bought"
                    | "buying"
                    | "acquire"
                    | "acquires"
                    | "acquired"
                    | "acquiring"
                    | "acquisition"
                    | "purchase"
                    | "purchased"
                    | "purchases"
                    | "sell"
                    | "sells"
                    | "sold"
                    | "selling"
                    | "sale"
                    | "takeover"
            )
        })
    }

    /// Whether the text goes on to say what firm it is: "Linden Heights, a Chicago investment firm".
    pub(super) fn presented(&self, start: usize, end: usize) -> bool {
        let text = self.text;
        let placed = start > self.sentence.start
            && matches!(text.lower(start - 1), "in" | "at" | "near" | "outside" | "around" | "of");
        let called = matches!(text.lower(end + 1), "a" | "an")
            && (end + 2..(end + 6).min(self.sentence.end))
                .take_while(|at| !text.is(*at, ",") && !self.lexicon.prepositions.has(text.known(*at)))
                .any(|at| self.lexicon.describers.longest(text, at, self.sentence.end).is_some());
        let seated = matches!(text.lower(end + 1), "based" | "headquartered") && text.lower(end + 2) == "in";
        !placed && text.is(end, ",") && (called || seated)
    }

    /// Whether a person sells or buys: "Jean Garvie-Hart sold", "bought the field from Jean Garvie-Hart".
    pub(super) fn trades(&self, start: usize, end: usize) -> bool {
        let text = self.text;
        let next = if self.lexicon.auxiliaries.has(text.known(end)) { end + 1 } else { end };
        let deals = next < self.sentence.end
            && matches!(
                text.lower(next),
                "sold" | "sells" | "bought" | "buys" | "leased" | "owns" | "selling" | "acquired"
            );
        // "From its former chief executive X"
        let mut back = start;
        while back > self.sentence.start + 1
            && back + 4 > start
            && !text.tokens[back - 1].capital
            && (self.lexicon.titles.has(text.known(back - 1))
                || matches!(text.lower(back - 1), "its" | "the" | "former" | "executive" | "chief"))
        {
            back -= 1;
        }
        let from = back > self.sentence.start
            && text.lower(back - 1) == "from"
            && (start.saturating_sub(16).max(self.sentence.start)..start)
                .any(|at| matches!(text.lower(at), "bought" | "buy" | "acquired" | "purchased" | "acres" | "hectares"));
        deals || from
    }

    /// Whether a country, or the seat of its government, does what a government does: "Britain will invest".
    pub(super) fn state_acts(&self, at: usize, end: usize) -> bool {
        let text = self.text;
        let state = self.lexicon.states.contains(text.slice(at..end));
        if !state || end >= self.sentence.end {
            return false;
        }
        let next = text.lower(end);
        let from = at > self.sentence.start
            && text.lower(at - 1) == "from"
            && (at.saturating_sub(8).max(self.sentence.start)..at).any(|t| {
                matches!(text.lower(t), "commitment" | "pledge" | "loan" | "grant" | "investment" | "funding")
            });
        let alone = at == self.sentence.start
            || !text.tokens[at - 1].capital
                && !matches!(text.lower(at - 1), "in" | "at" | "across" | "near" | "of" | "from" | "to");
        let act = self.lexicon.auxiliaries.has(self.lexicon.word(next))
            && !matches!(next, "is" | "was" | "are" | "were")
            || matches!(
                next,
                "to" | "plans"
                    | "pledged"
                    | "pledges"
                    | "agreed"
                    | "signed"
                    | "signs"
                    | "earmarks"
                    | "earmarked"
                    | "commits"
                    | "committed"
                    | "invests"
                    | "invested"
                    | "backs"
                    | "funds"
                    | "sets"
                    | "bought"
                    | "buys"
            );
        from || alone && act
    }
}
