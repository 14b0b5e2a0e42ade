//! The list of deals under a filter, and what it adds up to: as it is known now, or as it was at a past time.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, types::Json};
use uuid::Uuid;

use super::{
    parsed,
    past::{self, Gazetteer},
};
use crate::model::{Deal, Kind, Slug, Status};
pub use crate::model::{DealFilter, Part};

/// What a list is sorted by; the greatest or newest first, and what is not disclosed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, strum::IntoStaticStr, strum::EnumString, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Sort {
    /// The day.
    #[default]
    Date,
    /// Committed dollars.
    Usd,
    /// Megawatts.
    Mw,
    /// The number of publishers.
    Publishers,
}

impl Sort {
    /// The key that the list goes by before the day; the index of this order is over the same expression.
    fn key(self) -> Option<&'static str> {
        match self {
            Self::Date => None,
            Self::Usd => Some("coalesce(d.committed_usd, -1)"),
            Self::Mw => Some("coalesce(d.mw, -1)"),
            Self::Publishers => Some("d.publishers"),
        }
    }

    /// The same of a record.
    pub fn key_of(self, deal: &Deal) -> Option<Decimal> {
        let or_last = |figure: Option<Decimal>| figure.unwrap_or(Decimal::NEGATIVE_ONE);
        match self {
            Self::Date => None,
            Self::Usd => Some(or_last(deal.committed_usd)),
            Self::Mw => Some(or_last(deal.mw.map(crate::model::Megawatts::get))),
            Self::Publishers => Some(Decimal::from(deal.publishers)),
        }
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

/// Where a page of a list begins or ends: a deal's place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// What the list is sorted by before the day, -1 where that is not disclosed; `None` for a list by day.
    pub key: Option<Decimal>,
    /// The day.
    pub day: NaiveDate,
    /// The id, which settles the order within a day.
    pub id: Uuid,
    /// Whether the page ends before this deal instead of beginning after it.
    pub back: bool,
}

impl Cursor {
    /// The place after a deal of a list by day.
    pub fn after(day: NaiveDate, id: Uuid) -> Self {
        Self { key: None, day, id, back: false }
    }

    fn at(sort: Sort, listed: &ListedDeal, back: bool) -> Self {
        Self { key: sort.key_of(&listed.deal), day: listed.deal.day(), id: listed.id, back }
    }
}

#[derive(FromRow)]
struct ListedRow {
    id: Uuid,
    slug: Option<String>,
    record: Json<Deal>,
}

impl From<ListedRow> for ListedDeal {
    fn from(row: ListedRow) -> Self {
        let deal = row.record.0;
        Self { id: row.id, slug: row.slug.unwrap_or_else(|| Slug::of(&deal.headline).to_string()), deal }
    }
}

/// A page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The deals.
    pub deals: Vec<ListedDeal>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
    /// Where the page before ends; `None` on the first.
    pub previous: Option<Cursor>,
}

/// Up to `size` deals in the order of `sort`: the first, or those after or before `cursor`.
pub async fn page(
    db: &mut PgConnection,
    filter: &DealFilter,
    sort: Sort,
    cursor: Option<Cursor>,
    size: usize,
) -> sqlx::Result<Page> {
    let places = past::gazetteer(db, filter).await?;
    let back = cursor.is_some_and(|cursor| cursor.back);
    let mut query = QueryBuilder::new("SELECT d.id, d.slug, d.record FROM ");
    source(&mut query, filter, &places);
    query.push(" WHERE TRUE");
    narrow(&mut query, filter, Facet::None);
    let key = sort.key();
    if let Some(cursor) = cursor {
        query.push(if key.is_some() { " AND (" } else { " AND (d.day, d.id) " });
        if let Some(key) = key {
            query.push(key).push(", d.day, d.id) ");
        }
        query.push(if back { "> (" } else { "< (" });
        if key.is_some() {
            query.push_bind(cursor.key.unwrap_or_default()).push(", ");
        }
        query.push_bind(cursor.day).push(", ").push_bind(cursor.id).push(")");
    }
    query.push(" ORDER BY ");
    let direction = if back { " ASC" } else { " DESC" };
    for column in key.into_iter().chain(["d.day"]) {
        query.push(column).push(direction).push(", ");
    }
    let limit = i64::try_from(size).unwrap_or(i64::MAX - 1) + 1;
    query.push("d.id").push(direction).push(" LIMIT ").push_bind(limit);
    let rows: Vec<ListedRow> = query.build_query_as().fetch_all(db).await?;
    let mut deals: Vec<ListedDeal> = rows.into_iter().map(ListedDeal::from).collect();
    let more = deals.len() > size;
    deals.truncate(size);
    if back {
        deals.reverse();
    }
    // Where one came from, there is something.
    let next = deals.last().filter(|_| if back { true } else { more }).map(|last| Cursor::at(sort, last, false));
    let before = if back { more } else { cursor.is_some() };
    let previous = deals.first().filter(|_| before).map(|first| Cursor::at(sort, first, true));
    Ok(Page { deals, next, previous })
}

