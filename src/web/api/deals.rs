//! `/api/v1/deals` and `/api/v1/deals/{id}`.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    asked::Asked,
    params,
    problem::Problem,
    shapes::{Deal, WholeDeal},
};
use crate::{
    db::{
        deal_page::{self, Lookup},
        history,
        timeline::{self, ListedDeal},
    },
    model::Slug,
    web::{App, filter::cursor_text},
};

/// A page of deals.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deals {
    /// The deals.
    pub deals: Vec<Deal>,
    /// What `cursor` has to be for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// What a filter of deals may say.
pub const FIELDS: [&str; 11] =
    ["q", "company", "role", "kind", "status", "min_usd", "min_mw", "from", "to", "country", "as_of"];
const LISTED: [&str; 14] = [
    "q", "company", "role", "kind", "status", "min_usd", "min_mw", "from", "to", "country", "as_of", "sort", "cursor",
    "limit",
];

/// Deals, of all stages unless `status` says otherwise
#[utoipa::path(get, path = "/api/v1/deals", tag = "deals", params(params::Deals, params::DealPage, params::Limit), responses(
    (status = 200, description = "A page of deals", body = Deals),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Deals>, Problem> {
    let mut asked = Asked::deals(query.as_deref(), &LISTED);
    asked.done()?;
    let mut db = app.connection().await?;
    let filter = asked.deal_filter(&mut db).await?;
    let page = timeline::page(&mut db, &filter, asked.filter.sort, asked.filter.cursor, asked.limit).await?;
    let deals = shaped(&app, &mut db, &page.deals, filter.as_of).await?;
    Ok(Json(Deals { deals, next_cursor: page.next.map(cursor_text) }))
}

/// Deals as the API has them, with the times at which their records last changed.
pub async fn shaped(
    app: &App,
    db: &mut PgConnection,
    listed: &[ListedDeal],
    as_of: Option<DateTime<Utc>>,
) -> sqlx::Result<Vec<Deal>> {
    let ids: Vec<Uuid> = listed.iter().map(|listed| listed.id).collect();
    let updated: HashMap<Uuid, DateTime<Utc>> = timeline::updated(db, &ids, as_of).await?;
    Ok(listed
        .iter()
        .map(|listed| Deal::of(app, listed, updated.get(&listed.id).copied().unwrap_or(listed.deal.first_seen)))
        .collect())
}

/// One deal, with its claims and its history
#[utoipa::path(get, path = "/api/v1/deals/{id}", tag = "deals",
    params(("id" = Uuid, Path, description = "The deal"), params::AsOf), responses(
    (status = 200, description = "The deal", body = WholeDeal),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 308, description = "It was merged into another deal, which is at `Location`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "There is no such deal", body = Problem, content_type = "application/problem+json"),
))]
pub async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut asked = Asked::parse(query.as_deref(), &["as_of"]);
    asked.done()?;
    let missing = || Problem::not_found(format!("No deal has the id “{id}”."));
    let id = Uuid::try_parse(&id).map_err(|_| missing())?;
    let mut db = app.connection().await?;
    let as_of = asked.filter.deals.as_of;
    let (listed, updated) = match (as_of, deal_page::find(&mut db, id).await?) {
        (Some(at), _) => {
            let deal = history::deal(&mut db, id, at).await?.ok_or_else(missing)?;
            let updated = timeline::updated(&mut db, &[id], as_of).await?.get(&id).copied().unwrap_or(at);
            (ListedDeal { id, slug: Slug::of(&deal.headline).to_string(), deal }, updated)
        }
        (None, Lookup::Deal(record)) => (record.listed, record.updated_at),
        (None, Lookup::Moved(id, _)) => return Ok(Redirect::permanent(&format!("/api/v1/deals/{id}")).into_response()),
        (None, Lookup::Missing) => return Err(missing()),
    };
    let mut told = deal_page::claims(&mut db, id).await?;
    told.retain(|told| as_of.is_none_or(|at| told.article.published <= at));
    Ok(Json(WholeDeal::of(&app, &listed, updated, &told)).into_response())
}
