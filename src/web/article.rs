//! `/articles/{id}`: what was read from an article, with short quotes. An article without an address is cited here.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use uuid::Uuid;

use super::{
    App,
    citation::{Source, article_path, linked, main_source, rank_label, sentences},
    error::WebError,
    figure::Figure,
    format,
    frame::{Frame, Section, page},
    quote::Piece,
    row::DealRow,
};
use crate::{
    db::{
        articles,
        deal_page::Cited,
        news::{self, Reading},
    },
    model::{Claim, Value},
};

#[derive(Template)]
#[template(path = "article.html")]
struct ArticlePage {
    frame: Frame,
    article: Cited,
    published: chrono::NaiveDate,
    source: Source,
    /// Whether the article has an address of its own.
    is_linked: bool,
    sources: Vec<Source>,
    is_read: bool,
    /// How often it has changed since it was first read.
    changes: i64,
    readings: Vec<Shown>,
}

/// A claim as the page tells it.
struct Shown {
    row: Option<DealRow>,
    said: Vec<(&'static str, String)>,
    sentences: Vec<Vec<Piece>>,
}

/// `GET /articles/{id}`
pub async fn get(State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    let missing = || WebError::not_found("No article has this address.");
    let id = Uuid::parse_str(&id).map_err(|_| missing())?;
    let mut db = app.db().await?;
    let (article, is_read, readings) = news::article(&mut db, id).await?.ok_or_else(missing)?;
    let sources = article.summary_of.iter().map(|source| Source {
        publisher: source.publisher.clone(),
        href: linked(&source.url),
        rank: rank_label(source.rank),
    });
    let title = if article.title.is_empty() { "Untitled article".to_owned() } else { article.title.clone() };
    page(&ArticlePage {
        frame: Frame::new(Section::News, title)
            .describe(format!("What the ledger read in an article of {}.", article.publisher))
            .at(&app, &article_path(id)),
        published: article.published.date_naive(),
        source: main_source(&article),
        is_linked: article.url.as_deref().and_then(linked).is_some(),
        sources: sources.collect(),
        is_read,
        changes: articles::versions(&mut *db, id).await?,
        readings: readings.iter().map(Shown::of).collect(),
        article,
    })
}

impl Shown {
    fn of(reading: &Reading) -> Self {
        Self {
            row: reading.deal.as_ref().map(|deal| DealRow::new(deal).dated()),
            said: said(&reading.claim, reading.claim_id),
            sentences: sentences(&reading.claim),
        }
    }
}

/// What the claim says, field by field.
fn said(claim: &Claim, id: Uuid) -> Vec<(&'static str, String)> {
    let list = |items: Vec<String>| items.join(", ");
    let amounts = claim
        .amounts
        .iter()
        .map(|amount| Figure::amount(&Value { figure: amount.clone(), usd: None, rate: None, claim: id }).text());
    [
        ("Kind", claim.kind.label().to_owned()),
        ("Status", claim.status.to_string()),
        ("Parties", list(claim.parties.iter().map(|party| format!("{} ({})", party.name, party.role)).collect())),
        ("Dollars", list(amounts.collect())),
        ("Power", list(claim.capacity.iter().map(|power| Figure::capacity(power).text()).collect())),
        ("Runs for", claim.duration_months.map(format::duration).unwrap_or_default()),
        ("Announced", claim.announced_on.map(format::day).unwrap_or_default()),
        ("Where", list(claim.places.clone())),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .collect()
}
