//! One source, one step: ask for its feed, store what is new, note how it went.

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use super::store::{Publisher, from_entry, store};
use crate::{
    db::{
        articles::{self, FullText, Stored},
        sources::{self, Outcome},
    },
    ingest::{
        feed,
        fetch::{Body, FetchError, Fetched, Fetcher, Validators},
        page,
        poll::{self, next_due},
    },
};

/// What is told of a feed that is not whole.
pub const TRUNCATED: &str = "The feed stops in the middle; its whole entries were read.";

/// Asks a source for its feed and stores the entries that are new. Returns their ids; whatever goes wrong with the
/// source is noted on it and is no error of the step.
pub async fn poll_source(pool: &PgPool, fetcher: &Fetcher, id: Uuid, now: DateTime<Utc>) -> anyhow::Result<Vec<Uuid>> {
    let mut db = pool.acquire().await?;
    let Some(source) = sources::active(&mut db, id).await? else { return Ok(Vec::new()) };
    // No connection is held while the host thinks.
    drop(db);

    let validators = Validators { etag: source.etag.clone(), last_modified: source.last_modified.clone() };
    let answer = match Url::parse(&source.url) {
        Ok(url) => fetcher.get(&url, &validators).await,
        Err(error) => {
            let sentence = format!("The address of this source cannot be read: {error}.");
            return failed(pool, &source, &sentence, poll::Outcome::Failed, None, now).await;
        }
    };
    let body = match answer {
        Ok(Fetched::Body(body)) => body,
        Ok(Fetched::Unchanged) => {
            let due_at = next_due(now, source.poll_every, poll::Outcome::Unchanged, 0, None);
            let outcome = Outcome { at: now, due_at, etag: None, last_modified: None, error: None, gone: false };
            sources::record(pool, id, &outcome).await?;
            return Ok(Vec::new());
        }
        Err(error) => {
            return failed(pool, &source, &error.to_string(), error.outcome(), error.retry_after(), now).await;
        }
    };

    match take(pool, &source, body, now).await {
        Ok(new) => Ok(new),
        Err(error) => {
            // Noted on the source, so that it waits its turn; the cause is for the log.
            tracing::error!(source = source.url, "what it sent could not be stored: {error:#}");
            failed(pool, &source, "What this source sent could not be stored.", poll::Outcome::Failed, None, now).await
        }
    }
}

/// Reads what a source sent and stores what is new of it. An error is one of ours, not of the source.
async fn take(pool: &PgPool, source: &sources::Source, body: Body, now: DateTime<Utc>) -> anyhow::Result<Vec<Uuid>> {
    let id = source.id;
    let validators = body.validators.clone();
    let parsed =
        tokio::task::spawn_blocking(move || feed::parse(&body.bytes, body.content_type.as_deref(), Some(&body.url)))
            .await?;
    let feed = match parsed {
        Ok(feed) => feed,
        Err(error) => return failed(pool, source, &error.to_string(), poll::Outcome::Failed, None, now).await,
    };
    let publisher = Publisher {
        source_id: Some(id),
        name: &source.title,
        feed: Some(&source.url),
        rank: source.rank,
        fetch_pages: true,
        is_archive: false,
    };
    let entries: Vec<_> = feed.entries.iter().filter_map(|entry| from_entry(entry, publisher, now)).collect();
    let mut db = pool.acquire().await?;
    let stored = store(&mut db, &entries, now).await?;
    let due_at = next_due(now, source.poll_every, poll::Outcome::Read, 0, None);
    // The validators of half a feed would keep its other half away for good: they are kept of a whole one only.
    let outcome = Outcome {
        at: now,
        due_at,
        etag: validators.etag.as_deref().filter(|_| !feed.truncated),
        last_modified: validators.last_modified.as_deref().filter(|_| !feed.truncated),
        error: feed.truncated.then_some(TRUNCATED),
        gone: false,
    };
    sources::record(&mut *db, id, &outcome).await?;
    Ok(stored.into_iter().filter_map(|stored| if let Stored::New(id) = stored { Some(id) } else { None }).collect())
}

async fn failed(
    pool: &PgPool,
    source: &sources::Source,
    sentence: &str,
    outcome: poll::Outcome,
    retry_after: Option<poll::RetryAfter>,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<Uuid>> {
    tracing::info!(source = source.url, "{sentence}");
    let due_at = next_due(now, source.poll_every, outcome, source.failures + 1, retry_after);
    let outcome =
        Outcome { at: now, due_at, etag: None, last_modified: None, error: Some(sentence), gone: outcome.retires() };
    sources::record(pool, source.id, &outcome).await.context("noting a failure")?;
    Ok(Vec::new())
}

/// What became of fetching an article's page.
#[derive(Debug)]
pub enum PageOutcome {
    /// The article has its full text, or needed none.
    Ready,
    /// The host may answer another time.
    Later(FetchError),
}

/// Fetches the page of an article of which the feed gave a summary only. Where the page cannot be had or has no text,
/// the summary stands in for it, with the reason; a fault that may pass is returned instead, unless this is the `last`
/// try.
pub async fn fetch_page(pool: &PgPool, fetcher: &Fetcher, id: Uuid, last: bool) -> anyhow::Result<PageOutcome> {
    let Some(address) = articles::wanted_page(pool, id).await? else { return Ok(PageOutcome::Ready) };
    let give_up = async |reason: String| -> anyhow::Result<PageOutcome> {
        articles::give_up_page(pool, id, &reason).await?;
        Ok(PageOutcome::Ready)
    };
    let url = match Url::parse(&address) {
        Ok(url) => url,
        Err(error) => return give_up(format!("The address of the page cannot be read: {error}.")).await,
    };
    let body = match fetcher.get(&url, &Validators::default()).await {
        Ok(Fetched::Body(body)) => body,
        Ok(Fetched::Unchanged) => return give_up("The host sent no page.".to_owned()).await,
        Err(error) if !last && error.may_pass() => return Ok(PageOutcome::Later(error)),
        Err(error) => return give_up(error.to_string()).await,
    };
    let read = tokio::task::spawn_blocking(move || {
        let html = page::decode(&body.bytes, body.content_type.as_deref());
        page::read(&html, Some(&body.url))
    })
    .await?;
    let page = match read {
        Ok(page) => page,
        Err(error) => return give_up(error.to_string()).await,
    };
    let full = FullText {
        text: page.text,
        canonical: page.canonical.map(String::from),
        language: page.language,
        published: page.published,
    };
    let mut tx = pool.begin().await?;
    articles::set_full_text(&mut tx, id, &full).await?;
    tx.commit().await?;
    Ok(PageOutcome::Ready)
}
