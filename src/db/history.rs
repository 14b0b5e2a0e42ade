//! The ledger as it was known at a past time.

use std::{collections::BTreeMap, ops::RangeBounds};

use chrono::{DateTime, NaiveDate, Utc};
use futures::TryStreamExt;
use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{deals::Cause, new_id};
use crate::{
    ledger::{
        diff::changes,
        history::Past,
        net::{Figures, Member, net},
        shares::{Owners, shares},
        totals::{self, Counted, RoleTotal, Wanted},
    },
    model::{Bond, Deal, Direction, Kind, Megawatts, Role, Slug, Status, places::countries},
};

/// The record of a deal at a time; `None` where it was not known yet, or no longer.
pub async fn deal(db: &mut PgConnection, id: Uuid, at: DateTime<Utc>) -> sqlx::Result<Option<Deal>> {
    let record = sqlx::query_scalar!(
        r#"SELECT record AS "record: Json<Deal>" FROM revisions
           WHERE deal_id = $1 AND coalesce(effective_at, recorded_at) <= $2
           ORDER BY coalesce(effective_at, recorded_at) DESC, written DESC LIMIT 1"#,
        id,
        at
    )
    .fetch_optional(db)
    .await?;
    Ok(record.flatten().map(|record| record.0))
}

/// The records of these deals at a time.
async fn deals(db: &mut PgConnection, ids: &[Uuid], at: DateTime<Utc>) -> sqlx::Result<BTreeMap<Uuid, Deal>> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT ON (deal_id) deal_id, record AS "record: Json<Deal>" FROM revisions
           WHERE deal_id = ANY($1) AND coalesce(effective_at, recorded_at) <= $2
           ORDER BY deal_id, coalesce(effective_at, recorded_at) DESC, written DESC"#,
        ids,
        at
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.deal_id, row.record?.0))).collect())
}

/// A company's totals by role as they were known at a time, alone or with all that it owned. Reads the deals that ever
/// named one of them, and their umbrellas.
pub async fn by_role(
    db: &mut PgConnection,
    company: &Slug,
    wanted: &Wanted,
    at: DateTime<Utc>,
) -> sqlx::Result<Vec<RoleTotal>> {
    let mut ids = sqlx::query_scalar!(
        r#"WITH RECURSIVE family AS (
               SELECT $1::text AS slug UNION SELECT p.company FROM family f JOIN company_parents p ON p.parent = f.slug)
           SELECT DISTINCT r.deal_id FROM family f
           JOIN revisions r ON r.record -> 'parties' @> jsonb_build_array(jsonb_build_object('company', f.slug))
           WHERE r.record IS NOT NULL"#,
        company.as_str()
    )
    .fetch_all(&mut *db)
    .await?;
    // Their umbrellas and whatever else is in these, at any time.
    loop {
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let more = sqlx::query_scalar!(
            r#"SELECT deal_id AS "id!" FROM revisions WHERE record -> 'umbrella' IS NOT NULL AND record -> 'umbrella' ->> 'deal' = ANY($1)
               UNION
               SELECT (record -> 'umbrella' ->> 'deal')::uuid FROM revisions
               WHERE deal_id = ANY($2) AND record -> 'umbrella' IS NOT NULL"#,
            &texts,
            &ids
        )
        .fetch_all(&mut *db)
        .await?;
        let before = ids.len();
        ids.extend(more);
        ids.sort_unstable();
        ids.dedup();
        if ids.len() == before {
            break;
        }
    }
    let records = deals(db, &ids, at).await?;
    Ok(totals::by_role(&counted(db, &records).await?, Some(company), wanted))
}

/// Deals as they are added up: what each counts beside the others, and who owned its parties on its day.
async fn counted<'a>(db: &mut PgConnection, records: &'a BTreeMap<Uuid, Deal>) -> sqlx::Result<Vec<Counted<'a>>> {
    let members: Vec<Member> = records.iter().map(|(id, deal)| member(*id, deal)).collect();
    let parents = super::shares::parents_of(db, records.values().collect::<Vec<_>>()).await?;
    let owned = records.values().zip(net(&members)).map(|(deal, net)| {
        let owners: Owners = super::shares::owners(&parents, deal);
        Counted { deal, net, owners, countries: countries(&deal.places) }
    });
    Ok(owned.collect())
}

