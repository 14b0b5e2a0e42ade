//! Who commits how much to whom, all companies rolled up into their topmost owners, and the deals behind it.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    ledger::{circles::Edge, totals::Wanted},
    model::Slug,
};

/// The firm flows of at least `least` dollars, the largest first, each dollar counted once. Only companies that nobody
/// owned on the day of the deal pay or are paid here.
pub async fn edges(db: &mut PgConnection, wanted: &Wanted, least: Decimal, limit: i64) -> sqlx::Result<Vec<Edge>> {
    let rows = sqlx::query!(
        r#"SELECT payer.company AS "payer!", payee.company AS "payee!", count(DISTINCT payer.deal_id) AS "deals!",
                  sum(round(d.net_committed_usd * payer.part * payee.part / (payer.whole * payee.whole), 2)) AS "committed!"
           FROM shares payer JOIN shares payee ON payee.deal_id = payer.deal_id JOIN deals d ON d.id = payer.deal_id
           WHERE payer.direction = 'payer' AND payee.direction = 'payee' AND payer.company <> payee.company
           AND payer.is_top AND payee.is_top AND payer.scope IN ('family', 'both') AND payee.scope IN ('family', 'both')
           AND payer.part > 0 AND payee.part > 0 AND d.net_committed_usd > 0
           AND payer.day BETWEEN coalesce($1, '-infinity'::date) AND coalesce($2, 'infinity'::date)
           AND ($3::text[] IS NULL OR payer.kind = ANY($3)) AND payer.status = ANY($4)
           GROUP BY 1, 2
           HAVING sum(round(d.net_committed_usd * payer.part * payee.part / (payer.whole * payee.whole), 2)) >= $5
           ORDER BY 4 DESC, 1, 2 LIMIT $6"#,
        wanted.from,
        wanted.to,
        super::totals::kinds(wanted) as _,
        &super::totals::statuses(wanted),
        least,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Edge {
            payer: Slug::of(&row.payer),
            payee: Slug::of(&row.payee),
            committed: row.committed,
            deals: row.deals,
        })
        .collect())
}

/// The months of the first and the last deal.
pub async fn months(db: &mut PgConnection) -> sqlx::Result<Option<(NaiveDate, NaiveDate)>> {
    let row = sqlx::query!(
        "SELECT min(month) AS first, max(month) AS last FROM place_months WHERE country = '' AND deals > 0"
    )
    .fetch_one(db)
    .await?;
    Ok(row.first.zip(row.last))
}

/// A deal behind a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The deal.
    pub deal: Uuid,
    /// Its name in its address.
    pub slug: String,
    /// What it is.
    pub headline: String,
    /// How much of the flow is its.
    pub committed: Decimal,
}

/// The deals behind a flow, the largest first.
pub async fn behind(
    db: &mut PgConnection,
    payer: &Slug,
    payee: &Slug,
    wanted: &Wanted,
    limit: i64,
) -> sqlx::Result<Vec<Behind>> {
    sqlx::query_as!(
        Behind,
        r#"WITH flow AS (
               SELECT deal_id, sum(part) FILTER (WHERE company = $1 AND direction = 'payer') AS pays,
                      max(whole) FILTER (WHERE company = $1 AND direction = 'payer') AS payers,
                      sum(part) FILTER (WHERE company = $2 AND direction = 'payee') AS paid,
                      max(whole) FILTER (WHERE company = $2 AND direction = 'payee') AS payees
               FROM shares
               WHERE company = ANY(ARRAY[$1, $2]) AND is_top AND scope IN ('family', 'both')
               AND day BETWEEN coalesce($3, '-infinity'::date) AND coalesce($4, 'infinity'::date)
               AND ($5::text[] IS NULL OR kind = ANY($5)) AND status = ANY($6) GROUP BY deal_id)
           SELECT d.id AS deal, d.slug, d.headline,
                  round(d.net_committed_usd * (f.pays * f.paid)::numeric / (f.payers * f.payees), 2) AS "committed!"
           FROM (SELECT * FROM flow WHERE pays > 0 AND paid > 0) f JOIN deals d ON d.id = f.deal_id
           WHERE d.net_committed_usd > 0
           ORDER BY 4 DESC, d.id LIMIT $7"#,
        payer.as_str(),
        payee.as_str(),
        wanted.from,
        wanted.to,
        super::totals::kinds(wanted) as _,
        &super::totals::statuses(wanted),
        limit
    )
    .fetch_all(db)
    .await
}
