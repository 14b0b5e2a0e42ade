//! The ledger as open data: the archives that were made of it.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// An archive without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The day whose ledger it holds.
    pub day: NaiveDate,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// How many deals are in it.
    pub deals: i64,
    /// The SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// How many bytes it has.
    pub bytes: i64,
}

/// The archives, the latest first.
pub async fn list(db: &mut PgConnection) -> sqlx::Result<Vec<Snapshot>> {
    sqlx::query_as!(
        Snapshot,
        r#"SELECT day, made_at, deals, sha256, length(archive)::bigint AS "bytes!" FROM snapshots ORDER BY day DESC"#
    )
    .fetch_all(db)
    .await
}

/// Whether a day has one.
pub async fn has(db: &mut PgConnection, day: NaiveDate) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!("SELECT true FROM snapshots WHERE day = $1", day).fetch_optional(db).await?;
    Ok(found.is_some())
}

/// Keeps an archive, in the place of an earlier one of its day. Of those before, the last thirty days and the first of
/// each month stay.
pub async fn keep(db: &mut PgConnection, snapshot: &Snapshot, archive: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO snapshots (day, made_at, deals, sha256, archive) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (day) DO UPDATE SET made_at = excluded.made_at, deals = excluded.deals, sha256 = excluded.sha256,
             archive = excluded.archive",
        snapshot.day,
        snapshot.made_at,
        snapshot.deals,
        &snapshot.sha256,
        archive
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("DELETE FROM snapshots WHERE day < $1::date - 30 AND extract(day FROM day) <> 1", snapshot.day)
        .execute(db)
        .await?;
    Ok(())
}

/// A piece of an archive; empty behind its end. `from` counts from zero.
pub async fn piece(db: &mut PgConnection, day: NaiveDate, from: i32, length: i32) -> sqlx::Result<Vec<u8>> {
    let piece = sqlx::query_scalar!(
        r#"SELECT substring(archive FROM $2 + 1 FOR $3) AS "piece!" FROM snapshots WHERE day = $1"#,
        day,
        from,
        length
    )
    .fetch_optional(db)
    .await?;
    Ok(piece.unwrap_or_default())
}
