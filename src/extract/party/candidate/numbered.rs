//! Names that begin with a figure.

use super::{Candidate, Context, Sort};
use crate::extract::text::TokenKind;

/// How many tokens a name goes on, at most, that begins with a figure.
const LONGEST: usize = 12;

impl Context<'_, '_> {
    /// A name such as "3U Rechenkraft", "4iG", "01 Advisors", "1547 Critical Systems Realty".
    pub(super) fn numbered(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        let (token, next) = (text.tokens[at], text.tokens.get(at + 1)?);
        let inside = at + 1 < self.sentence.end && next.kind == TokenKind::Word;
        if token.kind != TokenKind::Number || !inside || !text.word(at).bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let joined = text.joined(at + 1) && text.word(at + 1).chars().any(char::is_uppercase);
        let mut end = at + 2;
        while end < self.sentence.end && end < at + LONGEST && !self.occupied[end] && self.run_step(at + 1, end) > 0 {
            end += self.run_step(at + 1, end);
        }
        let form = self.legal_end(end).or_else(|| self.lexicon.legal.has(text.known(end - 1)).then_some(end));
        while form.is_some() && end > at + 2 && self.lexicon.legal.has(text.known(end - 1)) {
            end -= 1;
        }
        let company = end > at + 1 && self.is_company_word(end - 1);
        // "4iG" is mixed; "400kV", "5G" and "H100s" are none of them.
        let word = text.word(at + 1);
        let mixed = word.chars().next().is_some_and(char::is_lowercase)
            && word.chars().count() == 2
            && !matches!(word, "kV" | "kA" | "mA" | "mV" | "dB" | "eV" | "kW" | "mW" | "nW")
            && (self.acts(end) || self.possessive(end) > 0);
        let year = text.word(at).len() == 4 && matches!(&text.word(at)[..2], "19" | "20");
        let placed = at == self.sentence.start
            || text.is(at - 1, ",")
            || matches!(text.lower(at - 1), "and" | "by" | "with" | "from" | "is" | "include");
        // "12 AI start-ups" and "3 Data Centers" are counted.
        let firm = matches!(
            text.lower(end - 1),
            "ventures" | "advisors" | "partners" | "capital" | "holdings" | "realty" | "group"
        );
        let names = if joined {
            mixed || form.is_some() || company && end > at + 2 && word.len() > 1
        } else {
            next.capital && !year && placed && company && firm && !self.known_sure(at + 1)
        };
        if !names || self.shouting {
            return None;
        }
        let first = if joined { text.slice(at..at + 2) } else { text.word(at) };
        let rest = if joined { at + 2..end } else { at + 1..end };
        let words = std::iter::once(first).chain(rest.map(|t| text.word(t))).map(str::to_owned).collect();
        let (mut candidate, next) = self.made(at..form.unwrap_or(end), words, Sort::Unknown { formal: true });
        text.slice(at..end).clone_into(&mut candidate.name);
        Some((candidate, next))
    }
}
