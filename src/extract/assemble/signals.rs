//! What a sentence says of the stage of the deals in it.

use chrono::Datelike;

use crate::{
    extract::{
        lexicon::Lexicon,
        text::{Sentence, Text, TokenKind},
    },
    model::{Article, Status},
};

/// The cues of one sentence.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    /// Cues of a status with their token.
    pub status: Vec<(usize, Status)>,
    /// Where somebody other than a party is the source.
    pub hedges: Vec<usize>,
    /// Where history begins: a past year, "previously".
    pub history: Vec<usize>,
    /// Whether its money is a fine's, a dividend's, a settlement's, or it begins with a condition.
    pub other: bool,
    /// Whether it speaks of a year's spending as a whole.
    pub guidance: bool,
    /// Whether it sums up a quarter.
    pub quarter: bool,
    /// Months other than that of the article.
    pub months: Vec<usize>,
}

pub(super) fn read(article: &Article, text: &Text, lexicon: &Lexicon, sentence: &Sentence) -> Signals {
    let mut signals = Signals::default();
    let end = sentence.tokens.end;
    signals.other = matches!(text.lower(sentence.tokens.start), "if" | "suppose" | "imagine");
    let mut spoken = false;
    let mut pluperfect = Vec::new();
    let mut skip_until = sentence.tokens.start;
    for at in sentence.tokens.clone() {
        // Most words tell nothing of a stage: only those that may, and years, are looked at.
        if !lexicon.stage.has(text.known(at)) && text.tokens[at].kind != TokenKind::Number {
            continue;
        }
        if at >= skip_until
            && let Some((length, statuses)) = lexicon.status.longest(text, at, end)
        {
            for status in statuses {
                let future = at > sentence.tokens.start
                    && matches!(text.lower(at - 1), "be" | "is" | "are")
                    && *status == Status::Completed;
                // "It reported on Thursday": a party's own word.
                let own = text.lower(at) == "reported"
                    && at > sentence.tokens.start
                    && matches!(text.lower(at - 1), "it" | "they" | "company" | "as" | "previously" | "also");
                // "Senior secured notes": a sort of debt.
                let sort = text.lower(at) == "secured"
                    && (matches!(
                        text.lower(at + 1),
                        "notes" | "loan" | "loans" | "bonds" | "debt" | "term" | "credit"
                    ) || at > sentence.tokens.start && text.lower(at - 1) == "senior");
                if !future && !own && !sort {
                    signals.status.push((at, *status));
                }
            }
            skip_until = at + length;
        }
        signals.other |= lexicon.other.longest(text, at, end).is_some();
        signals.quarter |= text.lower(at) == "quarter"
            && (sentence.tokens.start.max(at.saturating_sub(3))..at)
                .any(|b| matches!(text.lower(b), "during" | "in" | "for" | "over" | "last"));
        spoken |= matches!(text.lower(at), "said" | "says" | "say" | "announced" | "confirmed" | "told" | "reported");
        signals.guidance |= match text.lower(at) {
            "year" => matches!(text.lower(at.wrapping_sub(1)), "this" | "next" | "fiscal" | "current"),
            "capex" | "guidance" | "guided" | "fiscal" => true,
            "expenditure" | "expenditures" => text.lower(at.wrapping_sub(1)) == "capital",
            _ => false,
        };
        if text.lower(at) == "had" {
            pluperfect.push(at);
        }
        let own = text.lower(at) == "reported"
            && at > sentence.tokens.start
            && matches!(text.lower(at - 1), "it" | "they" | "company" | "as" | "previously" | "also");
        if !own && lexicon.hedges.longest(text, at, end).is_some() {
            signals.hedges.push(at);
        }
        if lexicon.background.longest(text, at, end).is_some() {
            signals.history.push(at);
        }
        if let (Some(month), Some(day)) = (lexicon.months.get(text.known(at)), article.published)
            && text.tokens[at].capital
            && at > sentence.tokens.start
            && (*month != day.month() && matches!(text.lower(at - 1), "in" | "since") || text.lower(at - 1) == "last")
        {
            signals.months.push(at);
        }
        if let Some(year) = year(text, at) {
            let before = at.checked_sub(1).map_or("", |b| text.lower(b));
            let month = at > 0 && lexicon.months.has(text.known(at - 1));
            let past = article.published.is_some_and(|day| year < day.year());
            if past && (month || matches!(before, "in" | "since" | "of" | "from" | "until" | "late" | "early")) {
                signals.history.push(at);
            }
        }
    }
    // "It had sold": history, unless somebody says so now.
    if !spoken {
        signals.history.append(&mut pluperfect);
    }
    signals
}

fn year(text: &Text, at: usize) -> Option<i32> {
    let word = text.word(at);
    if text.tokens[at].kind != TokenKind::Number || word.len() != 4 {
        return None;
    }
    word.parse().ok().filter(|year| (1950..2100).contains(year))
}
