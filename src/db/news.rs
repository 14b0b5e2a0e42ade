//! The articles as they came, and what was read in them.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    articles::{self, SummaryOf},
    deal_page::Cited,
    parsed,
    timeline::ListedDeal,
};
use crate::model::{Claim, Deal, Theme};

/// An article in the list of news, with the deals that were found in it.
#[derive(Debug)]
pub struct Item {
    /// The article.
    pub article: Cited,
    /// Whether an extractor has read it.
    pub is_read: bool,
    /// Its language, where it is one in which deals are not looked for.
    pub foreign: Option<String>,
    /// The agency that it counts as, where it credits one.
    pub counts_as: Option<String>,
    /// Who else has it in the same words, by their names, each once.
    pub copies: Vec<String>,
    /// The deals.
    pub deals: Vec<ListedDeal>,
}

/// Up to `limit` articles, of one theme or all, the latest first, those after `cursor`; one that copies another comes with
/// that one.
pub async fn list(
    db: &mut PgConnection,
    theme: Option<Theme>,
    cursor: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> sqlx::Result<Vec<Item>> {
    let (before, id) = cursor.unzip();
    let ids = match theme {
        None => {
            sqlx::query_scalar!(
                r#"SELECT id AS "id!" FROM articles
                   WHERE story IS NULL AND ($1::timestamptz IS NULL OR (published, id) < ($1, $2::uuid))
                   ORDER BY published DESC, id DESC LIMIT $3"#,
                before,
                id,
                limit
            )
            .fetch_all(&mut *db)
            .await?
        }
        Some(theme) => {
            sqlx::query_scalar!(
                r#"SELECT t.article_id FROM article_themes t JOIN articles a ON a.id = t.article_id
                   WHERE t.theme = $4 AND a.story IS NULL
                   AND ($1::timestamptz IS NULL OR (t.published, t.article_id) < ($1, $2::uuid))
                   ORDER BY t.published DESC, t.article_id DESC LIMIT $3"#,
                before,
                id,
                limit,
                theme.as_str()
            )
            .fetch_all(&mut *db)
            .await?
        }
    };
    let rows = sqlx::query!(
        r#"SELECT a.id AS "id!", a.title AS "title!", a.url, a.publisher AS "publisher!", a.rank AS "rank!", a.origin AS "origin!",
                  a.published AS "published!", a.extractor, a.summary_of AS "summary_of!: Json<Vec<SummaryOf>>",
                  CASE WHEN a.extractor IS NOT NULL AND a.language <> 'en' THEN a.language END AS "foreign", a.counts_as,
                  ARRAY(SELECT DISTINCT copy.publisher FROM articles copy
                        WHERE copy.story = a.id AND copy.publisher <> a.publisher ORDER BY 1) AS "copies!: Vec<String>",
                  ARRAY(SELECT DISTINCT dc.deal_id
                        FROM (SELECT a.id AS article UNION ALL SELECT copy.id FROM articles copy WHERE copy.story = a.id) told,
                             LATERAL (SELECT c.id FROM claims c
                                      WHERE c.article_id = told.article AND c.superseded_at IS NULL OFFSET 0) claim,
                             LATERAL (SELECT deal_id FROM deal_claims WHERE claim_id = claim.id OFFSET 0) dc) AS "deals!: Vec<Uuid>"
           FROM articles a WHERE a.id = ANY($1) ORDER BY a.published DESC, a.id DESC"#,
        &ids
    )
    .fetch_all(&mut *db)
    .await?;
    let wanted: Vec<Uuid> = rows.iter().flat_map(|row| row.deals.iter().copied()).collect();
    let deals = by_id(db, &wanted).await?;
    rows.into_iter()
        .map(|row| {
            let article = Cited {
                id: row.id,
                title: row.title,
                url: row.url,
                publisher: row.publisher,
                rank: articles::rank(&row.rank)?,
                is_summary: parsed(row.origin.parse::<articles::Origin>())? == articles::Origin::Archive,
                summary_of: row.summary_of.0,
                published: row.published,
            };
            let deals = deals.iter().filter(|deal| row.deals.contains(&deal.id)).cloned().collect();
            Ok(Item {
                article,
                is_read: row.extractor.is_some(),
                foreign: row.foreign,
                counts_as: row.counts_as,
                copies: row.copies,
                deals,
            })
        })
        .collect()
}

async fn by_id(db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<ListedDeal>> {
    let rows = sqlx::query!(
        r#"SELECT id, slug, record AS "record: Json<Deal>" FROM deals WHERE id = ANY($1) ORDER BY day DESC, id DESC"#,
        ids
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| ListedDeal { id: row.id, slug: row.slug, deal: row.record.0 }).collect())
}

/// A claim that was read from an article, with the deal that it went into.
#[derive(Debug)]
pub struct Reading {
    /// The claim's id.
    pub claim_id: Uuid,
    /// What it says.
    pub claim: Claim,
    /// The deal.
    pub deal: Option<ListedDeal>,
}

/// One article with all that was read from it. `None`: there is none of this id.
pub async fn article(db: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<(Cited, bool, Vec<Reading>)>> {
    let Some(row) = sqlx::query!(
        r#"SELECT title, url, publisher, rank, origin, published, extractor, summary_of AS "summary_of: Json<Vec<SummaryOf>>"
           FROM articles WHERE id = $1"#,
        id
    )
    .fetch_optional(&mut *db)
    .await?
    else {
        return Ok(None);
    };
    let cited = Cited {
        id,
        title: row.title,
        url: row.url,
        publisher: row.publisher,
        rank: articles::rank(&row.rank)?,
        is_summary: parsed(row.origin.parse::<articles::Origin>())? == articles::Origin::Archive,
        summary_of: row.summary_of.0,
        published: row.published,
    };
    let claims = sqlx::query!(
        r#"SELECT c.id AS "id!", c.body AS "body!: Json<Claim>", d.id AS "deal?", d.slug AS "slug?", d.record AS "record?: Json<Deal>"
           FROM claims c LEFT JOIN deal_claims dc ON dc.claim_id = c.id LEFT JOIN deals d ON d.id = dc.deal_id
           WHERE c.article_id = $1 AND c.superseded_at IS NULL ORDER BY c.ordinal"#,
        id
    )
    .fetch_all(db)
    .await?;
    let readings = claims
        .into_iter()
        .map(|row| Reading {
            claim_id: row.id,
            claim: row.body.0,
            deal: match (row.deal, row.slug, row.record) {
                (Some(id), Some(slug), Some(record)) => Some(ListedDeal { id, slug, deal: record.0 }),
                _ => None,
            },
        })
        .collect();
    Ok(Some((cited, row.extractor.is_some(), readings)))
}
