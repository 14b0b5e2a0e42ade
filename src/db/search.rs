//! Full-text search: deals, companies and articles.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::timeline::ListedDeal;
use crate::model::Deal;

/// What surrounds a hit in a snippet: characters of the private use area, which no text is shown with. The page turns
/// them into marks after it has escaped the rest.
pub const HIT: (char, char) = ('\u{e000}', '\u{e001}');

/// The deals that a search finds, the best first.
pub async fn deals(db: &mut PgConnection, query: &str, limit: i64) -> sqlx::Result<Vec<ListedDeal>> {
    let rows = sqlx::query!(
        r#"SELECT d.id, d.slug, d.record AS "record: Json<Deal>"
           FROM deals d, websearch_to_tsquery('wattline', $1) AS query
           WHERE d.search @@ query
           ORDER BY ts_rank_cd(d.search, query) DESC, d.committed_usd DESC NULLS LAST, d.day DESC, d.id LIMIT $2"#,
        query,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| ListedDeal { id: row.id, slug: row.slug, deal: row.record.0 }).collect())
}

/// A company that a search finds.
#[derive(Debug, Clone)]
pub struct FoundCompany {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it mainly does, as its wire name.
    pub category: String,
    /// The spelling that was found, where it is another than the name.
    pub alias: Option<String>,
    /// How many deals it takes part in.
    pub deals: i64,
    /// The firm dollars that it pays.
    pub pays: Option<Decimal>,
    /// The firm dollars that it is paid.
    pub paid: Option<Decimal>,
    /// Whether the spelling is the one searched for, or begins with it, and is not merely alike.
    pub exact: bool,
}

/// The companies whose name or alias is, begins with, or is written much like the words, the likest first.
pub async fn companies(db: &mut PgConnection, words: &str, limit: i64) -> sqlx::Result<Vec<FoundCompany>> {
    sqlx::query_as!(
        FoundCompany,
        r#"WITH near AS (
               SELECT DISTINCT ON (company) company, alias, lower(alias) LIKE lower($3) || '%' AS exact,
                      greatest(similarity(alias, $1), 0.9 * word_similarity($1, alias)) AS likeness
               FROM company_aliases WHERE alias % $1 OR $1 <% alias OR alias ILIKE $3 || '%'
               ORDER BY company, exact DESC, likeness DESC)
           SELECT c.slug, c.name, c.category, nullif(near.alias, c.name) AS alias, near.exact AS "exact!",
                  count(DISTINCT p.deal_id) AS "deals!",
                  sum(p.committed_usd) FILTER (WHERE p.direction = 'payer' AND p.status IN ('announced', 'signed', 'completed')) AS pays,
                  sum(p.committed_usd) FILTER (WHERE p.direction = 'payee' AND p.status IN ('announced', 'signed', 'completed')) AS paid
           FROM near JOIN companies c ON c.slug = near.company LEFT JOIN deal_parties p ON p.company = c.slug
           GROUP BY c.slug, c.name, c.category, near.alias, near.exact, near.likeness
           ORDER BY near.exact DESC, near.likeness DESC, count(DISTINCT p.deal_id) DESC, c.slug LIMIT $2"#,
        words,
        limit,
        like_pattern(words)
    )
    .fetch_all(db)
    .await
}

/// Words as a pattern of LIKE that stands for themselves.
fn like_pattern(words: &str) -> String {
    words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// An article that a search finds.
#[derive(Debug, Clone)]
pub struct FoundArticle {
    /// Its id.
    pub id: Uuid,
    /// Its headline, hits between [`HIT`].
    pub title: String,
    /// Pieces of its text, hits between [`HIT`].
    pub snippet: String,
    /// Its address.
    pub url: Option<String>,
    /// Who published it.
    pub publisher: String,
    /// Whether it is Wattline's own summary.
    pub is_summary: bool,
    /// When it appeared.
    pub published: DateTime<Utc>,
}

/// The articles that a search finds, the best first.
pub async fn articles(db: &mut PgConnection, query: &str, limit: i64) -> sqlx::Result<Vec<FoundArticle>> {
    // Snippets are made for the rows that are shown only: reading whole texts is what costs.
    sqlx::query_as!(
        FoundArticle,
        r#"SELECT best.id, best.url, best.publisher, best.origin = 'archive' AS "is_summary!", best.published,
                  ts_headline('wattline', translate(best.title, E'\uE000\uE001', ''), query,
                              E'StartSel=\uE000, StopSel=\uE001, HighlightAll=true') AS "title!",
                  ts_headline('wattline', translate(left(best.text, 20000), E'\uE000\uE001', ''), query,
                              E'StartSel=\uE000, StopSel=\uE001, MaxWords=34, MinWords=16, MaxFragments=2, FragmentDelimiter=" … "') AS "snippet!"
           FROM websearch_to_tsquery('wattline', $1) AS query,
                LATERAL (SELECT * FROM articles a WHERE a.search @@ query
                         ORDER BY ts_rank_cd(a.search, query) DESC, a.published DESC, a.id LIMIT $2) best
           ORDER BY ts_rank_cd(best.search, query) DESC, best.published DESC, best.id"#,
        query,
        limit
    )
    .fetch_all(db)
    .await
}
