//! What companies pay and are paid, by kinds, countries and pairs.
//!
//! A company's total counts its share of each deal. With its subsidiaries rolled up, what they pay each other leaves
//! the total. `ledger::shares` says what each deal adds; the sums here are over the tables that keep it, never over the
//! deals themselves.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{parsed, timeline::ListedDeal};
use crate::{
    ledger::totals::{PlaceTotal, RoleTotal, Total, Wanted},
    model::{Deal, Direction, Kind, Status},
};

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
    /// The share of firm dollars, each counted once.
    pub committed: Decimal,
    /// The share of dollars that hang on conditions, each counted once.
    pub potential: Decimal,
    /// The power in these deals, each megawatt counted once.
    pub mw: Decimal,
    /// The share of firm dollars, an umbrella's and its parts' both.
    pub gross: Decimal,
}

/// What a company pays and is paid, alone or with all that it owned on the days of the deals.
pub async fn cells(db: &mut PgConnection, company: &str, rolled: bool) -> sqlx::Result<Vec<ShareCell>> {
    let rows = sqlx::query!(
        r#"SELECT month, direction, kind, status, sum(side_deals)::bigint AS "deals!", sum(side_disclosed)::bigint AS "disclosed!",
                  sum(net_committed_usd) AS "committed!", sum(net_potential_usd) AS "potential!", sum(side_net_mw) AS "mw!",
                  sum(committed_usd) AS "gross!"
           FROM company_months WHERE company = $1 AND scope = ANY(CASE WHEN $2 THEN '{family,both}' ELSE '{own,both}' END::text[])
           AND direction <> ''
           GROUP BY month, direction, kind, status HAVING sum(side_deals) > 0 ORDER BY month, direction, kind, status"#,
        company,
        rolled
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
                committed: row.committed,
                potential: row.potential,
                mw: row.mw,
                gross: row.gross,
            })
        })
        .collect()
}

/// A company's totals by role over any days, from the deals' shares; `None`: of the sides on which nobody is named.
pub async fn by_role(db: &mut PgConnection, company: Option<&str>, wanted: &Wanted) -> sqlx::Result<Vec<RoleTotal>> {
    let rows = sqlx::query!(
        r#"SELECT role, direction, count(*) FILTER (WHERE leads_side) AS "deals!",
                  count(*) FILTER (WHERE leads_side AND disclosed) AS "disclosed!",
                  coalesce(sum(committed_usd), 0) AS "committed!", coalesce(sum(potential_usd), 0) AS "potential!",
                  coalesce(sum(net_committed_usd), 0) AS "net_committed!", coalesce(sum(net_potential_usd), 0) AS "net_potential!",
                  coalesce(sum(mw) FILTER (WHERE leads_side), 0) AS "mw!", coalesce(sum(net_mw) FILTER (WHERE leads_side), 0) AS "net_mw!"
           FROM shares
           WHERE (company = $1 OR ($1::text IS NULL AND company IS NULL))
           AND scope = ANY(CASE WHEN $2 THEN '{family,both}' ELSE '{own,both}' END::text[])
           AND day BETWEEN coalesce($3, '-infinity'::date) AND coalesce($4, 'infinity'::date)
           AND ($5::text[] IS NULL OR kind = ANY($5)) AND status = ANY($6)
           GROUP BY direction, role ORDER BY direction, role"#,
        company,
        wanted.rolled,
        wanted.from,
        wanted.to,
        kinds(wanted) as _,
        &statuses(wanted)
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(RoleTotal {
                role: parsed(row.role.map(|role| role.parse()).transpose())?,
                direction: parsed(row.direction.map(|direction| direction.parse()).transpose())?,
                total: Total {
                    deals: row.deals,
                    disclosed: row.disclosed,
                    committed: row.committed,
                    potential: row.potential,
                    mw: row.mw,
                    net_committed: row.net_committed,
                    net_potential: row.net_potential,
                    net_mw: row.net_mw,
                },
            })
        })
        .collect()
}

