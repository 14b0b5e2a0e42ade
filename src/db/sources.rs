//! The feeds and pages that are watched.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, PgExecutor, PgPool, postgres::PgListener};
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
    /// Where a permanent redirect of it leads, and since when.
    pub moved: Option<(String, DateTime<Utc>)>,
    /// How often that redirect has been met.
    pub moved_times: i32,
    /// The page of its history that is read next.
    pub backfill_url: Option<String>,
    /// `WebSub`: where it can be subscribed to, and until when it is.
    pub hub: Option<String>,
    /// When the subscription ends.
    pub hub_until: Option<DateTime<Utc>>,
    /// When it was last asked for.
    pub hub_asked_at: Option<DateTime<Utc>>,
}

/// A source as a list of them has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// Where it is read.
    pub url: String,
    /// Its name.
    pub title: String,
    /// How far it is trusted.
    pub rank: Rank,
    /// Whether it is read.
    pub active: bool,
    /// What went wrong the last time, where it did.
    pub last_error: Option<String>,
    /// When it last answered.
    pub last_success_at: Option<DateTime<Utc>>,
    /// The page of its history that is read next.
    pub backfill_url: Option<String>,
}

/// All sources, by their names.
pub async fn all(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Listed>> {
    let rows = sqlx::query!(
        "SELECT id, url, title, rank, active, last_error, last_success_at, backfill_url FROM sources ORDER BY lower(title), url"
    );
    let rows = rows.fetch_all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Listed {
                id: row.id,
                url: row.url,
                title: row.title,
                rank: parsed(Rank::from_str(&row.rank))?,
                active: row.active,
                last_error: row.last_error,
                last_success_at: row.last_success_at,
                backfill_url: row.backfill_url,
            })
        })
        .collect()
}

/// Watches a source as an editor says: a new one, or one that is known under this URL, with this name and rank from now
/// on. Returns whether it is new.
pub async fn watch(
    db: impl PgExecutor<'_>,
    url: &str,
    title: &str,
    rank: Rank,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        "INSERT INTO sources (id, url, title, rank, due_at, created_at) VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (url) DO UPDATE SET title = excluded.title, rank = excluded.rank, active = true, failures = 0,
             last_error = NULL, due_at = excluded.due_at
         RETURNING xmax = 0 AS \"new!\"",
        new_id(now),
        url,
        title,
        rank.as_str(),
        now
    )
    .fetch_one(db)
    .await
}

/// Stops watching a source, or watches it again. What it gave stays. Returns whether there is one of this URL.
pub async fn set_active(db: impl PgExecutor<'_>, url: &str, active: bool, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let set = sqlx::query!(
        "UPDATE sources SET active = $2, due_at = CASE WHEN $2 THEN $3 ELSE due_at END,
             failures = CASE WHEN $2 THEN 0 ELSE failures END
         WHERE url = $1",
        url,
        active,
        now
    );
    Ok(set.execute(db).await?.rows_affected() == 1)
}

/// Removes a source; its articles stay, and stand for themselves. Returns whether there was one of this URL.
pub async fn remove(db: &mut PgConnection, url: &str) -> sqlx::Result<bool> {
    let Some(id) = sqlx::query_scalar!("SELECT id FROM sources WHERE url = $1", url).fetch_optional(&mut *db).await?
    else {
        return Ok(false);
    };
    sqlx::query!("UPDATE articles SET source_id = NULL WHERE source_id = $1", id).execute(&mut *db).await?;
    sqlx::query!("DELETE FROM sources WHERE id = $1", id).execute(db).await?;
    Ok(true)
}

/// Notes where the history of a source is read next; `None`: its past is not read, or no longer. `read` are the articles
/// that were found on the page before.
pub async fn backfill(db: impl PgExecutor<'_>, id: Uuid, next: Option<&str>, read: i32) -> sqlx::Result<()> {
    sqlx::query!("UPDATE sources SET backfill_url = $2, backfilled = backfilled + $3 WHERE id = $1", id, next, read)
        .execute(db)
        .await?;
    Ok(())
}

/// The sources whose past is being read.
pub async fn backfilling(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("SELECT id FROM sources WHERE active AND backfill_url IS NOT NULL ORDER BY id")
        .fetch_all(db)
        .await
}

