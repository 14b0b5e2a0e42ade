//! `/places`: where the megawatts and the dollars are, by country and by state.

use std::collections::BTreeMap;

use askama::{Template, filters::HtmlSafe};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use strum::VariantArray;

use super::{
    App,
    error::WebError,
    figure::Figure,
    filter::Filter,
    format,
    frame::{Frame, Section, page},
    params::address,
    states::{self, TILES},
};
use crate::{
    db::{places, totals},
    ledger::totals::{PlaceTotal, Wanted},
    model::{Kind, places::country_name},
};

#[derive(Template)]
#[template(path = "places.html")]
struct PlacesPage {
    frame: Frame,
    filter: Filter,
    kinds: Vec<(&'static str, &'static str, bool)>,
    switch: (String, String),
    dollars: bool,
    plain: bool,
    tiles: Vec<Tile>,
    steps: Vec<(usize, String)>,
    countries: Vec<Row>,
    states: Vec<Row>,
    unplaced: Option<Row>,
}

/// A state on the map.
struct Tile {
    code: &'static str,
    href: String,
    words: String,
    x: usize,
    y: usize,
    /// From 0, nothing, to 5, the most.
    shade: usize,
}

/// A place in a table.
struct Row {
    name: String,
    href: Option<String>,
    deals: i64,
    committed: Option<Figure>,
    power: Option<Figure>,
    bar: ShareBar,
}

/// A share of the largest as a bar.
#[derive(Template)]
#[template(path = "_share_bar.html")]
struct ShareBar {
    share: f64,
}
impl HtmlSafe for ShareBar {}

/// What a place comes to.
#[derive(Default, Clone, Copy)]
struct Sums {
    deals: i64,
    committed: Decimal,
    mw: Decimal,
}

/// `GET /map`: the other name of this page.
pub async fn redirect() -> Redirect {
    Redirect::permanent("/places")
}

/// `GET /places`
pub async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let mut filter = Filter::parse(&query);
    // The map shows megawatts unless dollars are asked for, the other way round than the timeline.
    let dollars = super::params::Params::parse(Some(&query)).get("measure") == Some("dollars");
    filter.problems.retain(|problem| ["kind", "status", "from", "to"].contains(&problem.field.as_str()));
    let wanted = Wanted {
        rolled: true,
        from: filter.deals.from,
        to: filter.deals.to,
        kinds: filter.deals.kinds.clone(),
        statuses: filter.deals.statuses.clone(),
    };
    let mut db = app.db().await?;
    let by_country = by_country(&totals::by_place(&mut db, true, &wanted).await?);
    let names: Vec<String> = TILES.iter().map(|(_, name, ..)| (*name).to_owned()).collect();
    let mut by_state: BTreeMap<usize, Sums> = BTreeMap::new();
    for total in places::states(&mut db, "US", &names, &wanted).await? {
        if let Some(state) = states::of(&total.place) {
            let sums = by_state.entry(state).or_default();
            sums.deals += total.deals;
            sums.committed += total.committed;
            sums.mw += total.mw;
        }
    }

    let view = View { filter: &filter, dollars };
    let measured = |sums: &Sums| if dollars { sums.committed } else { sums.mw };
    let mut countries: Vec<(String, Sums)> = by_country.into_iter().collect();
    countries.sort_by_key(|(code, sums)| (std::cmp::Reverse(measured(sums)), code.clone()));
    let (unplaced, countries): (Vec<_>, Vec<_>) = countries.into_iter().partition(|(code, _)| code == "ZZ");
    let most = countries.iter().map(|(_, sums)| measured(sums)).max().unwrap_or_default();
    let row = |name: String, href: Option<String>, sums: &Sums, most: Decimal| Row {
        name,
        href,
        deals: sums.deals,
        committed: (!sums.committed.is_zero()).then(|| Figure::usd(sums.committed)),
        power: (!sums.mw.is_zero()).then(|| Figure::megawatts(sums.mw)),
        bar: ShareBar { share: share(measured(sums), most) * 100.0 },
    };
    let most_of_states = by_state.values().map(measured).max().unwrap_or_default();
    let mut in_order: Vec<(usize, Sums)> = by_state.iter().map(|(state, sums)| (*state, *sums)).collect();
    in_order.sort_by_key(|(state, sums)| (std::cmp::Reverse(measured(sums)), *state));
    let words = |value: Decimal| if dollars { format::usd(value) } else { format::megawatts(value) };
    let tiles = TILES.iter().enumerate().map(|(at, (code, name, y, x))| {
        let sums = by_state.get(&at).copied().unwrap_or_default();
        let what = if sums.deals == 0 {
            "no deal".to_owned()
        } else {
            format!("{}, {}", words(measured(&sums)), format::plural(sums.deals, "deal", "deals"))
        };
        Tile {
            code,
            href: view.state(name),
            words: format!("{name}: {what}"),
            x: x * 10,
            y: y * 10,
            shade: shade(measured(&sums), most_of_states),
        }
    });
    let page_of = PlacesPage {
        frame: Frame::new(Section::Places, "Places")
            .describe("Where AI is being built: megawatts and dollars by country and by state.")
            .at(&app, &view.with(&[])),
        kinds: Kind::VARIANTS.iter().map(|kind| (kind.as_str(), kind.label(), wanted.kinds.contains(kind))).collect(),
        switch: (view.with(&[("measure", "")]), view.with(&[("measure", "dollars")])),
        dollars,
        plain: filter.deals.kinds.is_empty() && filter.typed("from").is_empty() && filter.typed("to").is_empty(),
        tiles: tiles.collect(),
        steps: (1..=5).map(|step| (step, words(least_of(step, most_of_states)))).collect(),
        countries: countries
            .iter()
            .map(|(code, sums)| row(country_name(code).to_owned(), Some(view.country(code)), sums, most))
            .collect(),
        states: in_order
            .iter()
            .map(|(at, sums)| row(TILES[*at].1.to_owned(), Some(view.state(TILES[*at].1)), sums, most_of_states))
            .collect(),
        unplaced: unplaced.first().map(|(_, sums)| row("Nobody tells where".to_owned(), None, sums, most)),
        filter: filter.clone(),
    };
    let status = if filter.problems.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    Ok((status, page(&page_of)?).into_response())
}

