//! One source, one step: ask for its feed, store what is new, note how it went.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use super::{
    host::{Asked, Asker},
    store::{Publisher, from_entry, store},
};
use crate::{
    db::{
        articles::Stored,
        sources::{self, Outcome},
    },
    ingest::{
        feed::{self, Feed, FeedError},
        fetch::{Body, Validators},
        page,
        poll::{self, RetryAfter, next_due},
    },
};

/// What is told of a feed that is not whole.
pub const TRUNCATED: &str = "The feed stops in the middle; its whole entries were read.";

/// A redirect that is said to be for good is believed after so long, and when it has been met so often: until then it may
/// be a mistake, or a guest network's page for signing in.
const PROOF: (TimeDelta, i32) = (TimeDelta::days(7), 5);

/// What asking a source came to.
#[derive(Debug)]
pub enum Polled {
    /// These articles are new.
    Done(Vec<Uuid>),
    /// Its host is busy: to be asked after so long.
    Busy(TimeDelta),
}

/// Asks a source for its feed and stores the entries that are new. Whatever goes wrong with the source is noted on it
/// and is no error of the step.
pub async fn poll_source(pool: &PgPool, asker: &Asker, id: Uuid, now: DateTime<Utc>) -> anyhow::Result<Polled> {
    let mut db = pool.acquire().await?;
    // Two ticks may have asked for it, and it was read since.
    let Some(source) = sources::active(&mut db, id, Some(now)).await? else { return Ok(Polled::Done(Vec::new())) };
    // No connection is held while the host thinks.
    drop(db);

    let validators = Validators { etag: source.etag.clone(), last_modified: source.last_modified.clone() };
    let url = match Url::parse(&source.url) {
        Ok(url) => url,
        Err(error) => {
            let sentence = format!("The address of this source cannot be read: {error}.");
            return failed(pool, &source, &sentence, poll::Outcome::Failed, None, now).await;
        }
    };
    let answer = match asker.feed(&url, &validators).await? {
        Asked::Busy(wait) => return Ok(Polled::Busy(wait)),
        Asked::Answer(Ok(answer)) => answer,
        Asked::Answer(Err(error)) => {
            return failed(pool, &source, &error.to_string(), error.outcome(), error.retry_after(), now).await;
        }
    };
    let fresh = answer.fresh_for.map(RetryAfter::Wait);
    sources::note_moved(pool, id, answer.moved_to.as_ref().map(Url::as_str), now).await?;
    let taken = match answer.body {
        None => {
            let due_at = next_due(now, source.poll_every, poll::Outcome::Unchanged, 0, fresh);
            let outcome = Outcome { at: now, due_at, etag: None, last_modified: None, error: None, gone: false };
            sources::record(pool, id, &outcome).await?;
            Ok(Polled::Done(Vec::new()))
        }
        Some(body) => take(pool, asker, &source, body, fresh, now).await,
    };
    match taken {
        Ok(polled) => {
            if let (Some(to), Some((known, since))) = (&answer.moved_to, &source.moved)
                && to.as_str() == known
                && now - *since >= PROOF.0
                && source.moved_times + 1 >= PROOF.1
            {
                let mut db = pool.acquire().await?;
                sources::readdress(&mut db, id, known).await?;
                tracing::info!(source = source.url, "it has moved for good to {known}");
            }
            Ok(polled)
        }
        Err(error) => {
            // Noted on the source, so that it waits its turn; the cause is for the log.
            tracing::error!(source = source.url, "what it sent could not be stored: {error:#}");
            failed(pool, &source, "What this source sent could not be stored.", poll::Outcome::Failed, None, now).await
        }
    }
}

/// What a source sent as a feed: a feed, a sitemap, or a page that lists articles.
pub fn read(body: &Body) -> Result<Feed, FeedError> {
    match feed::parse(&body.bytes, body.content_type.as_deref(), Some(&body.url)) {
        Err(FeedError::Html) => {
            page::index(&page::decode(&body.bytes, body.content_type.as_deref()), &body.url).ok_or(FeedError::Html)
        }
        read => read,
    }
}

