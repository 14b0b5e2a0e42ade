//! The companies with what they pay and are paid, as the interface and the exports list them.

use std::{collections::HashMap, ops::Bound};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::{PgConnection, types::Json};

use super::{history, totals};
use crate::{ledger::totals::Wanted, model::Part};

/// What a list of companies goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, strum::IntoStaticStr, strum::EnumString, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Order {
    /// Firm dollars paid.
    #[default]
    Pays,
    /// Firm dollars received.
    Paid,
    /// Megawatts.
    Mw,
    /// Number of deals that count in totals.
    Deals,
    /// The name's slug.
    Name,
}

/// Which companies are wanted, and how they are added up.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// A part of the name or of an alias.
    pub words: Option<String>,
    /// A category's wire name.
    pub category: Option<&'static str>,
    /// A country, ISO 3166-1.
    pub country: Option<String>,
    /// Which deals are added up, and whether with what each owned on their days.
    pub deals: Wanted,
    /// As the ledger was known at this time; else as it is.
    pub as_of: Option<DateTime<Utc>>,
    /// Only in this role, or on this side of the money.
    pub part: Option<Part>,
    /// At least so many firm dollars on one side.
    pub min_usd: Option<Decimal>,
    /// At least so many megawatts.
    pub min_mw: Option<Decimal>,
    /// The order.
    pub order: Order,
}

/// One side of a company's money, each dollar and megawatt counted once; of deals that count in totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Side {
    /// Firm dollars.
    pub committed: Decimal,
    /// Dollars that hang on conditions.
    pub potential: Decimal,
    /// Megawatts.
    pub mw: Decimal,
    /// How many deals.
    pub deals: i64,
}

/// A company in the list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it mainly does, as its wire name.
    pub category: String,
    /// Its country.
    pub country: Option<String>,
    /// The slug of its present owner.
    pub parent: Option<String>,
    /// What the list goes by; zero where it goes by name.
    pub key: Decimal,
    pays: Decimal,
    may_pay: Decimal,
    pays_mw: Decimal,
    pays_deals: i64,
    paid: Decimal,
    may_be_paid: Decimal,
    paid_mw: Decimal,
    paid_deals: i64,
}

impl Listed {
    /// What it pays.
    pub fn as_payer(&self) -> Side {
        Side { committed: self.pays, potential: self.may_pay, mw: self.pays_mw, deals: self.pays_deals }
    }

    /// What it is paid.
    pub fn as_payee(&self) -> Side {
        Side { committed: self.paid, potential: self.may_be_paid, mw: self.paid_mw, deals: self.paid_deals }
    }
}