/// The totals of whole months by kind: of all deals, or by country. `from` and `to` are days in the first and last month.
pub async fn by_place(db: &mut PgConnection, countries: bool, wanted: &Wanted) -> sqlx::Result<Vec<PlaceTotal>> {
    let rows = sqlx::query!(
        r#"SELECT country, kind, sum(deals)::bigint AS "deals!", sum(disclosed)::bigint AS "disclosed!",
                  sum(committed_usd) AS "committed!", sum(potential_usd) AS "potential!", sum(mw) AS "mw!",
                  sum(net_committed_usd) AS "net_committed!", sum(net_potential_usd) AS "net_potential!", sum(net_mw) AS "net_mw!"
           FROM place_months
           WHERE (country <> '') = $1
           AND month BETWEEN coalesce(date_trunc('month', $2::date)::date, '-infinity') AND coalesce($3, 'infinity'::date)
           AND ($4::text[] IS NULL OR kind = ANY($4)) AND status = ANY($5)
           GROUP BY country, kind HAVING sum(deals) > 0 ORDER BY sum(net_committed_usd) DESC, country, kind"#,
        countries,
        wanted.from,
        wanted.to,
        kinds(wanted) as _,
        &statuses(wanted)
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PlaceTotal {
                country: row.country,
                kind: parsed(row.kind.parse())?,
                total: Total {
                    deals: row.deals,
                    disclosed: row.disclosed,
                    committed: row.committed,
                    potential: row.potential,
                    mw: row.mw,
                    net_committed: row.net_committed,
                    net_potential: row.net_potential,
                    net_mw: row.net_mw,
                },
            })
        })
        .collect()
}

/// What one company pays another: each deal's sums in the proportion in which the two have part in its sides.
pub async fn between(db: &mut PgConnection, payer: &str, payee: &str, wanted: &Wanted) -> sqlx::Result<Total> {
    sqlx::query_as!(
        Total,
        // In one pass over the shares of both: a join of two lists would be at the mercy of guesses on their lengths.
        r#"WITH flow AS (
               SELECT deal_id, sum(part) FILTER (WHERE company = $1 AND direction = 'payer') AS pays,
                      max(whole) FILTER (WHERE company = $1 AND direction = 'payer') AS payers,
                      sum(part) FILTER (WHERE company = $2 AND direction = 'payee') AS paid,
                      max(whole) FILTER (WHERE company = $2 AND direction = 'payee') AS payees
               FROM shares
               WHERE company = ANY(ARRAY[$1, $2]) AND scope = ANY(CASE WHEN $3 THEN '{family,both}' ELSE '{own,both}' END::text[])
               AND day BETWEEN coalesce($4, '-infinity'::date) AND coalesce($5, 'infinity'::date)
               AND ($6::text[] IS NULL OR kind = ANY($6)) AND status = ANY($7) GROUP BY deal_id),
           both_sides AS (
               SELECT deal_id, (pays * paid)::numeric AS part, payers * payees AS parts FROM flow WHERE pays > 0 AND paid > 0)
           SELECT count(*) AS "deals!",
                  count(*) FILTER (WHERE d.committed_usd IS NOT NULL OR d.potential_usd IS NOT NULL) AS "disclosed!",
                  coalesce(sum(round(d.committed_usd * f.part / f.parts, 2)), 0) AS "committed!",
                  coalesce(sum(round(d.potential_usd * f.part / f.parts, 2)), 0) AS "potential!",
                  coalesce(sum(d.mw), 0) AS "mw!",
                  coalesce(sum(round(d.net_committed_usd * f.part / f.parts, 2)), 0) AS "net_committed!",
                  coalesce(sum(round(d.net_potential_usd * f.part / f.parts, 2)), 0) AS "net_potential!",
                  coalesce(sum(d.net_mw), 0) AS "net_mw!"
           FROM both_sides f JOIN deals d ON d.id = f.deal_id"#,
        payer,
        payee,
        wanted.rolled,
        wanted.from,
        wanted.to,
        kinds(wanted) as _,
        &statuses(wanted)
    )
    .fetch_one(db)
    .await
}

/// The stages, written out.
pub(super) fn statuses(wanted: &Wanted) -> Vec<String> {
    use strum::VariantArray;
    Status::VARIANTS.iter().filter(|status| wanted.counts(**status)).map(ToString::to_string).collect()
}

/// Whether a time begins and ends with a month, so that sums by month tell it.
pub(super) fn are_whole_months(wanted: &Wanted) -> bool {
    wanted.from.is_none_or(|from| from.day() == 1)
        && wanted.to.is_none_or(|to| to.succ_opt().is_none_or(|next| next.day() == 1))
}