/// Notes that the address of a source redirects for good to `to`, or (`None`) that it does not.
pub async fn note_moved(db: impl PgExecutor<'_>, id: Uuid, to: Option<&str>, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE sources SET
             moved_since = CASE WHEN moved_to = $2 THEN moved_since WHEN $2::text IS NULL THEN NULL ELSE $3 END,
             moved_times = CASE WHEN moved_to = $2 THEN moved_times + 1 WHEN $2::text IS NULL THEN 0 ELSE 1 END,
             moved_to = $2
         WHERE id = $1 AND (moved_to IS NOT NULL OR $2::text IS NOT NULL)",
        id,
        to,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a source another address. False where that is watched already: then this one is switched off.
pub async fn readdress(db: &mut PgConnection, id: Uuid, url: &str) -> sqlx::Result<bool> {
    let moved = sqlx::query!(
        "UPDATE sources SET url = $2, moved_to = NULL, moved_since = NULL, moved_times = 0
         WHERE id = $1 AND NOT EXISTS (SELECT FROM sources WHERE url = $2)",
        id,
        url
    )
    .execute(&mut *db)
    .await?;
    if moved.rows_affected() == 1 {
        return Ok(true);
    }
    let why = format!("It has moved to {url}, which is watched already.");
    sqlx::query!("UPDATE sources SET active = false, last_error = $2 WHERE id = $1", id, why).execute(db).await?;
    Ok(false)
}

/// Notes where a source can be subscribed to, and under which name.
pub async fn note_hub(db: impl PgExecutor<'_>, id: Uuid, hub: Option<&str>, topic: Option<&str>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE sources SET hub = $2, topic = $3
         WHERE id = $1 AND (hub IS DISTINCT FROM $2 OR topic IS DISTINCT FROM $3)",
        id,
        hub,
        topic
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A source that is to be subscribed to.
#[derive(Debug)]
pub struct Subscribable {
    /// Its id.
    pub id: Uuid,
    /// The hub.
    pub hub: String,
    /// What the hub knows it by.
    pub topic: String,
    /// What pushes are signed with.
    pub secret: String,
}

/// The sources with a hub whose subscription is missing or about to end, each given `secret` where it has none yet, and
/// noted as asked for.
pub async fn to_subscribe(
    db: impl PgExecutor<'_>,
    now: DateTime<Utc>,
    secret: &str,
) -> sqlx::Result<Vec<Subscribable>> {
    sqlx::query_as!(
        Subscribable,
        "UPDATE sources SET hub_asked_at = $1::timestamptz, hub_secret = coalesce(hub_secret, encode(sha256(convert_to($2 || id::text, 'UTF8')), 'hex'))
         WHERE active AND hub IS NOT NULL AND topic IS NOT NULL AND (hub_until IS NULL OR hub_until < $1::timestamptz + interval '1 day')
           AND (hub_asked_at IS NULL OR hub_asked_at < $1::timestamptz - interval '6 hours')
         RETURNING id, hub AS \"hub!\", topic AS \"topic!\", hub_secret AS \"secret!\"",
        now,
        secret
    )
    .fetch_all(db)
    .await
}

/// What a hub may say of a source: its topic and secret, where it was asked to subscribe.
pub async fn subscription(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Option<(String, String)>> {
    let row = sqlx::query!(
        "SELECT topic AS \"topic!\", hub_secret AS \"secret!\" FROM sources
         WHERE id = $1 AND active AND topic IS NOT NULL AND hub_secret IS NOT NULL AND hub_asked_at IS NOT NULL",
        id
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.topic, row.secret)))
}

/// Notes until when a source is subscribed to.
pub async fn subscribed(db: impl PgExecutor<'_>, id: Uuid, until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE sources SET hub_until = $2 WHERE id = $1", id, until).execute(db).await?;
    Ok(())
}

/// Has a source read at once, and tells the workers.
pub async fn due_now(db: impl PgExecutor<'_>, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH due AS (UPDATE sources SET due_at = $2 WHERE id = $1 AND active AND due_at > $2 RETURNING id)
         SELECT pg_notify('wattline_due', id::text) FROM due",
        id,
        now
    )
    .fetch_optional(db)
    .await?;
    Ok(())
}

/// Hears of sources that have become due out of their turn.
pub struct Due(PgListener);

impl Due {
    /// Begins to listen.
    pub async fn listen(pool: &PgPool) -> sqlx::Result<Self> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen("wattline_due").await?;
        Ok(Self(listener))
    }

    /// Waits for the next.
    pub async fn next(&mut self) -> sqlx::Result<()> {
        self.0.recv().await.map(drop)
    }
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

/// A source by its id, where it is still watched, and due by `due_by` if there is such a time.
pub async fn active(db: &mut PgConnection, id: Uuid, due_by: Option<DateTime<Utc>>) -> sqlx::Result<Option<Source>> {
    let row = sqlx::query!(
        "SELECT id, url, title, rank, extract(epoch FROM poll_every)::bigint AS \"poll_seconds!\", etag, last_modified, failures,
                moved_to, moved_since, moved_times, backfill_url, hub, hub_until, hub_asked_at
         FROM sources WHERE id = $1 AND active AND ($2::timestamptz IS NULL OR due_at <= $2)",
        id,
        due_by
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
            moved: row.moved_to.zip(row.moved_since),
            moved_times: row.moved_times,
            backfill_url: row.backfill_url,
            hub: row.hub,
            hub_until: row.hub_until,
            hub_asked_at: row.hub_asked_at,
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
