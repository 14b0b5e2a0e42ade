//! Companies of the registry, their units and their brands.

use super::{Candidate, Context, Sort, case::opens};
use crate::{extract::text::TokenKind, model::Spelling};

/// How many steps a name goes on, at most, after the name of the company that it is a unit of.
const LONGEST_UNIT: usize = 6;

impl Context<'_, '_> {
    pub(super) fn known(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        let token = text.tokens[at];
        let spellings = self.registry.spellings();
        let rest = &text.source()[token.start..];
        // "3M", "5C"
        let lettered = token.kind == TokenKind::Number && text.joined(at + 1);
        let word = if lettered { text.slice(at..at + 2) } else { text.word(at) };
        let (length, company, worth) = match spellings.at(word, rest) {
            Some(found) => found,
            // A paragraph may set its first words in capitals: "GOOGLE opened a data centre".
            None if self.capitals
                || token.capital && text.word(at).len() > 3 && !text.word(at).contains(char::is_lowercase) =>
            {
                spellings.shouted_at(text.word(at), rest)?
            }
            None => return None,
        };
        let mut end = at + 1;
        while end < self.sentence.end && text.tokens[end].end <= token.start + length {
            end += 1;
        }
        // "Lumen & Lathe" has nothing to do with Lumen, unless the other is known too.
        let other = text.tokens.get(end + 1).filter(|t| t.capital && t.spaced && end + 1 < self.sentence.end);
        let firm = text.is(end, "&")
            && !self.shouting
            && other.is_some_and(|t| spellings.at(text.word(end + 1), &text.source()[t.start..]).is_none())
            && !self.lexicon.legal.has(text.known(end + 1))
            && self.lexicon.gazetted(text, end + 1..end + 2).is_none();
        if firm {
            return None;
        }
        let opens = opens(text, self.sentence, at);
        let next_capital = end < self.sentence.end
            && text.tokens[end].capital
            && text.tokens[end].spaced
            && self.lexicon.gazetted(text, end..end + 1).is_none()
            && !self.shouting;
        let company_word = next_capital && self.is_company_word(end);
        if worth == Spelling::Everyday {
            let before = at > self.sentence.start
                && text.tokens[at - 1].capital
                && !opens
                && text.tokens[at - 1].kind == TokenKind::Word
                && self.lexicon.gazetted(text, at - 1..at).is_none()
                && !self.lexicon.titles.has(text.known(at - 1))
                && (at - 1 != self.sentence.start);
            let lonely = !next_capital || company_word;
            let alone = lonely && !before || self.shouting;
            let acts =
                self.acts(end) || self.possessive(end) > 0 || self.heads_item(at, end) || self.presented(at, end);
            let elsewhere = self.inner.contains(text.word(at)) && !self.in_lower_case(text.lower(at));
            let named = token.capital || text.word(at).chars().any(char::is_uppercase);
            if !(alone && named && (!(opens || self.shouting) || elsewhere || acts)) {
                return None;
            }
        }
        if worth == Spelling::Sure
            && next_capital
            && let Some(unit) = self.unit(at, end, company)
        {
            return Some(unit);
        }
        // "Constellation Energy", "Blue Owl Capital": the company with more of its name.
        while end < self.sentence.end
            && text.tokens[end].spaced
            && text.tokens[end].capital
            && !self.shouting
            && (self.is_company_word(end) || self.lexicon.legal.has(text.known(end)))
            && !matches!(text.lower(end), "ai" | "cloud" | "data" | "power" | "energy")
            || (end + 1 == self.sentence.end)
                && self.registry.spellings().at(text.word(end), &text.source()[text.tokens[end].start..]).is_none()
        {
            end += 1;
        }
        end = self.legal_end(end).unwrap_or(end);
        let (company, end) = self.parent(company, end).unwrap_or((company, end));
        Some(self.made(at..end, Vec::new(), Sort::Known(company)))
    }

    /// "NTPC Green", "Atlassian Ventures": a company of its own under the name of a known one.
    pub(super) fn unit(&self, at: usize, end: usize, company: usize) -> Option<(Candidate, usize)> {
        let (text, word) = (self.text, self.text.word(end));
        let known = text.known(end);
        let other = matches!(text.lower(end), "group" | "holdings" | "holding" | "corporation" | "company" | "co")
            || self.lexicon.legal.has(known)
            || self.lexicon.titles.has(known)
            || self.lexicon.months.has(known)
            || self.lexicon.weekdays.has(known)
            || word.contains(|c: char| c.is_ascii_digit())
            || word.chars().count() < 2
            || self.known_sure(end)
            || text.tokens.get(end + 1).is_some_and(|next| next.kind == TokenKind::Number);
        if other || text.tokens[end].kind != TokenKind::Word {
            return None;
        }
        // What runs on and on is no name, and need not be looked at again for every company in it.
        let (mut last, mut steps) = (end, 0);
        while last < self.sentence.end && self.run_step(at, last) > 0 {
            last += self.run_step(at, last);
            steps += 1;
            if steps > LONGEST_UNIT {
                return None;
            }
        }
        let (mut candidate, next) = self.unknown(at)?;
        let last = candidate.tokens.end;
        if candidate.tokens.start != at || last <= end || !matches!(candidate.sort, Sort::Unknown { .. }) {
            return None;
        }
        let company_word = self.is_company_word(last - 1)
            && !matches!(
                text.lower(last - 1),
                "ai" | "cloud" | "data" | "power" | "energy" | "platforms" | "quantum" | "computing"
            );
        if !company_word && !self.acts(last) && !candidate.possessive {
            return None;
        }
        candidate.sort = Sort::Unknown { formal: true };
        // "Tesla Optimus" does not stand for Tesla.
        candidate.unit_of = Some(company).filter(|_| company_word);
        Some((candidate, next))
    }

    /// "The Facebook parent", "the Google owner": whom the name belongs to.
    pub(super) fn parent(&self, company: usize, end: usize) -> Option<(usize, usize)> {
        let says = matches!(self.text.lower(end), "parent" | "owner") && !self.text.tokens[end].capital;
        if !says || end >= self.sentence.end {
            return None;
        }
        let of = self.registry.companies()[company].parent.as_ref()?;
        let parent = self.registry.companies().iter().position(|known| known.name == of.name)?;
        Some((parent, end + 1))
    }

    pub(super) fn known_sure(&self, at: usize) -> bool {
        let token = self.text.tokens[at];
        self.registry
            .spellings()
            .at(self.text.word(at), &self.text.source()[token.start..])
            .is_some_and(|(_, _, worth)| worth == Spelling::Sure)
    }
}
