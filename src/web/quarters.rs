//! Commitments by quarter, as a chart. Pure.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    chart::{Chart, Column, Series, Style},
    format,
};
use crate::{
    db::timeline::Cell,
    model::{Kind, Status},
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Dollars.
    Dollars,
    /// Megawatts.
    Megawatts,
}

/// What is stacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// A layer a kind, of firm sums.
    Kind,
    /// Firm, contingent, rumoured.
    Certainty,
}

impl Measure {
    /// As the address says.
    pub fn of(megawatts: bool) -> Self {
        if megawatts { Self::Megawatts } else { Self::Dollars }
    }

    fn words(self, value: Decimal) -> String {
        match self {
            Self::Dollars => format::usd(value),
            Self::Megawatts => format::megawatts(value),
        }
    }

    fn of_cell(self, cell: &Cell) -> Decimal {
        match self {
            Self::Dollars => cell.committed,
            Self::Megawatts => cell.mw,
        }
    }
}

impl Stack {
    /// As the address says.
    pub fn of(by_certainty: bool) -> Self {
        if by_certainty { Self::Certainty } else { Self::Kind }
    }
}

/// So many quarters are shown at most, the latest.
const MOST: usize = 24;

/// A layer: what it is and how much of a cell belongs to it.
struct Layer {
    label: String,
    hue: &'static str,
    style: Style,
    part: Box<dyn Fn(&Cell) -> Decimal>,
}

/// What several charts have in common, so that they can be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Common {
    first: NaiveDate,
    last: NaiveDate,
    highest: f64,
}

impl Common {
    /// The quarters from the first to the last of all, and the highest bar of all. `None`: there is nothing to draw.
    pub fn of(charts: &[Vec<Cell>], counts: impl Fn(Status) -> bool, measure: Measure, stack: Stack) -> Option<Self> {
        let counted = |status: Status| counts(status) || (stack == Stack::Certainty && status == Status::Rumored);
        let mut sums: BTreeMap<(usize, NaiveDate), Decimal> = BTreeMap::new();
        for (chart, cells) in charts.iter().enumerate() {
            for cell in cells.iter().filter(|cell| counted(cell.status)) {
                let contingent = stack == Stack::Certainty && measure == Measure::Dollars;
                let more = if contingent { cell.potential } else { Decimal::ZERO };
                *sums.entry((chart, quarter(cell.month))).or_default() += measure.of_cell(cell) + more;
            }
        }
        let first = sums.keys().map(|(_, quarter)| *quarter).min()?;
        let last = sums.keys().map(|(_, quarter)| *quarter).max()?;
        Some(Self { first, last, highest: sums.values().max()?.to_f64()? })
    }
}

/// Draws the quarters by themselves: [`chart_on`] nothing in common with others.
pub fn chart<'a>(
    cells: impl Iterator<Item = &'a Cell>,
    counts: impl Fn(Status) -> bool,
    measure: Measure,
    stack: Stack,
    today: NaiveDate,
    href: impl Fn(NaiveDate, NaiveDate) -> String,
) -> Chart {
    chart_on(None, cells, counts, measure, stack, today, href)
}

/// Draws the quarters. `counts` says which stages enter totals, `href` where a quarter leads.
pub fn chart_on<'a>(
    common: Option<&Common>,
    cells: impl Iterator<Item = &'a Cell>,
    counts: impl Fn(Status) -> bool,
    measure: Measure,
    stack: Stack,
    today: NaiveDate,
    href: impl Fn(NaiveDate, NaiveDate) -> String,
) -> Chart {
    let mut quarters: BTreeMap<NaiveDate, Vec<&Cell>> = BTreeMap::new();
    for cell in cells {
        quarters.entry(quarter(cell.month)).or_default().push(cell);
    }
    let counted = |status: Status| counts(status) || (stack == Stack::Certainty && status == Status::Rumored);
    for cells in quarters.values_mut() {
        cells.retain(|cell| counted(cell.status));
    }

    let ends = match common {
        Some(common) => Some((common.first, common.last)),
        None => quarters.keys().next().copied().zip(quarters.keys().next_back().copied()),
    };
    let all: Vec<NaiveDate> = ends.map(|(first, last)| span(first, last)).unwrap_or_default();
    let layers = match stack {
        Stack::Kind => by_kind(quarters.values().flatten(), measure),
        Stack::Certainty => by_certainty(measure),
    };
    let none = Vec::new();
    let rows: Vec<Vec<Decimal>> = all
        .iter()
        .map(|start| {
            let cells = quarters.get(start).unwrap_or(&none);
            layers.iter().map(|layer| cells.iter().map(|cell| (layer.part)(cell)).sum()).collect()
        })
        .collect();

    let layer_total = |at: usize| rows.iter().map(|row| row[at]).sum::<Decimal>();
    let shown: Vec<usize> = (0..layers.len()).filter(|at| !layer_total(*at).is_zero()).collect();
    let series = shown
        .iter()
        .map(|at| Series {
            label: layers[*at].label.clone(),
            hue: layers[*at].hue,
            style: layers[*at].style,
            total: measure.words(layer_total(*at)),
        })
        .collect();
    let columns = all
        .iter()
        .zip(&rows)
        .enumerate()
        .map(|(n, (start, row))| {
            let values: Vec<Decimal> = shown.iter().map(|at| row[*at]).collect();
            let end = start.checked_add_months(Months::new(3)).and_then(|next| next.checked_sub_days(Days::new(1)));
            let axis = (start.month() == 1 || (n == 0 && start.month() < 10)).then(|| start.year().to_string());
            Column {
                label: format::quarter(*start),
                axis,
                href: href(*start, end.unwrap_or(*start)),
                texts: values.iter().map(|value| words_or_blank(measure, *value)).collect(),
                total: measure.words(values.iter().copied().sum()),
                values: values.iter().map(|value| value.to_f64().unwrap_or_default()).collect(),
                incomplete: quarter(today) == *start,
            }
        })
        .collect();
    let what = if stack == Stack::Kind { "by kind" } else { "by certainty" };
    let title = match measure {
        Measure::Dollars => format!("Committed dollars by quarter, {what}"),
        Measure::Megawatts => format!("Megawatts by quarter, {what}"),
    };
    let highest = common.map_or(0.0, |common| common.highest);
    Chart::draw(title, series, columns, highest, |value| measure.words(Decimal::try_from(value).unwrap_or_default()))
}

