//! The hosts that are asked, each by one worker at a time.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

/// How long a host is held without being held anew; a worker that dies is waited for so long.
const LEASE: TimeDelta = TimeDelta::seconds(20);

/// Takes a host for `holder`, where nobody holds it and it may be asked. False: not now.
pub async fn take(db: impl PgExecutor<'_>, host: &str, holder: Uuid) -> sqlx::Result<bool> {
    let taken = sqlx::query!(
        "INSERT INTO hosts AS h (host, held_by, held_until, free_at, promised)
         VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3), clock_timestamp(), clock_timestamp())
         ON CONFLICT (host) DO UPDATE SET held_by = excluded.held_by, held_until = excluded.held_until
         WHERE (h.held_until IS NULL OR h.held_until < clock_timestamp()) AND h.free_at <= clock_timestamp()",
        host,
        holder,
        seconds(LEASE)
    )
    .execute(db)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Holds a host for some seconds more. False where it is no longer `holder`'s.
pub async fn hold(db: impl PgExecutor<'_>, host: &str, holder: Uuid) -> sqlx::Result<bool> {
    let held = sqlx::query!(
        "UPDATE hosts SET held_until = clock_timestamp() + make_interval(secs => $3) WHERE host = $1 AND held_by = $2",
        host,
        holder,
        seconds(LEASE)
    )
    .execute(db)
    .await?;
    Ok(held.rows_affected() == 1)
}

/// Gives a host back: it may be asked again after `pause`, or at `not_before`, whichever is later.
pub async fn give_back(
    db: impl PgExecutor<'_>,
    host: &str,
    holder: Uuid,
    pause: TimeDelta,
    not_before: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE hosts SET held_by = NULL, held_until = NULL,
             free_at = greatest(clock_timestamp() + make_interval(secs => $3), $4)
         WHERE host = $1 AND held_by = $2",
        host,
        holder,
        seconds(pause),
        not_before
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Promises a time to somebody who has to wait for a host: one `pause` after the last that was promised. Everybody who
/// waits is given another, so that they do not come back all at once.
pub async fn promise(db: impl PgExecutor<'_>, host: &str, pause: TimeDelta) -> sqlx::Result<TimeDelta> {
    let wait = sqlx::query_scalar!(
        "UPDATE hosts SET promised = greatest(promised, free_at, clock_timestamp()) + make_interval(secs => $2)
         WHERE host = $1 RETURNING extract(epoch FROM promised - clock_timestamp())::float8 AS \"wait!\"",
        host,
        seconds(pause)
    )
    .fetch_optional(db)
    .await?;
    Ok(TimeDelta::milliseconds((wait.unwrap_or_default() * 1000.0) as i64).max(TimeDelta::zero()))
}

/// A host's `robots.txt`, where it was read since a moment.
pub async fn robots(db: impl PgExecutor<'_>, host: &str, since: DateTime<Utc>) -> sqlx::Result<Option<String>> {
    let known = sqlx::query_scalar!("SELECT robots FROM hosts WHERE host = $1 AND robots_read_at > $2", host, since)
        .fetch_optional(db)
        .await?;
    Ok(known.map(Option::unwrap_or_default))
}

/// Keeps a host's `robots.txt`; empty where it has none.
pub async fn keep_robots(db: impl PgExecutor<'_>, host: &str, robots: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE hosts SET robots = $2, robots_read_at = $3 WHERE host = $1",
        host,
        robots.replace('\0', ""),
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

fn seconds(span: TimeDelta) -> f64 {
    span.num_milliseconds() as f64 / 1000.0
}
