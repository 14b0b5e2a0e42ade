//! Feeds, as RFC 4287 has them.

use atom_syndication::{
    CategoryBuilder, ContentBuilder, Entry, EntryBuilder, FeedBuilder, LinkBuilder, PersonBuilder, Text,
};
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use crate::{
    db::timeline::ListedDeal,
    web::{
        App,
        figure::Figure,
        format,
        row::{deal_path, what},
    },
};

/// How many entries a feed has.
pub const ENTRIES: i64 = 60;

/// A feed of entries at a path of ours, beside the page that shows the same.
pub fn feed(app: &App, title: &str, path: &str, page: &str, entries: Vec<Entry>) -> Response {
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or_default();
    let link = |rel: &str, href: String, kind: &str| {
        LinkBuilder::default().rel(rel).href(href).mime_type(Some(kind.to_owned())).build()
    };
    let feed = FeedBuilder::default()
        .title(Text::plain(printable(title)))
        .id(app.link(path))
        .updated(updated)
        .author(PersonBuilder::default().name("Wattline").uri(app.link("/")).build())
        .link(link("self", app.link(path), "application/atom+xml"))
        .link(link("alternate", app.link(page), "text/html"))
        .entries(entries)
        .build();
    ([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed.to_string()).into_response()
}

/// An entry of a page of ours.
pub fn entry(url: String, title: &str, updated: DateTime<Utc>, published: DateTime<Utc>, text: &str) -> EntryBuilder {
    let mut entry = EntryBuilder::default();
    entry
        .title(Text::plain(printable(title)))
        .id(url.clone())
        .updated(updated)
        .published(published.fixed_offset())
        .link(LinkBuilder::default().rel("alternate").href(url).mime_type("text/html".to_owned()).build())
        .content(ContentBuilder::default().content_type("text".to_owned()).value(printable(text)).build());
    entry
}

/// The entry of a deal.
pub fn of_deal(app: &App, listed: &ListedDeal, updated: DateTime<Utc>) -> Entry {
    let deal = &listed.deal;
    let figures: Vec<String> = [
        Figure::of_deal(deal).map(|figure| figure.text()),
        deal.mw.map(|mw| format::megawatts(mw.get())),
        Some(deal.status.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let title = format!("{} ({})", deal.headline, figures.join(", "));
    let publishers = i64::try_from(deal.publishers).unwrap_or(i64::MAX);
    let text = format!(
        "{}: {}. {}; reported by {}.",
        format::capitalised(deal.kind.label()),
        what(deal),
        format::day(deal.day()),
        format::plural(publishers, "publisher", "publishers")
    );
    let url = app.link(&deal_path(listed.id, &listed.slug));
    entry(url, &title, updated, deal.first_seen, &text)
        .id(format!("urn:uuid:{}", listed.id))
        .category(CategoryBuilder::default().term(deal.kind.as_str()).label(deal.kind.label().to_owned()).build())
        .build()
}

/// A text without what XML cannot hold.
fn printable(text: &str) -> String {
    text.chars().filter(|letter| matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)).collect()
}
