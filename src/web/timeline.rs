//! `/`: the timeline.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::{
    App,
    chart::Chart,
    digest::Follow,
    error::WebError,
    figure::{Figure, StatusMark},
    filter::{Chip, Filter, cursor_text},
    format,
    frame::{Frame, Section, page},
    quarters::{self, Measure, Stack},
    row::DealRow,
};
use crate::{
    db::{
        company_pages,
        timeline::{self, Cell, Cursor, ListedDeal, Sort},
    },
    model::{Kind, Status, places::country_name},
};

/// How many deals a page lists.
const PAGE: usize = 100;

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    frame: Frame,
    filter: Filter,
    totals: Totals,
    chart: Chart,
    chips: Vec<Chip>,
    kinds: Vec<Choice>,
    statuses: Vec<Choice>,
    countries: Vec<Choice>,
    company_note: Option<CompanyNote>,
    follow: Option<Follow>,
    months: Vec<Month>,
    empty_ledger: bool,
    next: Option<String>,
    previous: Option<String>,
    first: Option<String>,
    orders: Vec<Order>,
    /// The day whose ledger is shown, where that is a past one.
    as_of: Option<String>,
    now: String,
    tools: Tools,
}

/// An order of the list.
struct Order {
    label: &'static str,
    href: String,
    chosen: bool,
}

/// The view to be followed and taken along.
struct Tools {
    atom: String,
    csv: String,
    json: String,
}

/// What the deals under a filter add up to.
struct Totals {
    deals: i64,
    disclosed: i64,
    committed: Figure,
    /// What it would be with umbrellas and their parts both, where that differs.
    gross: Option<Figure>,
    potential: Option<Figure>,
    power: Option<Figure>,
    /// What the totals leave out, in words.
    left_out: Option<String>,
}

/// A choice of the form with how many deals it would bring.
struct Choice {
    value: String,
    label: String,
    hue: &'static str,
    mark: Option<StatusMark>,
    deals: i64,
    chosen: bool,
}

/// What is to be said of the company that was typed.
struct CompanyNote {
    typed: String,
    alike: Vec<(String, String)>,
}

/// A month of the list.
struct Month {
    title: String,
    deals: i64,
    committed: Option<Figure>,
    power: Option<Figure>,
    rows: Vec<DealRow>,
}

/// `GET /`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let mut filter = Filter::parse(query.as_deref().unwrap_or_default());
    let mut db = app.db().await?;
    let company_note = look_up_company(&mut db, &mut filter).await?;

    let list = timeline::page(&mut db, &filter.deals, filter.sort, filter.cursor, PAGE).await?;
    let cells = timeline::cells(&mut db, &filter.deals).await?;
    let countries = timeline::countries(&mut db, &filter.deals).await?;

    let beside = |cursor: Option<Cursor>| cursor.map(|cursor| filter.with(&[("cursor", &cursor_text(cursor))]));
    let (next, previous) = (beside(list.next), beside(list.previous));
    let deals = list.deals;

    let today = filter.deals.as_of.map_or_else(|| Utc::now().date_naive(), |at| at.date_naive());
    let (measure, stack) = (Measure::of(filter.megawatts), Stack::of(filter.by_certainty));
    let chosen: Vec<&Cell> = cells.iter().filter(|cell| is_chosen(&filter, cell)).collect();
    let chart = quarters::chart(
        chosen.iter().copied(),
        |status| filter.deals.counts(status),
        measure,
        stack,
        today,
        |from, to| filter.with(&[("from", &from.to_string()), ("to", &to.to_string())]),
    );
    let page_of = TimelinePage {
        frame: frame(&app, &filter),
        totals: totals(&filter, &chosen),
        chart,
        chips: filter.chips(),
        kinds: kinds(&filter, &cells),
        statuses: statuses(&filter, &cells),
        countries: countries_of(&filter, countries),
        company_note,
        months: months(&filter, &chosen, &deals, |deal| DealRow::new(deal).by(&deal.deal, today, app.patience)),
        follow: filter
            .is_narrowed()
            .then(|| Follow::of("Mail me what changes in this view", filter.with(&[]).trim_start_matches("/?"))),
        empty_ledger: deals.is_empty() && !filter.is_narrowed(),
        next,
        first: previous.is_some().then(|| filter.with(&[])),
        previous,
        orders: orders(&filter),
        as_of: filter.deals.as_of.map(|at| format::day(at.date_naive())),
        now: filter.with(&[("as_of", "")]),
        tools: Tools {
            atom: filter.at("/deals.atom", &[]),
            csv: filter.at("/deals.csv", &[]),
            json: filter.at("/deals.json", &[]),
        },
        filter,
    };
    let status = if page_of.filter.problems.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    Ok((status, page(&page_of)?).into_response())
}