/// Companies that take part in a deal of any stage, the greatest first; those after `after`, a key and a slug. Of the past,
/// only the deals and their sums are as they were known then; names, categories and present owners are today's.
pub async fn list(
    db: &mut PgConnection,
    wish: &Wish,
    after: Option<(Decimal, String)>,
    limit: usize,
) -> sqlx::Result<Vec<Listed>> {
    let order: &str = wish.order.into();
    let words = wish.words.as_deref().map(|words| format!("%{}%", super::search::like_pattern(words)));
    let (role, direction) = match wish.part {
        Some(Part::Role(role)) => (Some(role.to_string()), None),
        Some(Part::Side(direction)) => (None, Some(direction.to_string())),
        None => (None, None),
    };
    let (key, slug) = after.unzip();
    let past = match wish.as_of {
        Some(at) => {
            let from = wish.deals.from.map_or(Bound::Unbounded, Bound::Included);
            let to = wish.deals.to.map_or(Bound::Unbounded, Bound::Included);
            Some(Json(history::shares_at(db, at, (from, to)).await?))
        }
        None => None,
    };
    sqlx::query_as!(
        Listed,
        r#"WITH months AS (
               SELECT company, direction, role, status, net_committed_usd, net_potential_usd, side_net_mw, side_deals, net_mw, deals,
                      kind, scope
               FROM company_months
               WHERE NOT $9 AND month BETWEEN coalesce($10, '-infinity'::date) AND coalesce($11, 'infinity'::date)
               UNION ALL
               SELECT company, direction, role, status, coalesce(net_committed_usd, 0), coalesce(net_potential_usd, 0),
                      CASE WHEN leads_side THEN coalesce(net_mw, 0) ELSE 0 END, leads_side::int,
                      CASE WHEN leads THEN coalesce(net_mw, 0) ELSE 0 END, leads::int, kind, scope
               FROM shares
               WHERE $9 AND $19::jsonb IS NULL AND day BETWEEN coalesce($10, '-infinity'::date) AND coalesce($11, 'infinity'::date)
               UNION ALL
               SELECT * FROM jsonb_to_recordset($19) AS past (company text, direction text, role text, status text,
                   net_committed_usd numeric, net_potential_usd numeric, side_net_mw numeric, side_deals bigint, net_mw numeric,
                   deals bigint, kind text, scope text)),
           chosen AS (
               SELECT *, status = ANY($12) AS counts FROM months
               WHERE company <> '' AND scope = ANY(CASE WHEN $1 THEN '{family,both}' ELSE '{own,both}' END::text[])
               AND ($13::text[] IS NULL OR kind = ANY($13)) AND (NOT $14 OR status = ANY($12))
               AND ($15::text IS NULL OR role = $15) AND ($16::text IS NULL OR direction = $16)),
           totals AS (
               SELECT company,
                      coalesce(sum(net_committed_usd) FILTER (WHERE direction = 'payer' AND counts), 0) AS pays,
                      coalesce(sum(net_potential_usd) FILTER (WHERE direction = 'payer' AND counts), 0) AS may_pay,
                      coalesce(sum(side_net_mw) FILTER (WHERE direction = 'payer' AND counts), 0) AS pays_mw,
                      coalesce(sum(side_deals) FILTER (WHERE direction = 'payer' AND counts), 0)::bigint AS pays_deals,
                      coalesce(sum(net_committed_usd) FILTER (WHERE direction = 'payee' AND counts), 0) AS paid,
                      coalesce(sum(net_potential_usd) FILTER (WHERE direction = 'payee' AND counts), 0) AS may_be_paid,
                      coalesce(sum(side_net_mw) FILTER (WHERE direction = 'payee' AND counts), 0) AS paid_mw,
                      coalesce(sum(side_deals) FILTER (WHERE direction = 'payee' AND counts), 0)::bigint AS paid_deals,
                      coalesce(sum(net_mw) FILTER (WHERE counts), 0) AS mw, coalesce(sum(deals) FILTER (WHERE counts), 0) AS deals
               FROM chosen GROUP BY company HAVING sum(deals) + sum(side_deals) > 0),
           keyed AS (
               SELECT c.slug, c.name, c.category, c.country, t.*,
                      CASE $2 WHEN 'pays' THEN t.pays WHEN 'paid' THEN t.paid WHEN 'mw' THEN t.mw
                              WHEN 'deals' THEN t.deals ELSE 0 END AS key
               FROM totals t JOIN companies c ON c.slug = t.company
               WHERE ($3::text IS NULL OR c.category = $3) AND ($4::text IS NULL OR c.country = $4)
               AND ($17::numeric IS NULL OR greatest(t.pays, t.paid) >= $17) AND ($18::numeric IS NULL OR t.mw >= $18)
               AND ($5::text IS NULL OR EXISTS (SELECT FROM company_aliases a WHERE a.company = c.slug AND a.alias ILIKE $5)))
           SELECT slug AS "slug!", name AS "name!", category AS "category!", country,
                  (SELECT p.parent FROM company_parents p WHERE p.company = keyed.slug
                   AND (p.valid_to IS NULL OR p.valid_to > current_date)
                   ORDER BY p.valid_from DESC NULLS LAST, p.parent LIMIT 1) AS parent,
                  pays AS "pays!", may_pay AS "may_pay!", pays_mw AS "pays_mw!", pays_deals AS "pays_deals!",
                  paid AS "paid!", may_be_paid AS "may_be_paid!", paid_mw AS "paid_mw!", paid_deals AS "paid_deals!", key AS "key!"
           FROM keyed
           WHERE $6::numeric IS NULL OR key < $6 OR (key = $6 AND slug > $7)
           ORDER BY key DESC, slug LIMIT $8"#,
        wish.deals.rolled,
        order,
        wish.category,
        wish.country,
        words,
        key,
        slug,
        i64::try_from(limit).unwrap_or(i64::MAX),
        past.is_some() || !totals::are_whole_months(&wish.deals),
        wish.deals.from,
        wish.deals.to,
        &totals::statuses(&wish.deals),
        totals::kinds(&wish.deals) as _,
        !wish.deals.statuses.is_empty(),
        role,
        direction,
        wish.min_usd,
        wish.min_mw,
        past as _
    )
    .fetch_all(db)
    .await
}

/// The names of companies by their slugs.
pub async fn names(db: &mut PgConnection, slugs: &[String]) -> sqlx::Result<HashMap<String, String>> {
    let rows = sqlx::query!("SELECT slug, name FROM companies WHERE slug = ANY($1)", slugs).fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.name)).collect())
}

/// Who owns a company at present, up to the top; the company itself where nobody does.
pub async fn topmost(db: &mut PgConnection, slug: &str) -> sqlx::Result<String> {
    let top = sqlx::query_scalar!(
        r#"WITH RECURSIVE up AS (
               SELECT $1::text AS slug, 0 AS height
               UNION
               SELECT p.parent, up.height + 1 FROM up JOIN company_parents p ON p.company = up.slug
               WHERE (p.valid_to IS NULL OR p.valid_to > current_date) AND up.height < 20)
           SELECT slug AS "slug!" FROM up ORDER BY height DESC, slug LIMIT 1"#,
        slug
    )
    .fetch_one(db)
    .await?;
    Ok(top)
}

/// When the records of companies' own deals last changed, by slug.
pub async fn changed(db: &mut PgConnection, slugs: &[String]) -> sqlx::Result<HashMap<String, DateTime<Utc>>> {
    let rows = sqlx::query!(
        r#"SELECT p.company, max(d.updated_at) AS "changed_at!" FROM deal_parties p JOIN deals d ON d.id = p.deal_id
           WHERE p.company = ANY($1) GROUP BY p.company"#,
        slugs
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.company, row.changed_at)).collect())
}
