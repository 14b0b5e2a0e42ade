//! Bytes of a feed to its entries. Pure.
//!
//! RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, CDF, and JSON Feed 1 and 1.1 become one kind of [`Feed`]. All text in it is plain:
//! markup is resolved to what a reader sees. What is broken is read as far as it goes; see [`parse`].

mod elements;
mod json;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex::Regex;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{decode, input, xml};
use crate::model::Rank;

/// The most entries that are read of one feed; what stands behind them is left, and [`Feed::truncated`] says so.
pub const MOST_ENTRIES: usize = 10_000;

/// A feed, whatever its format was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// What it was written in.
    pub format: Format,
    /// Its name.
    pub title: Option<String>,
    /// Its language, as it says (`en`, `en-US`).
    pub language: Option<String>,
    /// Its entries, in its order.
    pub entries: Vec<Entry>,
    /// Whether it stopped before its end, or holds more than [`MOST_ENTRIES`]: then the entries are those that were
    /// whole.
    pub truncated: bool,
    /// Where the entries before these are (RFC 5005: `prev-archive`, or `next`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Url>,
    /// Where to subscribe to pushes of it (`WebSub`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<Url>,
    /// The address that it gives as its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<Url>,
}

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// RSS 0.91 to 2.0.
    #[strum(serialize = "RSS")]
    Rss,
    /// RSS 0.90, 1.0 and 1.1.
    #[strum(serialize = "RDF")]
    Rdf,
    /// Atom 0.3 and 1.0.
    #[strum(serialize = "Atom")]
    Atom,
    /// The Channel Definition Format, which was before RSS.
    #[strum(serialize = "CDF")]
    Cdf,
    /// A sitemap, whose pages are read one by one.
    #[strum(serialize = "sitemap")]
    Sitemap,
    /// A page that lists articles, for sites without a feed.
    #[strum(serialize = "index page")]
    Index,
    /// JSON Feed 1 and 1.1.
    #[strum(serialize = "JSON Feed")]
    JsonFeed,
}

/// One entry of a feed, even one that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Entry {
    /// What the feed calls it, unique within the feed.
    pub id: Option<String>,
    /// Its page, absolute.
    pub url: Option<Url>,
    /// The page elsewhere that it is about (JSON Feed's `external_url`).
    pub external_url: Option<Url>,
    /// Its title, plain text; empty where there is none.
    pub title: String,
    /// Its summary as plain text.
    pub summary: Option<String>,
    /// Its full content as plain text, a paragraph a line.
    pub content: Option<String>,
    /// When it appeared, as stated, or when it was changed where only that is stated. Can be absurd: see
    /// [`sensible_date`](super::date::sensible_date).
    pub published: Option<DateTime<Utc>>,
    /// When it was last changed, as stated.
    pub updated: Option<DateTime<Utc>>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Who published it first, where the feed collects from others (`<source>`).
    pub publisher: Option<String>,
    /// The sources that it sums up, by our own extension of JSON Feed; empty for all other feeds.
    pub summary_of: Vec<SummarySource>,
}

/// A source that an entry of ours sums up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummarySource {
    /// Its address.
    pub url: Url,
    /// Who published it.
    pub publisher: String,
    /// How far it is trusted.
    #[serde(default)]
    pub rank: Rank,
    /// Whether the facts were seen there.
    #[serde(default)]
    pub confirmed: bool,
}

/// Why something is no feed, in one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// Nothing, or white space.
    #[error("The feed is empty: there is not a single character in it.")]
    Empty,
    /// A web page.
    #[error("This is a web page, not a feed.")]
    Html,
    /// An index of sitemaps, with the sitemaps: those of news first, then the newest.
    #[error("This is an index of {} sitemaps, not a sitemap itself.", .0.len())]
    SitemapIndex(Vec<Url>),
    /// XML of another kind.
    #[error("This is XML, but no feed: it begins with <{0}>.")]
    OtherXml(String),
    /// JSON of another kind, or broken at its beginning.
    #[error("This is JSON, but no JSON Feed: {0}.")]
    OtherJson(String),
    /// Anything else.
    #[error("This is neither RSS, Atom nor JSON Feed.")]
    Unknown,
}

/// Reads a feed. `content_type` is that of the answer, for its charset; `base` the address of the feed, against which
/// relative links are resolved.
///
/// What is broken in common ways is read all the same (see [`xml`](super::xml) and [`decode`](super::decode)); a feed
/// that stops in the middle gives the entries that were whole. Nothing but what is no feed at all is an error.
pub fn parse(bytes: &[u8], content_type: Option<&str>, base: Option<&Url>) -> Result<Feed, FeedError> {
    let text = decode::decode(bytes, content_type);
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}');
    if start.is_empty() {
        return Err(FeedError::Empty);
    }
    if start.starts_with('{') {
        return json::parse(start, base);
    }
    // What is behind the most that is read is not even looked at, so that a feed without end costs no more than a long
    // one.
    let start = &start[..end_of_reading(start)];
    let read = if input::is_html(start) {
        Err(FeedError::Html)
    } else {
        elements::parse(&xml::parse(start).ok_or(FeedError::Unknown)?, base)
    };
    match read {
        // A program's complaint in markup of its own, and the feed behind it.
        Err(error @ (FeedError::OtherXml(_) | FeedError::Html)) => {
            let behind = ROOT.find_at(start, 1).and_then(|found| xml::parse(&start[found.start()..]));
            let feed = behind.and_then(|root| elements::parse(&root, base).ok());
            // A feed whose root was lost still has its entries.
            let is_rootless = matches!(&error, FeedError::OtherXml(name) if PARTS.contains(&name.as_str()));
            let feed = feed.or_else(|| {
                let root = xml::parse(&format!("<rss>{start}</rss>")).filter(|_| is_rootless)?;
                elements::parse(&root, base).ok().filter(|feed| !feed.entries.is_empty())
            });
            feed.filter(|feed| !matches!(error, FeedError::Html) || !feed.entries.is_empty()).ok_or(error)
        }
        result => result,
    }
}

/// What a feed begins with that has lost its root.
const PARTS: [&str; 8] = ["title", "link", "description", "item", "items", "id", "updated", "image"];

/// Where the entry behind the last one that is read begins, with one more, so that it shows that there are more.
fn end_of_reading(text: &str) -> usize {
    ENTRY.find_iter(text).nth(MOST_ENTRIES + 1).map_or(text.len(), |found| found.start())
}

static ENTRY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)<(?:\w+:)?(?:item|entry|url)[\s>]").expect("a constant pattern"));

static ROOT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)<(?:\w+:)?(?:rss|feed|rdf)[\s>]").expect("a constant pattern"));

#[cfg(test)]
mod tests;
