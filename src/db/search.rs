//! Full-text search: deals, companies and articles.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::{PgConnection, QueryBuilder, types::Json};
use uuid::Uuid;

use super::timeline::{self, DealFilter, Facet, ListedDeal};
use crate::model::Deal;

/// What surrounds a hit in a snippet: characters of the private use area, which no text is shown with. The page turns
/// them into marks after it has escaped the rest.
pub const HIT: (char, char) = ('\u{e000}', '\u{e001}');

/// The deals that a search finds under a filter: with words the best first, without the largest.
pub async fn deals(db: &mut PgConnection, filter: &DealFilter, limit: i64) -> sqlx::Result<Vec<ListedDeal>> {
    let mut query = QueryBuilder::new("SELECT d.id, d.slug, d.record FROM deals d WHERE TRUE");
    timeline::narrow(&mut query, filter, Facet::None);
    query.push(" ORDER BY ");
    if let Some(text) = &filter.text {
        query.push("ts_rank_cd(d.search, websearch_to_tsquery('wattline', ").push_bind(text.clone()).push(")) DESC, ");
    }
    query.push("d.committed_usd DESC NULLS LAST, d.day DESC, d.id LIMIT ").push_bind(limit);
    let rows: Vec<(Uuid, String, Json<Deal>)> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(|(id, slug, record)| ListedDeal { id, slug, deal: record.0 }).collect())
}

/// The deals under a filter, the newest first.
pub async fn ids(db: &mut PgConnection, filter: &DealFilter, limit: i64) -> sqlx::Result<Vec<Uuid>> {
    let mut query = QueryBuilder::new("SELECT d.id FROM deals d WHERE TRUE");
    timeline::narrow(&mut query, filter, Facet::None);
    query.push(" ORDER BY d.day DESC, d.id DESC LIMIT ").push_bind(limit);
    query.build_query_scalar().fetch_all(db).await
}

/// A sentence that a deal rests on, in which a search finds its words.
#[derive(Debug, Clone)]
pub struct FoundQuote {
    /// The deal.
    pub deal: Uuid,
    /// Its name in its address.
    pub slug: String,
    /// What it is.
    pub headline: String,
    /// The claim.
    pub claim: Uuid,
    /// The sentence, hits between [`HIT`].
    pub text: String,
    /// Who published it.
    pub publisher: String,
    /// Whether it is Wattline's own summary.
    pub is_summary: bool,
    /// When it appeared.
    pub published: DateTime<Utc>,
}

/// The sentences in which the words stand, of these deals and of what these articles tell: the best of each deal.
pub async fn quotes(
    db: &mut PgConnection,
    words: &str,
    deals: &[Uuid],
    articles: &[Uuid],
    limit: i64,
) -> sqlx::Result<Vec<FoundQuote>> {
    sqlx::query_as!(
        FoundQuote,
        r#"SELECT best.deal AS "deal!", best.slug AS "slug!", best.headline AS "headline!", best.claim AS "claim!",
                  ts_headline('wattline', translate(best.text, E'\uE000\uE001', ''), websearch_to_tsquery('wattline', $1),
                              E'StartSel=\uE000, StopSel=\uE001, HighlightAll=true') AS "text!",
                  best.publisher AS "publisher!", best.is_summary AS "is_summary!", best.published AS "published!"
           FROM (
               SELECT DISTINCT ON (d.id) d.id AS deal, d.slug, d.headline, c.id AS claim, left(e.value ->> 'text', 400) AS text,
                      a.publisher, a.origin = 'archive' AS is_summary, a.published,
                      ts_rank_cd(to_tsvector('wattline', e.value ->> 'text'), query) AS rank
               FROM websearch_to_tsquery('wattline', $1) AS query, claims c
               JOIN deal_claims dc ON dc.claim_id = c.id JOIN deals d ON d.id = dc.deal_id JOIN articles a ON a.id = c.article_id,
                    jsonb_array_elements(c.body -> 'evidence') AS e
               -- As a list, so that each claim is fetched by its key and none is looked for among all.
               WHERE c.id = ANY(ARRAY(SELECT claim_id FROM deal_claims WHERE deal_id = ANY($2)
                                      UNION SELECT id FROM claims WHERE article_id = ANY($3) AND superseded_at IS NULL))
               AND c.superseded_at IS NULL AND to_tsvector('wattline', e.value ->> 'text') @@ query
               ORDER BY d.id, rank DESC, c.id) best
           ORDER BY best.rank DESC, best.published DESC, best.deal LIMIT $4"#,
        words,
        deals,
        articles,
        limit
    )
    .fetch_all(db)
    .await
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
pub(super) fn like_pattern(words: &str) -> String {
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

/// The articles of a period that a search finds, the best first.
pub async fn articles(
    db: &mut PgConnection,
    query: &str,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
    limit: i64,
) -> sqlx::Result<Vec<FoundArticle>> {
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
                         AND a.published >= coalesce($3::date, '-infinity'::date) AND a.published < coalesce($4::date + 1, 'infinity'::date)
                         ORDER BY ts_rank_cd(a.search, query) DESC, a.published DESC, a.id LIMIT $2) best
           ORDER BY ts_rank_cd(best.search, query) DESC, best.published DESC, best.id"#,
        query,
        limit,
        from,
        to
    )
    .fetch_all(db)
    .await
}
