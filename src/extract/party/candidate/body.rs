//! Public bodies, most of which the text writes in lower case: a government, a ministry, a city, the heirs of somebody.

use super::{Candidate, Context, Sort};

impl Context<'_, '_> {
    /// A public body in lower case: "the federal government", "the state of Victoria", "the county's building
    /// authority", "the heirs of Wiley Purvis".
    pub(super) fn body(&self, at: usize) -> Option<(Candidate, usize)> {
        let text = self.text;
        let (end, lower) = (self.sentence.end, text.lower(at));
        if text.tokens[at].capital || at + 1 >= end {
            return None;
        }
        let next = text.lower(at + 1);
        // "The heirs of the late W. B. Harker"
        let late = usize::from(text.is(at + 2, "the") && text.is(at + 3, "late")) * 2;
        let named = at + 2 + late;
        let of = next == "of" && named < end && text.tokens[named].capital;
        let made = |to: usize| {
            let words = (at..to).map(|t| text.word(t).to_owned()).collect();
            Some(self.made(at..to, words, Sort::Unknown { formal: true }))
        };
        match lower {
            "federal" | "provincial" | "state" | "national" if next == "government" => made(at + 2),
            "redevelopment" | "building" | "port" | "airport" | "housing" | "transit" | "development"
                if matches!(next, "authority" | "agency" | "corporation") =>
            {
                made(at + 2)
            }
            "economic" | "industrial"
                if next == "development"
                    && matches!(text.lower(at + 2), "authority" | "agency" | "corporation" | "board") =>
            {
                made(at + 3)
            }
            "government" | "state" | "city" | "county" | "town" | "municipality" | "province" | "canton"
            | "commune" | "heirs" | "estate"
                if of =>
            {
                let mut to = named + 1;
                while to < end && to < named + 5 {
                    let token = text.tokens[to];
                    let initial = text.is(to, ".") && text.joined(to) && text.word(to - 1).len() == 1;
                    if !(initial || token.capital && token.spaced && !self.known_sure(to)) {
                        break;
                    }
                    to += 1;
                }
                // "In the city of Narva" is a place.
                let inside = at > self.sentence.start + 1
                    && matches!(
                        text.lower(at - 2),
                        "in" | "near" | "outside" | "around" | "at" | "across" | "throughout"
                    );
                if inside {
                    None
                } else {
                    let words = (at..to).filter(|t| late == 0 || !(at + 2..named).contains(t));
                    let words = words.filter(|t| !text.is(*t, ".")).map(|t| text.word(t).to_owned()).collect();
                    let (mut candidate, next) = self.made(at..to, words, Sort::Unknown { formal: true });
                    candidate.name = format!("{} of {}", lower, text.slice(named..to));
                    Some((candidate, next))
                }
            }
            // "The health ministry", "Norway's tax office"
            _ if at > self.sentence.start
                && (matches!(text.lower(at - 1), "the" | "our") || text.is(at - 1, "s") && text.joined(at - 1)) =>
            {
                made(self.institution(at).filter(|to| *to > at + 1)?)
            }
            _ => None,
        }
    }

    /// The end of the common noun of a public institution that begins at a token: "army", "state railways", "health
    /// ministry", "public utility district".
    pub(super) fn institution(&self, at: usize) -> Option<usize> {
        let text = self.text;
        let word = |n: usize| if at + n < self.sentence.end { text.lower(at + n) } else { "" };
        let led = usize::from(matches!(word(0), "state" | "national" | "federal" | "public"));
        let end = match (word(led), word(led + 1)) {
            ("army" | "navy" | "police" | "railways", _) => led + 1,
            ("air", "force")
            | ("armed", "forces")
            | ("post", "office")
            | ("hospital", "trust")
            | ("tax", "authority" | "office")
            | ("development" | "procurement", "agency")
            | ("school" | "library", "board" | "district")
            | ("utility" | "water" | "irrigation", "district")
            | (
                "health" | "defence" | "defense" | "energy" | "finance" | "interior" | "education" | "transport"
                | "justice" | "labour" | "foreign" | "economy" | "digital",
                "ministry",
            ) => led + 2,
            _ => return None,
        };
        // "The army officer", "army-grade": the noun is only part of a longer one.
        let on = at + end;
        let part = on < self.sentence.end
            && (text.is_hyphen(on) || self.lexicon.titles.has(text.known(on)) || text.is(on, "officer"));
        let plain = (at..on).all(|t| !text.tokens[t].capital && text.tokens[t].spaced);
        (plain && !part).then_some(on)
    }

    /// Whether a county or a city is spoken of as a body: "Brantley County commissioners voted", "the City of Vaasa".
    pub(super) fn local_body(&self, start: usize, end: usize, words: &[String]) -> bool {
        let text = self.text;
        if words.len() < 2 {
            return false;
        }
        if matches!(
            words[0].as_str(),
            "City" | "County" | "Town" | "State" | "Port" | "Province" | "Canton" | "Municipality"
        ) && words[1] == "of"
        {
            return true;
        }
        let last = words.last().map(String::as_str);
        matches!(last, Some("County" | "Parish" | "Township" | "Borough" | "City"))
            && end < self.sentence.end
            && (matches!(
                text.lower(end),
                "commissioners"
                    | "council"
                    | "board"
                    | "supervisors"
                    | "officials"
                    | "sold"
                    | "approved"
                    | "sells"
                    | "agreed"
                    | "has"
                    | "will"
                    | "clears"
                    | "approves"
                    | "signed"
            ) || start > self.sentence.start && matches!(text.lower(start - 1), "from" | "with" | "by"))
    }

    /// Whether the capitalised words from here on end as the names of public bodies, clubs and enterprises do.
    pub(super) fn names_body(&self, at: usize) -> bool {
        let text = self.text;
        let word = |t: &usize| {
            *t < self.sentence.end && text.tokens[*t].capital && text.tokens[*t].spaced && self.known(*t).is_none()
        };
        let last = (at..at + 5).take_while(word).last();
        last.is_some_and(|last| {
            last > at
                && matches!(
                    text.lower(last),
                    "board"
                        | "agency"
                        | "authority"
                        | "corporation"
                        | "commission"
                        | "society"
                        | "university"
                        | "council"
                        | "association"
                        | "district"
                        | "cooperative"
                        | "enterprise"
                        | "health"
                        | "administration"
                        | "institute"
                        | "service"
                        | "fund"
                        | "centre"
                        | "center"
                )
        })
    }
}
