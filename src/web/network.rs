//! `/network`: who commits how much to whom, which flows close to a circle, and the deals behind each flow.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use rust_decimal::prelude::ToPrimitive;
use strum::VariantArray;

use super::{
    App,
    arcs::{self, Arc, Flow},
    error::WebError,
    figure::{Figure, StatusMark},
    filter::Filter,
    format,
    frame::{Frame, Section, page},
    params::{Params, address},
    row::{company_path, deal_path},
};
use crate::{
    db::{company_pages, flows},
    ledger::{
        circles::{Bounds, Circle, Edge, circles},
        totals::Wanted,
    },
    model::{Kind, Slug, Status},
};

/// So many flows are drawn at most, the largest.
const DRAWN: usize = 40;
/// So many arcs carry their sum, the largest.
const LABELLED: usize = 12;
/// So many are listed and searched for circles.
const LISTED: i64 = 2000;
/// So many stand in the table.
const TABLE: usize = 200;
/// So many circles are told.
const CIRCLES: usize = 12;
/// So many deals behind a flow are told.
const BEHIND: i64 = 50;
/// What is too small to be drawn, where nothing else is asked for: a billion dollars.
const LEAST: i64 = 1_000_000_000;

#[derive(Template)]
#[template(path = "network.html")]
struct NetworkPage {
    frame: Frame,
    filter: Filter,
    /// The months of the first deal and of the last.
    months: Option<(String, String)>,
    least: Figure,
    kinds: Vec<(&'static str, &'static str, bool)>,
    statuses: Vec<(&'static str, StatusMark, bool)>,
    nodes: Vec<Node>,
    down: Vec<Drawn>,
    up: Vec<Drawn>,
    labels: Vec<Label>,
    height: usize,
    circles: Vec<ShownCircle>,
    cut_off: bool,
    /// The address without a circle and without a flow.
    plain: String,
    rows: Vec<Row>,
    total: i64,
    opened: Option<Opened>,
}

/// A company in the column.
struct Node {
    name: String,
    href: String,
    /// Whether it is in the chosen circle.
    on: bool,
    /// Whether a flow touches it on its left.
    left: bool,
}

/// The sum of a flow, beside its arc: how far out in percent, and how far down in pixels.
struct Label {
    x: f64,
    y: f64,
    text: String,
}

/// A drawn flow.
struct Drawn {
    arc: Arc,
    href: String,
    words: String,
    /// The rows of both ends, for the script.
    ends: (usize, usize),
    on: bool,
    round: bool,
}

/// A circle in words.
struct ShownCircle {
    names: Vec<(String, String)>,
    smallest: Figure,
    total: Figure,
    href: String,
    on: bool,
}

/// A flow in the table.
struct Row {
    payer: (String, String),
    payee: (String, String),
    committed: Figure,
    deals: i64,
    href: String,
    round: bool,
    on: bool,
}

/// The flow whose deals are shown.
struct Opened {
    payer: (String, String),
    payee: (String, String),
    deals: Vec<Behind>,
    /// Which of the two nobody knows, as the address has it.
    stranger: Option<String>,
}

struct Behind {
    href: String,
    headline: String,
    committed: Figure,
}

/// `GET /network`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let filter = Filter::parse(&query);
    let params = Params::parse(Some(&query));
    let wanted = Wanted {
        rolled: true,
        from: filter.deals.from,
        to: filter.deals.to,
        kinds: filter.deals.kinds.clone(),
        statuses: filter.deals.statuses.clone(),
    };
    let least = filter.deals.min_usd.unwrap_or_else(|| LEAST.into());
    let mut db = app.db().await?;
    let edges = flows::edges(&mut db, &wanted, least, LISTED).await?;
    let months = flows::months(&mut db).await?;
    let slugs: BTreeSet<&str> = edges.iter().flat_map(|edge| [edge.payer.as_str(), edge.payee.as_str()]).collect();
    let slugs: Vec<String> = slugs.into_iter().map(ToOwned::to_owned).collect();
    let names: BTreeMap<String, String> = company_pages::names(&mut db, &slugs).await?.into_iter().collect();
    let found = circles(&edges, Bounds { most: CIRCLES, ..Bounds::default() });

