//! The feeds and pages that are watched.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{new_id, parsed};
use crate::model::Rank;

/// A source as the worker needs it.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its id.
    pub id: Uuid,
    /// Where it is read.
    pub url: String,
    /// Its name, which stands for the publisher where an entry names none.
    pub title: String,
    /// How far it is trusted.
    pub rank: Rank,
    /// How often it is read.
    pub poll_every: TimeDelta,
    /// The last answer's `ETag`.
    pub etag: Option<String>,
    /// The last answer's `Last-Modified`.
    pub last_modified: Option<String>,
    /// How often in a row reading it has failed.
    pub failures: u32,
}

/// Adds a source where its URL is not watched yet; otherwise leaves it as it is, for an editor may have changed it.
pub async fn add(db: impl PgExecutor<'_>, url: &str, title: &str, rank: Rank, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO sources (id, url, title, rank, due_at, created_at) VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (url) DO NOTHING",
        new_id(now),
        url,
        title,
        rank.as_str(),
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The ids of the sources that are due, longest waiting first.
pub async fn due(db: impl PgExecutor<'_>, now: DateTime<Utc>, limit: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("SELECT id FROM sources WHERE active AND due_at <= $1 ORDER BY due_at LIMIT $2", now, limit)
        .fetch_all(db)
        .await
}

/// A source by its id, where it is still watched.
pub async fn active(db: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<Source>> {
    let row = sqlx::query!(
        "SELECT id, url, title, rank, extract(epoch FROM poll_every)::bigint AS \"poll_seconds!\", etag, last_modified, failures
         FROM sources WHERE id = $1 AND active",
        id
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| {
        Ok(Source {
            id: row.id,
            url: row.url,
            title: row.title,
            rank: parsed(Rank::from_str(&row.rank))?,
            poll_every: TimeDelta::seconds(row.poll_seconds),
            etag: row.etag,
            last_modified: row.last_modified,
            failures: u32::try_from(row.failures).unwrap_or_default(),
        })
    })
    .transpose()
}

/// What a fetch of a source came to.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// When it was fetched.
    pub at: DateTime<Utc>,
    /// When it is due again.
    pub due_at: DateTime<Utc>,
    /// The validators of the answer; left as they were where there are none.
    pub etag: Option<&'a str>,
    /// The answer's `Last-Modified`.
    pub last_modified: Option<&'a str>,
    /// What went wrong, in one sentence.
    pub error: Option<&'a str>,
    /// Whether the source said that it is gone for good.
    pub gone: bool,
}

/// Records a fetch: a success clears the failures, a failure counts up and keeps the validators.
pub async fn record(db: impl PgExecutor<'_>, id: Uuid, outcome: &Outcome<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE sources SET
             last_fetch_at = $2,
             due_at = $3,
             etag = CASE WHEN $6::text IS NULL THEN coalesce($4, etag) ELSE etag END,
             last_modified = CASE WHEN $6::text IS NULL THEN coalesce($5, last_modified) ELSE last_modified END,
             last_success_at = CASE WHEN $6::text IS NULL THEN $2 ELSE last_success_at END,
             failures = CASE WHEN $6::text IS NULL THEN 0 ELSE failures + 1 END,
             last_error = $6,
             active = active AND NOT $7
         WHERE id = $1",
        id,
        outcome.at,
        outcome.due_at,
        outcome.etag,
        outcome.last_modified,
        outcome.error,
        outcome.gone
    )
    .execute(db)
    .await?;
    Ok(())
}
