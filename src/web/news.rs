//! `/news`: the articles as they came, with the deals that were found in them.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    App,
    citation::{Source, article_path, main_source},
    error::WebError,
    figure::{Figure, StatusMark},
    format,
    frame::{Frame, Section, page},
    params::{Params, address},
    row::deal_path,
};
use crate::{
    db::{
        news::{self, Item},
        timeline::ListedDeal,
    },
    model::Kind,
};

/// How many articles a page lists.
const PAGE: usize = 60;

#[derive(Template)]
#[template(path = "news.html")]
struct NewsPage {
    frame: Frame,
    days: Vec<Day>,
    next: Option<String>,
    first: Option<String>,
}

/// The articles of a day.
struct Day {
    on: NaiveDate,
    stories: Vec<Story>,
}

struct Story {
    title: String,
    source: Source,
    is_summary: bool,
    others: usize,
    page: String,
    is_read: bool,
    deals: Vec<Found>,
}

/// A deal that was found in an article.
struct Found {
    href: String,
    headline: String,
    kind: Kind,
    amount: Option<Figure>,
    power: Option<Figure>,
    mark: StatusMark,
}

/// `GET /news`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let params = Params::parse(query.as_deref());
    let after = params.get("cursor").map(cursor).transpose()?;
    let mut db = app.db().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut items = news::list(&mut db, after, limit).await?;
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    let next = items.last().filter(|_| more).map(|last| {
        let cursor = format!("{}_{}", last.article.published.timestamp_micros(), last.article.id.simple());
        address("/news", &[("cursor", &cursor)])
    });
    let mut days: Vec<Day> = Vec::new();
    for item in items {
        let on = item.article.published.date_naive();
        if days.last().is_none_or(|day| day.on != on) {
            days.push(Day { on, stories: Vec::new() });
        }
        if let Some(day) = days.last_mut() {
            day.stories.push(Story::of(item));
        }
    }
    page(&NewsPage {
        frame: Frame::new(Section::News, "News")
            .describe("The articles that the ledger reads, with the deals found in each.")
            .at(&app, "/news"),
        days,
        next,
        first: after.map(|_| "/news".to_owned()),
    })
}

fn cursor(text: &str) -> Result<(DateTime<Utc>, Uuid), WebError> {
    let broken = || WebError::Invalid("The link to this part of the news is broken; start from the latest.".to_owned());
    let (micros, id) = text.split_once('_').ok_or_else(broken)?;
    let published = micros.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or_else(broken)?;
    Ok((published, Uuid::parse_str(id).map_err(|_| broken())?))
}

impl Story {
    fn of(item: Item) -> Self {
        Self {
            source: main_source(&item.article),
            page: article_path(item.article.id),
            is_summary: item.article.is_summary,
            others: item.article.summary_of.len().saturating_sub(1),
            title: if item.article.title.is_empty() { "Untitled".to_owned() } else { item.article.title },
            is_read: item.is_read,
            deals: item.deals.iter().map(Found::of).collect(),
        }
    }
}

impl Found {
    fn of(listed: &ListedDeal) -> Self {
        Self {
            href: deal_path(listed.id, &listed.slug),
            headline: listed.deal.headline.clone(),
            kind: listed.deal.kind,
            amount: Figure::of_deal(&listed.deal),
            power: listed.deal.mw.map(|mw| Figure::megawatts(mw.get())),
            mark: StatusMark::new(listed.deal.status),
        }
    }
}
