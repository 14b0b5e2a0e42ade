//! How far a capitalised run goes: over hyphens, initials, the small words of foreign names, and "of" where it is part
//! of a name.

use super::Context;
use crate::extract::text::TokenKind;

impl Context<'_, '_> {
    /// How many tokens the run that began at `at` takes further at `end`; 0 where it stops.
    pub(super) fn run_step(&self, at: usize, end: usize) -> usize {
        let text = self.text;
        let token = text.tokens[end];
        let next = text.tokens.get(end + 1).filter(|_| end + 1 < self.sentence.end);
        let next_capital = next.is_some_and(|t| t.capital);
        match token.kind {
            TokenKind::Word if token.capital && token.spaced => {
                usize::from(end == at || !self.known_sure(end) || self.is_company_word(end))
            }
            TokenKind::Word if !token.spaced && text.is_hyphen(end - 1) => 1,
            // "Compagnie Bancaire du Nord", "Banco Serrano de la Sierra", "Banque d'Asie"
            TokenKind::Word if self.particle(end) > 0 => self.particle(end),
            // "Exportní fond": not every language writes the second word with a capital.
            TokenKind::Word
                if !token.capital
                    && matches!(
                        text.word(end),
                        "banka" | "banca" | "banque" | "banco" | "fond" | "fonds" | "spořitelna" | "pankki" | "kasse"
                    ) =>
            {
                1
            }
            TokenKind::Word if matches!(text.word(end), "of" | "for") => {
                let system = matches!(text.lower(end - 1), "system" | "pension" | "provident");
                let heads = (!system || (at..end).any(|t| matches!(text.word(t), "'" | "’")))
                    && matches!(
                        text.lower(end - 1),
                        "bank"
                            | "university"
                            | "department"
                            | "ministry"
                            | "institute"
                            | "bureau"
                            | "office"
                            | "government"
                            | "fund"
                            | "credit"
                            | "trust"
                            | "city"
                            | "county"
                            | "state"
                            | "town"
                            | "township"
                            | "port"
                            | "commonwealth"
                            | "federation"
                            | "association"
                            | "society"
                            | "council"
                            | "village"
                            | "canton"
                            | "province"
                            | "municipality"
                            | "duchy"
                            | "diocese"
                            | "pension"
                            | "provident"
                            | "system"
                    );
                // "Genkai Bank of Kumamoto" only has its seat there.
                let own = end - at > 1
                    && !matches!(text.word(at + 1), "'" | "’")
                    && !self.lexicon.is_common(text.known(at))
                    && !self.lexicon.company_words.has(text.known(at))
                    && !matches!(
                        text.lower(at),
                        "export" | "import" | "national" | "federal" | "royal" | "reserve" | "farm"
                    )
                    && self.lexicon.gazette(text.word(at)).is_none()
                    && matches!(text.lower(end - 1), "bank" | "fund" | "credit" | "trust");
                let article = text.is(end + 1, "the") && text.tokens.get(end + 2).is_some_and(|t| t.capital);
                match (heads && !own, next_capital, article && end + 2 < self.sentence.end) {
                    (true, true, _) => 2,
                    (true, false, true) => 3,
                    _ => 0,
                }
            }
            // "Laing O'Rourke", "the Bog'Art company", "Tsuut'ina Energy": no possessive.
            TokenKind::Sign
                if matches!(text.word(end), "'" | "’")
                    && text.joined(end)
                    && text.joined(end + 1)
                    && next.is_some_and(|t| t.kind == TokenKind::Word)
                    && text.lower(end + 1) != "s"
                    && (next_capital || text.word(end + 1).len() > 2 && text.word(end - 1).len() > 1)
                    && text.tokens[end - 1].capital =>
            {
                2
            }
            // "Grand Cache Teachers' Benefit Plan"
            TokenKind::Sign if matches!(text.word(end), "'" | "’") && text.joined(end) && next_capital => {
                let plural = text.word(end - 1).ends_with('s') && text.tokens[end + 1].spaced;
                let scheme = (end + 1..end + 5).any(|t| {
                    t < self.sentence.end
                        && text.tokens[t].capital
                        && matches!(
                            text.lower(t),
                            "plan"
                                | "fund"
                                | "scheme"
                                | "trust"
                                | "union"
                                | "association"
                                | "board"
                                | "bank"
                                | "pension"
                                | "system"
                                | "society"
                                | "annuity"
                                | "provident"
                                | "mutual"
                                | "superannuation"
                        )
                });
                if plural && scheme { 2 } else { 0 }
            }
            // "BRIEF-OpenAI" is a wire's label.
            TokenKind::Sign
                if text.is_hyphen(end)
                    && matches!(
                        text.word(end - 1),
                        "BRIEF" | "COLUMN" | "UPDATE" | "EXCLUSIVE" | "ANALYSIS" | "FACTBOX"
                    ) =>
            {
                0
            }
            TokenKind::Sign if text.is_hyphen(end) && text.joined(end) && text.joined(end + 1) && next_capital => 2,
            // "Vindhya Co-operative Bank"
            TokenKind::Sign
                if text.is_hyphen(end)
                    && text.joined(end)
                    && text.is(end - 1, "Co")
                    && matches!(text.word(end + 1), "operative" | "op") =>
            {
                2
            }
            // "HELIO-9 Systems"
            TokenKind::Sign
                if text.is_hyphen(end)
                    && text.joined(end)
                    && text.joined(end + 1)
                    && next.is_some_and(|t| t.kind == TokenKind::Number && t.end - t.start < 3)
                    && text.tokens.get(end + 2).is_none_or(|t| t.spaced || !text.is_hyphen(end + 2)) =>
            {
                2
            }
            // "Sino-Thai Engineering and Construction", "Druk Holding and Investments"
            TokenKind::Word
                if text.is(end, "and")
                    && next_capital
                    && self.is_company_word(end - 1)
                    && end - at > 1
                    && matches!(
                        text.lower(end + 1),
                        "construction"
                            | "investment"
                            | "investments"
                            | "development"
                            | "trading"
                            | "sons"
                            | "associates"
                    )
                    && !text.tokens.get(end + 2).is_some_and(|t| t.capital && t.spaced) =>
            {
                2
            }
            // "Lakota + Quanta" are two.
            TokenKind::Sign if text.is(end, "&") && next_capital => 2,
            TokenKind::Sign if text.is(end, "+") && next_capital && text.joined(end) => 2,
            // "Foxglove 8, the Texas builder"
            TokenKind::Number
                if token.spaced
                    && token.end - token.start <= 2
                    && end == at + 1
                    && text.is(end + 1, ",")
                    && matches!(text.lower(end + 2), "a" | "an" | "the")
                    && !self.lexicon.plain.has(text.known(at))
                    && !self.lexicon.months.has(text.known(at))
                    && !self.lexicon.thing_words.has(text.known(at))
                    && (end + 3..end + 6).any(|t| {
                        t < self.sentence.end && self.lexicon.describers.longest(text, t, self.sentence.end).is_some()
                    }) =>
            {
                1
            }
            // "J. P. Okonkwo Trust", "Wm. Tolliver & Sons"
            TokenKind::Sign if text.is(end, ".") && text.joined(end) && next_capital => {
                let before = text.word(end - 1);
                let initial = before.len() == 1 && (at + 1 == end || text.is(end - 2, ".")) || before == "Wm";
                if initial { 2 } else { 0 }
            }
            TokenKind::Number if token.spaced && token.end - token.start <= 2 && next_capital => {
                usize::from(text.tokens[end + 1].spaced)
            }
            _ => 0,
        }
    }

