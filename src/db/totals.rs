//! What companies pay and are paid.
//!
//! A company's total counts its share of each deal. With its subsidiaries rolled up, what they pay each other leaves
//! the total: of a deal whose other side is partly in the family, that part of the share.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{parsed, timeline::ListedDeal};
use crate::model::{Deal, Direction, Kind, Status};

/// A company's share of one month's deals of a kind and stage, on one side of the money.
#[derive(Debug, Clone)]
pub struct ShareCell {
    /// The first of the month.
    pub month: NaiveDate,
    /// The side.
    pub direction: Direction,
    /// The kind.
    pub kind: Kind,
    /// The stage.
    pub status: Status,
    /// How many deals.
    pub deals: i64,
    /// How many of them disclose a sum.
    pub disclosed: i64,
    /// The share of firm dollars.
    pub committed: Decimal,
    /// The share of dollars that hang on conditions.
    pub potential: Decimal,
    /// The power in these deals.
    pub mw: Decimal,
}

/// What a family of companies pays and is paid.
pub async fn shares(db: &mut PgConnection, family: &[String]) -> sqlx::Result<Vec<ShareCell>> {
    let rows = sqlx::query!(
        r#"WITH mine AS (
               SELECT p.deal_id, p.direction, sum(p.committed_usd) AS committed, sum(p.potential_usd) AS potential,
                      (SELECT count(*) FILTER (WHERE NOT o.company = ANY($1))::numeric / nullif(count(*), 0)
                       FROM deal_parties o WHERE o.deal_id = p.deal_id AND o.direction <> p.direction) AS outside
               FROM deal_parties p WHERE p.company = ANY($1) AND p.direction IS NOT NULL GROUP BY p.deal_id, p.direction)
           SELECT date_trunc('month', d.day)::date AS "month!", m.direction AS "direction!", d.kind, d.status,
                  count(*) AS "deals!",
                  count(*) FILTER (WHERE d.committed_usd IS NOT NULL OR d.potential_usd IS NOT NULL) AS "disclosed!",
                  coalesce(sum(m.committed * coalesce(m.outside, 1)), 0) AS "committed!",
                  coalesce(sum(m.potential * coalesce(m.outside, 1)), 0) AS "potential!",
                  coalesce(sum(d.mw), 0) AS "mw!"
           FROM mine m JOIN deals d ON d.id = m.deal_id WHERE coalesce(m.outside, 1) > 0
           GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"#,
        family
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(ShareCell {
                month: row.month,
                direction: parsed(row.direction.parse())?,
                kind: parsed(row.kind.parse())?,
                status: parsed(row.status.parse())?,
                deals: row.deals,
                disclosed: row.disclosed,
                committed: row.committed.round_dp(2),
                potential: row.potential.round_dp(2),
                mw: row.mw,
            })
        })
        .collect()
}

/// A company on the other side.
#[derive(Debug, Clone)]
pub struct Counterparty {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The family's side of the money.
    pub direction: Direction,
    /// How many deals.
    pub deals: i64,
    /// The firm dollars between the two.
    pub committed: Decimal,
    /// The dollars between them that hang on conditions.
    pub potential: Decimal,
}

/// With whom a family deals, most dollars first; of deals that count in totals.
pub async fn counterparties(db: &mut PgConnection, family: &[String], limit: i64) -> sqlx::Result<Vec<Counterparty>> {
    let rows = sqlx::query!(
        r#"WITH mine AS (
               SELECT deal_id, direction, sum(committed_usd) AS committed, sum(potential_usd) AS potential
               FROM deal_parties WHERE company = ANY($1) AND direction IS NOT NULL
               AND status IN ('announced', 'signed', 'completed') GROUP BY deal_id, direction),
           between AS (
               SELECT o.company, m.direction, m.deal_id, m.committed / o.others AS committed, m.potential / o.others AS potential
               FROM mine m JOIN LATERAL (
                   SELECT company, count(*) OVER () AS others FROM deal_parties
                   WHERE deal_id = m.deal_id AND direction <> m.direction) o ON NOT o.company = ANY($1))
           SELECT c.slug, c.name, b.direction AS "direction!", count(DISTINCT b.deal_id) AS "deals!",
                  coalesce(sum(b.committed), 0) AS "committed!", coalesce(sum(b.potential), 0) AS "potential!"
           FROM between b JOIN companies c ON c.slug = b.company
           GROUP BY 1, 2, 3
           ORDER BY coalesce(sum(b.committed), 0) DESC, coalesce(sum(b.potential), 0) DESC, 4 DESC, c.slug LIMIT $2"#,
        family,
        limit
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Counterparty {
                slug: row.slug,
                name: row.name,
                direction: parsed(row.direction.parse())?,
                deals: row.deals,
                committed: row.committed.round_dp(2),
                potential: row.potential.round_dp(2),
            })
        })
        .collect()
}