    let view = View { filter: &filter };
    let chosen = params.get("circle").and_then(|text| found.found.iter().find(|circle| circle_text(circle) == text));
    let opened = match (params.get("payer"), params.get("payee")) {
        (Some(payer), Some(payee)) => {
            let (payer, payee) = (Slug::of(payer), Slug::of(payee));
            let deals = flows::behind(&mut db, &payer, &payee, &wanted, BEHIND).await?;
            let both = [payer.to_string(), payee.to_string()];
            // Whose flow is too small to be listed has a name all the same.
            let names: BTreeMap<String, String> = company_pages::names(&mut db, &both).await?.into_iter().collect();
            Some(Opened {
                stranger: both.into_iter().find(|slug| !names.contains_key(slug)),
                payer: named(&names, &payer),
                payee: named(&names, &payee),
                deals: deals
                    .into_iter()
                    .map(|deal| Behind {
                        href: deal_path(deal.deal, &deal.slug),
                        headline: deal.headline,
                        committed: Figure::usd(deal.committed),
                    })
                    .collect(),
            })
        }
        _ => None,
    };
    let in_circle: BTreeSet<(&Slug, &Slug)> = found.found.iter().flat_map(steps).collect();
    let on: BTreeSet<(&Slug, &Slug)> = match (&chosen, params.get("payer"), params.get("payee")) {
        (Some(circle), ..) => steps(circle).collect(),
        (None, Some(payer), Some(payee)) => edges
            .iter()
            .map(|edge| (&edge.payer, &edge.payee))
            .filter(|(from, to)| from.as_str() == payer && to.as_str() == payee)
            .collect(),
        _ => BTreeSet::new(),
    };
    let drawn = drawing(&edges, &names, &view, &in_circle, &on);
    let rows = edges.iter().take(TABLE).map(|edge| Row {
        payer: named(&names, &edge.payer),
        payee: named(&names, &edge.payee),
        committed: Figure::usd(edge.committed),
        deals: edge.deals,
        href: view.opening(edge),
        round: in_circle.contains(&(&edge.payer, &edge.payee)),
        on: on.contains(&(&edge.payer, &edge.payee)),
    });
    let kinds = Kind::VARIANTS.iter().map(|kind| (kind.as_str(), kind.label(), filter.deals.kinds.contains(kind)));
    let statuses = Status::VARIANTS.iter().filter(|status| **status != Status::Cancelled);
    let statuses = statuses.map(|status| (status.as_str(), StatusMark::new(*status), wanted.counts(*status)));
    let shown = found.found.iter().map(|circle| ShownCircle {
        names: circle.companies.iter().map(|slug| named(&names, slug)).collect(),
        smallest: Figure::usd(circle.smallest),
        total: Figure::usd(circle.total),
        href: view.with(&[("circle", &circle_text(circle))]),
        on: chosen == Some(circle),
    });
    let page_of = NetworkPage {
        frame: Frame::new(Section::Network, "Network")
            .describe("Who commits how much to whom in the AI build-out, and where the money comes back.")
            .at(&app, &view.with(&[])),
        months: months.map(|(first, last)| (first.format("%Y-%m").to_string(), last.format("%Y-%m").to_string())),
        least: Figure::usd(least),
        kinds: kinds.collect(),
        statuses: statuses.collect(),
        height: drawn.nodes.len() * arcs::ROW,
        nodes: drawn.nodes,
        down: drawn.down,
        up: drawn.up,
        labels: drawn.labels,
        circles: shown.collect(),
        cut_off: found.cut_off,
        plain: view.with(&[]),
        rows: rows.collect(),
        total: i64::try_from(edges.len()).unwrap_or(i64::MAX),
        opened,
        filter: filter.clone(),
    };
    let status = if filter.problems.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    Ok((status, page(&page_of)?).into_response())
}

/// What the address says, to be changed in one point.
struct View<'a> {
    filter: &'a Filter,
}

impl View<'_> {
    fn with(&self, changes: &[(&str, &str)]) -> String {
        let deals = &self.filter.deals;
        let (from, to) = (self.filter.typed("from"), self.filter.typed("to"));
        let mut pairs: Vec<(&str, &str)> = vec![("min_usd", self.filter.typed("min_usd")), ("from", from), ("to", to)];
        pairs.extend(deals.kinds.iter().map(|kind| ("kind", kind.as_str())));
        pairs.extend(deals.statuses.iter().map(|status| ("status", status.as_str())));
        pairs.extend(changes);
        address("/network", &pairs)
    }

    /// Where the deals of a flow are told.
    fn opening(&self, edge: &Edge) -> String {
        format!("{}#flow", self.with(&[("payer", edge.payer.as_str()), ("payee", edge.payee.as_str())]))
    }
}

