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
        r#"SELECT payer, payee, count(*) AS "deals!", sum(committed_usd) AS "committed!" FROM flows
           WHERE day BETWEEN coalesce($1, '-infinity'::date) AND coalesce($2, 'infinity'::date)
           AND ($3::text[] IS NULL OR kind = ANY($3)) AND status = ANY($4)
           GROUP BY payer, payee HAVING sum(committed_usd) >= $5
           ORDER BY 4 DESC, payer, payee LIMIT $6"#,
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
        r#"SELECT d.id AS deal, d.slug, d.headline, f.committed_usd AS committed
           FROM flows f JOIN deals d ON d.id = f.deal_id
           WHERE f.payer = $1 AND f.payee = $2
           AND f.day BETWEEN coalesce($3, '-infinity'::date) AND coalesce($4, 'infinity'::date)
           AND ($5::text[] IS NULL OR f.kind = ANY($5)) AND f.status = ANY($6)
           ORDER BY f.committed_usd DESC, d.id LIMIT $7"#,
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