    /// How many tokens the small words of a foreign name take, with the capital after them; 0 where there are none.
    fn particle(&self, at: usize) -> usize {
        let text = self.text;
        let small = |at: usize| {
            matches!(
                text.word(at),
                "de" | "du"
                    | "des"
                    | "del"
                    | "della"
                    | "dei"
                    | "di"
                    | "do"
                    | "da"
                    | "dos"
                    | "das"
                    | "van"
                    | "von"
                    | "der"
                    | "den"
                    | "la"
                    | "las"
                    | "los"
                    | "le"
                    | "les"
                    | "e"
                    | "et"
                    | "y"
                    | "und"
                    | "og"
                    | "och"
                    | "für"
                    | "d"
                    | "l"
                    | "dell"
            )
        };
        let mut end = at;
        while end < self.sentence.end && end < at + 4 && small(end) {
            end += 1;
            // "d'Asie"
            if end + 1 < self.sentence.end
                && matches!(text.word(end), "'" | "’")
                && text.joined(end)
                && text.joined(end + 1)
            {
                end += 1;
            }
        }
        let capital = end < self.sentence.end && text.tokens[end].capital && text.tokens[end].kind == TokenKind::Word;
        if end > at && capital && at > 0 && text.tokens[at - 1].capital { end - at + 1 } else { 0 }
    }
}
