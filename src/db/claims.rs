//! The claims: append-only, a newer reading supersedes an older one.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor, types::Json};
use uuid::Uuid;

use super::{
    articles::{self, SummaryOf},
    companies, deals, new_id,
};
use crate::{
    ledger::{
        derive::SURE,
        resolve::{Resolved, stands_for},
    },
    model::{Claim, Registry, Slug, SourcedClaim},
};

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
/// rested on them are weighed again. Runs in a transaction of the caller.
pub async fn file(
    db: &mut PgConnection,
    reading: &ReadingOf<'_>,
    claims: &[Claim],
    registry: &Registry,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let read_before = sqlx::query_scalar!(
        "SELECT EXISTS (SELECT FROM claims WHERE article_id = $1 AND superseded_at IS NULL) AS \"read_before!\"",
        reading.article
    )
    .fetch_one(&mut *db)
    .await?;
    let mut earlier = Vec::new();
    if read_before {
        // Whoever merges at this moment is waited for, lest it take the claims as it knew them.
        deals::lock(&mut *db).await?;
        let rows = sqlx::query!(
            "SELECT c.id, c.body AS \"body: Json<Claim>\", dc.deal_id AS \"deal_id?\"
             FROM claims c LEFT JOIN deal_claims dc ON dc.claim_id = c.id
             WHERE c.article_id = $1 AND c.superseded_at IS NULL ORDER BY c.ordinal",
            reading.article
        )
        .fetch_all(&mut *db)
        .await?;
        if rows.len() == claims.len() && rows.iter().zip(claims).all(|(old, new)| old.body.0 == *new) {
            return Ok(());
        }
        let ids: Vec<Uuid> = rows.iter().map(|old| old.id).collect();
        sqlx::query!("UPDATE claims SET superseded_at = $2, merged_at = NULL WHERE id = ANY($1)", &ids, now)
            .execute(&mut *db)
            .await?;
        // The deals' other claims are weighed again without them.
        sqlx::query!(
            "UPDATE claims SET merged_at = NULL WHERE superseded_at IS NULL AND id IN (
                 SELECT other.claim_id FROM deal_claims mine JOIN deal_claims other USING (deal_id) WHERE mine.claim_id = ANY($1))",
            &ids
        )
        .execute(&mut *db)
        .await?;
        earlier = rows.into_iter().filter_map(|old| Some((old.body.0, old.deal_id?))).collect();
    }

    let heirs = heirs(&earlier, claims);
    for ((ordinal, claim), deal) in (0_i32..).zip(claims).zip(heirs) {
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
        resolve(db, id, claim, reading.published, registry).await?;
        // A newer reading of the same deal keeps the deal's id.
        if let Some(deal) = deal {
            sqlx::query!("INSERT INTO deal_claims (claim_id, deal_id) VALUES ($1, $2)", id, deal)
                .execute(&mut *db)
                .await?;
        }
    }
    Ok(())
}

/// Which deal each new claim takes over from the earlier reading of its article: the pairs that are most alike first,
/// each deal once.
fn heirs(earlier: &[(Claim, Uuid)], claims: &[Claim]) -> Vec<Option<Uuid>> {
    let alike = |old: &Claim, new: &Claim| {
        let shared = new.parties.iter().filter(|party| old.parties.contains(party)).count();
        let named = new.parties.iter().filter(|party| old.parties.iter().any(|known| known.name == party.name)).count();
        let figures = usize::from(old.amounts == new.amounts) + usize::from(old.capacity == new.capacity);
        (named > 0 && old.kind == new.kind).then_some((old.parties == new.parties, shared + figures, named))
    };
    let mut pairs: Vec<_> = earlier
        .iter()
        .enumerate()
        .flat_map(|(o, (old, _))| claims.iter().enumerate().filter_map(move |(n, new)| Some((alike(old, new)?, o, n))))
        .collect();
    pairs.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut taken = vec![false; earlier.len()];
    let mut heirs = vec![None; claims.len()];
    for (_, old, new) in pairs {
        if !taken[old] && heirs[new].is_none() {
            taken[old] = true;
            heirs[new] = Some(earlier[old].1);
        }
    }
    heirs
}

