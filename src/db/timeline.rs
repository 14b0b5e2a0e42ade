//! The list of deals under a filter, and what it adds up to.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, types::Json};
use uuid::Uuid;

use super::parsed;
use crate::model::{Deal, Direction, Kind, Role, Status};

/// Which deals are wanted. The default wants all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DealFilter {
    /// Words of headline, names and places, in the language of web searches.
    pub text: Option<String>,
    /// Slugs of which one must be a party's; none: any company.
    pub companies: Option<Vec<String>>,
    /// What a party (one of `companies`, where given) must do.
    pub part: Option<Part>,
    /// Kinds; empty: any.
    pub kinds: Vec<Kind>,
    /// Stages; empty: any, of which totals leave out rumours and what was cancelled.
    pub statuses: Vec<Status>,
    /// At least so many committed dollars.
    pub min_usd: Option<Decimal>,
    /// At least so many megawatts.
    pub min_mw: Option<Decimal>,
    /// From this day.
    pub from: Option<NaiveDate>,
    /// To this day.
    pub to: Option<NaiveDate>,
    /// In this country, ISO 3166-1.
    pub country: Option<String>,
}

/// A party's part in a deal: a role, or a side of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// This role.
    Role(Role),
    /// Any role on this side.
    Side(Direction),
}

impl DealFilter {
    /// Whether deals of this stage enter the totals.
    pub fn counts(&self, status: Status) -> bool {
        if self.statuses.is_empty() { status.counts() } else { self.statuses.contains(&status) }
    }
}

/// A deal in a list.
#[derive(Debug, Clone)]
pub struct ListedDeal {
    /// Its id.
    pub id: Uuid,
    /// Its name in its address.
    pub slug: String,
    /// The record.
    pub deal: Deal,
}

/// Where a page of a list ends: the day and id of its last deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The day.
    pub day: NaiveDate,
    /// The id, which settles the order within a day.
    pub id: Uuid,
}

#[derive(FromRow)]
struct ListedRow {
    id: Uuid,
    slug: String,
    record: Json<Deal>,
}

impl From<ListedRow> for ListedDeal {
    fn from(row: ListedRow) -> Self {
        Self { id: row.id, slug: row.slug, deal: row.record.0 }
    }
}

/// Up to `limit` deals, the newest first, those after `cursor`.
pub async fn list(
    db: &mut PgConnection,
    filter: &DealFilter,
    cursor: Option<Cursor>,
    limit: i64,
) -> sqlx::Result<Vec<ListedDeal>> {
    let mut query = QueryBuilder::new("SELECT id, slug, record FROM deals d WHERE TRUE");
    narrow(&mut query, filter, Facet::None);
    if let Some(cursor) = cursor {
        query.push(" AND (day, id) < (").push_bind(cursor.day).push(", ").push_bind(cursor.id).push(")");
    }
    query.push(" ORDER BY day DESC, id DESC LIMIT ").push_bind(limit);
    let rows: Vec<ListedRow> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(ListedDeal::from).collect())
}

/// What the deals of one month, kind and stage add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The first of the month.
    pub month: NaiveDate,
    /// The kind.
    pub kind: Kind,
    /// The stage.
    pub status: Status,
    /// How many.
    pub deals: i64,
    /// How many of them disclose a sum.
    pub disclosed: i64,
    /// Firm dollars, each counted once, in an umbrella or in its parts.
    pub committed: Decimal,
    /// Dollars that hang on conditions, each counted once.
    pub potential: Decimal,
    /// Megawatts, each counted once.
    pub mw: Decimal,
    /// Firm dollars, an umbrella's and its parts' both.
    pub gross: Decimal,
}

#[derive(FromRow)]
struct CellRow {
    month: NaiveDate,
    kind: String,
    status: String,
    deals: i64,
    disclosed: i64,
    committed: Decimal,
    potential: Decimal,
    mw: Decimal,
    gross: Decimal,
}