/// The deals whose records changed last, each with when that was, the latest first.
pub async fn changed(
    db: &mut PgConnection,
    filter: &DealFilter,
    limit: i64,
) -> sqlx::Result<Vec<(ListedDeal, DateTime<Utc>)>> {
    #[derive(FromRow)]
    struct Row {
        #[sqlx(flatten)]
        listed: ListedRow,
        updated_at: DateTime<Utc>,
    }
    // Of the past nobody is kept up to date.
    let filter = DealFilter { as_of: None, ..filter.clone() };
    let mut query = QueryBuilder::new("SELECT d.id, d.slug, d.record, d.updated_at FROM deals d WHERE TRUE");
    narrow(&mut query, &filter, Facet::None);
    query.push(" ORDER BY d.updated_at DESC, d.id DESC LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.listed.into(), row.updated_at)).collect())
}

/// When the records of these deals last changed, as known at a time, by their ids.
pub async fn updated(
    db: &mut PgConnection,
    ids: &[Uuid],
    as_of: Option<DateTime<Utc>>,
) -> sqlx::Result<HashMap<Uuid, DateTime<Utc>>> {
    let rows: Vec<(Uuid, DateTime<Utc>)> = match as_of {
        None => {
            sqlx::query!("SELECT id, updated_at FROM deals WHERE id = ANY($1)", ids)
                .map(|row| (row.id, row.updated_at))
                .fetch_all(db)
                .await?
        }
        Some(at) => {
            sqlx::query!(
                r#"SELECT deal_id, max(coalesce(effective_at, recorded_at)) AS "changed_at!" FROM revisions
                   WHERE deal_id = ANY($1) AND coalesce(effective_at, recorded_at) <= $2 GROUP BY deal_id"#,
                ids,
                at
            )
            .map(|row| (row.deal_id, row.changed_at))
            .fetch_all(db)
            .await?
        }
    };
    Ok(rows.into_iter().collect())
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

impl Cell {
    /// A cell without deals.
    pub(super) fn empty(month: NaiveDate, kind: Kind, status: Status) -> Self {
        let zero = Decimal::ZERO;
        Self { month, kind, status, deals: 0, disclosed: 0, committed: zero, potential: zero, mw: zero, gross: zero }
    }
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
    if filter.as_of.is_some() {
        return past::cells(db, filter).await;
    }
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
    let rest = DealFilter { kinds: Vec::new(), statuses: Vec::new(), country: None, ..filter.clone() };
    if rest == DealFilter::default() {
        // By kind and stage the numbers are kept.
        let mut query = QueryBuilder::new(
            "SELECT d.country, sum(d.deals)::bigint FROM place_months d WHERE d.country NOT IN ('', 'ZZ')",
        );
        narrow_to_words(&mut query, filter);
        query.push(" GROUP BY 1 HAVING sum(d.deals) > 0 ORDER BY 2 DESC, 1");
        return query.build_query_as().fetch_all(db).await;
    }
    let places = past::gazetteer(db, filter).await?;
    let mut query = QueryBuilder::new("SELECT country, count(*) FROM ");
    source(&mut query, filter, &places);
    query.push(" CROSS JOIN LATERAL unnest(d.countries) AS country WHERE TRUE");
    narrow(&mut query, filter, Facet::Country);
    query.push(" GROUP BY 1 ORDER BY 2 DESC, 1");
    query.build_query_as().fetch_all(db).await
}

/// A choice whose own restriction is left out when its alternatives are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet {
    None,
    KindAndStatus,
    Country,
}

/// The deals, as `d`: those of now, or those of a past time.
fn source(query: &mut QueryBuilder<Postgres>, filter: &DealFilter, places: &Gazetteer) {
    match filter.as_of {
        None => {
            query.push("deals d");
        }
        Some(at) => past::source(query, at, places),
    }
}

pub(super) fn narrow(query: &mut QueryBuilder<Postgres>, filter: &DealFilter, without: Facet) {
    if let Some(text) = &filter.text {
        query.push(" AND d.search @@ websearch_to_tsquery('wattline', ").push_bind(text.clone()).push(")");
    }
    if filter.companies.is_some() || filter.part.is_some() {
        query.push(match filter.as_of {
            None => " AND EXISTS (SELECT FROM deal_parties p WHERE p.deal_id = d.id",
            Some(_) => past::PARTIES,
        });
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
        narrow_to_words(query, filter);
    }
    // As the index has it; no figure is negative.
    if let Some(least) = filter.min_usd {
        query.push(" AND coalesce(d.committed_usd, -1) >= ").push_bind(least);
    }
    if let Some(least) = filter.min_mw {
        query.push(" AND coalesce(d.mw, -1) >= ").push_bind(least);
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

fn narrow_to_words(query: &mut QueryBuilder<Postgres>, filter: &DealFilter) {
    let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.as_str()).collect();
    let statuses: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
    for (column, words) in [(" AND d.kind = ", kinds), (" AND d.status = ", statuses)] {
        // One word alone leads into the index of its list.
        match words[..] {
            [] => {}
            [word] => {
                query.push(column).push_bind(word);
            }
            _ => {
                query.push(column).push("ANY(").push_bind(words).push(")");
            }
        }
    }
}
