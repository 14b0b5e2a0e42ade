//! What a text expects to happen and when: a closing, the first power of a site. Pure.
//!
//! A date counts only where the sentence says what is expected, that it is expected, and when. Of a stretch of time ("the
//! second half of 2026") the last day counts: by then it should have happened.

use std::sync::LazyLock;

use chrono::{Datelike, Months, NaiveDate};
use regex::Regex;

/// What is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Milestone {
    /// An agreement, a purchase or a financing is to be closed.
    Closing,
    /// A site, a plant or a service is to begin.
    Energization,
}

impl Milestone {
    /// The milestone in a word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Closing => "closing",
            Self::Energization => "energization",
        }
    }
}

/// Something that is expected by a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// What.
    pub milestone: Milestone,
    /// By when at the latest.
    pub by: NaiveDate,
    /// The time as the sentence has it: "the third quarter of 2026".
    pub when: String,
}

const CLOSING: &str = r"clos(?:e|ing)|completion of the (?:transaction|deal|acquisition|sale)|complete the (?:transaction|deal|acquisition|purchase|sale)";
const ENERGIZATION: &str = r"energi[sz](?:ed|ation)|come (?:online|on line|into (?:service|operation))|coming online|go (?:live|online|into (?:service|operation))|(?:enter|begin|start) (?:commercial )?(?:operations?|service)|(?:be|become) (?:fully )?operational|in operation|first power|(?:be )?(?:ready|available) for (?:service|use)";
const HOPE: &str = r"expect\w*|slated|scheduled|due|set to|plan(?:s|ned|ning)?|aim\w*|target\w*|will|would|to be|hopes?|anticipat\w*|by";
const MONTHS: &str = "january|february|march|april|may|june|july|august|september|october|november|december";

static WORDS: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"\b(?:(?P<closing>{CLOSING})|(?P<energization>{ENERGIZATION}))\b")));
static HOPED: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"\b(?:{HOPE})\b")));
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"\b(?:(?P<day>\d{{1,2}}) (?P<month_of_day>{MONTHS})(?:,)? (?P<y1>20\d\d)|(?P<month_first>{MONTHS}) (?P<day_after>\d{{1,2}}),? (?P<y2>20\d\d)|(?P<month>{MONTHS})(?: of)? (?P<y3>20\d\d)|(?:the )?(?P<quarter>first|second|third|fourth|last) quarter(?: of)? (?P<y4>20\d\d)|q(?P<q>[1-4]) (?P<y5>20\d\d)|(?:the )?(?P<half>first|second) half(?: of)? (?P<y6>20\d\d)|h(?P<h>[12]) (?P<y7>20\d\d)|(?:the )?(?P<part>early|mid|middle of|late|end of|start of|beginning of)[ -](?P<y8>20\d\d)|(?P<y9>20\d\d))\b"
    ))
});

fn pattern(text: &str) -> Regex {
    Regex::new(&format!("(?i){text}")).expect("a constant pattern")
}

/// How far, in bytes, the time may stand from what is expected.
const REACH: usize = 90;

/// What a sentence expects.
pub fn expected(sentence: &str) -> Vec<Expected> {
    let mut found: Vec<Expected> = Vec::new();
    for part in sentence.split([';', '\n']) {
        let mut words = WORDS.captures_iter(part).peekable();
        while let Some(word) = words.next() {
            let Some(whole) = word.get(0) else { continue };
            let milestone = if word.name("closing").is_some() { Milestone::Closing } else { Milestone::Energization };
            // Up to the next thing that is expected.
            let next = words.peek().and_then(|next| next.get(0)).map_or(part.len(), |next| next.start());
            let end = next.min(floor(part, whole.end() + REACH));
            let begin = floor(part, whole.start().saturating_sub(REACH));
            let Some(time) = TIME.captures(&part[whole.end()..end]) else { continue };
            let behind = time.get(0).map_or(0, |time| time.start());
            let hoped =
                HOPED.is_match(&part[begin..whole.start()]) || HOPED.is_match(&part[whole.end()..whole.end() + behind]);
            let Some((by, when)) = last_day(&time).filter(|_| hoped) else { continue };
            let one = Expected { milestone, by, when };
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The last day of a time, and its words.
fn last_day(time: &regex::Captures<'_>) -> Option<(NaiveDate, String)> {
    let text = |name: &str| time.name(name).map(|found| found.as_str().to_lowercase());
    let year = (1..=9).find_map(|nth| text(&format!("y{nth}")))?.parse::<i32>().ok()?;
    let month_of = |name: &str| {
        let month = text(name)?;
        let nth = MONTHS.split('|').position(|known| known == month)?;
        u32::try_from(nth + 1).ok()
    };
    let end_of_month =
        |month: u32| NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt();
    let ordinal = |word: &str| match word {
        "first" | "1" => Some(1),
        "second" | "2" => Some(2),
        "third" | "3" => Some(3),
        "fourth" | "last" | "4" => Some(4),
        _ => None,
    };
    let by = if let Some(month) = month_of("month_of_day") {
        NaiveDate::from_ymd_opt(year, month, text("day")?.parse().ok()?)
    } else if let Some(month) = month_of("month_first") {
        NaiveDate::from_ymd_opt(year, month, text("day_after")?.parse().ok()?)
    } else if let Some(month) = month_of("month") {
        end_of_month(month)
    } else if let Some(quarter) = text("quarter").or_else(|| text("q")) {
        end_of_month(ordinal(&quarter)? * 3)
    } else if let Some(half) = text("half").or_else(|| text("h")) {
        end_of_month(ordinal(&half)? * 6)
    } else {
        end_of_month(match text("part").as_deref() {
            Some("early" | "start of" | "beginning of") => 4,
            Some("mid" | "middle of") => 8,
            _ => 12,
        })
    }?;
    (by.year() == year).then(|| (by, time[0].trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(sentence: &str) -> Vec<(Milestone, String)> {
        expected(sentence).into_iter().map(|one| (one.milestone, one.by.to_string())).collect()
    }

    #[test]
    fn what_is_expected_has_its_last_day() {
        use Milestone::{Closing, Energization};
        for (sentence, milestone, day) in [
            ("The purchase is expected to close in the third quarter of 2026.", Closing, "2026-09-30"),
            ("Closing is expected by 15 June 2027, subject to approvals.", Closing, "2027-06-15"),
            ("They expect to complete the transaction in H2 2026.", Closing, "2026-12-31"),
            ("The first hall is slated to come online in June 2027.", Energization, "2027-06-30"),
            ("The campus will be energized by early 2028.", Energization, "2028-04-30"),
            (
                "The reactor should begin operations, as planned, in 2029 at the latest: it is due to go live in mid-2029.",
                Energization,
                "2029-08-31",
            ),
            ("First power is targeted for February 28, 2026.", Energization, "2026-02-28"),
        ] {
            assert!(told(sentence).contains(&(milestone, day.to_owned())), "{sentence}: {:?}", told(sentence));
        }
    }

    #[test]
    fn what_has_happened_or_has_no_date_is_not_expected() {
        for sentence in [
            "The purchase closed in June 2025.",
            "It went live in 2024.",
            "They are close to a deal, and sales rose in 2025.",
            "The deal will close soon.",
            "The plant, in operation since 1998, sold 2,026 MW.",
        ] {
            assert_eq!(told(sentence), [], "{sentence}");
        }
    }

    proptest! {
        #[test]
        fn no_sentence_breaks_the_reader(sentence in "(will close|é|to be energized| in |Q3|2026|June 31, 2027|[ -~]{0,8}|“){0,12}") {
            let _ = expected(&sentence);
        }
    }
}
