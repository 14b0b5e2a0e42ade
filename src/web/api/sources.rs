//! `/api/v1/sources`: what is watched, and how it is doing.

use axum::{
    Json,
    extract::{RawQuery, State},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{asked::Asked, problem::Problem};
use crate::{
    db::source_list::{self, SourceHealth},
    web::App,
};

/// All sources.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sources {
    /// The sources, those in trouble first.
    pub sources: Vec<Source>,
    /// Always null: the list is whole.
    pub next_cursor: Option<String>,
}

/// A source with its health.
#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    /// The feed's address.
    pub url: String,
    /// Its name.
    pub title: String,
    /// How far it is trusted: `primary`, `trade`, `press` or `aggregator`.
    pub rank: String,
    /// What its rights allow.
    pub rights_note: Option<String>,
    /// Whether it is watched.
    pub active: bool,
    /// When it was last asked.
    pub last_fetch: Option<DateTime<Utc>>,
    /// When it last answered.
    pub last_success: Option<DateTime<Utc>>,
    /// What went wrong the last time.
    pub last_error: Option<String>,
    /// How many times in a row it has failed.
    pub failures: i32,
    /// How many articles came from it.
    pub articles: i64,
    /// How many deals rest on them.
    pub deals: i64,
}

impl From<SourceHealth> for Source {
    fn from(source: SourceHealth) -> Self {
        Self {
            url: source.url,
            title: source.title,
            rank: source.rank,
            rights_note: source.rights_note,
            active: source.active,
            last_fetch: source.last_fetch_at,
            last_success: source.last_success_at,
            last_error: source.last_error,
            failures: source.failures,
            articles: source.articles,
            deals: source.deals,
        }
    }
}

/// The watched sources
#[utoipa::path(get, path = "/api/v1/sources", tag = "articles", responses(
    (status = 200, description = "The sources", body = Sources),
    (status = 304, description = "Unchanged since `If-None-Match`"),
    (status = 400, description = "A field cannot be read", body = Problem, content_type = "application/problem+json"),
))]
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Sources>, Problem> {
    Asked::parse(query.as_deref(), &[]).done()?;
    let mut db = app.connection().await?;
    let sources = source_list::list(&mut db, Utc::now()).await?.into_iter().map(Source::from).collect();
    Ok(Json(Sources { sources, next_cursor: None }))
}
