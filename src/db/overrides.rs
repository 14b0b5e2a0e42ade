//! What editors say, kept for ever.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{companies, new_id};
use crate::model::{Override, Registry, Word};

/// Who says something, and why.
#[derive(Debug, Clone, Copy)]
pub struct Editor<'a> {
    /// Their name.
    pub name: &'a str,
    /// Why they say so.
    pub reason: &'a str,
}

/// Files a word about the deal that holds a claim, or about two claims. Returns its id.
pub async fn add(
    db: &mut PgConnection,
    claim: Uuid,
    other: Option<Uuid>,
    word: &Word,
    by: Editor<'_>,
    registry: &Registry,
    now: DateTime<Utc>,
) -> sqlx::Result<Uuid> {
    if let Word::Parties(parties) = word {
        companies::ensure(&mut *db, parties, registry).await?;
    }
    let id = new_id(now);
    let revokes = if let Word::Revoke(word) = word { Some(*word) } else { None };
    sqlx::query!(
        "INSERT INTO overrides (id, claim_id, other_claim_id, deal_id, word, revokes, editor, reason, made_at)
         VALUES ($1, $2, $3, (SELECT deal_id FROM deal_claims WHERE claim_id = $2), $4, $5, $6, $7, $8)",
        id,
        claim,
        other,
        Json(word) as _,
        revokes,
        by.name,
        by.reason,
        now
    )
    .execute(db)
    .await?;
    Ok(id)
}

/// A word by its id.
pub async fn get(db: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<Override>> {
    let row = sqlx::query!(
        r#"SELECT id, claim_id, other_claim_id, deal_id, word AS "word: Json<Word>", editor, reason, made_at FROM overrides WHERE id = $1"#,
        id
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Override {
        id: row.id,
        claim: row.claim_id,
        other: row.other_claim_id,
        deal: row.deal_id,
        word: row.word.0,
        editor: row.editor,
        reason: row.reason,
        made_at: row.made_at,
    }))
}

/// Every word about these live claims, revoked or not. A word about a claim that a newer reading of its article has
/// superseded is one about the claim in its place.
pub async fn about(db: &mut PgConnection, claims: &[Uuid]) -> sqlx::Result<Vec<Override>> {
    let rows = sqlx::query!(
        r#"WITH present AS (
               SELECT old.id, live.id AS live FROM claims live
               JOIN claims old ON old.article_id = live.article_id AND old.ordinal = live.ordinal
               WHERE live.id = ANY($1) AND live.superseded_at IS NULL)
           SELECT o.id AS "id!", coalesce(first.live, o.claim_id) AS "claim!", coalesce(second.live, o.other_claim_id) AS other,
                  o.deal_id, o.word AS "word!: Json<Word>", o.editor AS "editor!", o.reason AS "reason!", o.made_at AS "made_at!"
           FROM overrides o LEFT JOIN present first ON first.id = o.claim_id LEFT JOIN present second ON second.id = o.other_claim_id
           WHERE o.claim_id IN (SELECT id FROM present) OR o.other_claim_id IN (SELECT id FROM present)
           ORDER BY o.made_at, o.id"#,
        claims
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Override {
            id: row.id,
            claim: row.claim,
            other: row.other,
            deal: row.deal_id,
            word: row.word.0,
            editor: row.editor,
            reason: row.reason,
            made_at: row.made_at,
        })
        .collect())
}

/// The live claims that an editor has joined with these, whether that still holds or not.
pub async fn joined(db: &mut PgConnection, claims: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        r#"WITH mine AS (
               SELECT old.id FROM claims live JOIN claims old ON old.article_id = live.article_id AND old.ordinal = live.ordinal
               WHERE live.id = ANY($1)),
           others AS (
               SELECT other_claim_id AS id FROM overrides WHERE claim_id IN (SELECT id FROM mine) AND other_claim_id IS NOT NULL
               UNION
               SELECT claim_id FROM overrides WHERE other_claim_id IN (SELECT id FROM mine))
           SELECT DISTINCT live.id AS "id!" FROM others o JOIN claims old ON old.id = o.id
           JOIN claims live ON live.article_id = old.article_id AND live.ordinal = old.ordinal
           WHERE live.superseded_at IS NULL AND NOT live.id = ANY($1)"#,
        claims
    )
    .fetch_all(db)
    .await
}

/// The oldest claim of a deal, by what stands in its article: the one that a word about the deal is filed under.
pub async fn anchor(db: &mut PgConnection, deal: Uuid) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "SELECT c.id FROM deal_claims dc JOIN claims c ON c.id = dc.claim_id
         WHERE dc.deal_id = $1 AND c.superseded_at IS NULL ORDER BY c.published, c.content_hash, c.ordinal LIMIT 1",
        deal
    )
    .fetch_optional(db)
    .await
}

/// Has these claims and all that rest in one deal with them weighed again.
pub async fn unmerge(db: &mut PgConnection, claims: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE claims SET merged_at = NULL WHERE superseded_at IS NULL AND (id = ANY($1) OR id IN (
             SELECT other.claim_id FROM deal_claims mine JOIN deal_claims other USING (deal_id) WHERE mine.claim_id = ANY($1)))",
        claims
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes the claims of a rejected deal out of it.
pub async fn let_go(db: &mut PgConnection, claims: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM deal_claims WHERE claim_id = ANY($1)", claims).execute(db).await?;
    Ok(())
}