/// Reads what a source sent and stores what is new of it. An error is one of ours, not of the source.
async fn take(
    pool: &PgPool,
    asker: &Asker,
    source: &sources::Source,
    body: Body,
    mut fresh: Option<RetryAfter>,
    now: DateTime<Utc>,
) -> anyhow::Result<Polled> {
    let id = source.id;
    let mut validators = body.validators.clone();
    let mut parsed = tokio::task::spawn_blocking(move || read(&body)).await?;
    if let Err(FeedError::SitemapIndex(sitemaps)) = &parsed
        && let Some(newest) = sitemaps.first()
    {
        // Which of them is the newest changes with the month; that the index has not changed says nothing of it.
        validators = Validators::default();
        let answer = match patiently(asker, newest).await? {
            Asked::Answer(Ok(answer)) => answer,
            Asked::Answer(Err(error)) => {
                let sentence = format!("{newest}: {error}");
                return failed(pool, source, &sentence, poll::Outcome::Failed, error.retry_after(), now).await;
            }
            Asked::Busy(_) => {
                let sentence = format!("The host of {newest} was busy with others.");
                return failed(pool, source, &sentence, poll::Outcome::Failed, None, now).await;
            }
        };
        fresh = answer.fresh_for.map(RetryAfter::Wait);
        if let Some(body) = answer.body {
            parsed = tokio::task::spawn_blocking(move || read(&body)).await?;
        }
    }
    let feed = match parsed {
        Ok(feed) => feed,
        Err(error) => return failed(pool, source, &error.to_string(), poll::Outcome::Failed, None, now).await,
    };
    let new = keep(pool, source, &feed, now).await?;
    let topic = feed.own.as_ref().map_or(source.url.as_str(), Url::as_str);
    let hub = feed.hub.as_ref().map(Url::as_str);
    sources::note_hub(pool, id, hub, hub.map(|_| topic)).await?;
    let due_at = next_due(now, source.poll_every, poll::Outcome::Read, 0, fresh);
    // The validators of half a feed would keep its other half away for good: they are kept of a whole one only.
    let too_long = format!("The feed has more than {} entries; the first were read.", feed::MOST_ENTRIES);
    let complaint = if feed.entries.len() >= feed::MOST_ENTRIES { too_long.as_str() } else { TRUNCATED };
    let outcome = Outcome {
        at: now,
        due_at,
        etag: validators.etag.as_deref().filter(|_| !feed.truncated),
        last_modified: validators.last_modified.as_deref().filter(|_| !feed.truncated),
        error: feed.truncated.then_some(complaint),
        gone: false,
    };
    sources::record(pool, id, &outcome).await?;
    Ok(Polled::Done(new))
}

/// How often, and how long at most each time, a host is waited for that has just answered and now has its pause: together
/// less than the minute after which a source that is due is looked at again.
const TURNS: (usize, TimeDelta) = (3, TimeDelta::seconds(15));

/// What a host that has just answered says of another address of its own.
async fn patiently(asker: &Asker, url: &Url) -> sqlx::Result<Asked> {
    for _ in 1..TURNS.0 {
        match asker.feed(url, &Validators::default()).await? {
            Asked::Busy(wait) if wait <= TURNS.1 => tokio::time::sleep(wait.to_std().unwrap_or_default()).await,
            asked => return Ok(asked),
        }
    }
    asker.feed(url, &Validators::default()).await
}

/// Stores the entries of a source's feed, and returns which are new.
async fn keep(pool: &PgPool, source: &sources::Source, feed: &Feed, now: DateTime<Utc>) -> anyhow::Result<Vec<Uuid>> {
    let publisher = Publisher {
        source_id: Some(source.id),
        name: &source.title,
        feed: Some(&source.url),
        rank: source.rank,
        language: feed.language.as_deref(),
        fetch_pages: true,
        is_archive: false,
    };
    let entries: Vec<_> = feed.entries.iter().filter_map(|entry| from_entry(entry, publisher, now)).collect();
    let mut db = pool.acquire().await?;
    let mut new = Vec::new();
    // In parts, so that a long feed does not keep others from what it touches.
    for part in entries.chunks(PART) {
        let stored = store(&mut db, part, now).await?;
        new.extend(stored.into_iter().filter_map(|stored| if let Stored::New(id) = stored { Some(id) } else { None }));
    }
    Ok(new)
}

