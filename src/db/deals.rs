//! The merged records.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{history, new_id};
use crate::{
    ledger::{diff::changes, filter::searched_text},
    model::{Deal, Slug, places},
};

/// Takes the ledger for this transaction: what is merged by one is seen by the next.
pub async fn lock(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('ledger'))").execute(db).await?;
    Ok(())
}

/// The deals that claims rest in so far: claim → deal.
pub async fn of_claims(db: &mut PgConnection, claims: &[Uuid]) -> sqlx::Result<HashMap<Uuid, Uuid>> {
    let rows = sqlx::query!("SELECT claim_id, deal_id FROM deal_claims WHERE claim_id = ANY($1)", claims)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.claim_id, row.deal_id)).collect())
}

/// The record of a deal.
pub async fn get(db: &mut PgConnection, id: Uuid) -> sqlx::Result<Option<Deal>> {
    Ok(sqlx::query_scalar!("SELECT record AS \"record: Json<Deal>\" FROM deals WHERE id = $1", id)
        .fetch_optional(db)
        .await?
        .map(|record| record.0))
}

/// What writing a record came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// There was none of this id.
    New,
    /// It says something else than before.
    Changed,
    /// It says what it said.
    Unchanged,
}

/// Why a record changes.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    /// When it is written down.
    pub now: DateTime<Utc>,
    /// The day on which it happened: the causing article's.
    pub happened_on: NaiveDate,
    /// The claim that caused it; `None` where a rule changed or an editor spoke.
    pub claim: Option<Uuid>,
    /// The editor's word that caused it.
    pub word: Option<Uuid>,
    /// From which day the record holds for those who ask for the past, where a backfill brought it in; `None`: from when
    /// it is written down.
    pub effective_on: Option<NaiveDate>,
}

impl Cause {
    /// A change of rules.
    pub fn rule(now: DateTime<Utc>) -> Self {
        Self { now, happened_on: now.date_naive(), claim: None, word: None, effective_on: None }
    }

    fn name(self) -> &'static str {
        match (self.word, self.claim) {
            (Some(_), _) => "editor",
            (None, Some(_)) => "claim",
            (None, None) => "rule",
        }
    }
}

/// Writes a record with its parties and claims, and a revision where it differs from what it was.
pub async fn write(
    db: &mut PgConnection,
    id: Uuid,
    deal: &Deal,
    claims: &[Uuid],
    cause: Cause,
) -> sqlx::Result<Written> {
    let old = get(db, id).await?;
    // Its place under others is decided after all deals are written.
    let deal = &Deal { umbrella: old.as_ref().and_then(|old| old.umbrella.clone()), ..deal.clone() };
    let unchanged = old.as_ref() == Some(deal);
    if !unchanged {
        write_row(db, id, deal, cause.now).await?;
        write_parties(db, id, deal).await?;
    }
    sqlx::query!(
        "INSERT INTO deal_claims (claim_id, deal_id) SELECT claim, $2 FROM unnest($1::uuid[]) AS claim
         ON CONFLICT (claim_id) DO UPDATE SET deal_id = excluded.deal_id WHERE deal_claims.deal_id <> excluded.deal_id",
        claims,
        id
    )
    .execute(&mut *db)
    .await?;
    if unchanged {
        return Ok(Written::Unchanged);
    }
    revise(db, id, old.as_ref(), deal, cause).await?;
    Ok(if old.is_none() { Written::New } else { Written::Changed })
}