impl TimelinePage {
    fn by_day(&self) -> bool {
        self.filter.sort == Sort::Date
    }

    /// The order as the address names it.
    fn sort(&self) -> &'static str {
        self.filter.sort.into()
    }
}

/// The orders that a list can have.
fn orders(filter: &Filter) -> Vec<Order> {
    let order = |label, sort: Sort| {
        let word: &str = if sort == Sort::Date { "" } else { sort.into() };
        Order { label, href: filter.with(&[("sort", word)]), chosen: filter.sort == sort }
    };
    vec![
        order("newest", Sort::Date),
        order("dollars", Sort::Usd),
        order("megawatts", Sort::Mw),
        order("publishers", Sort::Publishers),
    ]
}

/// Fills in whom the typed name stands for; where it stands for nobody, says so and who may have been meant.
async fn look_up_company(db: &mut PgConnection, filter: &mut Filter) -> Result<Option<CompanyNote>, WebError> {
    let Some(typed) = filter.company.clone() else { return Ok(None) };
    if let Some(found) = company_pages::find(db, &typed).await? {
        filter.deals.companies = Some(found.family);
        return Ok(None);
    }
    filter.deals.companies = Some(Vec::new());
    let alike = company_pages::alike(db, &typed, 4).await?;
    let alike = alike.into_iter().map(|(slug, name)| (filter.with(&[("company", &slug)]), name)).collect();
    Ok(Some(CompanyNote { typed, alike }))
}

fn frame(app: &App, filter: &Filter) -> Frame {
    let chips: Vec<String> = filter.chips().into_iter().map(|chip| chip.label).collect();
    let title = if chips.is_empty() { "Timeline".to_owned() } else { format!("Timeline: {}", chips.join(", ")) };
    Frame::new(Section::Timeline, title)
        .describe("Every deal that builds AI: who pays whom, how many dollars, how many megawatts, and the sentence that says so.")
        .at(app, &filter.with(&[]))
        .followed(filter.at("/deals.atom", &[]))
}

fn is_chosen(filter: &Filter, cell: &Cell) -> bool {
    (filter.deals.kinds.is_empty() || filter.deals.kinds.contains(&cell.kind))
        && (filter.deals.statuses.is_empty() || filter.deals.statuses.contains(&cell.status))
}

fn totals(filter: &Filter, cells: &[&Cell]) -> Totals {
    let counted: Vec<&&Cell> = cells.iter().filter(|cell| filter.deals.counts(cell.status)).collect();
    let sum = |figure: fn(&Cell) -> Decimal| counted.iter().map(|cell| figure(cell)).sum::<Decimal>();
    let left = |status: Status| -> i64 {
        cells.iter().filter(|c| c.status == status && !filter.deals.counts(status)).map(|cell| cell.deals).sum()
    };
    let left_out: Vec<String> = [(Status::Rumored, "rumored"), (Status::Cancelled, "cancelled")]
        .into_iter()
        .filter_map(|(status, word)| {
            Some(left(status)).filter(|n| *n > 0).map(|n| format!("{} {word}", format::count(n)))
        })
        .collect();
    Totals {
        deals: counted.iter().map(|cell| cell.deals).sum(),
        disclosed: counted.iter().map(|cell| cell.disclosed).sum(),
        committed: Figure::usd(sum(|cell| cell.committed)),
        gross: (sum(|cell| cell.gross) != sum(|cell| cell.committed)).then(|| Figure::usd(sum(|cell| cell.gross))),
        potential: some_usd(sum(|cell| cell.potential)),
        power: some_power(sum(|cell| cell.mw)),
        left_out: (!left_out.is_empty()).then(|| left_out.join(" and ")),
    }
}

fn some_usd(sum: Decimal) -> Option<Figure> {
    (!sum.is_zero()).then(|| Figure::usd(sum))
}