/// The sums of each country over all kinds.
fn by_country(totals: &[PlaceTotal]) -> BTreeMap<String, Sums> {
    let mut countries: BTreeMap<String, Sums> = BTreeMap::new();
    for PlaceTotal { country, total, .. } in totals {
        let sums = countries.entry(country.clone()).or_default();
        sums.deals += total.deals;
        sums.committed += total.net_committed;
        sums.mw += total.net_mw;
    }
    countries
}

fn share(value: Decimal, most: Decimal) -> f64 {
    value.checked_div(most).and_then(|share| share.to_f64()).unwrap_or_default()
}

/// The least value of a shade: steps of equal width on the scale of the square root, so that the largest state does not
/// leave all others pale.
fn least_of(step: usize, most: Decimal) -> Decimal {
    let step = Decimal::from(step - 1) / Decimal::from(5);
    most * step * step
}

/// The shade of a value: 0 for nothing, 1 to 5 up to the most.
fn shade(value: Decimal, most: Decimal) -> usize {
    if value.is_zero() {
        return 0;
    }
    (1..=5).rev().find(|step| value >= least_of(*step, most)).unwrap_or(1)
}

/// What the address says, to be changed in one point, and where a place leads on the timeline.
struct View<'a> {
    filter: &'a Filter,
    dollars: bool,
}

impl View<'_> {
    fn pairs(&self) -> Vec<(&str, &str)> {
        let deals = &self.filter.deals;
        let mut pairs = vec![("from", self.filter.typed("from")), ("to", self.filter.typed("to"))];
        pairs.extend(deals.kinds.iter().map(|kind| ("kind", kind.as_str())));
        pairs.extend(deals.statuses.iter().map(|status| ("status", status.as_str())));
        pairs
    }

    fn with(&self, changes: &[(&str, &str)]) -> String {
        let mut pairs = self.pairs();
        if self.dollars && !changes.iter().any(|(name, _)| *name == "measure") {
            pairs.push(("measure", "dollars"));
        }
        pairs.extend(changes);
        address("/places", &pairs)
    }

    fn country(&self, code: &str) -> String {
        let mut pairs = vec![("country", code)];
        pairs.extend(self.pairs());
        address("/", &pairs)
    }

    fn state(&self, name: &str) -> String {
        let words = format!("\"{name}\"");
        let mut pairs = vec![("q", words.as_str()), ("country", "US")];
        pairs.extend(self.pairs());
        address("/", &pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_tell_the_small_from_each_other() {
        let most = Decimal::from(10_000);
        let shades = [0, 1, 500, 2000, 5000, 10_000].map(|value| shade(Decimal::from(value), most));
        assert_eq!(shades, [0, 1, 2, 3, 4, 5]);
        assert_eq!(shade(Decimal::ZERO, Decimal::ZERO), 0);
    }
}