/// The sums under a filter by month, kind and stage. The filter's kinds and stages are left to the reader, who wants to
/// know what the other choices would bring.
pub async fn cells(db: &mut PgConnection, filter: &DealFilter) -> sqlx::Result<Vec<Cell>> {
    // Of all deals the sums are kept.
    let all = DealFilter { kinds: Vec::new(), statuses: Vec::new(), ..filter.clone() } == DealFilter::default();
    let mut query = QueryBuilder::new(if all {
        "SELECT month, kind, status, deals, disclosed, net_committed_usd AS committed, net_potential_usd AS potential,
                net_mw AS mw, committed_usd AS gross
         FROM place_months WHERE country = '' AND deals > 0 ORDER BY 1, 2, 3"
    } else {
        "SELECT date_trunc('month', day)::date AS month, kind, status, count(*) AS deals,
                count(*) FILTER (WHERE committed_usd IS NOT NULL OR potential_usd IS NOT NULL) AS disclosed,
                coalesce(sum(net_committed_usd), 0) AS committed, coalesce(sum(net_potential_usd), 0) AS potential,
                coalesce(sum(net_mw), 0) AS mw, coalesce(sum(committed_usd), 0) AS gross
         FROM deals d WHERE TRUE"
    });
    if !all {
        narrow(&mut query, filter, Facet::KindAndStatus);
        query.push(" GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
    }
    let rows: Vec<CellRow> = query.build_query_as().fetch_all(db).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Cell {
                month: row.month,
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

/// How many deals each country would bring, the most first.
pub async fn countries(db: &mut PgConnection, filter: &DealFilter) -> sqlx::Result<Vec<(String, i64)>> {
    let mut query =
        QueryBuilder::new("SELECT country, count(*) FROM deals d, unnest(d.countries) AS country WHERE TRUE");
    narrow(&mut query, filter, Facet::Country);
    query.push(" GROUP BY 1 ORDER BY 2 DESC, 1");
    query.build_query_as().fetch_all(db).await
}

/// A choice whose own restriction is left out when its alternatives are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Facet {
    None,
    KindAndStatus,
    Country,
}

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &DealFilter, without: Facet) {
    if let Some(text) = &filter.text {
        query.push(" AND d.search @@ websearch_to_tsquery('wattline', ").push_bind(text.clone()).push(")");
    }
    if filter.companies.is_some() || filter.part.is_some() {
        query.push(" AND EXISTS (SELECT FROM deal_parties p WHERE p.deal_id = d.id");
        if let Some(companies) = &filter.companies {
            query.push(" AND p.company = ANY(").push_bind(companies.clone()).push(")");
        }
        match filter.part {
            Some(Part::Role(role)) => {
                query.push(" AND p.role = ").push_bind(role.as_str());
            }
            Some(Part::Side(side)) => {
                query.push(" AND p.direction = ").push_bind(side.to_string());
            }
            None => {}
        }
        query.push(")");
    }
    if without != Facet::KindAndStatus {
        if !filter.kinds.is_empty() {
            let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.as_str()).collect();
            query.push(" AND d.kind = ANY(").push_bind(kinds).push(")");
        }
        if !filter.statuses.is_empty() {
            let statuses: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
            query.push(" AND d.status = ANY(").push_bind(statuses).push(")");
        }
    }
    if let Some(least) = filter.min_usd {
        query.push(" AND d.committed_usd >= ").push_bind(least);
    }
    if let Some(least) = filter.min_mw {
        query.push(" AND d.mw >= ").push_bind(least);
    }
    if let Some(from) = filter.from {
        query.push(" AND d.day >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" AND d.day <= ").push_bind(to);
    }
    if let Some(country) = filter.country.as_ref().filter(|_| without != Facet::Country) {
        query.push(" AND d.countries @> ARRAY[").push_bind(country.clone()).push("]::text[]");
    }
}
