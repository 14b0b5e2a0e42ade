//! `/digest/unsubscribe/{token}`: a page with a button that unsubscribes. A mail program posts to the same address with one
//! click, as RFC 8058 says.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{
    super::{App, error::WebError},
    answer::{Answer, void_link},
};
use crate::{db::recipients, digest::token::Purpose};

/// `GET /digest/unsubscribe/{token}`
pub async fn get(State(app): State<App>, Path(token): Path<String>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some((recipient, generation)) = app.key(&mut db).await?.verify(Purpose::Leave, &token) else {
        return void_link();
    };
    let known = recipients::membership(&mut db, recipient).await?;
    if known.is_none_or(|known| known.generation != generation) {
        return gone();
    }
    Answer::new("Leave the digest?", &["Nothing more will be sent to this address for this subscription."])
        .asking("Unsubscribe")
        .with(StatusCode::OK)
}

/// `POST /digest/unsubscribe/{token}`
pub async fn post(State(app): State<App>, Path(token): Path<String>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some((recipient, generation)) = app.key(&mut db).await?.verify(Purpose::Leave, &token) else {
        return void_link();
    };
    let known = recipients::membership(&mut db, recipient).await?;
    if known.is_some_and(|known| known.generation == generation) {
        recipients::leave(&mut db, recipient).await?;
    }
    gone()
}

/// What is said to whoever is not subscribed, from now on or already.
fn gone() -> Result<Response, WebError> {
    Answer::new(
        "You are unsubscribed",
        &["Nothing more will be sent for this subscription, and what was stored of it is deleted."],
    )
    .leading("Subscribe again", "/digest")
    .with(StatusCode::OK)
}
