//! One deal with everything that it rests on.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    articles::{self, SummaryOf},
    parsed,
    timeline::ListedDeal,
};
use crate::{
    ledger::diff::Change,
    model::{Claim, Deal, Rank},
};

/// Where an id leads.
#[derive(Debug)]
pub enum Lookup {
    /// To this deal.
    Deal(Box<DealRecord>),
    /// To this other id: the deal was merged into it.
    Moved(Uuid, String),
    /// Nowhere.
    Missing,
}

/// A deal with the times that its page shows.
#[derive(Debug)]
pub struct DealRecord {
    /// Its id, name and record.
    pub listed: ListedDeal,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Looks up an id.
pub async fn find(db: &mut PgConnection, id: Uuid) -> sqlx::Result<Lookup> {
    let row = sqlx::query!(
        r#"SELECT id AS "id!", slug AS "slug!", record AS "record!: Json<Deal>", updated_at AS "updated_at!"
           FROM deals WHERE id = coalesce((SELECT new_id FROM deal_redirects WHERE old_id = $1), $1)"#,
        id
    )
    .fetch_optional(db)
    .await?;
    Ok(match row {
        None => Lookup::Missing,
        Some(row) if row.id != id => Lookup::Moved(row.id, row.slug),
        Some(row) => {
            let listed = ListedDeal { id: row.id, slug: row.slug, deal: row.record.0 };
            Lookup::Deal(Box::new(DealRecord { listed, updated_at: row.updated_at }))
        }
    })
}

/// A claim with the article that it was read from.
#[derive(Debug, Clone)]
pub struct Told {
    /// The claim's id.
    pub id: Uuid,
    /// What it says.
    pub claim: Claim,
    /// The article.
    pub article: Cited,
}

/// What is cited of an article.
#[derive(Debug, Clone)]
pub struct Cited {
    /// Its id.
    pub id: Uuid,
    /// Its headline.
    pub title: String,
    /// Where it stands; `None` where it has no address.
    pub url: Option<String>,
    /// Who published it.
    pub publisher: String,
    /// How far it is trusted.
    pub rank: Rank,
    /// Whether it is Wattline's own summary.
    pub is_summary: bool,
    /// What the summary rests on.
    pub summary_of: Vec<SummaryOf>,
    /// When it appeared.
    pub published: DateTime<Utc>,
}

/// The claims that a deal rests on, the most trusted first, of one rank the newest first.
pub async fn claims(db: &mut PgConnection, deal: Uuid) -> sqlx::Result<Vec<Told>> {
    let rows = sqlx::query!(
        r#"SELECT c.id AS "id!", c.body AS "body!: Json<Claim>", a.id AS "article!", a.title AS "title!", a.url AS "url?",
                  a.publisher AS "publisher!", a.rank AS "rank!", a.origin AS "origin!", a.published AS "published!",
                  a.summary_of AS "summary_of!: Json<Vec<SummaryOf>>"
           FROM deal_claims dc JOIN claims c ON c.id = dc.claim_id JOIN articles a ON a.id = c.article_id
           WHERE dc.deal_id = $1 AND c.superseded_at IS NULL"#,
        deal
    )
    .fetch_all(db)
    .await?;
    let mut told = rows
        .into_iter()
        .map(|row| {
            let article = Cited {
                id: row.article,
                title: row.title,
                url: row.url,
                publisher: row.publisher,
                rank: articles::rank(&row.rank)?,
                is_summary: parsed(row.origin.parse::<articles::Origin>())? == articles::Origin::Archive,
                summary_of: row.summary_of.0,
                published: row.published,
            };
            Ok(Told { id: row.id, claim: row.body.0, article })
        })
        .collect::<sqlx::Result<Vec<_>>>()?;
    told.sort_by_key(|told| (told.article.rank, std::cmp::Reverse(told.article.published), told.id));
    Ok(told)
}

/// The deals that lie under this one, the largest first: what is contained in it, and what comes on top of it.
pub async fn under(db: &mut PgConnection, deal: Uuid, limit: i64) -> sqlx::Result<Vec<ListedDeal>> {
    let rows = sqlx::query!(
        r#"SELECT id, slug, record AS "record: Json<Deal>" FROM deals WHERE part_of = $1 OR adds_to = $1
           ORDER BY committed_usd DESC NULLS LAST, day DESC, id LIMIT $2"#,
        deal,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| ListedDeal { id: row.id, slug: row.slug, deal: row.record.0 }).collect())
}

/// A change of a deal.
#[derive(Debug)]
pub struct Revision {
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// The day on which it happened.
    pub happened_on: NaiveDate,
    /// `claim`, `editor` or `rule`.
    pub cause: String,
    /// The claim that caused it.
    pub claim: Option<Uuid>,
    /// What changed.
    pub changes: Vec<Change>,
}

/// The latest changes of a deal, the newest first.
pub async fn revisions(db: &mut PgConnection, deal: Uuid) -> sqlx::Result<Vec<Revision>> {
    let rows = sqlx::query!(
        r#"SELECT recorded_at, happened_on, cause, claim_id, changes AS "changes: Json<Vec<Change>>"
           FROM revisions WHERE deal_id = $1 ORDER BY written DESC LIMIT 50"#,
        deal
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Revision {
            recorded_at: row.recorded_at,
            happened_on: row.happened_on,
            cause: row.cause,
            claim: row.claim_id,
            changes: row.changes.0,
        })
        .collect())
}

/// Deals that share parties with this one, those that share most first, then the nearest in time.
pub async fn related(db: &mut PgConnection, deal: Uuid, day: NaiveDate, limit: i64) -> sqlx::Result<Vec<ListedDeal>> {
    let rows = sqlx::query!(
        r#"SELECT d.id, d.slug, d.record AS "record: Json<Deal>"
           FROM (SELECT other.deal_id, count(DISTINCT other.company) AS shared
                 FROM deal_parties mine JOIN deal_parties other ON other.company = mine.company AND other.deal_id <> $1
                 WHERE mine.deal_id = $1 GROUP BY other.deal_id) near
           JOIN deals d ON d.id = near.deal_id
           ORDER BY near.shared DESC, abs(d.day - $2::date), d.id LIMIT $3"#,
        deal,
        day,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| ListedDeal { id: row.id, slug: row.slug, deal: row.record.0 }).collect())
}

/// A sentence that a deal rests on.
#[derive(Debug, Clone)]
pub struct DealQuote {
    /// The deal.
    pub deal: Uuid,
    /// The sentence.
    pub text: String,
    /// Who published it.
    pub publisher: String,
    /// When.
    pub published: DateTime<Utc>,
}

/// The sentences that these deals rest on, the latest first.
pub async fn quotes(db: &mut PgConnection, deals: &[Uuid]) -> sqlx::Result<Vec<DealQuote>> {
    sqlx::query_as!(
        DealQuote,
        r#"SELECT dc.deal_id AS "deal!", evidence ->> 'text' AS "text!",
                  CASE WHEN a.origin = 'archive' THEN 'Wattline summary of ' ELSE '' END || a.publisher AS "publisher!",
                  c.published AS "published!"
           FROM deal_claims dc JOIN claims c ON c.id = dc.claim_id JOIN articles a ON a.id = c.article_id
           CROSS JOIN LATERAL jsonb_array_elements(c.body -> 'evidence') AS evidence
           WHERE dc.deal_id = ANY($1) AND c.superseded_at IS NULL ORDER BY c.published DESC, c.id"#,
        deals
    )
    .fetch_all(db)
    .await
}
