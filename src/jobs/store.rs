//! From what was read of a source to stored articles.

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use url::Url;
use uuid::Uuid;

use crate::{
    db::articles::{self, NewArticle, Origin, Stored, SummaryOf},
    ingest::{
        date::{sensible_date, stated_date},
        feed::Entry,
        page::{self, Page},
    },
    model::{ArticleLine, Rank},
};

/// An entry whose feed gives less text than this, in characters, is taken for a summary of its page.
const SUMMARY: usize = 700;

/// Whose entries are stored.
#[derive(Debug, Clone, Copy)]
pub struct Publisher<'a> {
    /// The watched source.
    pub source_id: Option<Uuid>,
    /// Its name.
    pub name: &'a str,
    /// The address of its feed, within which the ids of its entries are unique; `None` for a file, of which nobody
    /// knows where it came from.
    pub feed: Option<&'a str>,
    /// How far it is trusted.
    pub rank: Rank,
    /// The language that the feed states.
    pub language: Option<&'a str>,
    /// Whether pages may be fetched where the feed gives a summary only.
    pub fetch_pages: bool,
    /// Whether its entries may be Wattline's own summaries, each with the rank of its sources. Never for what came over
    /// the network: any feed could say so of itself.
    pub is_archive: bool,
}

/// An entry of a feed as an article. `None` for one that says nothing.
pub fn from_entry(entry: &Entry, publisher: Publisher<'_>, now: DateTime<Utc>) -> Option<NewArticle> {
    let text = entry.content.clone().or_else(|| entry.summary.clone()).unwrap_or_default();
    let url = entry.url.as_ref().or(entry.external_url.as_ref()).map(page::canonical_url);
    // A sitemap gives an address only; the page says the rest.
    if entry.title.trim().is_empty() && text.trim().is_empty() && (url.is_none() || !publisher.fetch_pages) {
        return None;
    }
    let published = sensible_date(entry.published, now);

    let sources = if publisher.is_archive { entry.summary_of.as_slice() } else { &[] };
    if let Some(best) =
        sources.iter().find(|source| url.as_ref().is_some_and(|url| same(url, &source.url))).or_else(|| sources.first())
    {
        // Wattline's own summary: it stands beside the article that it sums up, and is never taken for it.
        return Some(NewArticle {
            source_id: None,
            origin: Origin::Archive,
            keys: entry.id.iter().map(|id| format!("archive:{id}")).collect(),
            url: url.map(String::from),
            publisher: best.publisher.clone(),
            rank: best.rank,
            summary_of: sources
                .iter()
                .map(|source| SummaryOf {
                    url: source.url.to_string(),
                    publisher: source.publisher.clone(),
                    rank: source.rank,
                    confirmed: source.confirmed,
                })
                .collect(),
            title: entry.title.clone(),
            text,
            language: None,
            author: None,
            published,
            page_wanted: false,
        });
    }

    let page_wanted = publisher.fetch_pages && url.is_some() && text.chars().take(SUMMARY).count() < SUMMARY;
    let mut keys: Vec<String> = url.iter().map(ToString::to_string).collect();
    if keys.is_empty() {
        // Without an id or a feed that it is unique in, an entry is known by its content.
        keys.extend(entry.id.iter().zip(publisher.feed).map(|(id, feed)| format!("feed:{feed}#{id}")));
    }
    Some(NewArticle {
        source_id: publisher.source_id,
        origin: Origin::Feed,
        keys,
        url: url.map(String::from),
        publisher: entry.publisher.clone().unwrap_or_else(|| publisher.name.to_owned()),
        rank: publisher.rank,
        summary_of: Vec::new(),
        title: entry.title.clone(),
        text,
        language: publisher.language.map(str::to_owned),
        author: entry.author.clone(),
        published,
        page_wanted,
    })
}

fn same(a: &Url, b: &Url) -> bool {
    page::canonical_url(a) == page::canonical_url(b)
}

/// A page that was handed in as an article; `address` is where it was fetched, `None` for a file.
pub fn from_page(page: Page, address: Option<&Url>, now: DateTime<Utc>) -> NewArticle {
    let url = page.canonical.clone().or_else(|| address.map(page::canonical_url));
    NewArticle {
        source_id: None,
        origin: Origin::Page,
        keys: url.iter().map(ToString::to_string).collect(),
        publisher: page.site_name.or_else(|| url.as_ref().and_then(host)).unwrap_or_else(unnamed),
        url: url.map(String::from),
        rank: Rank::Press,
        summary_of: Vec::new(),
        title: page.title,
        text: page.text,
        language: page.language,
        author: page.author,
        published: sensible_date(page.published, now),
        page_wanted: false,
    }
}

/// A line of JSON Lines as an article, and a complaint where its date cannot be read.
///
/// # Errors
/// One sentence where it has neither text nor readable HTML.
pub fn from_line(line: &ArticleLine, now: DateTime<Utc>) -> Result<(NewArticle, Option<String>), String> {
    let url =
        line.url.as_deref().and_then(|url| Url::parse(url).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
    let (stated, complaint) = match stated_date(line.published.as_deref()) {
        Ok(stated) => (stated, None),
        Err(complaint) => (None, Some(complaint)),
    };
    let page = match (&line.text, &line.html) {
        (Some(_), _) => None,
        (None, Some(html)) => Some(page::read(html, url.as_ref()).map_err(|error| error.to_string())?),
        (None, None) => return Err("the article has neither `text` nor `html`; give one of them".to_owned()),
    };
    let mut article = match page {
        Some(page) => from_page(page, url.as_ref(), now),
        None => NewArticle {
            source_id: None,
            origin: Origin::File,
            keys: Vec::new(),
            url: None,
            publisher: String::new(),
            rank: Rank::Press,
            summary_of: Vec::new(),
            title: String::new(),
            text: line.text.clone().unwrap_or_default(),
            language: None,
            author: None,
            published: None,
            page_wanted: false,
        },
    };
    article.origin = Origin::File;
    if let Some(url) = url.as_ref().map(page::canonical_url) {
        if article.publisher.is_empty() {
            article.publisher = host(&url).unwrap_or_else(unnamed);
        }
        let key = url.to_string();
        if !article.keys.contains(&key) {
            article.keys.push(key);
        }
        article.url = Some(url.into());
    }
    if let Some(title) = &line.title {
        article.title.clone_from(title);
    }
    if let Some(publisher) = line.publisher.as_ref().filter(|name| !name.trim().is_empty()) {
        article.publisher.clone_from(publisher);
    }
    if article.publisher.is_empty() {
        article.publisher = unnamed();
    }
    article.published = sensible_date(stated, now).or(article.published);
    Ok((article, complaint))
}

/// A host's name without `www.`, which stands for a publisher that does not name itself.
fn host(url: &Url) -> Option<String> {
    url.host_str().map(|host| host.trim_start_matches("www.").to_owned())
}

/// What stands for a publisher of which nothing is known.
pub fn unnamed() -> String {
    "Unnamed source".to_owned()
}

/// Stores articles in one transaction. Returns, in their order, what became of each.
pub async fn store(db: &mut PgConnection, new: &[NewArticle], now: DateTime<Utc>) -> sqlx::Result<Vec<Stored>> {
    let mut tx = db.begin().await?;
    let stored = articles::store(&mut tx, new, now).await?;
    tx.commit().await?;
    Ok(stored)
}