/// A circle as an address names it.
fn circle_text(circle: &Circle) -> String {
    circle.companies.iter().map(Slug::as_str).collect::<Vec<_>>().join("~")
}

/// The flows of a circle.
fn steps(circle: &Circle) -> impl Iterator<Item = (&Slug, &Slug)> {
    circle.companies.iter().zip(circle.companies.iter().cycle().skip(1))
}

/// A company's name and page.
fn named(names: &BTreeMap<String, String>, slug: &Slug) -> (String, String) {
    (names.get(slug.as_str()).cloned().unwrap_or_else(|| slug.to_string()), company_path(slug.as_str()))
}

struct Drawing {
    nodes: Vec<Node>,
    down: Vec<Drawn>,
    up: Vec<Drawn>,
    labels: Vec<Label>,
}

fn drawing(
    edges: &[Edge],
    names: &BTreeMap<String, String>,
    view: &View<'_>,
    in_circle: &BTreeSet<(&Slug, &Slug)>,
    on: &BTreeSet<(&Slug, &Slug)>,
) -> Drawing {
    // The largest flows, and what is chosen whatever its size.
    let (first, rest) = edges.split_at(edges.len().min(DRAWN));
    let shown: Vec<&Edge> =
        first.iter().chain(rest.iter().filter(|edge| on.contains(&(&edge.payer, &edge.payee)))).collect();
    let mut companies: Vec<&Slug> = Vec::new();
    let mut place = |slug| {
        companies.iter().position(|known| *known == slug).unwrap_or_else(|| {
            companies.push(slug);
            companies.len() - 1
        })
    };
    let flows: Vec<Flow> = shown
        .iter()
        .map(|edge| Flow {
            from: place(&edge.payer),
            to: place(&edge.payee),
            weight: edge.committed.to_f64().unwrap_or_default(),
        })
        .collect();
    let (order, arcs) = arcs::draw(companies.len(), &flows);
    let row = |company: usize| order.iter().position(|at| *at == company).unwrap_or_default();
    let drawn = arcs.into_iter().map(|arc| {
        let (edge, flow) = (shown[arc.flow], flows[arc.flow]);
        let (payer, payee) = (named(names, &edge.payer).0, named(names, &edge.payee).0);
        let deals = format::plural(edge.deals, "deal", "deals");
        Drawn {
            words: format!("{payer} commits {} to {payee} in {deals}", format::usd(edge.committed)),
            href: view.opening(edge),
            ends: (row(flow.from), row(flow.to)),
            on: on.contains(&(&edge.payer, &edge.payee)),
            round: in_circle.contains(&(&edge.payer, &edge.payee)),
            arc,
        }
    });
    let (up, down): (Vec<Drawn>, Vec<Drawn>) = drawn.partition(|drawn: &Drawn| drawn.arc.up);
    let mut labels: Vec<Label> = Vec::new();
    for Drawn { arc, .. } in &down {
        // Half way along, where an arc reaches out the farthest; on a phone a sum takes a third of the width.
        let (x, y) = (arc.reach * 0.75, f64::midpoint(arc.leaves, arc.arrives) + 4.0);
        let free = labels.iter().all(|other| (other.y - y).abs() > 15.0 || (other.x - x).abs() > 36.0);
        if free && labels.len() < LABELLED {
            labels.push(Label { x, y, text: format::usd(shown[arc.flow].committed) });
        }
    }
    let touched: BTreeSet<&Slug> = on.iter().flat_map(|(payer, payee)| [*payer, *payee]).collect();
    let nodes = order.iter().map(|at| {
        let (name, href) = named(names, companies[*at]);
        let left = up.iter().any(|drawn| drawn.ends.0 == row(*at) || drawn.ends.1 == row(*at));
        Node { name, href, on: touched.contains(companies[*at]), left }
    });
    let nodes = nodes.collect();
    Drawing { nodes, down, up, labels }
}

impl NetworkPage {
    /// Whether something is chosen, so that the rest steps back.
    fn is_chosen(&self) -> bool {
        self.nodes.iter().any(|node| node.on)
    }

    fn drawn(&self) -> i64 {
        i64::try_from(self.down.len() + self.up.len()).unwrap_or(i64::MAX)
    }

    fn listed(&self) -> i64 {
        i64::try_from(self.rows.len()).unwrap_or(i64::MAX)
    }
}
