//! `/companies/{slug}`: what a company pays and is paid, with whom, and its deals.

use std::str::FromStr;

use askama::{Template, filters::HtmlSafe};
use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{NaiveDate, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use strum::VariantArray;

use super::{
    App,
    chart::Chart,
    citation::linked,
    digest::Follow,
    error::WebError,
    figure::{Figure, StatusMark},
    filter::{cursor, cursor_text},
    format,
    frame::{Frame, Section, page},
    params::{Params, address},
    quarters::{self, Measure, Stack},
    row::{DealRow, company_path},
};
use crate::{
    db::{
        company_pages::{self, Ladder, Profile},
        namesakes,
        timeline::{Cell, Cursor, ListedDeal},
        totals::{self, Counterparty, ShareCell},
    },
    model::{Category, Direction, Status, places::country_name},
};

/// How many deals a page lists.
const PAGE: usize = 60;
/// How many counterparties are listed.
const COUNTERPARTIES: i64 = 12;

#[derive(Template)]
#[template(path = "company.html")]
struct CompanyPage {
    frame: Frame,
    profile: Profile,
    /// Slugs and names of others who go by its name.
    namesakes: Vec<(String, String)>,
    category: &'static str,
    country: Option<String>,
    website: Option<String>,
    rollup: bool,
    rollup_href: String,
    sides: Vec<SideTotal>,
    follow: Follow,
    chart: Chart,
    side: Direction,
    by_certainty: bool,
    switch: Switch,
    steps: Vec<Step>,
    ladder: Ladder,
    ladder_words: String,
    tools: Tools,
    counterparties: Vec<Ranked>,
    deals: Vec<DealRow>,
    rumours: Vec<DealRow>,
    next: Option<String>,
    first: Option<String>,
}

/// The company to be compared, followed and taken along.
struct Tools {
    compare: String,
    atom: String,
    csv: String,
}

/// The addresses of the chart's other views.
struct Switch {
    pays: String,
    paid: String,
    kind: String,
    certainty: String,
}

/// One side of a company's money.
pub(super) struct SideTotal {
    pub title: &'static str,
    pub committed: Figure,
    /// What it would be with umbrellas and their parts both, where that differs.
    gross: Option<Figure>,
    pub potential: Option<Figure>,
    pub rumoured: Option<Figure>,
    pub deals: i64,
    pub disclosed: i64,
    pub power: Option<Figure>,
    pub bar: TotalBar,
    pub href: String,
}

/// Firm, contingent and rumoured dollars in one bar, on a scale that both sides share.
#[derive(Template)]
#[template(path = "_total_bar.html")]
pub(super) struct TotalBar {
    firm: f64,
    may: f64,
    rumour: f64,
}
impl HtmlSafe for TotalBar {}

/// A rung of the ladder with how many promises stand on it.
struct Step {
    mark: StatusMark,
    deals: i64,
    href: String,
}

/// A counterparty with its bar.
struct Ranked {
    other: Counterparty,
    href: String,
    amount: Option<Figure>,
    bar: TotalBar,
    deals_href: String,
}

/// `GET /companies/{slug}`
pub async fn get(
    State(app): State<App>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let params = Params::parse(query.as_deref());
    let mut db = app.db().await?;
    let Some(profile) = company_pages::profile(&mut db, &slug).await? else {
        return match company_pages::find(&mut db, &slug).await? {
            Some(found) => Ok(Redirect::permanent(&company_path(&found.slug)).into_response()),
            None => Err(WebError::not_found(format!("No company in the ledger goes by “{slug}”."))),
        };
    };
    let rollup = params.is_on("rollup");
    let namesakes = if profile.provisional { namesakes::of(&mut db, &profile.slug).await? } else { Vec::new() };
    let family = if rollup { profile.family.clone() } else { vec![profile.slug.clone()] };
    let after = params.get("cursor").and_then(|text| cursor(text).ok());

    let shares = totals::cells(&mut db, &profile.slug, rollup).await?;
    let others = totals::counterparties(&mut db, &profile.slug, rollup, COUNTERPARTIES).await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut deals = totals::deals(&mut db, &family, false, after.map(|cursor| (cursor.day, cursor.id)), limit).await?;
    let rumours = totals::deals(&mut db, &family, true, None, limit).await?;
    let today = Utc::now().date_naive();
    let quiet_before = app.patience.quiet_before(Status::Announced, today);
    let ladder = company_pages::ladder(&mut db, &family, quiet_before).await?;
    let more = deals.len() > PAGE;
    deals.truncate(PAGE);

    let view = View { path: company_path(&profile.slug), rollup, params: &params };
    let next = deals
        .last()
        .filter(|_| more)
        .map(|last| view.with("cursor", &cursor_text(Cursor::after(last.deal.day(), last.id))));
    let side = side_of(&params, &shares);
    let by_certainty = params.get("stack") == Some("certainty");
    let name = profile.name.clone();
    let row_of = |deal: &ListedDeal| DealRow::new(deal).by(&deal.deal, today, app.patience).dated();
    let sides = sides(&profile.slug, &shares, widest(&shares));
    let description =
        format!("{name} in the ledger of AI-infrastructure deals: what it pays, what it is paid, with whom.");
    page(&CompanyPage {
        frame: Frame::new(Section::Companies, name)
            .describe(description)
            .at(&app, &view.path)
            .pictured(&app, &format!("/og{}.png", view.path))
            .followed(address("/deals.atom", &[("company", &profile.slug)])),
        category: Category::from_str(&profile.category).map_or("other", Category::label),
        country: profile.country.as_deref().map(|code| country_name(code).to_owned()),
        website: profile.website.as_deref().and_then(linked),
        rollup_href: address(&view.path, &[("rollup", if rollup { "false" } else { "" })]),
        follow: Follow::of(
            "Mail me what changes here",
            address("/", &[("company", &profile.slug)]).trim_start_matches("/?"),
        ),
        chart: chart(&profile.slug, &shares, side, by_certainty, today),
        switch: Switch {
            pays: view.with("side", "pays"),
            paid: view.with("side", "paid"),
            kind: view.with("stack", ""),
            certainty: view.with("stack", "certainty"),
        },
        steps: steps(&profile.slug, ladder),
        ladder_words: ladder_words(ladder),
        ladder,
        tools: Tools {
            compare: address("/compare", &[("c", &profile.slug)]),
            atom: address("/deals.atom", &[("company", &profile.slug)]),
            csv: address("/deals.csv", &[("company", &profile.slug)]),
        },
        counterparties: ranked(&profile.slug, others),
        deals: deals.iter().map(row_of).collect(),
        rumours: rumours.iter().map(row_of).collect(),
        first: after.map(|_| view.with("cursor", "")),
        rollup,
        sides,
        side,
        by_certainty,
        next,
        profile,
        namesakes,
    })
}

/// What the address says, to be changed in one point.
struct View<'a> {
    path: String,
    rollup: bool,
    params: &'a Params,
}

