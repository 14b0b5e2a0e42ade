//! Under which keys claims and deals are found; what the keys mean is [`crate::ledger::keys`]' matter.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::ledger::keys::Probe;

/// A claim's keys, in the place of those that it had.
#[derive(Debug)]
pub struct ClaimKeys {
    /// The claim.
    pub claim: Uuid,
    /// Its time.
    pub published: DateTime<Utc>,
    /// Its keys.
    pub keys: BTreeSet<i64>,
}

/// Notes under which keys claims are found.
pub async fn note_claims(db: &mut PgConnection, noted: &[ClaimKeys]) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = noted.iter().map(|claim| claim.claim).collect();
    forget_claims(db, &ids).await?;
    let (mut keys, mut times, mut claims) = (Vec::new(), Vec::new(), Vec::new());
    for claim in noted {
        keys.extend(claim.keys.iter().copied());
        times.resize(keys.len(), claim.published);
        claims.resize(keys.len(), claim.claim);
    }
    sqlx::query!(
        "INSERT INTO claim_keys (key, published, claim_id) SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::uuid[])",
        &keys,
        &times,
        &claims
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Claims that are found no more.
pub async fn forget_claims(db: &mut PgConnection, claims: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM claim_keys WHERE claim_id = ANY($1)", claims).execute(db).await?;
    Ok(())
}

/// Where a claim is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    /// Who looks, by a number of the caller's own.
    pub by: i32,
    /// Under which key.
    pub key: i64,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
}

/// The claims that are found, each with those who looked for it.
pub async fn claims(db: &mut PgConnection, searches: &[Search]) -> sqlx::Result<BTreeMap<Uuid, Vec<i32>>> {
    // Many look under one key, as all do who tell of the same two companies: it is looked up once, for the whole time.
    let mut by_key: BTreeMap<i64, Vec<&Search>> = BTreeMap::new();
    for search in searches {
        by_key.entry(search.key).or_default().push(search);
    }
    let keys: Vec<i64> = by_key.keys().copied().collect();
    let from: Vec<DateTime<Utc>> = by_key.values().filter_map(|those| those.iter().map(|one| one.from).min()).collect();
    let to: Vec<DateTime<Utc>> = by_key.values().filter_map(|those| those.iter().map(|one| one.to).max()).collect();
    let rows = sqlx::query!(
        "SELECT k.key, k.published, k.claim_id
         FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) AS p (key, earliest, latest)
         JOIN claim_keys k ON k.key = p.key AND k.published BETWEEN p.earliest AND p.latest",
        &keys,
        &from,
        &to
    )
    .fetch_all(db)
    .await?;
    let mut found: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for row in rows {
        let those = by_key.get(&row.key).into_iter().flatten();
        let those = those.filter(|one| (one.from..=one.to).contains(&row.published)).map(|one| one.by);
        found.entry(row.claim_id).or_default().extend(those);
    }
    found.retain(|_, by| {
        by.sort_unstable();
        by.dedup();
        !by.is_empty()
    });
    Ok(found)
}

/// Notes under which keys a deal is found, in the place of those that it had.
pub async fn note_deal(db: &mut PgConnection, deal: Uuid, day: NaiveDate, keys: &BTreeSet<i64>) -> sqlx::Result<()> {
    let keys: Vec<i64> = keys.iter().copied().collect();
    sqlx::query!("DELETE FROM deal_keys WHERE deal_id = $1 AND (key <> ALL($2) OR day <> $3)", deal, &keys, day)
        .execute(&mut *db)
        .await?;
    sqlx::query!(
        "INSERT INTO deal_keys (key, day, deal_id) SELECT key, $2, $3 FROM unnest($1::bigint[]) AS key ON CONFLICT DO NOTHING",
        &keys,
        day,
        deal
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The deals that are found under these keys, looked for around a day.
pub async fn deals(db: &mut PgConnection, day: NaiveDate, probes: &BTreeSet<Probe>) -> sqlx::Result<Vec<Uuid>> {
    let keys: Vec<i64> = probes.iter().map(|probe| probe.key).collect();
    let from: Vec<NaiveDate> = probes.iter().map(|probe| day - probe.back).collect();
    let to: Vec<NaiveDate> = probes.iter().map(|probe| day + probe.ahead).collect();
    sqlx::query_scalar!(
        r#"SELECT DISTINCT k.deal_id AS "id!" FROM unnest($1::bigint[], $2::date[], $3::date[]) AS p (key, earliest, latest)
           JOIN deal_keys k ON k.key = p.key AND k.day BETWEEN p.earliest AND p.latest"#,
        &keys,
        &from,
        &to
    )
    .fetch_all(db)
    .await
}
