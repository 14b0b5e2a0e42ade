//! `/digest/bounces`: where a mail server posts what comes back, each message as it came.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use chrono::Utc;

use super::super::{App, error::WebError};
use crate::digest::inbound::{apply, read};

/// `POST /digest/bounces`, with `Authorization: Bearer SECRET`
pub async fn post(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, WebError> {
    let Some(check) = &app.bounce_secret else { return Ok(StatusCode::NOT_FOUND) };
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !given.and_then(|given| given.strip_prefix("Bearer ")).is_some_and(|word| check(word)) {
        return Ok(StatusCode::UNAUTHORIZED);
    }
    let mut db = app.db().await?;
    let key = app.key(&mut db).await?;
    apply(&mut db, &read(&body), &key, Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
