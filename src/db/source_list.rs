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
    /// How many articles came in the last seven days.
    pub articles_a_week: i64,
    /// How many deals rest on those.
    pub deals_a_week: i64,
    /// How many minutes its articles of the last thirty days took from their publication until they were here, on
    /// average; of those that were no older than a week, for the others are its past.
    pub delay_minutes: Option<f64>,
    /// Whether its past is being read.
    pub backfilling: bool,
    /// Until when its hub tells of its news.
    pub hub_until: Option<DateTime<Utc>>,
}

/// All sources, those in trouble first, then by name.
pub async fn list(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Vec<SourceHealth>> {
    sqlx::query_as!(
        SourceHealth,
        r#"SELECT s.url, s.title, s.rank, s.rights_note, s.active, s.due_at, s.last_fetch_at, s.last_success_at, s.last_error,
                  s.failures, coalesce(yield.articles, 0) AS "articles!", coalesce(yield.deals, 0) AS "deals!",
                  coalesce(yield.articles_a_week, 0) AS "articles_a_week!", coalesce(yield.deals_a_week, 0) AS "deals_a_week!",
                  pace.delay_minutes, s.backfill_url IS NOT NULL AS "backfilling!", s.hub_until
           FROM sources s LEFT JOIN (
               SELECT a.source_id, count(DISTINCT a.id) AS articles, count(DISTINCT dc.deal_id) AS deals,
                      count(DISTINCT a.id) FILTER (WHERE a.read_at > $1::timestamptz - interval '7 days') AS articles_a_week,
                      count(DISTINCT dc.deal_id) FILTER (WHERE a.read_at > $1::timestamptz - interval '7 days') AS deals_a_week
               FROM articles a LEFT JOIN claims c ON c.article_id = a.id AND c.superseded_at IS NULL
               LEFT JOIN deal_claims dc ON dc.claim_id = c.id
               WHERE a.source_id IS NOT NULL GROUP BY a.source_id) yield ON yield.source_id = s.id
           LEFT JOIN (
               SELECT source_id, (avg(extract(epoch FROM read_at - published)) / 60)::float8 AS delay_minutes
               FROM articles
               WHERE source_id IS NOT NULL AND dated AND read_at > $1::timestamptz - interval '30 days'
                 AND read_at - published BETWEEN interval '0' AND interval '7 days'
               GROUP BY source_id) pace ON pace.source_id = s.id
           ORDER BY s.active DESC, s.failures > 0 DESC, lower(s.title), s.url"#,
        now
    )
    .fetch_all(db)
    .await
}
