//! What the words around a capitalised run tell of it.

use super::Context;

impl Context<'_, '_> {
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
