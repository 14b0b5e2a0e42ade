//! For operators: whether the program runs, and whether it can work.

use axum::{extract::State, http::StatusCode};

use super::App;
use crate::db::health;

/// `GET /healthz`: the program runs.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers and its schema is up to date.
pub async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match health::is_migrated(&app.pool).await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the database's schema is not up to date: run `wattline migrate`\n")
        }
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
