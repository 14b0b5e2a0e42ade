//! `/digest.atom`: the weekly issues as a feed.

use atom_syndication::{Content, Entry, Feed, Link, Person, Text};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::Utc;

use super::super::{App, error::WebError, format};
use crate::{db::issues, model::Cadence};

/// How many issues it holds.
const LATEST: i64 = 20;

/// `GET /digest.atom`
pub async fn get(State(app): State<App>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let listed = issues::latest(&mut db, Cadence::Weekly, LATEST).await?;
    let updated = listed.first().map_or_else(Utc::now, |newest| newest.made_at).fixed_offset();
    let link = |href: String, rel: &str| Link { href, rel: rel.to_owned(), ..Link::default() };
    let entries = listed
        .iter()
        .map(|issue| {
            let href = app.link(&format!("/digest/{}", issue.name));
            let told =
                format!("{} in {}.", format::plural(issue.entries, "change", "changes"), issue.period.days_in_words());
            Entry {
                id: href.clone(),
                title: Text::plain(format!("Wattline digest, {}", issue.period.title())),
                updated: issue.made_at.fixed_offset(),
                published: Some(issue.made_at.fixed_offset()),
                links: vec![link(href, "alternate")],
                content: Some(Content {
                    value: Some(told),
                    content_type: Some("text".to_owned()),
                    ..Content::default()
                }),
                ..Entry::default()
            }
        })
        .collect();
    let feed = Feed {
        id: app.link("/digest"),
        title: Text::plain("Wattline digest"),
        subtitle: Some(Text::plain("What changed in the ledger of AI-infrastructure deals, week by week")),
        updated,
        authors: vec![Person { name: "Wattline".to_owned(), ..Person::default() }],
        links: vec![link(app.link("/digest"), "alternate"), link(app.link("/digest.atom"), "self")],
        entries,
        ..Feed::default()
    };
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed.to_string()).into_response())
}
