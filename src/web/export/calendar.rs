//! `/deals.ics`: what is expected to happen, where a source states it, as a calendar (RFC 5545).

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use chrono::{NaiveDate, Utc};
use icalendar::{Calendar, Component, Event, EventLike, Property};
use uuid::Uuid;

use super::{asked, attachment, resolved};
use crate::{
    db::{
        deal_page,
        timeline::{self, DealFilter, ListedDeal, Sort},
    },
    ledger::milestones::{Expected, expected},
    model::Status,
    web::{App, error::WebError, format, row::deal_path},
};

/// So many deals are looked at, the newest first.
const DEALS: usize = 1000;

/// `GET /deals.ics`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let filter = asked(query.as_deref())?;
    let mut db = app.db().await?;
    let deals = resolved(&mut db, &filter).await?;
    // What is done or off is expected no more.
    let open = [Status::Rumored, Status::Announced, Status::Signed];
    let statuses = open.into_iter().filter(|status| deals.statuses.is_empty() || deals.statuses.contains(status));
    let open = DealFilter { statuses: statuses.collect(), ..deals };
    let mut calendar = Calendar::new();
    calendar.name("Wattline: expected milestones");
    if !open.statuses.is_empty() {
        let page = timeline::page(&mut db, &open, Sort::Date, None, DEALS).await?;
        let ids: Vec<Uuid> = page.deals.iter().map(|listed| listed.id).collect();
        let quotes = deal_page::quotes(&mut db, &ids).await?;
        let today = Utc::now().date_naive();
        for listed in &page.deals {
            let mut seen: Vec<Expected> = Vec::new();
            for quote in quotes.iter().filter(|quote| quote.deal == listed.id) {
                for one in expected(&quote.text) {
                    let told = seen.iter().any(|told| (told.milestone, told.by) == (one.milestone, one.by));
                    if one.by > quote.published.date_naive() && !told {
                        calendar.push(event(&app, listed, &one, &quote.text, &quote.publisher, today));
                        seen.push(one);
                    }
                }
            }
        }
    }
    Ok(attachment("text/calendar; charset=utf-8", "wattline.ics", calendar.done().to_string()))
}

fn event(app: &App, listed: &ListedDeal, expected: &Expected, quote: &str, publisher: &str, today: NaiveDate) -> Event {
    let what = expected.milestone.label();
    let url = app.link(&deal_path(listed.id, &listed.slug));
    let host = app.public_url.host_str().unwrap_or("wattline").to_owned();
    let mut event = Event::new();
    event
        .uid(&format!("{}-{what}-{}@{host}", listed.id, expected.by))
        .timestamp(today.and_time(chrono::NaiveTime::MIN).and_utc())
        .all_day(expected.by)
        .summary(&format!("{}: {} expected ({})", listed.deal.headline, what, expected.when))
        .description(&format!("{publisher}, {}: “{quote}” {url}", format::day(listed.deal.day())))
        .append_property(Property::new("URL", &url))
        .append_property(Property::new("TRANSP", "TRANSPARENT"));
    event.done()
}
