//! Names that no capital shows: in lower case, as an address.

use std::collections::{HashMap, HashSet};

use super::{Candidate, Context, Sort};
use crate::extract::{
    lexicon::Lexicon,
    text::{Part, Text, TokenKind},
};

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
}
