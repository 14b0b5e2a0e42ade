//! `/api/v1/totals`: what the deals under a filter add up to.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asked::Asked,
    deals::FIELDS,
    params,
    problem::Problem,
    shapes::{megawatts, money},
    words,
};
use crate::{
    db::timeline::{self, Cell},
    web::App,
};

/// What deals add up to. Rumors and cancelled deals stay out unless `status` asks them in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Totals {
    /// All of them together.
    #[serde(flatten)]
    pub all: Sum,
    /// By kind.
    pub by_kind: Vec<Part>,
    /// By stage; those that the sums above leave out among them.
    pub by_status: Vec<Part>,
    /// By month of the announcement, the latest first; `2025-09`, for example.
    pub by_month: Vec<Part>,
}

/// The sum of a kind, a stage or a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct Part {
    /// The kind, the stage or the month.
    pub key: String,
    /// What they add up to.
    #[serde(flatten)]
    pub sum: Sum,
}

/// A sum of deals.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sum {
    /// How many deals.
    pub deals: i64,
    /// How many of them disclose a sum.
    pub disclosed: i64,
    /// Firm dollars, each counted once: in a programme or in the contracts inside it.
    #[schema(schema_with = words::money)]
    pub committed_usd: String,
    /// Firm dollars, a programme's and its contracts' both.
    #[schema(schema_with = words::money)]
    pub gross_committed_usd: String,
    /// Dollars that hang on conditions, each counted once.
    #[schema(schema_with = words::money)]
    pub potential_usd: String,
    /// Megawatts, each counted once.
    pub capacity_mw: f64,
}

impl Sum {
    fn of(cells: &[&Cell]) -> Self {
        let sum = |figure: fn(&Cell) -> Decimal| cells.iter().map(|cell| figure(cell)).sum::<Decimal>();
        Self {
            deals: cells.iter().map(|cell| cell.deals).sum(),
            disclosed: cells.iter().map(|cell| cell.disclosed).sum(),
            committed_usd: money(sum(|cell| cell.committed)),
            gross_committed_usd: money(sum(|cell| cell.gross)),
            potential_usd: money(sum(|cell| cell.potential)),
            capacity_mw: megawatts(sum(|cell| cell.mw)),
        }
    }
}

fn parts<'a>(cells: impl Iterator<Item = &'a Cell>, key: fn(&Cell) -> String) -> Vec<Part> {
    let mut groups: BTreeMap<String, Vec<&Cell>> = BTreeMap::new();
    for cell in cells {
        groups.entry(key(cell)).or_default().push(cell);
    }
    groups.into_iter().map(|(key, cells)| Part { key, sum: Sum::of(&cells) }).collect()
}

/// What the deals under a filter add up to
#[utoipa::path(get, path = "/api/v1/totals", tag = "deals", params(params::Deals), responses(
    (status = 200, description = "The sums", body = Totals),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
))]
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Totals>, Problem> {
    let mut asked = Asked::parse(query.as_deref(), &FIELDS);
    asked.done()?;
    let mut db = app.connection().await?;
    let filter = asked.deal_filter(&mut db).await?;
    let cells = timeline::cells(&mut db, &filter).await?;
    let of_kind = |cell: &&Cell| filter.kinds.is_empty() || filter.kinds.contains(&cell.kind);
    let chosen: Vec<&Cell> = cells
        .iter()
        .filter(of_kind)
        .filter(|cell| filter.statuses.is_empty() || filter.statuses.contains(&cell.status))
        .collect();
    let counted = || chosen.iter().copied().filter(|cell| filter.counts(cell.status));
    let mut by_month = parts(counted(), |cell| cell.month.format("%Y-%m").to_string());
    by_month.reverse();
    Ok(Json(Totals {
        all: Sum::of(&counted().collect::<Vec<_>>()),
        by_kind: parts(counted(), |cell| cell.kind.to_string()),
        by_status: parts(chosen.iter().copied(), |cell| cell.status.to_string()),
        by_month,
    }))
}
