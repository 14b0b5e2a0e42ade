//! `/sources.csv` and `/sources.json`: what is watched, and how it is doing.

use axum::{Json, extract::State, response::Response};
use chrono::Utc;

use super::{
    attachment,
    columns::{self, SOURCES},
};
use crate::{
    db::source_list,
    web::{
        App,
        api::sources::{Source, Sources},
        error::WebError,
    },
};

/// `GET /sources.csv`
pub async fn csv(State(app): State<App>) -> Result<Response, WebError> {
    let sources = source_list::list(&mut *app.db().await?, Utc::now()).await?;
    let mut table = columns::header(&SOURCES);
    table.extend(columns::rows(sources.iter().map(columns::source)));
    Ok(attachment("text/csv; charset=utf-8; header=present", "wattline-sources.csv", table))
}

/// `GET /sources.json`
pub async fn json(State(app): State<App>) -> Result<Json<Sources>, WebError> {
    let sources = source_list::list(&mut *app.db().await?, Utc::now()).await?;
    Ok(Json(Sources { sources: sources.into_iter().map(Source::from).collect(), next_cursor: None }))
}