fn words_or_blank(measure: Measure, value: Decimal) -> String {
    if value.is_zero() { String::new() } else { measure.words(value) }
}

/// A layer a kind, the largest at the ground.
fn by_kind<'a>(cells: impl Iterator<Item = &'a &'a Cell>, measure: Measure) -> Vec<Layer> {
    let mut sums: BTreeMap<Kind, Decimal> = BTreeMap::new();
    for cell in cells {
        *sums.entry(cell.kind).or_default() += measure.of_cell(cell);
    }
    let mut kinds: Vec<(Kind, Decimal)> = sums.into_iter().collect();
    kinds.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    kinds
        .into_iter()
        .map(|(kind, _)| Layer {
            label: kind.label().to_owned(),
            hue: kind.as_str(),
            style: Style::Solid,
            part: Box::new(move |cell| if cell.kind == kind { measure.of_cell(cell) } else { Decimal::ZERO }),
        })
        .collect()
}

fn by_certainty(measure: Measure) -> Vec<Layer> {
    let layer = |label: &str, style, part: Box<dyn Fn(&Cell) -> Decimal>| Layer {
        label: label.to_owned(),
        hue: "ink",
        style,
        part,
    };
    let told = |cell: &Cell| cell.status != Status::Rumored;
    let firm = layer(
        "firm",
        Style::Solid,
        Box::new(move |cell| if told(cell) { measure.of_cell(cell) } else { Decimal::ZERO }),
    );
    let rumoured = move |cell: &Cell| match (told(cell), measure) {
        (true, _) => Decimal::ZERO,
        (false, Measure::Dollars) => cell.committed + cell.potential,
        (false, Measure::Megawatts) => cell.mw,
    };
    let rumoured = layer("rumored", Style::Dashed, Box::new(rumoured));
    if measure == Measure::Megawatts {
        return vec![firm, rumoured];
    }
    let contingent = move |cell: &Cell| if told(cell) { cell.potential } else { Decimal::ZERO };
    vec![firm, layer("if conditions are met", Style::Hatched, Box::new(contingent)), rumoured]
}

/// The first day of a date's quarter.
fn quarter(date: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1).unwrap_or(date)
}

/// The quarters from one to another, of which at most the latest [`MOST`].
fn span(first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
    let mut quarters: Vec<NaiveDate> =
        std::iter::successors(Some(last), |start| start.checked_sub_months(Months::new(3)))
            .take_while(|start| *start >= first)
            .take(MOST)
            .collect();
    quarters.reverse();
    quarters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn cell(month: &str, kind: Kind, status: Status, committed: i64, potential: i64) -> Cell {
        let (committed, potential) = (Decimal::from(committed), Decimal::from(potential));
        Cell {
            month: date(month),
            kind,
            status,
            deals: 1,
            disclosed: 1,
            committed,
            potential,
            mw: Decimal::ZERO,
            gross: committed,
        }
    }

    fn drawn(cells: &[Cell], stack: Stack) -> String {
        let today = date("2026-02-10");
        chart(cells.iter(), Status::counts, Measure::Dollars, stack, today, |from, to| format!("/?from={from}&to={to}"))
            .to_string()
    }

    #[test]
    fn quarters_without_deals_keep_their_place() {
        let cells = [
            cell("2025-03-01", Kind::Power, Status::Signed, 5_000_000_000, 0),
            cell("2026-01-01", Kind::Build, Status::Signed, 7_000_000_000, 0),
        ];
        let html = drawn(&cells, Stack::Kind);
        for label in ["Q1 2025: $5B", "Q2 2025: $0", "Q4 2025: $0", "Q1 2026: $7B so far"] {
            assert!(html.contains(label), "{label} is missing");
        }
        assert!(html.contains("from=2025-01-01&#38;to=2025-03-31"), "a quarter leads to its own deals");
    }

    #[test]
    fn a_rumour_is_drawn_as_one_and_only_where_certainty_is_stacked() {
        let cells = [
            cell("2025-03-01", Kind::Power, Status::Signed, 5_000_000_000, 2_000_000_000),
            cell("2025-03-01", Kind::Power, Status::Rumored, 9_000_000_000, 0),
        ];
        assert!(drawn(&cells, Stack::Kind).contains("Q1 2025: $5B"));
        let html = drawn(&cells, Stack::Certainty);
        assert!(html.contains("rumored <b>$9B</b>") && html.contains("if conditions are met <b>$2B</b>"), "{html}");
    }

    #[test]
    fn the_latest_quarters_are_shown_of_many() {
        let all = span(date("1990-01-01"), date("2026-01-01"));
        assert_eq!((all.len(), all[MOST - 1]), (MOST, date("2026-01-01")));
    }
}
