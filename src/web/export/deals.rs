//! `/deals.csv`, `/deals.json` and `/deals.atom`: the timeline under the same filter.

use axum::{
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    asked, atom, attachment,
    columns::{self, DEALS},
    resolved, stream,
};
use crate::{
    db::timeline,
    web::{App, error::WebError},
};

/// `GET /deals.csv`
pub async fn csv(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let filter = asked(query.as_deref())?;
    let deals = resolved(&mut *app.db().await?, &filter).await?;
    let rows = stream::table(columns::header(&DEALS), stream::deals(app, deals, filter.sort), |piece| {
        columns::rows(piece.iter().map(|(listed, shape)| columns::deal(listed, shape)))
    });
    Ok(attachment("text/csv; charset=utf-8; header=present", "wattline-deals.csv", rows))
}

/// `GET /deals.json`
pub async fn json(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let filter = asked(query.as_deref())?;
    let deals = resolved(&mut *app.db().await?, &filter).await?;
    let list = stream::json("deals", stream::deals(app, deals, filter.sort), |(_, shape)| shape);
    Ok(([(header::CONTENT_TYPE, "application/json")], list).into_response())
}

/// `GET /deals.atom`: what changed last.
pub async fn atom(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let filter = asked(query.as_deref())?;
    let mut db = app.db().await?;
    let deals = resolved(&mut db, &filter).await?;
    let changed = timeline::changed(&mut db, &deals, atom::ENTRIES).await?;
    let title = match filter.chips().iter().map(|chip| chip.label.clone()).collect::<Vec<_>>().join(", ") {
        narrowed if narrowed.is_empty() => "Wattline: AI-infrastructure deals".to_owned(),
        narrowed => format!("Wattline: {narrowed}"),
    };
    let entries = changed.iter().map(|(listed, updated)| atom::of_deal(&app, listed, *updated)).collect();
    Ok(atom::feed(&app, &title, &filter.at("/deals.atom", &[]), &filter.with(&[]), entries))
}
