//! `/companies`: the companies, ranked.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use rust_decimal::Decimal;
use strum::VariantArray;

use super::{
    App,
    error::WebError,
    figure::Figure,
    frame::{Frame, Section, page},
    params::{Params, address},
    row::company_path,
};
use crate::{
    db::totals::{self, Ranked, Ranking},
    ledger::places::country_name,
    model::Category,
};

/// How many companies a page lists.
const PAGE: usize = 100;

#[derive(Template)]
#[template(path = "companies.html")]
struct CompaniesPage {
    frame: Frame,
    columns: Vec<ColumnHead>,
    rows: Vec<Row>,
    categories: Vec<(&'static str, &'static str)>,
    category: Option<Category>,
    sort: String,
    rollup: bool,
    rollup_href: String,
    next: Option<String>,
}

/// A column that the ranking can go by.
struct ColumnHead {
    label: &'static str,
    href: String,
    numeric: bool,
    chosen: bool,
}

struct Row {
    href: String,
    name: String,
    category: &'static str,
    country: String,
    pays: Option<Figure>,
    paid: Option<Figure>,
    power: Option<Figure>,
    deals: i64,
}

/// `GET /companies`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let params = Params::parse(query.as_deref());
    let by: Ranking = match params.get("sort") {
        None => Ranking::Pays,
        Some(word) => word.parse().map_err(|_| {
            WebError::Invalid(format!("The companies cannot be sorted by “{word}”; try pays, paid, mw, deals or name."))
        })?,
    };
    let category: Option<Category> = match params.get("category") {
        None => None,
        Some(word) => {
            Some(word.parse().map_err(|_| WebError::Invalid(format!("There is no category “{word}” of companies.")))?)
        }
    };
    let rollup = params.is_on("rollup");
    let after = params.get("cursor").map(cursor).transpose()?;
    let after = after.as_ref().map(|(key, slug)| (*key, slug.as_str()));

    let mut db = app.db().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut ranked = totals::ranking(&mut db, by, rollup, category.map(Category::as_str), after, limit).await?;
    let more = ranked.len() > PAGE;
    ranked.truncate(PAGE);

    let kept = category.map(Category::as_str).unwrap_or_default();
    let alone = if rollup { "" } else { "false" };
    let sort: &str = by.into();
    let view = |sort: &str, alone: &str, cursor: &str| {
        let sort = if sort == "pays" { "" } else { sort };
        address("/companies", &[("sort", sort), ("category", kept), ("rollup", alone), ("cursor", cursor)])
    };
    let column = |label, ranking: Ranking| ColumnHead {
        label,
        href: view(ranking.into(), alone, ""),
        numeric: ranking != Ranking::Name,
        chosen: ranking == by,
    };
    let next = ranked.last().filter(|_| more).map(|last| {
        let key = last.key.map(|key| key.normalize().to_string()).unwrap_or_default();
        view(sort, alone, &format!("{key}~{}", last.slug))
    });
    page(&CompaniesPage {
        frame: Frame::new(Section::Companies, "Companies")
            .describe("The companies of the AI build-out by what they pay and are paid.")
            .at(&app, &view(sort, alone, "")),
        columns: vec![
            column("Company", Ranking::Name),
            column("Pays", Ranking::Pays),
            column("Is paid", Ranking::Paid),
            column("Power", Ranking::Mw),
            column("Deals", Ranking::Deals),
        ],
        rows: ranked.into_iter().map(Row::of).collect(),
        categories: Category::VARIANTS.iter().map(|category| (category.as_str(), category.label())).collect(),
        sort: if by == Ranking::Pays { String::new() } else { sort.to_owned() },
        rollup_href: view(sort, if rollup { "false" } else { "" }, ""),
        category,
        rollup,
        next,
    })
}

/// The end of the last page: the key that the ranking goes by, and the slug.
fn cursor(text: &str) -> Result<(Option<Decimal>, String), WebError> {
    let broken = || WebError::Invalid("The link to this part of the ranking is broken; start from its top.".to_owned());
    let (key, slug) = text.split_once('~').ok_or_else(broken)?;
    let key = if key.is_empty() { None } else { Some(key.parse().map_err(|_| broken())?) };
    Ok((key, slug.to_owned()))
}

impl CompaniesPage {
    fn is_category(&self, wire: &str) -> bool {
        self.category.is_some_and(|category| category.as_str() == wire)
    }
}

impl Row {
    fn of(ranked: Ranked) -> Self {
        let some = |sum: Decimal, figure: fn(Decimal) -> Figure| (!sum.is_zero()).then(|| figure(sum));
        Self {
            href: company_path(&ranked.slug),
            category: ranked.category.parse().map_or("other", Category::label),
            country: ranked.country.as_deref().map(|code| country_name(code).to_owned()).unwrap_or_default(),
            pays: some(ranked.pays, Figure::usd),
            paid: some(ranked.paid, Figure::usd),
            power: some(ranked.mw, Figure::megawatts),
            deals: ranked.deals,
            name: ranked.name,
        }
    }
}
