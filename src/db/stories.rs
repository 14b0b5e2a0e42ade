//! Which articles are copies of which.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;
use uuid::Uuid;

/// How far copies of one text lie apart in time, at most.
const SPAN: TimeDelta = TimeDelta::days(21);

/// An article that may be a copy, or copied.
#[derive(Debug)]
pub struct Candidate {
    /// Its id.
    pub id: Uuid,
    /// Its signature, as it was kept.
    pub signature: Vec<u8>,
    /// The article that it is a copy of.
    pub story: Option<Uuid>,
    /// Who stands behind it, as publishers are counted.
    pub counts_as: String,
}

/// The articles of about this time that have one of these bands in common with one, the oldest first.
pub async fn candidates(
    db: impl PgExecutor<'_>,
    article: Uuid,
    bands: &[i64],
    published: DateTime<Utc>,
) -> sqlx::Result<Vec<Candidate>> {
    sqlx::query_as!(
        Candidate,
        "SELECT a.id, s.signature, a.story, coalesce(a.counts_as, a.publisher) AS \"counts_as!\"
         FROM (SELECT DISTINCT article_id FROM article_bands
               WHERE band = ANY($1) AND article_id <> $2 AND published BETWEEN $3 AND $4) near
         JOIN article_signatures s ON s.article_id = near.article_id JOIN articles a ON a.id = near.article_id
         WHERE a.origin <> 'archive'
         ORDER BY a.id LIMIT 200",
        bands,
        article,
        published - SPAN,
        published + SPAN
    )
    .fetch_all(db)
    .await
}

/// Keeps an article's signature in the place of the one before.
pub async fn keep(
    db: impl PgExecutor<'_>,
    article: Uuid,
    signature: &[u8],
    bands: &[i64],
    published: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH gone AS (DELETE FROM article_bands WHERE article_id = $2 AND band <> ALL($1)),
              bands AS (INSERT INTO article_bands (band, article_id, published)
                        SELECT DISTINCT band, $2::uuid, $3::timestamptz FROM unnest($1::bigint[]) AS band
                        ON CONFLICT (band, article_id) DO UPDATE SET published = excluded.published)
         INSERT INTO article_signatures (article_id, signature) VALUES ($2, $4)
         ON CONFLICT (article_id) DO UPDATE SET signature = excluded.signature",
        bands,
        article,
        published,
        signature
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One who looks for copies of texts with these bands at a time: of two copies that come in at once, the second has to
/// find the first. Until the end of the transaction.
pub async fn lock(db: impl PgExecutor<'_>, bands: &[i64]) -> sqlx::Result<()> {
    // In one order for all, and few locks: the first bands of near copies are mostly the same.
    let mut keys: Vec<i64> = bands.iter().take(4).copied().collect();
    keys.sort_unstable();
    sqlx::query!("SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key", &keys).execute(db).await?;
    Ok(())
}

/// Notes of which article one is a copy (`None`: of none), and whom it counts as (`None`: its publisher). True where
/// that is news.
pub async fn note(
    db: impl PgExecutor<'_>,
    article: Uuid,
    story: Option<Uuid>,
    counts_as: Option<&str>,
) -> sqlx::Result<bool> {
    let noted = sqlx::query!(
        "UPDATE articles SET story = $2, counts_as = $3
         WHERE id = $1 AND (story IS DISTINCT FROM $2 OR counts_as IS DISTINCT FROM $3)",
        article,
        story,
        counts_as
    )
    .execute(db)
    .await?;
    Ok(noted.rows_affected() == 1)
}