impl View<'_> {
    fn with(&self, name: &str, value: &str) -> String {
        let kept = |field: &'static str| if field == name { value } else { self.params.get(field).unwrap_or_default() };
        let cursor = if name == "cursor" { value } else { "" };
        let rollup = if self.rollup { "" } else { "false" };
        address(&self.path, &[("rollup", rollup), ("side", kept("side")), ("stack", kept("stack")), ("cursor", cursor)])
    }
}

/// The side that the chart shows: the one asked for, else the larger.
fn side_of(params: &Params, shares: &[ShareCell]) -> Direction {
    let sum = |side| {
        let of_side = shares.iter().filter(|cell| cell.direction == side && cell.status.counts());
        of_side.map(|cell| cell.committed).sum::<Decimal>()
    };
    match params.get("side") {
        Some("pays") => Direction::Payer,
        Some("paid") => Direction::Payee,
        _ if sum(Direction::Payee) > sum(Direction::Payer) => Direction::Payee,
        _ => Direction::Payer,
    }
}

/// The longer of a company's two bars: what its sides come to with all that is not firm.
pub(super) fn widest(shares: &[ShareCell]) -> Decimal {
    let whole = |side| {
        let sums = Sums::of(shares.iter().filter(|cell| cell.direction == side));
        sums.committed + sums.potential + sums.rumoured
    };
    whole(Direction::Payer).max(whole(Direction::Payee))
}

/// Both sides of a company's money, the bars on a scale that ends at `widest`.
pub(super) fn sides(slug: &str, shares: &[ShareCell], widest: Decimal) -> Vec<SideTotal> {
    let both = [("Pays", Direction::Payer), ("Is paid", Direction::Payee)];
    let sums = both.map(|(_, side)| Sums::of(shares.iter().filter(|cell| cell.direction == side)));
    both.into_iter()
        .zip(sums)
        .map(|((title, side), sums)| SideTotal {
            title,
            committed: Figure::usd(sums.committed),
            gross: (sums.gross != sums.committed).then(|| Figure::usd(sums.gross)),
            potential: some(sums.potential, Figure::usd),
            rumoured: some(sums.rumoured, Figure::usd),
            deals: sums.deals,
            disclosed: sums.disclosed,
            power: some(sums.mw, Figure::megawatts),
            bar: TotalBar::new(sums.committed, sums.potential, sums.rumoured, widest),
            href: address("/", &[("company", slug), ("role", &side.to_string())]),
        })
        .collect()
}

