//! Names that no capital shows: in a wire in capitals, in lower case, as an address.

use super::{Candidate, Context, Sort};
use crate::extract::text::TokenKind;

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
        let words: Vec<String> = (at..end)
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
        let formal = words.len() > 1 && self.is_company_word(end - 1);
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
        let mut letters = word.chars();
        let first = letters.next()?;
        let name: String = first.to_uppercase().chain(letters).collect();
        Some(self.made(at..at + 3, vec![name], Sort::Unknown { formal: true }))
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
}
