//! What an unknown name looks like: a company, a person, a place, or nothing.

use super::{Context, Sort, description_before};
use crate::extract::{lexicon::Gazette, text::TokenKind};

impl Context<'_, '_> {
    pub(super) fn sort(
        &self,
        start: usize,
        end: usize,
        formal: bool,
        titled: bool,
        initial: bool,
        words: &[String],
    ) -> Sort {
        let text = self.text;
        let lexicon = self.lexicon;
        let Some(last) = words.last() else { return Sort::Nothing };
        let last = last.to_lowercase();
        let last_known = lexicon.word(&last);
        if words.iter().all(|word| lexicon.trade_words.has(lexicon.word(&word.to_lowercase()))) {
            return Sort::Nothing;
        }
        if formal {
            return Sort::Unknown { formal: true };
        }
        let company_word = lexicon.company_words.has(last_known) && words.len() > 1;
        let described = description_before(text, lexicon, start).is_some();
        // "LAS VEGAS", "ABU DHABI"
        if words.iter().all(|w| w.chars().count() > 2 && !w.contains(char::is_lowercase)) {
            let cased: Vec<String> = words
                .iter()
                .map(|w| {
                    let mut letters = w.chars();
                    letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect()
                })
                .collect();
            if lexicon.gazette(&cased.join(" ")) == Some(Gazette::Place) {
                return Sort::Place;
            }
        }
        let local = self.local_body(start, end, words);
        if local {
            return Sort::Unknown { formal: true };
        }
        let led = start > self.sentence.start && text.is(start - 1, "by");
        let scheme = words.iter().any(|w| matches!(w.as_str(), "Pension" | "Benefit" | "Retirement"))
            || last == "league" && words.iter().any(|w| lexicon.company_words.has(lexicon.word(&w.to_lowercase())));
        let inside = words.len() > 2
            && words[1..words.len() - 1].iter().any(|w| matches!(w.as_str(), "Data" | "Digital" | "Compute" | "Cloud"));
        if words.len() > 1
            && lexicon.place_words.has(last_known)
            && !inside
            && !described
            && !led
            && !self.presented(start, end)
            || matches!(text.lower(start), "county" | "lake" | "mount" | "fort" | "port" | "saint" | "san" | "santa")
                && words.len() > 1
                && !company_word
        {
            return Sort::Place;
        }
        if !company_word && !described {
            let first = lexicon.word(&words[0].to_lowercase());
            let next = if text.is(end, ",") { end + 1 } else { end };
            let title_after = text.is(end, ",")
                && (0..4).any(|skip| lexicon.titles.has(text.known(next + skip)) && next + skip < self.sentence.end);
            // "Harold & Banting", "T. Furlong & Sons"
            let firm = words.iter().any(|word| word == "&");
            let given = !firm && lexicon.given_names.has(first) && words.len() > 1 && words.len() < 5;
            // "Chief executive X", "the cooperative's chair, X": but an asset manager is a firm.
            let back = if start > 1 && text.is(start - 1, ",") { start - 2 } else { start.saturating_sub(1) };
            let office = start > self.sentence.start
                && back >= self.sentence.start
                && !text.tokens[back].capital
                && lexicon.titles.has(text.known(back))
                && !matches!(text.lower(back), "manager" | "head" | "chief" | "boss")
                && (2..5).contains(&words.len());
            // "Bought from founder X": a person who sells is a party.
            if (office || given && !titled) && self.trades(start, end) {
                return Sort::Unknown { formal: true };
            }
            if office {
                return Sort::Person;
            }
            // "…," said X; X, 71, farms nearby.
            let speaks = start > self.sentence.start
                && matches!(text.lower(start - 1), "said" | "says" | "asked" | "quipped" | "recalls" | "jokes")
                && words.len() < 4;
            let aged = text.is(end, ",")
                && text.is(end + 2, ",")
                && text.tokens[end + 1].kind == TokenKind::Number
                && text.word(end + 1).len() == 2;
            if speaks && words.len() > 1 || aged {
                return Sort::Person;
            }
            let initials = !firm && words.len() > 1 && words[0].chars().count() == 1 && text.is(start + 1, ".");
            // "Finance Director Priscilla Yeatts", "Prime Minister Keir Starmer"
            let officer = words.len() > 2
                && words[..words.len() - 1].iter().any(|word| lexicon.officers.has(lexicon.word(&word.to_lowercase())));
            if officer {
                return Sort::Person;
            }
            if titled || given || initials || title_after && words.len() > 1 {
                return Sort::Person;
            }
        }
        // "The Gulf of Bothnia"
        let water = start > 1 && text.lower(start - 1) == "of" && lexicon.of_places.has(text.known(start - 2));
        if water && !company_word && !described {
            return Sort::Place;
        }
        // "A Lund lab", "the Bilbao developer": where the company sits.
        let seat = words.len() == 1
            && start > self.sentence.start
            && matches!(text.lower(start - 1), "a" | "an" | "the")
            && lexicon.describers.longest(text, end, self.sentence.end).is_some()
            && !text.tokens[end].capital
            && self.possessive(end) == 0
            && self.counts.get(words[0].as_str()).is_some_and(|n| *n == 1);
        if seat {
            return Sort::Place;
        }
        let project = words.len() > 1 && matches!(text.lower(start), "project" | "operation" | "phase");
        if last == "campus" && words.len() > 1 && self.bought(start) {
            return Sort::Unknown { formal: true };
        }
        if project
            || lexicon.gazette(&words.join(" ")).is_some()
            || lexicon.thing_words.has(last_known) && !described && !scheme
        {
            return Sort::Nothing;
        }
        // "Marleigh, Ohio"; "in Marleigh County".
        if !company_word && text.is(end, ",") && end + 1 < self.sentence.end {
            let region = (1..=2).any(|n| {
                end + 1 + n <= self.sentence.end && lexicon.gazetted(text, end + 1..end + 1 + n) == Some(Gazette::Place)
            });
            if region {
                return Sort::Place;
            }
        }
        if words.len() == 1 {
            let word = words[0].as_str();
            // "H20", "MI308", "M27": a model or a road.
            let letters = word.chars().take_while(char::is_ascii_uppercase).count();
            let coded = (1..=3).contains(&letters)
                && word.len() > letters
                && word[letters..].chars().all(|c| c.is_ascii_digit());
            // "The Trust" is a name given before, or none.
            let form = matches!(
                last.as_str(),
                "trust" | "fund" | "bank" | "holdings" | "partners" | "capital" | "group" | "credit" | "management"
            ) || lexicon.legal.has(lexicon.word(&last))
                && word.len() < 5
                && word != "AB"
                && word != "AS"
                && word != "SAS";
            if coded
                || form && !described
                || word.chars().count() < 2
                || lexicon.plain.has(last_known)
                || lexicon.function.has(last_known)
                || lexicon.titles.has(last_known)
            {
                return Sort::Nothing;
            }
            let mixed = word.chars().skip(1).any(char::is_uppercase) && word.contains(char::is_lowercase);
            // "Completion is expected", "Distributions will be": what only ever opens a sentence and ends like a noun.
            let once = self.counts.get(word).is_none_or(|n| *n < 2);
            // "Doesn't", "We've" and "Ironically" are no names.
            let short =
                matches!(text.word(end), "'" | "’") && text.joined(end + 1) && !matches!(text.lower(end + 1), "s");
            let strange = self.is_strange(start) && !short && !last.ends_with("ly");
            let noun = ["ing", "ed", "tion", "tions", "sion", "ment", "ments", "ness", "ity", "ship", "ance", "ence"]
                .iter()
                .any(|e| last.ends_with(e))
                || once && !strange && last.ends_with('s') && !last.ends_with("us") && !last.ends_with("is");
            // "Farrans, of Dunmurry, builds it"
            let seated =
                text.is(end, ",") && text.is(end + 1, "of") && text.tokens.get(end + 2).is_some_and(|t| t.capital);
            if initial
                && !self.inner.contains(word)
                && !described
                && !seated
                && noun
                && !mixed
                && self.possessive(end) == 0
                && !self.heads_item(start, end)
            {
                return Sort::Nothing;
            }
            if initial && !self.inner.contains(word) && !described && !mixed {
                // "Storebrand and Nordea anchored the bond"
                let joined = text.lower(end) == "and"
                    && end + 1 < self.sentence.end
                    && text.tokens[end + 1].capital
                    && lexicon.gazetted(text, end + 1..end + 2).is_none();
                let acts = self.possessive(end) > 0
                    || joined
                    || self.heads_item(start, end)
                    || text.is(end, ",")
                    || lexicon.auxiliaries.has(text.known(end))
                    || self.acts(end)
                        && (self.counts.get(word).is_some_and(|n| *n > 1)
                            || !text.lower(end).ends_with("ing") && !matches!(text.lower(end), "to" | "and"));
                // A word that no other article has in lower case is a name, unless it is the rest of one.
                let acts = acts || strange && !text.is_hyphen(end) && text.word(start).chars().count() > 3;
                if !acts || lexicon.is_common(last_known) || self.in_lower_case(&last) {
                    return Sort::Nothing;
                }
            }
        }
        Sort::Unknown { formal: company_word || described }
    }
}
