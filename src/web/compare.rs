//! `/compare?c=a&c=b`: two to five companies side by side, their charts on one scale.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use chrono::Utc;

use super::{
    App,
    chart::Chart,
    company::{self, SideTotal},
    error::WebError,
    figure::{Figure, StatusMark},
    format,
    frame::{Frame, Section, page},
    params::address,
    quarters::{self, Common, Measure, Stack},
    row::company_path,
};
use crate::{
    db::{
        company_pages::{self, Found},
        timeline::Cell,
        totals::{self, ShareCell},
    },
    ledger::totals::Wanted,
    model::{Direction, Status},
};

/// More do not fit beside each other.
const MOST: usize = 5;

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    frame: Frame,
    columns: Vec<Column>,
    unknown: Vec<Unknown>,
    side: Direction,
    by_certainty: bool,
    switch: [String; 4],
    ladder: Vec<Rung>,
    between: Vec<Between>,
    /// Whether there is room for another.
    more: bool,
    too_many: bool,
}

/// A company.
struct Column {
    slug: String,
    name: String,
    href: String,
    /// The address without it.
    without: String,
    sides: Vec<SideTotal>,
    chart: Chart,
}

/// A rung of the ladder with the number of each company's promises on it.
struct Rung {
    mark: StatusMark,
    numbers: Vec<Number>,
}

struct Number {
    deals: i64,
    href: String,
}

/// A name that stands for nobody here.
struct Unknown {
    typed: String,
    alike: Vec<(String, String)>,
}

/// What one of them pays another.
struct Between {
    payer: String,
    payee: String,
    sum: Option<Figure>,
    deals: i64,
    href: String,
}

/// `GET /compare`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let view = View::parse(&query);
    let mut db = app.db().await?;
    let (mut found, mut unknown) = (Vec::<Found>::new(), Vec::new());
    for typed in view.names.iter().take(MOST) {
        match company_pages::find(&mut db, typed).await? {
            Some(company) if found.iter().any(|known| known.slug == company.slug) => {}
            Some(company) => found.push(company),
            None => {
                let alike = company_pages::alike(&mut db, typed, 3).await?;
                unknown.push(Unknown { typed: typed.clone(), alike });
            }
        }
    }
    let slugs: Vec<&str> = found.iter().map(|company| company.slug.as_str()).collect();
    let mut shares = Vec::new();
    for slug in &slugs {
        shares.push(totals::cells(&mut db, slug, true).await?);
    }
    let mut between = Vec::new();
    for payer in &found {
        for payee in found.iter().filter(|payee| payee.slug != payer.slug) {
            let wanted = Wanted { rolled: true, ..Wanted::default() };
            let total = totals::between(&mut db, &payer.slug, &payee.slug, &wanted).await?;
            if total.deals > 0 {
                between.push(Between {
                    payer: payer.name.clone(),
                    payee: payee.name.clone(),
                    sum: (!total.net_committed.is_zero()).then(|| Figure::usd(total.net_committed)),
                    deals: total.deals,
                    href: format!(
                        "{}#flow",
                        address("/network", &[("payer", payer.slug.as_str()), ("payee", &payee.slug)])
                    ),
                });
            }
        }
    }

    let widest = shares.iter().map(|cells| company::widest(cells)).max().unwrap_or_default();
    let cells: Vec<Vec<Cell>> = shares.iter().map(|shares| company::cells_of(shares, view.side)).collect();
    let stack = Stack::of(view.by_certainty);
    let common = Common::of(&cells, Status::counts, Measure::Dollars, stack);
    let today = Utc::now().date_naive();
    let columns: Vec<Column> = found
        .iter()
        .zip(&shares)
        .zip(&cells)
        .map(|((company, shares), cells)| Column {
            slug: company.slug.clone(),
            name: company.name.clone(),
            href: company_path(&company.slug),
            without: view.with(slugs.iter().copied().filter(|slug| *slug != company.slug), &[]),
            sides: company::sides(&company.slug, shares, widest),
            chart: quarters::chart_on(
                common.as_ref(),
                cells.iter(),
                Status::counts,
                Measure::Dollars,
                stack,
                today,
                |from, to| {
                    let (from, to, side) = (from.to_string(), to.to_string(), view.side.to_string());
                    address("/", &[("company", &company.slug), ("role", &side), ("from", &from), ("to", &to)])
                },
            ),
        })
        .collect();
    let side = |side| view.with(slugs.iter().copied(), &[("side", side)]);
    let stacked = |stack| view.with(slugs.iter().copied(), &[("stack", stack)]);
    let names: Vec<String> = found.iter().map(|company| company.name.clone()).collect();
    let title = if names.is_empty() { "Compare companies".to_owned() } else { names.join(", ") };
    page(&ComparePage {
        frame: Frame::new(Section::Companies, title)
            .describe("Companies of the AI build-out side by side: what they pay, what they are paid, how sure it is.")
            .at(&app, &view.with(slugs.iter().copied(), &[])),
        switch: [side(""), side("paid"), stacked(""), stacked("certainty")],
        ladder: ladder(&slugs, &shares),
        more: columns.len() < MOST,
        too_many: view.names.len() > MOST,
        side: view.side,
        by_certainty: view.by_certainty,
        columns,
        unknown,
        between,
    })
}

/// What the address says.
struct View {
    names: Vec<String>,
    side: Direction,
    by_certainty: bool,
}

impl View {
    fn parse(query: &str) -> Self {
        let mut view = Self { names: Vec::new(), side: Direction::Payer, by_certainty: false };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.replace('\0', "");
            match (name.as_ref(), value.trim()) {
                ("c", name) if !name.is_empty() => view.names.push(name.chars().take(100).collect()),
                ("side", "paid") => view.side = Direction::Payee,
                ("stack", "certainty") => view.by_certainty = true,
                _ => {}
            }
        }
        view
    }

    fn with<'a>(&'a self, slugs: impl Iterator<Item = &'a str>, changes: &[(&'a str, &'a str)]) -> String {
        let mut pairs: Vec<(&str, &str)> = slugs.map(|slug| ("c", slug)).collect();
        let changed = |name: &str| changes.iter().any(|(field, _)| *field == name);
        if self.side == Direction::Payee && !changed("side") {
            pairs.push(("side", "paid"));
        }
        if self.by_certainty && !changed("stack") {
            pairs.push(("stack", "certainty"));
        }
        pairs.extend(changes);
        address("/compare", &pairs)
    }
}

/// How many promises of each company stand on each rung.
fn ladder(slugs: &[&str], shares: &[Vec<ShareCell>]) -> Vec<Rung> {
    use strum::VariantArray;
    let rung = |status: &Status| {
        let of_company = |(slug, cells): (&&str, &Vec<ShareCell>)| {
            let deals = cells.iter().filter(|cell| cell.status == *status).map(|cell| cell.deals).sum();
            Number { deals, href: address("/", &[("company", slug), ("status", status.as_str())]) }
        };
        Rung { mark: StatusMark::new(*status), numbers: slugs.iter().zip(shares).map(of_company).collect() }
    };
    Status::VARIANTS.iter().map(rung).collect()
}

impl ComparePage {
    /// The address with one company more.
    fn joined(&self, slug: &str) -> String {
        let mut pairs: Vec<(&str, &str)> = self.columns.iter().map(|column| ("c", column.slug.as_str())).collect();
        pairs.push(("c", slug));
        address("/compare", &pairs)
    }

    /// How many columns there are, for the look.
    fn width(&self) -> usize {
        self.columns.len()
    }
}