/// Notes what changed in a record, and the record after it.
pub(super) async fn revise(
    db: &mut PgConnection,
    id: Uuid,
    old: Option<&Deal>,
    new: &Deal,
    cause: Cause,
) -> sqlx::Result<()> {
    // A deal that a backfill brings in changes from the last state of its past.
    let past = if old.is_none() { history::deal(db, id, cause.now).await? } else { None };
    let changes = changes(old.or(past.as_ref()), new);
    let effective_at = history::effective_at(db, id, cause).await?;
    sqlx::query!(
        "INSERT INTO revisions (id, deal_id, recorded_at, happened_on, cause, claim_id, override_id, changes, record, effective_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new_id(cause.now),
        id,
        cause.now,
        cause.happened_on,
        cause.name(),
        cause.claim,
        cause.word,
        Json(&changes) as _,
        Json(new) as _,
        effective_at
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn write_row(db: &mut PgConnection, id: Uuid, deal: &Deal, now: DateTime<Utc>) -> sqlx::Result<()> {
    let slug = Slug::of(&deal.headline);
    let countries = places::countries(&deal.places);
    let searched = searched_text(deal, &countries);
    sqlx::query!(
        "INSERT INTO deals (id, slug, headline, kind, status, day, announced_on, first_seen, committed_usd, potential_usd, mw,
                            places, countries, publishers, articles, record, search, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, to_tsvector('wattline', $17), $18)
         ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, headline = excluded.headline, kind = excluded.kind,
             status = excluded.status, day = excluded.day, announced_on = excluded.announced_on, first_seen = excluded.first_seen,
             committed_usd = excluded.committed_usd, potential_usd = excluded.potential_usd, mw = excluded.mw,
             places = excluded.places, countries = excluded.countries, publishers = excluded.publishers,
             articles = excluded.articles, record = excluded.record, search = excluded.search, updated_at = excluded.updated_at",
        id,
        slug.as_str(),
        deal.headline,
        deal.kind.as_str(),
        deal.status.as_str(),
        deal.day(),
        deal.announced_on,
        deal.first_seen,
        deal.committed_usd,
        deal.potential_usd,
        deal.mw.map(crate::model::Megawatts::get),
        &deal.places,
        &countries,
        i32::try_from(deal.publishers).unwrap_or(i32::MAX),
        i32::try_from(deal.articles).unwrap_or(i32::MAX),
        Json(deal) as _,
        searched,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn write_parties(db: &mut PgConnection, id: Uuid, deal: &Deal) -> sqlx::Result<()> {
    let flows: Vec<_> = deal.parties.iter().map(|party| party.flow.as_ref()).collect();
    let positions: Vec<i32> = (0..).take(deal.parties.len()).collect();
    let companies: Vec<String> = deal.parties.iter().map(|party| party.company.to_string()).collect();
    let roles: Vec<String> = deal.parties.iter().map(|party| party.role.to_string()).collect();
    let directions: Vec<Option<String>> =
        flows.iter().map(|flow| flow.map(|flow| flow.direction.to_string())).collect();
    let committed: Vec<_> = flows.iter().map(|flow| flow.and_then(|flow| flow.committed_usd)).collect();
    let potential: Vec<_> = flows.iter().map(|flow| flow.and_then(|flow| flow.potential_usd)).collect();
    sqlx::query!("DELETE FROM deal_parties WHERE deal_id = $1", id).execute(&mut *db).await?;
    sqlx::query!(
        "INSERT INTO deal_parties (deal_id, position, company, role, direction, committed_usd, potential_usd, day, status)
         SELECT $1, party.*, $8::date, $9::text
         FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[]) AS party",
        id,
        &positions,
        &companies,
        &roles,
        &directions as &[Option<String>],
        &committed as &[Option<rust_decimal::Decimal>],
        &potential as &[Option<rust_decimal::Decimal>],
        deal.day(),
        deal.status.as_str()
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes the deals on which no live claim rests any more. `merged_into` says, for those that were merged, into which
/// other: their old id leads there. Each leaves a revision.
pub async fn remove_empty(
    db: &mut PgConnection,
    ids: &[Uuid],
    merged_into: &HashMap<Uuid, Uuid>,
    cause: Cause,
) -> sqlx::Result<()> {
    let empty = sqlx::query_scalar!(
        "SELECT id FROM deals WHERE id = ANY($1) AND NOT EXISTS (
             SELECT FROM deal_claims dc JOIN claims c ON c.id = dc.claim_id WHERE dc.deal_id = deals.id AND c.superseded_at IS NULL)",
        ids
    )
    .fetch_all(&mut *db)
    .await?;
    for id in empty {
        sqlx::query!(
            "INSERT INTO revisions (id, deal_id, recorded_at, happened_on, cause, override_id, changes)
             VALUES ($1, $2, $3, $4, $5, $6, '[]')",
            new_id(cause.now),
            id,
            cause.now,
            cause.happened_on,
            cause.name(),
            cause.word
        )
        .execute(&mut *db)
        .await?;
        if let Some(new_id) = merged_into.get(&id) {
            // Those that led here lead on.
            sqlx::query!("UPDATE deal_redirects SET new_id = $2 WHERE new_id = $1", id, new_id)
                .execute(&mut *db)
                .await?;
            sqlx::query!(
                "INSERT INTO deal_redirects (old_id, new_id) VALUES ($1, $2) ON CONFLICT (old_id) DO UPDATE SET new_id = excluded.new_id",
                id,
                new_id
            )
            .execute(&mut *db)
            .await?;
        }
        sqlx::query!("DELETE FROM deals WHERE id = $1", id).execute(&mut *db).await?;
    }
    Ok(())
}

/// Takes superseded claims out of the deals that they rest in; returns those.
pub async fn leave(db: &mut PgConnection, superseded: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!("DELETE FROM deal_claims WHERE claim_id = ANY($1) RETURNING deal_id", superseded)
        .fetch_all(db)
        .await
}

/// The live claims that rest in these deals.
pub async fn claims_of(db: &mut PgConnection, deals: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar!(
        "SELECT dc.claim_id FROM deal_claims dc JOIN claims c ON c.id = dc.claim_id
         WHERE dc.deal_id = ANY($1) AND c.superseded_at IS NULL ORDER BY dc.claim_id",
        deals
    )
    .fetch_all(db)
    .await
}

/// Notes why claims rest in their deals: how sure it is, from 0 to 1, and by what.
pub async fn note_reasons(db: &mut PgConnection, reasons: &[(Uuid, Option<(f32, String)>)]) -> sqlx::Result<()> {
    let claims: Vec<Uuid> = reasons.iter().map(|(claim, _)| *claim).collect();
    let scores: Vec<Option<f32>> = reasons.iter().map(|(_, why)| why.as_ref().map(|(score, _)| *score)).collect();
    let words: Vec<Option<String>> =
        reasons.iter().map(|(_, why)| why.as_ref().map(|(_, words)| words.clone())).collect();
    sqlx::query!(
        "UPDATE deal_claims dc SET score = why.score, reasons = why.reasons
         FROM unnest($1::uuid[], $2::real[], $3::text[]) AS why (claim, score, reasons)
         WHERE dc.claim_id = why.claim AND (dc.score, dc.reasons) IS DISTINCT FROM (why.score, why.reasons)",
        &claims,
        &scores as &[Option<f32>],
        &words as &[Option<String>]
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Two claims that may be of one deal.
#[derive(Debug)]
pub struct Proposal {
    /// One of them.
    pub first: Uuid,
    /// The other.
    pub second: Uuid,
    /// How likely it is one deal, from 0 to 1.
    pub score: f32,
    /// What speaks for it and what against.
    pub reasons: Vec<&'static str>,
}

/// Files pairs of claims for an editor to decide; a pair that is filed already keeps its place. Those that have become
/// one deal, or of which one was superseded, are taken back.
pub async fn propose(db: &mut PgConnection, pairs: &[Proposal], now: DateTime<Utc>) -> sqlx::Result<()> {
    let firsts: Vec<Uuid> = pairs.iter().map(|pair| pair.first.min(pair.second)).collect();
    let seconds: Vec<Uuid> = pairs.iter().map(|pair| pair.first.max(pair.second)).collect();
    let scores: Vec<f32> = pairs.iter().map(|pair| pair.score).collect();
    let reasons: Vec<String> = pairs.iter().map(|pair| pair.reasons.join("; ")).collect();
    sqlx::query!(
        "INSERT INTO proposals (first_claim, second_claim, score, reasons, made_at)
         SELECT pair.*, $5 FROM unnest($1::uuid[], $2::uuid[], $3::real[], $4::text[]) AS pair ON CONFLICT DO NOTHING",
        &firsts,
        &seconds,
        &scores,
        &reasons,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes back proposals over these claims that are settled: both rest in one deal, or one of the two in none.
pub async fn settle(db: &mut PgConnection, claims: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM proposals p WHERE (first_claim = ANY($1) OR second_claim = ANY($1)) AND NOT EXISTS (
             SELECT FROM deal_claims a, deal_claims b
             WHERE a.claim_id = p.first_claim AND b.claim_id = p.second_claim AND a.deal_id <> b.deal_id)",
        claims
    )
    .execute(db)
    .await?;
    Ok(())
}
