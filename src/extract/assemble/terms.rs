//! What else a deal's wording says: which sums are parts of others, and on which day it was made known.

use chrono::{Datelike, Days, NaiveDate};
use rust_decimal::Decimal;

use super::{Scene, draft::Draft};
use crate::{
    extract::{lexicon::Lexicon, quantity::Figure, text::TokenKind},
    model::Status,
};

/// Puts the total first and tells which of the figures are parts of it.
pub(super) fn parts(scene: &Scene, mut figures: Vec<&Figure>) -> Vec<(Figure, bool)> {
    let total = figures
        .iter()
        .enumerate()
        .filter(|(_, f)| f.value_max.is_none() && !f.annual)
        .max_by_key(|(nth, f)| (f.value, usize::MAX - nth))
        .map(|(nth, _)| nth);
    let Some(total) = total.filter(|_| figures.len() > 1) else {
        return figures.into_iter().map(|f| (f.clone(), false)).collect();
    };
    let rest = |f: &Figure| f.measure == figures[total].measure && !f.annual && f.value_max.is_none();
    let others: Vec<&Figure> =
        figures.iter().enumerate().filter(|(nth, f)| *nth != total && rest(f)).map(|(_, f)| *f).collect();
    let sum = others.iter().try_fold(Decimal::ZERO, |sum, f| sum.checked_add(f.value));
    let value = figures[total].value;
    let exhaust = others.len() > 1
        && sum
            .and_then(|sum| sum.checked_sub(value))
            .is_some_and(|gap| value.checked_mul(Decimal::new(2, 2)).is_some_and(|tolerance| gap.abs() <= tolerance));
    let flags: Vec<bool> = figures
        .iter()
        .enumerate()
        .map(|(nth, f)| nth != total && rest(f) && (exhaust || is_portion(scene, f)))
        .collect();
    let mut flagged: Vec<(Figure, bool)> = Vec::with_capacity(figures.len());
    let first = if flags.contains(&true) { total } else { 0 };
    flagged.push((figures[first].clone(), false));
    for (nth, figure) in figures.drain(..).enumerate() {
        if nth != first {
            flagged.push((figure.clone(), flags[nth]));
        }
    }
    flagged
}

/// "Of which $350 million", "a first 15 MW", "the other 25 MW", "$7 billion of that".
fn is_portion(scene: &Scene, figure: &Figure) -> bool {
    let text = scene.text;
    let from = text.sentences[figure.sentence].tokens.start.max(figure.tokens.start.saturating_sub(5));
    let before = (from..figure.tokens.start).any(|at| {
        matches!(
            text.lower(at),
            "which" | "including" | "first" | "initial" | "initially" | "remaining" | "rest" | "other"
        )
    });
    let end = figure.tokens.end;
    let after = text.lower(end) == "of" && matches!(text.lower(end + 1), "that" | "this" | "which" | "it");
    let begins = (from..figure.tokens.start)
        .any(|at| matches!(text.lower(at), "begin" | "begins" | "beginning" | "start" | "starts" | "starting"));
    before || after || begins
}

/// The day on which a deal was made known, as far as its sentences or the article tell.
pub(super) fn announced(scene: &Scene, lexicon: &Lexicon, draft: &Draft, many: bool) -> Option<NaiveDate> {
    if draft.status == Status::Rumored {
        return None;
    }
    let published = scene.article.published?;
    // The deal's own sentences first, then the article's first ones.
    let lead = (0..scene.items.len()).filter(|s| !scene.is_title(*s)).take(3);
    let stated = draft
        .sentences
        .iter()
        .copied()
        .filter(|s| !scene.is_title(*s))
        .chain(lead)
        .find_map(|sentence| stated(scene, lexicon, sentence, published));
    match stated {
        Some(day) => Some(day),
        // A round-up that does not date its entry may tell of any day.
        None if many => None,
        None => Some(published),
    }
}

/// "On Monday", "on 3 June", "June 3", "yesterday": a day within the last weeks.
fn stated(scene: &Scene, lexicon: &Lexicon, sentence: usize, published: NaiveDate) -> Option<NaiveDate> {
    let text = scene.text;
    let tokens = text.sentences[sentence].tokens.clone();
    for at in tokens.clone() {
        let word = text.lower(at);
        if matches!(word, "today" | "yesterday") {
            return published.checked_sub_days(Days::new(u64::from(word == "yesterday")));
        }
        // "On the 16th": of this month, or of the last.
        let ordinal = word.strip_suffix("th").or_else(|| word.strip_suffix("st")).or_else(|| word.strip_suffix("nd"));
        if let Some(day) = ordinal.and_then(|day| day.parse::<u32>().ok())
            && at >= tokens.start + 2
            && text.lower(at - 1) == "the"
            && text.lower(at - 2) == "on"
        {
            let this = published.with_day(day).filter(|found| *found <= published);
            return this.or_else(|| published.checked_sub_months(chrono::Months::new(1))?.with_day(day));
        }
        if !text.tokens[at].capital {
            continue;
        }
        let before = at.checked_sub(1).filter(|b| *b >= tokens.start).map_or("", |b| text.lower(b));
        if let Some(weekday) = lexicon.weekdays.get(text.known(at)) {
            if matches!(before, "by" | "until" | "next" | "from" | "for" | "since") {
                continue;
            }
            let back = (published.weekday().num_days_from_monday() + 7 - *weekday) % 7;
            return published.checked_sub_days(Days::new(u64::from(back)));
        }
        if let Some(month) = lexicon.months.get(text.known(at)) {
            let number = |token: usize| -> Option<u32> {
                let inside = tokens.contains(&token) && text.tokens[token].kind == TokenKind::Number;
                inside.then(|| text.word(token).parse().ok()).flatten().filter(|day| (1..=31).contains(day))
            };
            let (day, lead) = match (at.checked_sub(1).and_then(number), number(at + 1)) {
                (Some(day), _) => (day, at.checked_sub(2)),
                (None, Some(day)) => (day, at.checked_sub(1)),
                (None, None) => continue,
            };
            let lead = lead.filter(|l| *l >= tokens.start).map_or("", |l| text.lower(l));
            let year = published.year() - i32::from(*month > published.month());
            let found = NaiveDate::from_ymd_opt(year, *month, day).filter(|day| {
                matches!(lead, "on" | "," | "(" | "")
                    && *day <= published
                    && published.signed_duration_since(*day).num_days() <= 45
            });
            if found.is_some() {
                return found;
            }
        }
    }
    None
}