/// Notes whom a claim's names stand for, in the place of what was noted before.
async fn resolve(
    db: &mut PgConnection,
    id: Uuid,
    claim: &Claim,
    published: DateTime<Utc>,
    registry: &Registry,
) -> sqlx::Result<()> {
    let resolved = companies::ensure(&mut *db, &claim.parties, registry).await?;
    let companies: Vec<String> = resolved.iter().map(|company| company.slug.to_string()).collect();
    // For a namesake of the registry's the country is in its name already.
    let named: Vec<Option<String>> =
        resolved.iter().map(|company| Some(company.slug.to_string()).filter(|_| !company.known)).collect();
    let countries: Vec<Option<String>> = claim.parties.iter().map(|party| party.country.clone()).collect();
    let categories: Vec<Option<String>> =
        claim.parties.iter().map(|party| party.category.map(|category| category.to_string())).collect();
    sqlx::query!(
        "WITH gone AS (DELETE FROM claim_companies WHERE claim_id = $1 AND position >= cardinality($2::text[]))
         INSERT INTO claim_companies (claim_id, position, company, published, named, country, category)
         SELECT $1, (position - 1)::int, company, $3, named, country, category
         FROM unnest($2::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS p (company, named, country, category, position)
         ON CONFLICT (claim_id, position) DO UPDATE SET company = excluded.company, published = excluded.published,
             named = excluded.named, country = excluded.country, category = excluded.category",
        id,
        &companies,
        published,
        &named as &[Option<String>],
        &countries as &[Option<String>],
        &categories as &[Option<String>]
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Looks every live claim's names up again, for the registry may know more by now, and has every claim weighed again.
pub async fn unmerge_all(db: &mut PgConnection, registry: &Registry) -> sqlx::Result<()> {
    let claims = sqlx::query!(
        "SELECT c.id, c.published, c.body AS \"body: Json<Claim>\",
                ARRAY(SELECT cc.company FROM claim_companies cc WHERE cc.claim_id = c.id ORDER BY cc.position) AS \"companies!\",
                ARRAY(SELECT coalesce(cc.named, '') FROM claim_companies cc WHERE cc.claim_id = c.id ORDER BY cc.position) AS \"named!\"
         FROM claims c WHERE c.superseded_at IS NULL ORDER BY c.id"
    )
    .fetch_all(&mut *db)
    .await?;
    for claim in claims {
        let stands = claim.body.0.parties.iter().map(|party| {
            let Resolved { slug, known, .. } = stands_for(party, registry);
            let slug = slug.to_string();
            (slug.clone(), if known { String::new() } else { slug })
        });
        if !stands.eq(claim.companies.iter().cloned().zip(claim.named.iter().cloned())) {
            resolve(db, claim.id, &claim.body.0, claim.published, registry).await?;
        }
    }
    sqlx::query!("UPDATE claims SET merged_at = NULL WHERE superseded_at IS NULL").execute(db).await?;
    Ok(())
}

/// What the ledger has not weighed.
#[derive(Debug)]
pub struct Unmerged {
    /// Claims that are live.
    pub live: Vec<Uuid>,
    /// Claims that were superseded since.
    pub superseded: Vec<Uuid>,
}

/// Up to `limit` claims that the ledger has not weighed, the oldest first.
pub async fn unmerged(db: &mut PgConnection, limit: i64) -> sqlx::Result<Unmerged> {
    let rows = sqlx::query!(
        "SELECT id, superseded_at IS NULL AS \"live!\" FROM claims WHERE merged_at IS NULL ORDER BY id LIMIT $1",
        limit
    )
    .fetch_all(db)
    .await?;
    let of = |live: bool| rows.iter().filter(|row| row.live == live).map(|row| row.id).collect();
    Ok(Unmerged { live: of(true), superseded: of(false) })
}

/// Notes that claims have been weighed.
pub async fn mark_merged(db: &mut PgConnection, ids: &[Uuid], now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE claims SET merged_at = $2 WHERE id = ANY($1)", ids, now).execute(db).await?;
    Ok(())
}

/// The live claims of these ids with their articles' circumstances, in the order of their ids.
pub async fn load(db: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<SourcedClaim>> {
    let rows = sqlx::query!(
        "SELECT c.id, c.article_id, c.content_hash, c.ordinal, c.body AS \"body: Json<Claim>\", a.publisher, a.counts_as, a.rank, a.published,
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
                content: (row.content_hash, row.ordinal),
                rank: articles::rank(&row.rank)?,
                publishers: articles::publishers(row.publisher, row.counts_as, row.summary_of.0),
                published: row.published,
                companies: row.companies.iter().map(|slug| Slug::of(slug)).collect(),
                claim: row.body.0,
            })
        })
        .collect()
}

/// A claim that is not recorded, for an editor to judge.
#[derive(Debug)]
pub struct Doubtful {
    /// Its id.
    pub id: Uuid,
    /// What it says, and how sure that is.
    pub claim: Claim,
    /// The headline of its article.
    pub title: String,
    /// Where that stands.
    pub url: Option<String>,
}

/// The claims of which no deal was made, because no article tells it surely enough and no editor has judged it; the
/// latest first.
pub async fn doubtful(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Doubtful>> {
    let rows = sqlx::query!(
        "SELECT c.id, c.body AS \"body: Json<Claim>\", a.title, a.url FROM claims c JOIN articles a ON a.id = c.article_id
         WHERE c.superseded_at IS NULL AND c.merged_at IS NOT NULL AND (c.body->>'confidence')::float8 < $1
           AND NOT EXISTS (SELECT FROM deal_claims dc WHERE dc.claim_id = c.id)
           AND NOT EXISTS (SELECT FROM overrides o WHERE o.claim_id = c.id AND o.revokes IS NULL
                           AND NOT EXISTS (SELECT FROM overrides undone WHERE undone.revokes = o.id))
         ORDER BY c.id DESC LIMIT $2",
        SURE,
        limit
    )
    .fetch_all(db)
    .await?;
    let rows = rows.into_iter();
    Ok(rows.map(|row| Doubtful { id: row.id, claim: row.body.0, title: row.title, url: row.url }).collect())
}
