//! Names where capitals mean nothing: in a headline in title case, in a wire in capitals.

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
        // "As AI Wants Power": everyday words that are capitalised with all others are nobody.
        let end = last.filter(|end| (at..*end).any(|t| self.is_strange(t)))?;
        let mut name_end = end;
        while name_end > at + 1 && self.lexicon.legal.has(text.known(name_end - 1)) {
            name_end -= 1;
        }
        let words = (at..name_end).map(|t| text.word(t).to_owned()).collect();
        let end = self.legal_end(end).unwrap_or(end);
        Some(self.made(at..end, words, Sort::Unknown { formal: true }))
    }
}
