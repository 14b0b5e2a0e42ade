//! `/sources`: the watched feeds and how they are doing.

use askama::Template;
use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};

use super::{
    App,
    citation::{article_path, linked, rank_label},
    error::WebError,
    format,
    frame::{Frame, Section, page},
};
use crate::db::{
    articles, aside,
    source_list::{self, SourceHealth},
};

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    frame: Frame,
    rows: Vec<Row>,
    working: usize,
    failing: usize,
    waiting: usize,
    /// The languages that are kept and not read for deals, with how many articles are in each.
    languages: Vec<(String, i64)>,
    /// Articles that could not be read.
    aside: Vec<SetAside>,
}

/// An article that was set aside.
struct SetAside {
    href: String,
    title: String,
    fault: String,
}

struct Row {
    title: String,
    href: Option<String>,
    rank: &'static str,
    health: Health,
    detail: Option<String>,
    last: Option<(String, String)>,
    articles: i64,
    deals: i64,
    articles_a_week: i64,
    deals_a_week: i64,
    delay: Option<String>,
    rights: Option<String>,
}

/// How a source is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Working,
    Failing,
    Waiting,
    Off,
}

impl Health {
    fn word(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::Failing => "failing",
            Self::Waiting => "not read yet",
            Self::Off => "switched off",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Working => "ok",
            Self::Failing => "bad",
            Self::Waiting | Self::Off => "wait",
        }
    }
}

/// `GET /sources`
pub async fn get(State(app): State<App>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let now = Utc::now();
    let rows: Vec<Row> =
        source_list::list(&mut db, now).await?.into_iter().map(|source| Row::of(source, now)).collect();
    let languages = articles::languages(&mut *db).await?;
    let aside = aside::list(&mut *db, 50).await?;
    let count = |health| rows.iter().filter(|row| row.health == health).count();
    page(&SourcesPage {
        frame: Frame::new(Section::Sources, "Sources")
            .describe("The feeds that the ledger watches, and how each is doing.")
            .at(&app, "/sources"),
        working: count(Health::Working),
        failing: count(Health::Failing),
        waiting: count(Health::Waiting),
        languages: languages.into_iter().map(|(code, articles)| (language_name(&code), articles)).collect(),
        aside: aside
            .into_iter()
            .map(|article| SetAside {
                href: article_path(article.id),
                title: if article.title.is_empty() { "Untitled".to_owned() } else { article.title },
                fault: article.fault,
            })
            .collect(),
        rows,
    })
}

impl Row {
    fn of(source: SourceHealth, now: DateTime<Utc>) -> Self {
        let health = if !source.active {
            Health::Off
        } else if source.failures > 0 {
            Health::Failing
        } else if source.last_success_at.is_some() {
            Health::Working
        } else {
            Health::Waiting
        };
        let since = source
            .last_success_at
            .map_or("it has never answered".to_owned(), |time| format!("it last answered {}", ago(now, time)));
        let times =
            if source.failures == 1 { "once".to_owned() } else { format!("{} times in a row", source.failures) };
        let said = source.last_error.map(|error| format::capitalised(error.trim_end_matches('.')));
        let detail = match health {
            Health::Failing => {
                said.map(|error| format!("{error}. Failed {times}; {since}. {}.", next(now, source.due_at)))
            }
            Health::Working | Health::Off => said.map(|error| format!("{error}.")),
            Health::Waiting => None,
        };
        let detail = match (detail, source.backfilling) {
            (None, true) => Some("Its past is being read.".to_owned()),
            (detail, _) => detail,
        };
        Self {
            title: source.title,
            href: linked(&source.url),
            rank: source.rank.parse().map_or("press", rank_label),
            health,
            detail,
            last: source.last_fetch_at.map(|time| (time.to_rfc3339(), ago(now, time))),
            articles: source.articles,
            deals: source.deals,
            articles_a_week: source.articles_a_week,
            deals_a_week: source.deals_a_week,
            delay: source.delay_minutes.map(|minutes| span(minutes as i64)),
            rights: source.rights_note,
        }
    }
}

/// When a source is asked next, in words.
fn next(now: DateTime<Utc>, due: DateTime<Utc>) -> String {
    if due <= now {
        "It is asked again at once".to_owned()
    } else {
        format!("It is asked again in {}", span((due - now).num_minutes()))
    }
}

/// A span of time in words.
fn span(minutes: i64) -> String {
    match minutes {
        ..1 => "less than a minute".to_owned(),
        1..120 => format::plural(minutes, "minute", "minutes"),
        120..2880 => format::plural(minutes / 60, "hour", "hours"),
        _ => format::plural(minutes / 1440, "day", "days"),
    }
}

/// The English name of a language, or its tag.
fn language_name(code: &str) -> String {
    const NAMES: [(&str, &str); 20] = [
        ("ar", "Arabic"),
        ("cs", "Czech"),
        ("da", "Danish"),
        ("de", "German"),
        ("es", "Spanish"),
        ("fi", "Finnish"),
        ("fr", "French"),
        ("hi", "Hindi"),
        ("id", "Indonesian"),
        ("it", "Italian"),
        ("ja", "Japanese"),
        ("ko", "Korean"),
        ("nl", "Dutch"),
        ("no", "Norwegian"),
        ("pl", "Polish"),
        ("pt", "Portuguese"),
        ("ru", "Russian"),
        ("sv", "Swedish"),
        ("tr", "Turkish"),
        ("zh", "Chinese"),
    ];
    NAMES.iter().find(|(tag, _)| *tag == code).map_or(code, |(_, name)| name).to_owned()
}

/// How long ago a moment is, in words.
fn ago(now: DateTime<Utc>, then: DateTime<Utc>) -> String {
    let minutes = (now - then).num_minutes();
    match minutes {
        ..1 => "just now".to_owned(),
        1..60 => format!("{} ago", format::plural(minutes, "minute", "minutes")),
        60..2880 => format!("{} ago", format::plural(minutes / 60, "hour", "hours")),
        _ => format!("{} ago", format::plural(minutes / 1440, "day", "days")),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn moments_are_told_as_people_tell_them() {
        let now = Utc::now();
        for (minutes, words) in
            [(0, "just now"), (1, "1 minute ago"), (90, "1 hour ago"), (2879, "47 hours ago"), (2880, "2 days ago")]
        {
            assert_eq!(ago(now, now - TimeDelta::minutes(minutes)), words);
        }
    }
}
