//! `/embed/timeline`: the timeline's chart under a filter, for pages of others. It alone may be framed by them.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, header},
    response::Response,
};
use chrono::Utc;

use super::{asked, resolved};
use crate::{
    db::timeline,
    web::{
        App,
        chart::Chart,
        error::WebError,
        frame::page,
        quarters::{self, Measure, Stack},
    },
};

/// Like that of the pages, but for who may frame it.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'none'; \
                      base-uri 'none'; frame-ancestors *";

#[derive(Template)]
#[template(path = "embed.html")]
struct EmbedPage {
    title: String,
    chart: Chart,
    /// The page that shows the same.
    source: String,
    /// The day of the figures.
    today: chrono::NaiveDate,
}

/// `GET /embed/timeline`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let filter = asked(query.as_deref())?;
    let mut db = app.db().await?;
    let deals = resolved(&mut db, &filter).await?;
    let cells = timeline::cells(&mut db, &deals).await?;
    let chosen = cells.iter().filter(|cell| {
        (deals.kinds.is_empty() || deals.kinds.contains(&cell.kind))
            && (deals.statuses.is_empty() || deals.statuses.contains(&cell.status))
    });
    let today = Utc::now().date_naive();
    let chart = quarters::chart(
        chosen,
        |status| deals.counts(status),
        Measure::of(filter.megawatts),
        Stack::of(filter.by_certainty),
        today,
        |from, to| app.link(&filter.with(&[("from", &from.to_string()), ("to", &to.to_string())])),
    );
    let chips: Vec<String> = filter.chips().into_iter().map(|chip| chip.label).collect();
    let title = if chips.is_empty() { "AI-infrastructure deals".to_owned() } else { chips.join(", ") };
    let mut response = page(&EmbedPage { title, chart, source: app.link(&filter.with(&[])), today })?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}
