//! What is wanted of the digest, when and how.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::parsed;
use crate::model::{Preferences, Wish};

/// When and how a subscription comes.
pub(super) async fn preferences_of(db: &mut PgConnection, subscription: Uuid) -> sqlx::Result<Option<Preferences>> {
    let row = sqlx::query!(
        "SELECT cadence, weekday, hour, zone, format, when_quiet FROM subscriptions WHERE id = $1",
        subscription
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| preferences(&row.cadence, row.weekday, row.hour, &row.zone, &row.format, row.when_quiet)).transpose()
}

/// Preferences out of their columns.
pub(super) fn preferences(
    cadence: &str,
    weekday: i16,
    hour: i16,
    zone: &str,
    format: &str,
    when_quiet: bool,
) -> sqlx::Result<Preferences> {
    Ok(Preferences {
        cadence: parsed(cadence.parse())?,
        weekday: parsed(u8::try_from(weekday))?,
        hour: parsed(u8::try_from(hour))?,
        zone: parsed(zone.parse())?,
        format: parsed(format.parse())?,
        when_quiet,
    })
}

/// Changes what a subscription is about, when and how it comes.
pub async fn change(
    db: &mut PgConnection,
    subscription: Uuid,
    query: &str,
    wish: &Wish,
    wanted: &Preferences,
    next_at: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE subscriptions SET query = $2, wish = $3, cadence = $4, weekday = $5, hour = $6, zone = $7, format = $8,
                when_quiet = $9, next_at = $10 WHERE id = $1",
        subscription,
        query,
        Json(wish) as _,
        wanted.cadence.to_string(),
        i16::from(wanted.weekday),
        i16::from(wanted.hour),
        wanted.zone.name(),
        wanted.format.to_string(),
        wanted.when_quiet,
        next_at
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A subscription that is due.
#[derive(Debug, Clone)]
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// When and how.
    pub preferences: Preferences,
}

/// Subscriptions that are due, those that wait longest first. Taken by one worker at a time, for its transaction.
pub async fn due(db: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> sqlx::Result<Vec<Due>> {
    let rows = sqlx::query!(
        "SELECT id, cadence, weekday, hour, zone, format, when_quiet FROM subscriptions WHERE next_at <= $1
         ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED",
        now,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let wanted = preferences(&row.cadence, row.weekday, row.hour, &row.zone, &row.format, row.when_quiet)?;
            Ok(Due { id: row.id, preferences: wanted })
        })
        .collect()
}

/// Notes when each of these is due again.
pub async fn put_off(db: &mut PgConnection, next: &[(Uuid, Option<DateTime<Utc>>)]) -> sqlx::Result<()> {
    let (ids, times): (Vec<Uuid>, Vec<Option<DateTime<Utc>>>) = next.iter().copied().unzip();
    sqlx::query!(
        "UPDATE subscriptions s SET next_at = due.at FROM unnest($1::uuid[], $2::timestamptz[]) AS due (id, at) WHERE s.id = due.id",
        &ids,
        &times as &[Option<DateTime<Utc>>]
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The subscriptions that want to hear at once.
pub async fn instant(db: &mut PgConnection) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM subscriptions s WHERE cadence = 'instant' AND EXISTS (
             SELECT FROM recipients WHERE subscription_id = s.id AND confirmed_at IS NOT NULL) ORDER BY id"
    )
    .fetch_all(db)
    .await
}

/// Slugs of these companies and of all below them.
pub async fn families(db: &mut PgConnection, companies: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"WITH RECURSIVE family AS (
               SELECT unnest($1::text[]) AS slug
               UNION
               SELECT p.company FROM company_parents p JOIN family f ON p.parent = f.slug
               WHERE p.valid_to IS NULL OR p.valid_to > current_date)
           SELECT slug AS "slug!" FROM family ORDER BY slug"#,
        companies
    )
    .fetch_all(db)
    .await
}

/// How many confirmed recipients there are of each cadence.
pub async fn counts(db: &mut PgConnection) -> sqlx::Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT s.cadence, count(*) AS "count!" FROM recipients r JOIN subscriptions s ON s.id = r.subscription_id
           JOIN addresses a ON a.id = r.address_id
           WHERE r.confirmed_at IS NOT NULL AND a.suspended_at IS NULL GROUP BY 1 ORDER BY 1"#
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.cadence, row.count)).collect())
}

/// How many confirmed recipients of each cadence are due.
pub async fn due_counts(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT s.cadence, count(*) AS "count!" FROM recipients r JOIN subscriptions s ON s.id = r.subscription_id
           JOIN addresses a ON a.id = r.address_id
           WHERE s.next_at <= $1 AND r.confirmed_at IS NOT NULL AND a.suspended_at IS NULL GROUP BY 1 ORDER BY 1"#,
        now
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.cadence, row.count)).collect())
}

/// How many receive a subscription, confirmed or not.
pub async fn size(db: &mut PgConnection, subscription: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM recipients WHERE subscription_id = $1"#, subscription)
        .fetch_one(db)
        .await
}
