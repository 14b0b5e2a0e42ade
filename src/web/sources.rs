//! `/sources`: the watched feeds and how they are doing.

use askama::Template;
use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};

use super::{
    App,
    citation::{linked, rank_label},
    error::WebError,
    format,
    frame::{Frame, Section, page},
};
use crate::db::source_list::{self, SourceHealth};

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    frame: Frame,
    rows: Vec<Row>,
    working: usize,
    failing: usize,
    waiting: usize,
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
    let rows: Vec<Row> = source_list::list(&mut db).await?.into_iter().map(|source| Row::of(source, now)).collect();
    let count = |health| rows.iter().filter(|row| row.health == health).count();
    page(&SourcesPage {
        frame: Frame::new(Section::Sources, "Sources")
            .describe("The feeds that the ledger watches, and how each is doing.")
            .at(&app, "/sources"),
        working: count(Health::Working),
        failing: count(Health::Failing),
        waiting: count(Health::Waiting),
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
        let detail = source
            .last_error
            .filter(|_| health == Health::Failing)
            .map(|error| format!("{}. Failed {times}; {since}.", format::capitalised(error.trim_end_matches('.'))));
        Self {
            title: source.title,
            href: linked(&source.url),
            rank: source.rank.parse().map_or("press", rank_label),
            health,
            detail,
            last: source.last_fetch_at.map(|time| (time.to_rfc3339(), ago(now, time))),
            articles: source.articles,
            deals: source.deals,
            rights: source.rights_note,
        }
    }
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
