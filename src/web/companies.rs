//! `/companies`: the companies, ranked.

use std::collections::BTreeMap;

use askama::{Template, filters::HtmlSafe};
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use chrono::{Datelike, Months, NaiveDate, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
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
    model::{Category, places::country_name},
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
    countries: Vec<(String, String)>,
    country: String,
    quarters: String,
    compare: Option<String>,
    csv: String,
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
    spark: Spark,
}

/// A company's dollars of the latest quarters, on a scale of its own.
#[derive(Template)]
#[template(path = "_spark.html")]
struct Spark {
    /// Where each bar begins and how high it is, in pixels.
    bars: Vec<(usize, f64)>,
}
impl HtmlSafe for Spark {}

/// How many quarters a small chart shows, and how high it is in pixels.
const QUARTERS: u32 = 12;
const SPARK: f64 = 18.0;

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
    let country = params.get("country").map(str::to_ascii_uppercase);
    let rollup = params.is_on("rollup");
    let after = params.get("cursor").map(cursor).transpose()?;
    let after = after.as_ref().map(|(key, slug)| (*key, slug.as_str()));

    let mut db = app.db().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut ranked =
        totals::ranking(&mut db, by, rollup, category.map(Category::as_str), country.as_deref(), after, limit).await?;
    let more = ranked.len() > PAGE;
    ranked.truncate(PAGE);

    let countries = totals::countries(&mut db).await?;
    let first = first_quarter(Utc::now().date_naive());
    let slugs: Vec<String> = ranked.iter().map(|company| company.slug.clone()).collect();
    let mut sparks: BTreeMap<String, Vec<(NaiveDate, Decimal)>> = BTreeMap::new();
    for (slug, quarter, sum) in totals::by_quarter(&mut db, &slugs, rollup, first).await? {
        sparks.entry(slug).or_default().push((quarter, sum));
    }

    let kept = category.map(Category::as_str).unwrap_or_default();
    let alone = if rollup { "" } else { "false" };
    let sort: &str = by.into();
    let view = |sort: &str, alone: &str, cursor: &str| {
        let sort = if sort == "pays" { "" } else { sort };
        let country = country.as_deref().unwrap_or_default();
        let pairs = [("sort", sort), ("category", kept), ("country", country), ("rollup", alone), ("cursor", cursor)];
        address("/companies", &pairs)
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
        compare: (slugs.len() > 1).then(|| {
            let first: Vec<(&str, &str)> = slugs.iter().take(3).map(|slug| ("c", slug.as_str())).collect();
            address("/compare", &first)
        }),
        csv: view(sort, alone, "").replacen("/companies", "/companies.csv", 1),
        quarters: format!("Since {}", crate::web::format::quarter(first)),
        rows: ranked
            .into_iter()
            .map(|company| {
                let spark = Spark::of(first, sparks.get(&company.slug).map(Vec::as_slice).unwrap_or_default());
                Row::of(company, spark)
            })
            .collect(),
        countries: countries.into_iter().map(|code| (country_name(&code).to_owned(), code)).collect(),
        country: country.clone().unwrap_or_default(),
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

/// The first day of the first quarter that a small chart shows.
fn first_quarter(today: NaiveDate) -> NaiveDate {
    let start = NaiveDate::from_ymd_opt(today.year(), today.month0() / 3 * 3 + 1, 1).unwrap_or(today);
    start.checked_sub_months(Months::new((QUARTERS - 1) * 3)).unwrap_or(start)
}

impl Spark {
    fn of(first: NaiveDate, sums: &[(NaiveDate, Decimal)]) -> Self {
        let highest = sums.iter().map(|(_, sum)| *sum).max().unwrap_or_default();
        let bars = sums.iter().filter_map(|(quarter, sum)| {
            let months =
                (quarter.year() - first.year()) * 12 + quarter.month0().cast_signed() - first.month0().cast_signed();
            let share = sum.checked_div(highest)?.to_f64()?;
            Some((usize::try_from(months / 3).ok()? * 7, (share * SPARK).max(1.0)))
        });
        Self { bars: bars.collect() }
    }
}

impl CompaniesPage {
    fn is_country(&self, code: &str) -> bool {
        self.country == code
    }

    fn is_category(&self, wire: &str) -> bool {
        self.category.is_some_and(|category| category.as_str() == wire)
    }
}

impl Row {
    fn of(ranked: Ranked, spark: Spark) -> Self {
        let some = |sum: Decimal, figure: fn(Decimal) -> Figure| (!sum.is_zero()).then(|| figure(sum));
        Self {
            href: company_path(&ranked.slug),
            category: ranked.category.parse().map_or("other", Category::label),
            country: ranked.country.as_deref().map(|code| country_name(code).to_owned()).unwrap_or_default(),
            pays: some(ranked.pays, Figure::usd),
            paid: some(ranked.paid, Figure::usd),
            power: some(ranked.mw, Figure::megawatts),
            deals: ranked.deals,
            spark,
            name: ranked.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_chart_ends_with_the_running_quarter() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let first = first_quarter(day("2026-05-20"));
        assert_eq!(first, day("2023-07-01"));
        let spark = Spark::of(first, &[(day("2023-07-01"), 5.into()), (day("2026-04-01"), 10.into())]);
        assert_eq!(spark.bars, [(0, 9.0), (77, 18.0)]);
        assert!(Spark::of(first, &[]).bars.is_empty());
    }
}