/// How many entries are stored in one transaction.
const PART: usize = 500;

/// The most pages of a source's history that are read in a row.
const MOST_PAGES: i32 = 10_000;

/// Reads one page of a source's past (RFC 5005), and notes which is next. What goes wrong ends it: the past is not gone
/// by tomorrow, and an editor can begin again.
pub async fn backfill(pool: &PgPool, asker: &Asker, id: Uuid, now: DateTime<Utc>) -> anyhow::Result<Polled> {
    let mut db = pool.acquire().await?;
    let source = sources::active(&mut db, id, None).await?;
    drop(db);
    let Some((source, address)) = source.and_then(|source| Some((source.clone(), source.backfill_url?))) else {
        return Ok(Polled::Done(Vec::new()));
    };
    let end = async |why: String| -> anyhow::Result<Polled> {
        tracing::info!(source = source.url, "its past is not read further: {why}");
        sources::backfill(pool, id, None, 0).await?;
        Ok(Polled::Done(Vec::new()))
    };
    let Ok(url) = Url::parse(&address) else { return end(format!("{address} is no address")).await };
    let body = match asker.feed(&url, &Validators::default()).await? {
        Asked::Busy(wait) => return Ok(Polled::Busy(wait)),
        Asked::Answer(Ok(answer)) => answer.body,
        Asked::Answer(Err(error)) if error.may_pass() => return Ok(Polled::Busy(TimeDelta::minutes(10))),
        Asked::Answer(Err(error)) => return end(error.to_string()).await,
    };
    let Some(body) = body else { return end("the host sent nothing".to_owned()).await };
    let feed = match tokio::task::spawn_blocking(move || read(&body)).await? {
        Ok(feed) => feed,
        Err(error) => return end(error.to_string()).await,
    };
    let new = keep(pool, &source, &feed, now).await?;
    // A page that holds nothing that is new to us, or leads to itself, may lead on for ever.
    let next = feed.next.as_ref().map(Url::as_str).filter(|next| *next != address && !feed.entries.is_empty());
    let read = i32::try_from(feed.entries.len()).unwrap_or(i32::MAX);
    sources::backfill(pool, id, next.filter(|_| read < MOST_PAGES * 1000), read).await?;
    Ok(Polled::Done(new))
}

async fn failed(
    pool: &PgPool,
    source: &sources::Source,
    sentence: &str,
    outcome: poll::Outcome,
    retry_after: Option<RetryAfter>,
    now: DateTime<Utc>,
) -> anyhow::Result<Polled> {
    tracing::info!(source = source.url, "{sentence}");
    let due_at = next_due(now, source.poll_every, outcome, source.failures + 1, retry_after);
    let due_at = now + jittered(due_at - now, source.id, source.failures);
    let outcome =
        Outcome { at: now, due_at, etag: None, last_modified: None, error: Some(sentence), gone: outcome.retires() };
    sources::record(pool, source.id, &outcome).await.context("noting a failure")?;
    Ok(Polled::Done(Vec::new()))
}

/// A wait lengthened by up to a quarter, differently for each who waits and each time, so that those who failed together
/// do not come back together.
pub fn jittered(wait: TimeDelta, of: Uuid, time: u32) -> TimeDelta {
    let (_, low) = of.as_u64_pair();
    let mixed = low.wrapping_add(u64::from(time)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
    wait + wait / 1024 * i32::try_from(mixed).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jittered_wait_is_at_least_as_long_and_at_most_a_quarter_longer() {
        let hour = TimeDelta::hours(1);
        let waits: Vec<TimeDelta> = (0..100).map(|n| jittered(hour, Uuid::from_u128(n * 7919), 1)).collect();
        assert!(waits.iter().all(|wait| *wait >= hour && *wait <= hour * 5 / 4));
        assert!(waits.iter().any(|wait| *wait < hour * 17 / 16) && waits.iter().any(|wait| *wait > hour * 19 / 16));
    }
}