/// The kinds; `None`: any.
pub(super) fn kinds(wanted: &Wanted) -> Option<Vec<String>> {
    (!wanted.kinds.is_empty()).then(|| wanted.kinds.iter().map(ToString::to_string).collect())
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

/// With whom a company deals, most dollars first; of deals that count in totals, each dollar counted once.
pub async fn counterparties(
    db: &mut PgConnection,
    company: &str,
    rolled: bool,
    limit: i64,
) -> sqlx::Result<Vec<Counterparty>> {
    let rows = sqlx::query!(
        r#"WITH mine AS MATERIALIZED (
               SELECT deal_id, direction, sum(part) AS part, max(whole) AS whole FROM shares
               WHERE company = $1 AND direction IS NOT NULL AND status IN ('announced', 'signed', 'completed')
               AND scope = ANY(CASE WHEN $2 THEN '{family,both}' ELSE '{own,both}' END::text[])
               GROUP BY deal_id, direction),
           between AS (
               SELECT o.company, m.direction, m.deal_id, m.part * o.part::numeric / (m.whole * o.whole) AS part
               FROM mine m JOIN shares o ON o.deal_id = m.deal_id AND o.direction <> m.direction AND o.company <> $1
               AND o.scope IN ('own', 'both')
               WHERE m.whole > 0 AND o.whole > 0)
           SELECT c.slug, c.name, b.direction AS "direction!", count(DISTINCT b.deal_id) AS "deals!",
                  coalesce(sum(round(d.net_committed_usd * b.part, 2)), 0) AS "committed!",
                  coalesce(sum(round(d.net_potential_usd * b.part, 2)), 0) AS "potential!"
           FROM between b JOIN deals d ON d.id = b.deal_id JOIN companies c ON c.slug = b.company
           GROUP BY 1, 2, 3 ORDER BY 5 DESC, 6 DESC, 4 DESC, c.slug LIMIT $3"#,
        company,
        rolled,
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
                committed: row.committed,
                potential: row.potential,
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
    country: Option<&str>,
    after: Option<(Option<Decimal>, &str)>,
    limit: i64,
) -> sqlx::Result<Vec<Ranked>> {
    let by: &str = by.into();
    let (key, slug) = after.unzip();
    sqlx::query_as!(
        Ranked,
        r#"WITH totals AS (
               SELECT company AS root, coalesce(sum(net_committed_usd) FILTER (WHERE direction = 'payer'), 0) AS pays,
                      coalesce(sum(net_committed_usd) FILTER (WHERE direction = 'payee'), 0) AS paid,
                      sum(net_mw) AS mw, sum(deals)::bigint AS deals
               FROM company_months
               WHERE scope = ANY(CASE WHEN $2 THEN '{family,both}' ELSE '{own,both}' END::text[])
               AND status IN ('announced', 'signed', 'completed')
               GROUP BY company HAVING sum(deals) > 0),
           ranked AS (
               SELECT c.slug, c.name, c.category, c.country, t.pays, t.paid, t.mw, t.deals,
                      CASE $1 WHEN 'pays' THEN t.pays WHEN 'paid' THEN t.paid WHEN 'mw' THEN t.mw
                              WHEN 'deals' THEN t.deals END AS key
               FROM totals t JOIN companies c ON c.slug = t.root
               WHERE ($3::text IS NULL OR c.category = $3) AND ($7::text IS NULL OR c.country = $7))
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
        limit,
        country
    )
    .fetch_all(db)
    .await
}

/// The countries of the companies with deals that count in totals.
pub async fn countries(db: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT DISTINCT c.country AS "country!" FROM companies c
           WHERE c.country IS NOT NULL AND EXISTS (
               SELECT FROM company_months m WHERE m.company = c.slug AND m.status IN ('announced', 'signed', 'completed') AND m.deals > 0)
           ORDER BY 1"#
    )
    .fetch_all(db)
    .await
}

/// The firm dollars on both sides of these companies' deals by quarter: slug, the quarter's first day, sum.
pub async fn by_quarter(
    db: &mut PgConnection,
    companies: &[String],
    rolled: bool,
    from: NaiveDate,
) -> sqlx::Result<Vec<(String, NaiveDate, Decimal)>> {
    let rows = sqlx::query!(
        r#"SELECT company, date_trunc('quarter', month)::date AS "quarter!", sum(net_committed_usd) AS "sum!"
           FROM company_months
           WHERE company = ANY($1) AND scope = ANY(CASE WHEN $2 THEN '{family,both}' ELSE '{own,both}' END::text[])
           AND direction <> '' AND status IN ('announced', 'signed', 'completed') AND month >= $3
           GROUP BY 1, 2 HAVING sum(net_committed_usd) > 0 ORDER BY 1, 2"#,
        companies,
        rolled,
        from
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.company, row.quarter, row.sum)).collect())
}
