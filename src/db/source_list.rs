//! How the watched sources are doing.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A source with its health and its yield.
#[derive(Debug, Clone)]
pub struct SourceHealth {
    /// Its address.
    pub url: String,
    /// Its name.
    pub title: String,
    /// How far it is trusted, as its wire name.
    pub rank: String,
    /// What its rights allow.
    pub rights_note: Option<String>,
    /// Whether it is watched.
    pub active: bool,
    /// When it is read next.
    pub due_at: DateTime<Utc>,
    /// When it was last asked.
    pub last_fetch_at: Option<DateTime<Utc>>,
    /// When it last answered.
    pub last_success_at: Option<DateTime<Utc>>,
    /// What went wrong the last time, where it did.
    pub last_error: Option<String>,
    /// How many times in a row it has failed.
    pub failures: i32,
    /// How many articles came from it.
    pub articles: i64,
    /// How many deals rest on them.
    pub deals: i64,
}

/// All sources, those in trouble first, then by name.
pub async fn list(db: &mut PgConnection) -> sqlx::Result<Vec<SourceHealth>> {
    sqlx::query_as!(
        SourceHealth,
        r#"SELECT s.url, s.title, s.rank, s.rights_note, s.active, s.due_at, s.last_fetch_at, s.last_success_at, s.last_error,
                  s.failures, coalesce(yield.articles, 0) AS "articles!", coalesce(yield.deals, 0) AS "deals!"
           FROM sources s LEFT JOIN (
               SELECT a.source_id, count(DISTINCT a.id) AS articles, count(DISTINCT dc.deal_id) AS deals
               FROM articles a LEFT JOIN claims c ON c.article_id = a.id AND c.superseded_at IS NULL
               LEFT JOIN deal_claims dc ON dc.claim_id = c.id
               WHERE a.source_id IS NOT NULL GROUP BY a.source_id) yield ON yield.source_id = s.id
           ORDER BY s.active DESC, s.failures > 0 DESC, lower(s.title), s.url"#
    )
    .fetch_all(db)
    .await
}