fn some_power(sum: Decimal) -> Option<Figure> {
    (!sum.is_zero()).then(|| Figure::megawatts(sum))
}

/// The kinds with what each would bring under the other choices, the most first.
fn kinds(filter: &Filter, cells: &[Cell]) -> Vec<Choice> {
    let mut deals: BTreeMap<Kind, i64> = BTreeMap::new();
    for cell in cells {
        let wanted = filter.deals.statuses.is_empty() || filter.deals.statuses.contains(&cell.status);
        *deals.entry(cell.kind).or_default() += if wanted { cell.deals } else { 0 };
    }
    for kind in &filter.deals.kinds {
        deals.entry(*kind).or_default();
    }
    let mut choices: Vec<Choice> = deals
        .into_iter()
        .map(|(kind, deals)| Choice {
            value: kind.to_string(),
            label: kind.label().to_owned(),
            hue: kind.as_str(),
            mark: None,
            deals,
            chosen: filter.deals.kinds.contains(&kind),
        })
        .collect();
    choices.sort_by_key(|choice| std::cmp::Reverse(choice.deals));
    choices
}

/// The stages with what each would bring under the other choices, up the ladder.
fn statuses(filter: &Filter, cells: &[Cell]) -> Vec<Choice> {
    use strum::VariantArray;
    let wanted = |cell: &&Cell| filter.deals.kinds.is_empty() || filter.deals.kinds.contains(&cell.kind);
    Status::VARIANTS
        .iter()
        .map(|status| Choice {
            value: status.to_string(),
            label: status.to_string(),
            hue: "ink",
            mark: Some(StatusMark::new(*status)),
            deals: cells.iter().filter(wanted).filter(|cell| cell.status == *status).map(|cell| cell.deals).sum(),
            chosen: filter.deals.statuses.contains(status),
        })
        .collect()
}

fn countries_of(filter: &Filter, counted: Vec<(String, i64)>) -> Vec<Choice> {
    let chosen = filter.deals.country.as_deref();
    let mut choices: Vec<Choice> = counted
        .into_iter()
        .map(|(code, deals)| Choice {
            label: country_name(&code).to_owned(),
            chosen: chosen == Some(code.as_str()),
            value: code,
            hue: "ink",
            mark: None,
            deals,
        })
        .collect();
    if let Some(code) = chosen.filter(|code| !choices.iter().any(|choice| choice.value == *code)) {
        let (value, label) = (code.to_owned(), country_name(code).to_owned());
        choices.push(Choice { value, label, hue: "ink", mark: None, deals: 0, chosen: true });
    }
    choices
}

/// The rows by month; the sums are those of the whole month, not only of the rows on this page. In another order than by
/// day they are one list.
fn months(
    filter: &Filter,
    cells: &[&Cell],
    deals: &[ListedDeal],
    row_of: impl Fn(&ListedDeal) -> DealRow,
) -> Vec<Month> {
    if filter.sort != Sort::Date {
        let title = match filter.sort {
            Sort::Usd => "The most dollars first",
            Sort::Mw => "The most megawatts first",
            Sort::Publishers | Sort::Date => "The most reported first",
        };
        let rows: Vec<DealRow> = deals.iter().map(|deal| row_of(deal).dated()).collect();
        let all = cells.iter().map(|cell| cell.deals).sum();
        let month = Month { title: title.to_owned(), deals: all, committed: None, power: None, rows };
        return if deals.is_empty() { Vec::new() } else { vec![month] };
    }
    let mut months: Vec<(NaiveDate, Month)> = Vec::new();
    for deal in deals {
        let row = row_of(deal);
        let first = row.day.with_day(1).unwrap_or(row.day);
        if months.last().is_none_or(|(month, _)| *month != first) {
            let of_month: Vec<_> = cells.iter().filter(|cell| cell.month == first).collect();
            let counted = || of_month.iter().filter(|cell| filter.deals.counts(cell.status));
            let month = Month {
                title: format::month(first),
                deals: of_month.iter().map(|cell| cell.deals).sum(),
                committed: some_usd(counted().map(|cell| cell.committed).sum()),
                power: some_power(counted().map(|cell| cell.mw).sum()),
                rows: Vec::new(),
            };
            months.push((first, month));
        }
        if let Some((_, month)) = months.last_mut() {
            month.rows.push(row);
        }
    }
    months.into_iter().map(|(_, month)| month).collect()
}