#[derive(Default)]
struct Sums {
    committed: Decimal,
    gross: Decimal,
    potential: Decimal,
    rumoured: Decimal,
    mw: Decimal,
    deals: i64,
    disclosed: i64,
}

impl Sums {
    fn of<'a>(cells: impl Iterator<Item = &'a ShareCell>) -> Self {
        let mut sums = Self::default();
        for cell in cells {
            if cell.status.counts() {
                sums.committed += cell.committed;
                sums.gross += cell.gross;
                sums.potential += cell.potential;
                sums.mw += cell.mw;
                sums.deals += cell.deals;
                sums.disclosed += cell.disclosed;
            } else if cell.status == Status::Rumored {
                sums.rumoured += cell.committed + cell.potential;
            }
        }
        sums
    }
}

fn some(sum: Decimal, figure: fn(Decimal) -> Figure) -> Option<Figure> {
    (!sum.is_zero()).then(|| figure(sum))
}

impl TotalBar {
    fn new(firm: Decimal, may: Decimal, rumour: Decimal, widest: Decimal) -> Self {
        let share = |sum: Decimal| sum.checked_div(widest).and_then(|share| share.to_f64()).unwrap_or_default() * 100.0;
        Self { firm: share(firm), may: share(may), rumour: share(rumour) }
    }
}

/// The cells of one side, as charts take them.
pub(super) fn cells_of(shares: &[ShareCell], side: Direction) -> Vec<Cell> {
    shares
        .iter()
        .filter(|cell| cell.direction == side)
        .map(|cell| Cell {
            month: cell.month,
            kind: cell.kind,
            status: cell.status,
            deals: cell.deals,
            disclosed: cell.disclosed,
            committed: cell.committed,
            potential: cell.potential,
            mw: cell.mw,
            gross: cell.gross,
        })
        .collect()
}

fn chart(slug: &str, shares: &[ShareCell], side: Direction, by_certainty: bool, today: NaiveDate) -> Chart {
    let cells = cells_of(shares, side);
    quarters::chart(cells.iter(), Status::counts, Measure::Dollars, Stack::of(by_certainty), today, |from, to| {
        let (from, to) = (from.to_string(), to.to_string());
        address("/", &[("company", slug), ("role", &side.to_string()), ("from", &from), ("to", &to)])
    })
}

/// What came of a company's promises, in one sentence without its beginning.
fn ladder_words(ladder: Ladder) -> String {
    let counts = [
        (ladder.completed, "delivered"),
        (ladder.signed, "signed"),
        (ladder.cancelled, "cancelled"),
        (ladder.quiet, "gone quiet"),
    ];
    let told = counts.iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<String> = told.map(|(count, word)| format!("{} {word}", format::count(*count))).collect();
    let open = ladder.promises - ladder.completed - ladder.signed - ladder.cancelled - ladder.quiet;
    if open > 0 {
        parts.push(format!("{} still open", format::count(open)));
    }
    parts.join(", ")
}

fn steps(slug: &str, ladder: Ladder) -> Vec<Step> {
    let deals = |status: &Status| match status {
        Status::Rumored => ladder.rumoured,
        Status::Announced => ladder.announced,
        Status::Signed => ladder.signed,
        Status::Completed => ladder.completed,
        Status::Cancelled => ladder.cancelled,
    };
    let step = |status: &Status| Step {
        mark: StatusMark::new(*status),
        deals: deals(status),
        href: address("/", &[("company", slug), ("status", status.as_str())]),
    };
    Status::VARIANTS.iter().map(step).collect()
}

fn ranked(slug: &str, others: Vec<Counterparty>) -> Vec<Ranked> {
    let widest = others.iter().map(|other| other.committed + other.potential).max().unwrap_or_default();
    others
        .into_iter()
        .map(|other| Ranked {
            href: company_path(&other.slug),
            amount: some(other.committed, Figure::usd).or_else(|| some(other.potential, Figure::usd_at_most)),
            bar: TotalBar::new(other.committed, other.potential, Decimal::ZERO, widest),
            deals_href: address("/", &[("company", slug), ("q", &format!("\"{}\"", other.name))]),
            other,
        })
        .collect()
}
