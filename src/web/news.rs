//! `/news`: stories, each with who tells it, what it is about and the deals that were found in it.

use std::collections::{BTreeMap, BTreeSet};

use askama::{Template, filters::HtmlSafe};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::PgConnection;
use strum::VariantArray;
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
        themes,
        timeline::ListedDeal,
    },
    ledger::stories::{Told, stories},
    model::{Kind, Theme},
};

/// How many articles a page lists.
const PAGE: usize = 60;
/// So many of a story's publishers are named.
const NAMED: usize = 5;

#[derive(Template)]
#[template(path = "news.html")]
struct NewsPage {
    frame: Frame,
    themes: Vec<(String, &'static str, i64)>,
    days: NewsDays,
    next: Option<String>,
    first: Option<String>,
}

/// Stories by day, the latest first.
#[derive(Template)]
#[template(path = "_days.html")]
pub(super) struct NewsDays {
    days: Vec<Day>,
}
impl HtmlSafe for NewsDays {}

impl NewsDays {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }
}

/// The stories of a day.
struct Day {
    on: NaiveDate,
    stories: Vec<Story>,
}

/// What one or several articles tell of the same deals.
struct Story {
    title: String,
    source: Source,
    is_summary: bool,
    /// How many more sources a summary sums up.
    others: usize,
    page: String,
    is_read: bool,
    /// Whether it is in a language that is not read for deals.
    foreign: bool,
    /// Who else has it in the same words; `None`: nobody.
    copies: Option<String>,
    deals: Vec<Found>,
    themes: Vec<(String, &'static str)>,
    /// The other articles, a line each.
    more: Vec<Other>,
    /// How many publishers tell it in all.
    publishers: i64,
}

/// Another article of a story.
struct Other {
    publisher: String,
    href: String,
    page: String,
    title: String,
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
    let (days, next) = listed(&mut db, None, after).await?;
    let year = Utc::now() - TimeDelta::days(YEAR);
    let mut counts: Vec<(Theme, i64)> = themes::counts(&mut db, year).await?;
    counts.extend(
        Theme::VARIANTS
            .iter()
            .filter(|theme| !counts.iter().any(|(known, _)| known == *theme))
            .map(|theme| (*theme, 0))
            .collect::<Vec<_>>(),
    );
    page(&NewsPage {
        frame: Frame::new(Section::News, "News")
            .describe("What the ledger reads, by stories, with the deals found in each.")
            .at(&app, "/news"),
        themes: counts.into_iter().map(|(theme, articles)| (theme_path(theme), theme.label(), articles)).collect(),
        days,
        next: next.map(|cursor| address("/news", &[("cursor", &cursor)])),
        first: after.map(|_| "/news".to_owned()),
    })
}

/// Over so many days the articles of a theme are counted.
const YEAR: i64 = 365;

/// Where a theme is.
pub(super) fn theme_path(theme: Theme) -> String {
    format!("/themes/{theme}")
}

/// A page of stories by day, and where the next one begins.
pub(super) async fn listed(
    db: &mut PgConnection,
    theme: Option<Theme>,
    after: Option<(DateTime<Utc>, Uuid)>,
) -> Result<(NewsDays, Option<String>), WebError> {
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut items = news::list(db, theme, after, limit).await?;
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    let next = items.last().filter(|_| more);
    let next = next.map(|last| format!("{}_{}", last.article.published.timestamp_micros(), last.article.id.simple()));
    let ids: Vec<Uuid> = items.iter().map(|item| item.article.id).collect();
    let themes = themes::of_articles(db, &ids).await?;
    let told: Vec<Told> = items
        .iter()
        .map(|item| Told { published: item.article.published, deals: item.deals.iter().map(|deal| deal.id).collect() })
        .collect();
    let mut days: Vec<Day> = Vec::new();
    for group in stories(&told) {
        let articles: Vec<&Item> = group.iter().map(|at| &items[*at]).collect();
        let Some(latest) = articles.first() else { continue };
        let on = latest.article.published.date_naive();
        if days.last().is_none_or(|day| day.on != on) {
            days.push(Day { on, stories: Vec::new() });
        }
        if let Some(day) = days.last_mut() {
            day.stories.extend(Story::of(&articles, &themes));
        }
    }
    Ok((NewsDays { days }, next))
}

/// Reads where a page of news begins.
pub(super) fn cursor(text: &str) -> Result<(DateTime<Utc>, Uuid), WebError> {
    let broken = || WebError::Invalid("The link to this part of the news is broken; start from the latest.".to_owned());
    let (micros, id) = text.split_once('_').ok_or_else(broken)?;
    let published = micros.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or_else(broken)?;
    Ok((published, Uuid::parse_str(id).map_err(|_| broken())?))
}

impl Story {
    /// The story of these articles, told by the most trusted of them, of those alike by the first; `None` for none.
    fn of(articles: &[&Item], themes: &BTreeMap<Uuid, Vec<Theme>>) -> Option<Self> {
        let lead = articles.iter().min_by_key(|item| (item.article.rank, item.article.published))?;
        let title_of = |item: &Item| {
            if item.article.title.is_empty() { "Untitled".to_owned() } else { item.article.title.clone() }
        };
        let mut deals: Vec<&ListedDeal> = Vec::new();
        let mut all_themes: Vec<Theme> = Vec::new();
        for item in articles {
            deals.extend(
                item.deals.iter().filter(|deal| !deals.iter().any(|known| known.id == deal.id)).collect::<Vec<_>>(),
            );
            for theme in themes.get(&item.article.id).into_iter().flatten() {
                if !all_themes.contains(theme) {
                    all_themes.push(*theme);
                }
            }
        }
        let publishers: BTreeSet<&str> = articles
            .iter()
            .flat_map(|item| {
                let sources = item.article.summary_of.iter().map(|source| source.publisher.as_str());
                let own = item.counts_as.as_deref().unwrap_or(&item.article.publisher);
                sources.chain((!item.article.is_summary).then_some(own))
            })
            .collect();
        let others = articles.iter().filter(|item| item.article.id != lead.article.id);
        let more = others.take(NAMED).map(|item| Other {
            publisher: item.article.publisher.clone(),
            href: main_source(&item.article).href.unwrap_or_else(|| article_path(item.article.id)),
            page: article_path(item.article.id),
            title: title_of(item),
        });
        Some(Self {
            source: main_source(&lead.article),
            page: article_path(lead.article.id),
            is_summary: lead.article.is_summary,
            others: lead.article.summary_of.len().saturating_sub(1),
            title: title_of(lead),
            is_read: lead.is_read,
            foreign: lead.foreign.is_some(),
            copies: copies(&articles.iter().flat_map(|item| &item.copies).map(String::as_str).collect()),
            deals: deals.into_iter().map(Found::of).collect(),
            themes: all_themes.into_iter().map(|theme| (theme_path(theme), theme.label())).collect(),
            more: more.collect(),
            publishers: i64::try_from(publishers.len()).unwrap_or(i64::MAX),
        })
    }
}

/// Names in words: up to three, then how many more.
fn copies(names: &BTreeSet<&str>) -> Option<String> {
    let shown = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => None,
        1..=3 => Some(shown),
        more => {
            let more = i64::try_from(more - 3).unwrap_or(i64::MAX);
            Some(format!("{shown} and {}", format::plural(more, "other", "others")))
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