/// What the deals of a kind and stage added to a company's totals in a role, as it was known at a time: a row as
/// `company_months` has it, but over all days that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct PastShare {
    #[serde(flatten)]
    of: ShareOf,
    #[serde(flatten)]
    sums: ShareSums,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct ShareOf {
    company: Slug,
    scope: &'static str,
    role: Option<Role>,
    direction: Option<Direction>,
    kind: Kind,
    status: Status,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct ShareSums {
    net_committed_usd: Decimal,
    net_potential_usd: Decimal,
    side_net_mw: Decimal,
    side_deals: i64,
    net_mw: Decimal,
    deals: i64,
}

/// What all deals of some days added to the totals of companies, as it was known at a time. Reads the whole ledger of that
/// time, of which it keeps what is added up only.
pub(super) async fn shares_at(
    db: &mut PgConnection,
    at: DateTime<Utc>,
    days: impl RangeBounds<NaiveDate>,
) -> sqlx::Result<Vec<PastShare>> {
    let mut records: BTreeMap<Uuid, Deal> = BTreeMap::new();
    {
        let mut rows = sqlx::query!(
            r#"SELECT DISTINCT ON (deal_id) deal_id, record - '{accounts,amounts,capacity,chips,history}'::text[]
                   || '{"amounts": [], "capacity": [], "chips": [], "history": []}' AS "record: Json<Deal>"
               FROM revisions WHERE coalesce(effective_at, recorded_at) <= $1
               ORDER BY deal_id, coalesce(effective_at, recorded_at) DESC, written DESC"#,
            at
        )
        .fetch(&mut *db);
        while let Some(row) = rows.try_next().await? {
            if let Some(record) = row.record {
                records.insert(row.deal_id, record.0);
            }
        }
    }
    let mut sums: BTreeMap<ShareOf, ShareSums> = BTreeMap::new();
    for Counted { deal, net, owners, .. } in counted(db, &records).await? {
        if !days.contains(&deal.day()) {
            continue;
        }
        for share in shares(deal, net, &owners) {
            let Some(company) = share.company else { continue };
            let of = ShareOf {
                company,
                scope: share.scope.as_str(),
                role: share.role,
                direction: share.direction,
                kind: deal.kind,
                status: deal.status,
            };
            let sum = sums.entry(of).or_default();
            let power = share.net.mw.unwrap_or_default();
            sum.net_committed_usd += share.net.committed.unwrap_or_default();
            sum.net_potential_usd += share.net.potential.unwrap_or_default();
            if share.leads_side {
                sum.side_net_mw += power;
                sum.side_deals += 1;
            }
            if share.leads {
                sum.net_mw += power;
                sum.deals += 1;
            }
        }
    }
    Ok(sums.into_iter().map(|(of, sums)| PastShare { of, sums }).collect())
}

fn member(id: Uuid, deal: &Deal) -> Member {
    Member {
        id,
        part_of: deal.umbrella.as_ref().filter(|over| over.bond == Bond::Part).map(|over| over.deal),
        status: deal.status,
        gross: Figures {
            committed: deal.committed_usd,
            potential: deal.potential_usd,
            mw: deal.mw.map(Megawatts::get),
        },
    }
}

/// Notes the states that a backfill adds to a deal's past, where they differ from what was known of their days.
pub async fn note_past(db: &mut PgConnection, id: Uuid, past: &[Past], now: DateTime<Utc>) -> sqlx::Result<()> {
    for state in past {
        let from = state.from.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc();
        let known = deal(db, id, from).await?;
        let umbrella = known.as_ref().and_then(|known| known.umbrella.clone());
        let record = Deal { umbrella, ..state.deal.clone() };
        if known.as_ref() == Some(&record) {
            continue;
        }
        sqlx::query!(
            "INSERT INTO revisions (id, deal_id, recorded_at, happened_on, cause, claim_id, changes, record, effective_at)
             VALUES ($1, $2, $3, $4, 'claim', $5, $6, $7, $8)",
            new_id(now),
            id,
            now,
            state.from,
            state.claim,
            Json(changes(known.as_ref(), &record)) as _,
            Json(&record) as _,
            from
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// From when a record holds that has this cause, where that is not when it is written down: never before what is known of
/// the deal already, so that the present state is the last.
pub(super) async fn effective_at(db: &mut PgConnection, id: Uuid, cause: Cause) -> sqlx::Result<Option<DateTime<Utc>>> {
    let Some(from) = cause.effective_on else { return Ok(None) };
    let from = from.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc();
    let last =
        sqlx::query_scalar!("SELECT max(coalesce(effective_at, recorded_at)) FROM revisions WHERE deal_id = $1", id)
            .fetch_one(db)
            .await?;
    Ok(Some(last.map_or(from, |last| last.max(from))))
}