/// A family's deals, the newest first: the rumours, or all others.
pub async fn deals(
    db: &mut PgConnection,
    family: &[String],
    rumoured: bool,
    after: Option<(NaiveDate, Uuid)>,
    limit: i64,
) -> sqlx::Result<Vec<ListedDeal>> {
    let (day, id) = after.unzip();
    let rows = sqlx::query!(
        r#"SELECT d.id, d.slug, d.record AS "record: Json<Deal>"
           FROM (SELECT DISTINCT deal_id, day FROM deal_parties
                 WHERE company = ANY($1) AND (status = 'rumored') = $2
                 AND ($3::date IS NULL OR (day, deal_id) < ($3, $4::uuid))
                 ORDER BY day DESC, deal_id DESC LIMIT $5) mine
           JOIN deals d ON d.id = mine.deal_id ORDER BY d.day DESC, d.id DESC"#,
        family,
        rumoured,
        day,
        id,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| ListedDeal { id: row.id, slug: row.slug, deal: row.record.0 }).collect())
}

/// A company in the ranking.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it mainly does, as its wire name.
    pub category: String,
    /// Its country.
    pub country: Option<String>,
    /// Firm dollars that it pays.
    pub pays: Decimal,
    /// Firm dollars that it is paid.
    pub paid: Decimal,
    /// Megawatts in its deals.
    pub mw: Decimal,
    /// How many deals.
    pub deals: i64,
    /// What the ranking goes by; `None` where it goes by name.
    pub key: Option<Decimal>,
}

/// What the ranking goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Ranking {
    /// Firm dollars paid.
    Pays,
    /// Firm dollars received.
    Paid,
    /// Megawatts.
    Mw,
    /// Number of deals.
    Deals,
    /// The name.
    Name,
}

/// Companies with deals that count in totals, their subsidiaries rolled up or each by itself. After `after`: the key and slug
/// of the last one seen.
pub async fn ranking(
    db: &mut PgConnection,
    by: Ranking,
    rollup: bool,
    category: Option<&str>,
    after: Option<(Option<Decimal>, &str)>,
    limit: i64,
) -> sqlx::Result<Vec<Ranked>> {
    let by: &str = by.into();
    let (key, slug) = after.unzip();
    sqlx::query_as!(
        Ranked,
        r#"WITH RECURSIVE family AS (
               SELECT slug AS root, slug AS member FROM companies
               UNION
               SELECT f.root, p.company FROM family f JOIN company_parents p ON p.parent = f.member
               WHERE $2 AND (p.valid_to IS NULL OR p.valid_to > current_date)),
           mine AS (
               SELECT f.root, p.deal_id, p.direction, count(*) AS members, sum(p.committed_usd) AS committed
               FROM family f JOIN deal_parties p ON p.company = f.member
               WHERE p.status IN ('announced', 'signed', 'completed') GROUP BY 1, 2, 3),
           sides AS (
               SELECT deal_id, direction, count(*) AS members FROM deal_parties WHERE direction IS NOT NULL GROUP BY 1, 2),
           net AS (
               SELECT m.root, m.deal_id, m.direction, m.committed * coalesce(
                   (other.members - coalesce(own.members, 0))::numeric / other.members, 1) AS committed
               FROM mine m LEFT JOIN sides other ON other.deal_id = m.deal_id AND other.direction <> m.direction
               LEFT JOIN mine own ON own.root = m.root AND own.deal_id = m.deal_id AND own.direction = other.direction),
           totals AS (
               SELECT root, coalesce(sum(committed) FILTER (WHERE direction = 'payer'), 0) AS pays,
                      coalesce(sum(committed) FILTER (WHERE direction = 'payee'), 0) AS paid,
                      count(DISTINCT deal_id) AS deals
               FROM net GROUP BY root),
           power AS (
               SELECT root, sum(mw) AS mw FROM (SELECT DISTINCT m.root, m.deal_id FROM mine m) once
               JOIN deals d ON d.id = once.deal_id GROUP BY root),
           ranked AS (
               SELECT c.slug, c.name, c.category, c.country, t.pays, t.paid, coalesce(power.mw, 0) AS mw, t.deals,
                      CASE $1 WHEN 'pays' THEN t.pays WHEN 'paid' THEN t.paid WHEN 'mw' THEN coalesce(power.mw, 0)
                              WHEN 'deals' THEN t.deals END AS key
               FROM totals t JOIN companies c ON c.slug = t.root LEFT JOIN power ON power.root = t.root
               WHERE $3::text IS NULL OR c.category = $3)
           SELECT slug AS "slug!", name AS "name!", category AS "category!", country, pays AS "pays!", paid AS "paid!",
                  mw AS "mw!", deals AS "deals!", key
           FROM ranked
           WHERE $5::text IS NULL OR CASE WHEN $1 = 'name' THEN slug > $5 ELSE key < $4 OR (key = $4 AND slug > $5) END
           ORDER BY key DESC NULLS LAST, slug LIMIT $6"#,
        by,
        rollup,
        category,
        key.flatten(),
        slug,
        limit
    )
    .fetch_all(db)
    .await
}
