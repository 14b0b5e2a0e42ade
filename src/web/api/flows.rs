//! `/api/v1/pairs` and `/api/v1/circles`: who commits how much to whom, and where it comes back.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use rust_decimal::Decimal;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    asked::Asked,
    params,
    problem::Problem,
    shapes::{Name, money},
    words,
};
use crate::{
    db::{company_list, company_pages, flows},
    ledger::circles::{Bounds, Edge, circles},
    model::Slug,
    web::App,
};

/// So many flows are looked at, the largest first.
const FLOWS: i64 = 20_000;

/// A page of flows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pairs {
    /// The flows, the largest first.
    pub pairs: Vec<Pair>,
    /// What `cursor` has to be for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// What one company commits to another, both with all that they own.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pair {
    /// Who pays.
    pub payer: Name,
    /// Who is paid.
    pub payee: Name,
    /// Firm dollars, each counted once.
    #[schema(schema_with = words::money)]
    pub committed_usd: String,
    /// In how many deals.
    pub deals: i64,
}

/// A page of circles.
#[derive(Debug, Serialize, ToSchema)]
pub struct Circles {
    /// The circles, the largest first.
    pub circles: Vec<Circle>,
    /// Always null: the largest circles are all that is looked for.
    pub next_cursor: Option<String>,
}

/// Money that comes back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Circle {
    /// Each pays the next, and the last the first.
    pub companies: Vec<Name>,
    /// Its smallest flow in firm dollars, which is all that goes round.
    #[schema(schema_with = words::money)]
    pub smallest_usd: String,
    /// All its flows.
    #[schema(schema_with = words::money)]
    pub total_usd: String,
}

const PAIRS: [&str; 8] = ["company", "kind", "status", "min_usd", "from", "to", "cursor", "limit"];
const CIRCLES: [&str; 7] = ["company", "kind", "status", "min_usd", "from", "to", "limit"];

/// The flows under a filter; of one company, where it is named.
async fn edges(db: &mut PgConnection, asked: &Asked) -> sqlx::Result<(Vec<Edge>, Option<Slug>)> {
    let least = asked.filter.deals.min_usd.unwrap_or_default();
    let edges = flows::edges(db, &asked.wanted(true), least, FLOWS).await?;
    let Some(typed) = &asked.filter.company else { return Ok((edges, None)) };
    // A company that nobody knows pays nobody.
    let top = match company_pages::find(db, typed).await? {
        Some(found) => company_list::topmost(db, &found.slug).await?,
        None => String::new(),
    };
    Ok((edges, Some(Slug::of(&top))))
}

async fn names(db: &mut PgConnection, slugs: impl Iterator<Item = &Slug>) -> sqlx::Result<HashMap<String, String>> {
    let slugs: Vec<String> = slugs.map(ToString::to_string).collect();
    company_list::names(db, &slugs).await
}

fn named(names: &HashMap<String, String>, slug: &Slug) -> Name {
    let slug = slug.to_string();
    Name { name: names.get(&slug).unwrap_or(&slug).clone(), slug }
}

/// Who commits how much to whom
#[utoipa::path(get, path = "/api/v1/pairs", tag = "money", params(params::Flows, params::FlowPage, params::Limit), responses(
    (status = 200, description = "A page of flows", body = Pairs),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
))]
pub async fn pairs(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Pairs>, Problem> {
    let mut asked = Asked::parse(query.as_deref(), &PAIRS);
    let after = asked.read("cursor", cursor, "the next_cursor of the page before");
    asked.done()?;
    let mut db = app.connection().await?;
    let (mut edges, company) = edges(&mut db, &asked).await?;
    if let Some(company) = company {
        edges.retain(|edge| edge.payer == company || edge.payee == company);
    }
    if let Some((committed, payer, payee)) = after {
        let place = |edge: &Edge| (std::cmp::Reverse(edge.committed), edge.payer.to_string(), edge.payee.to_string());
        let after = (std::cmp::Reverse(committed), payer, payee);
        edges.retain(|edge| place(edge) > after);
    }
    let next_cursor =
        asked.cut(&mut edges).map(|last| format!("{}_{}_{}", money(last.committed), last.payer, last.payee));
    let names = names(&mut db, edges.iter().flat_map(|edge| [&edge.payer, &edge.payee])).await?;
    let pairs = edges
        .iter()
        .map(|edge| Pair {
            payer: named(&names, &edge.payer),
            payee: named(&names, &edge.payee),
            committed_usd: money(edge.committed),
            deals: edge.deals,
        })
        .collect();
    Ok(Json(Pairs { pairs, next_cursor }))
}

fn cursor(text: &str) -> Option<(Decimal, String, String)> {
    let mut parts = text.split('_');
    let committed = parts.next()?.parse().ok()?;
    Some((committed, parts.next()?.to_owned(), parts.next().unwrap_or_default().to_owned()))
}

/// Flows among companies that close to a circle
#[utoipa::path(get, path = "/api/v1/circles", tag = "money", params(params::Flows, params::Limit), responses(
    (status = 200, description = "The circles", body = Circles),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
))]
pub async fn circles_of(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Circles>, Problem> {
    let mut asked = Asked::parse(query.as_deref(), &CIRCLES);
    asked.done()?;
    let mut db = app.connection().await?;
    let (edges, company) = edges(&mut db, &asked).await?;
    let mut found = circles(&edges, Bounds::default()).found;
    if let Some(company) = company {
        found.retain(|circle| circle.companies.contains(&company));
    }
    found.truncate(asked.limit);
    let names = names(&mut db, found.iter().flat_map(|circle| &circle.companies)).await?;
    let circles = found
        .iter()
        .map(|circle| Circle {
            companies: circle.companies.iter().map(|slug| named(&names, slug)).collect(),
            smallest_usd: money(circle.smallest),
            total_usd: money(circle.total),
        })
        .collect();
    Ok(Json(Circles { circles, next_cursor: None }))
}
