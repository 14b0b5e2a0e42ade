//! `/digest/confirm/{token}`: a page with a button that confirms a subscription.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::Utc;

use super::{
    super::{App, error::WebError},
    answer::{Answer, void_link},
};
use crate::{
    db::recipients,
    digest::{
        letter::in_words,
        links::{Page, link},
        token::{self, Purpose},
    },
    ledger::schedule::next_due,
};

/// `GET /digest/confirm/{token}`
pub async fn get(State(app): State<App>, Path(token): Path<String>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let Some((recipient, until)) = app.key(&mut db).await?.verify(Purpose::Confirm, &token) else {
        return void_link();
    };
    let holds = recipients::would_confirm(&mut db, recipient, &token::hash(&token)).await?;
    let Some(known) = recipients::membership(&mut db, recipient).await? else { return void_link() };
    if !holds && known.confirmed {
        return Answer::new("This subscription is confirmed", &["There is nothing left to do."])
            .leading("To the digest", "/digest")
            .with(StatusCode::OK);
    }
    if !holds || token::millis(Utc::now()) > until {
        return void_link();
    }
    let what = format!("{}.", in_words(&known.query, &known.preferences));
    Answer::new(
        "Confirm your digest",
        &["This address will be sent:", &what, "You can change it or leave at any time."],
    )
    .asking("Confirm the subscription")
    .with(StatusCode::OK)
}

/// `POST /digest/confirm/{token}`
pub async fn post(State(app): State<App>, Path(token): Path<String>) -> Result<Response, WebError> {
    let mut db = app.db().await?;
    let key = app.key(&mut db).await?;
    let now = Utc::now();
    let verified = key.verify(Purpose::Confirm, &token).filter(|(_, until)| token::millis(now) <= *until);
    let Some((recipient, _)) = verified else { return void_link() };
    let first = |wanted: &_| next_due(wanted, now);
    let confirmed = recipients::confirm(&mut db, recipient, &token::hash(&token), first, now).await?;
    let known = recipients::membership(&mut db, recipient).await?.filter(|known| confirmed || known.confirmed);
    let Some(known) = known else { return void_link() };
    if !confirmed {
        return Answer::new("This subscription is confirmed", &["There is nothing left to do."])
            .leading("To the digest", "/digest")
            .with(StatusCode::OK);
    }
    let what = format!("You will be sent {}.", in_words(&known.query, &known.preferences));
    let manage = key.sign(Purpose::Manage, recipient, known.generation);
    Answer::new("You are subscribed", &[&what])
        .leading("Change what you get, and when", link(&app.public_url, Page::Preferences, &manage))
        .with(StatusCode::OK)
}
