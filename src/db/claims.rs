//! The claims: append-only, a newer reading supersedes an older one.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    articles::{self, SummaryOf},
    companies, new_id,
};
use crate::model::{Claim, Registry, Slug, SourcedClaim};

/// What a reading of an article is filed under.
#[derive(Debug)]
pub struct ReadingOf<'a> {
    /// The article.
    pub article: Uuid,
    /// What the offsets count in.
    pub content_hash: &'a [u8],
    /// When the article appeared.
    pub published: DateTime<Utc>,
    /// The extractor's version.
    pub extractor: i32,
}

/// Files the claims of a reading; those of an earlier reading of the same article are superseded, and the deals that
/// rested on them are weighed again.
pub async fn file(
    db: &mut PgConnection,
    reading: &ReadingOf<'_>,
    claims: &[Claim],
    registry: &Registry,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let earlier = sqlx::query!(
        "SELECT c.id, c.body AS \"body: Json<Claim>\", dc.deal_id AS \"deal_id?\"
         FROM claims c LEFT JOIN deal_claims dc ON dc.claim_id = c.id
         WHERE c.article_id = $1 AND c.superseded_at IS NULL",
        reading.article
    )
    .fetch_all(&mut *db)
    .await?;
    let unchanged = earlier.len() == claims.len() && earlier.iter().all(|old| claims.contains(&old.body.0));
    if unchanged {
        return Ok(());
    }

    let mut inherited: Vec<(Claim, Uuid)> = Vec::new();
    if !earlier.is_empty() {
        let ids: Vec<Uuid> = earlier.iter().map(|old| old.id).collect();
        sqlx::query!("UPDATE claims SET superseded_at = $2 WHERE id = ANY($1)", &ids, now).execute(&mut *db).await?;
        // The deals' other claims are weighed again without them.
        sqlx::query!(
            "UPDATE claims SET merged_at = NULL WHERE superseded_at IS NULL AND id IN (
                 SELECT other.claim_id FROM deal_claims mine JOIN deal_claims other USING (deal_id) WHERE mine.claim_id = ANY($1))",
            &ids
        )
        .execute(&mut *db)
        .await?;
        inherited = earlier.into_iter().filter_map(|old| Some((old.body.0, old.deal_id?))).collect();
    }

    for (ordinal, claim) in (0_i32..).zip(claims) {
        let id = new_id(now);
        sqlx::query!(
            "INSERT INTO claims (id, article_id, ordinal, extractor, content_hash, kind, status, body, published, read_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            id,
            reading.article,
            ordinal,
            reading.extractor,
            reading.content_hash,
            claim.kind.as_str(),
            claim.status.as_str(),
            Json(claim) as _,
            reading.published,
            now
        )
        .execute(&mut *db)
        .await?;
        for (position, party) in (0_i32..).zip(&claim.parties) {
            let company = companies::ensure(db, &party.name, registry).await?;
            sqlx::query!(
                "INSERT INTO claim_companies (claim_id, position, company, published) VALUES ($1, $2, $3, $4)",
                id,
                position,
                company.slug.as_str(),
                reading.published
            )
            .execute(&mut *db)
            .await?;
        }
        // A newer reading of the same deal keeps the deal's id.
        let heir = inherited.iter().position(|(old, _)| {
            old.kind == claim.kind
                && old.parties.iter().any(|party| claim.parties.iter().any(|new| new.name == party.name))
        });
        if let Some(heir) = heir {
            let (_, deal) = inherited.swap_remove(heir);
            sqlx::query!("INSERT INTO deal_claims (claim_id, deal_id) VALUES ($1, $2)", id, deal)
                .execute(&mut *db)
                .await?;
        }
    }
    Ok(())
}

/// Up to `limit` live claims that the ledger has not weighed, the oldest first.
pub async fn unmerged(db: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT id FROM claims WHERE merged_at IS NULL AND superseded_at IS NULL ORDER BY id LIMIT $1 ",
        limit
    )
    .fetch_all(db)
    .await
}

/// Has every live claim weighed again.
pub async fn unmerge_all(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("UPDATE claims SET merged_at = NULL WHERE superseded_at IS NULL").execute(db).await?;
    Ok(())
}

/// Notes that claims have been weighed.
pub async fn mark_merged(db: &mut PgConnection, ids: &[Uuid], now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE claims SET merged_at = $2 WHERE id = ANY($1)", ids, now).execute(db).await?;
    Ok(())
}

/// The live claims of these ids with their articles' circumstances, in the order of their ids.
pub async fn load(db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<SourcedClaim>> {
    let rows = sqlx::query!(
        "SELECT c.id, c.article_id, c.body AS \"body: Json<Claim>\", a.publisher, a.rank, a.published,
                a.summary_of AS \"summary_of: Json<Vec<SummaryOf>>\",
                ARRAY(SELECT cc.company FROM claim_companies cc WHERE cc.claim_id = c.id ORDER BY cc.position) AS \"companies!\"
         FROM claims c JOIN articles a ON a.id = c.article_id
         WHERE c.id = ANY($1) AND c.superseded_at IS NULL ORDER BY c.id",
        ids
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(SourcedClaim {
                id: row.id,
                article: row.article_id,
                rank: articles::rank(&row.rank)?,
                publishers: articles::publishers(row.publisher, row.summary_of.0),
                published: row.published,
                companies: row.companies.iter().map(|slug| Slug::of(slug)).collect(),
                claim: row.body.0,
            })
        })
        .collect()
}

/// The ids of the live claims that name one of these companies and appeared within `window` of `from` and `to`, those
/// in `known` left out.
pub async fn near(
    db: &mut PgConnection,
    companies: &[Slug],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    window: TimeDelta,
    known: &HashSet<Uuid>,
) -> sqlx::Result<Vec<Uuid>> {
    let companies: Vec<String> = companies.iter().map(ToString::to_string).collect();
    let ids = sqlx::query_scalar!(
        "SELECT DISTINCT cc.claim_id FROM claim_companies cc JOIN claims c ON c.id = cc.claim_id
         WHERE cc.company = ANY($1) AND cc.published BETWEEN $2 AND $3 AND c.superseded_at IS NULL",
        &companies,
        from - window,
        to + window
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().filter(|id| !known.contains(id)).collect())
}
