//! `/digest/{week}`: an issue as it was sent, with what was found wrong in it later.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::Utc;

use super::super::{
    App,
    error::WebError,
    format,
    frame::{self, Frame, page},
    row::{DealRow, company_path},
};
use crate::{
    db::{issues, timeline::ListedDeal},
    digest::{
        choice::chosen,
        render::{Line, changed, correction_line, section_title, sum_in_words},
    },
    ledger::{diff::Change, issue::Sum},
    model::{Cadence, DealFilter, Period},
};

#[derive(Template)]
#[template(path = "digest_issue.html")]
struct IssuePage {
    frame: Frame,
    period: Period,
    /// The day on which it was frozen; `None`: it was not, and shows what is known now.
    made: Option<chrono::NaiveDate>,
    sum: Sum,
    before: Option<Sum>,
    bars: Vec<Bar>,
    sections: Vec<Section>,
    pairs: Vec<Pair>,
    corrections: Vec<(chrono::NaiveDate, Line)>,
    earlier: Option<String>,
    later: Option<String>,
}

impl IssuePage {
    /// What these deals add up to, in words.
    fn words(sum: &Sum) -> String {
        sum_in_words(sum)
    }
}

struct Section {
    title: &'static str,
    rows: Vec<(DealRow, Vec<Change>)>,
}

struct Pair {
    payer: (String, String),
    payee: (String, String),
    sum: String,
}

/// A period's firm dollars.
struct Bar {
    label: String,
    href: String,
    words: String,
    share: f64,
}

/// `GET /digest/{week}`
pub async fn get(State(app): State<App>, Path(name): Path<String>) -> Result<Response, WebError> {
    let missing = || WebError::not_found(format!("There is no issue of the digest called “{name}”."));
    let period: Period = name.parse().map_err(|_| missing())?;
    if period.name() != name {
        return Err(missing());
    }
    let mut db = app.db().await?;
    let now = Utc::now();
    let frozen = issues::named(&mut db, &name).await?;
    let made = frozen.as_ref().map(|frozen| frozen.made_at.date_naive());
    let corrections = match &frozen {
        Some(frozen) => issues::corrections(&mut db, frozen.id).await?,
        None => Vec::new(),
    };
    let issue = match frozen {
        Some(frozen) => frozen.issue,
        None if period.cadence != Cadence::Instant && period.until <= now => {
            chosen(&mut db, period, app.patience).await?
        }
        None => return Err(missing()),
    };
    let view = issue.view(&DealFilter::default(), None);
    let row = |deal: &crate::ledger::issue::Entry| {
        let listed = ListedDeal { id: deal.deal, slug: deal.slug.clone(), deal: deal.record.clone() };
        let changes = deal.before.as_ref().map(|before| changed(before, &deal.record)).unwrap_or_default();
        (DealRow::new(&listed).dated(), changes)
    };
    let sections = view
        .entries
        .chunk_by(|a, b| a.news == b.news)
        .map(|kind| Section { title: section_title(kind[0].news), rows: kind.iter().map(|entry| row(entry)).collect() })
        .collect();
    let title = format!("Digest, {}", period.title());
    let near = |period: Option<Period>| {
        period.filter(|period| period.cadence != Cadence::Instant && period.until <= now).map(|period| period.name())
    };
    let later = Period { from: period.until, until: period.until + (period.until - period.from), ..period };
    page(&IssuePage {
        frame: Frame::new(frame::Section::Digest, title)
            .describe(format!("What changed in the ledger of AI-infrastructure deals from {}.", period.days_in_words()))
            .at(&app, &format!("/digest/{name}")),
        made,
        sum: view.sum,
        before: view.before.last().map(|(_, sum)| *sum),
        bars: bars(&view),
        sections,
        pairs: view
            .pairs
            .iter()
            .map(|pair| Pair {
                payer: (company_path(&pair.payer.0), pair.payer.1.clone()),
                payee: (company_path(&pair.payee.0), pair.payee.1.clone()),
                sum: format::usd(pair.committed),
            })
            .collect(),
        corrections: corrections
            .iter()
            .map(|(at, correction)| (at.date_naive(), correction_line(correction, "")))
            .collect(),
        earlier: near(Some(period.before())),
        later: near(Some(later)),
        period,
    })
}

fn bars(view: &crate::ledger::issue::View<'_>) -> Vec<Bar> {
    use rust_decimal::prelude::ToPrimitive;
    let own = (view.issue.period.from, view.sum);
    let all: Vec<_> = view.before.iter().copied().chain([own]).collect();
    let highest = all.iter().map(|(_, sum)| sum.committed).max().unwrap_or_default();
    if highest.is_zero() || view.before.is_empty() {
        return Vec::new();
    }
    all.into_iter()
        .map(|(from, sum)| {
            let name = match view.issue.period.cadence {
                Cadence::Weekly => Period::week_of(from.date_naive()).name(),
                _ => Period::day(from.date_naive()).name(),
            };
            Bar {
                href: format!("/digest/{name}"),
                label: name,
                words: format::usd(sum.committed),
                share: (sum.committed / highest).to_f64().unwrap_or_default() * 100.0,
            }
        })
        .collect()
}
