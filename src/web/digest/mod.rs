//! The digest: subscribe, confirm, change, leave, and read what was sent.
//!
//! Opening a link changes nothing, for the scanners of mail servers open links: a page asks, a POST acts. What is answered
//! never tells whether an address is known.

mod answer;
mod bounces;
mod confirm;
mod feed;
mod issue;
mod leave;
mod preferences;
mod subscribe;
mod wish;

use axum::{
    Router,
    routing::{get, post},
};

use super::App;

pub use self::subscribe::Follow;

/// The pages of the digest.
pub fn router() -> Router<App> {
    Router::new()
        .route("/digest", get(subscribe::get).post(subscribe::post))
        .route("/digest.atom", get(feed::get))
        .route("/digest/{name}", get(issue::get))
        .route("/digest/confirm/{token}", get(confirm::get).post(confirm::post))
        .route("/digest/unsubscribe/{token}", get(leave::get).post(leave::post))
        .route("/digest/preferences/{token}", get(preferences::get).post(preferences::save))
        .route("/digest/preferences/{token}/address", post(preferences::address))
        .route("/digest/preferences/{token}/webhook", post(preferences::webhook))
        .route("/digest/preferences/{token}/remove", post(preferences::remove))
        .route("/digest/preferences/{token}/data.json", get(preferences::data))
        .route("/digest/preferences/{token}/delete", post(preferences::delete))
}

/// Where what comes back by mail is posted: longer than any form.
pub fn inbound() -> Router<App> {
    Router::new().route("/digest/bounces", post(bounces::post))
}
