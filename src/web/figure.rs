//! The marks that figures are drawn with: the figure itself, the bar beside it, the rungs of the ladder.

use askama::{Template, filters::HtmlSafe};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::format::{self, Short};
use crate::model::{Amount, Basis, Capacity, Certainty, Currency, Deal, Kind, Megawatts, Qualifier, Status, Value};

/// A figure: short for the eye, in full for whoever hovers or listens.
#[derive(Debug, Clone, Template)]
#[template(
    source = "<span class=\"fig\" title=\"{{ full }}\"><span aria-hidden=\"true\">{{ before }}{{ digits }}\
              <span class=\"u\">{{ unit }}</span>{{ after }}</span><span class=\"vh\"> {{ full }}</span></span>",
    ext = "html"
)]
pub struct Figure {
    before: &'static str,
    digits: String,
    unit: &'static str,
    after: String,
    full: String,
}
impl HtmlSafe for Figure {}

impl Figure {
    /// Dollars.
    pub fn usd(value: Decimal) -> Self {
        Self::money("", value, None, Currency::USD, String::new())
    }

    /// Dollars that may or may not be spent.
    pub fn usd_at_most(value: Decimal) -> Self {
        Self::money("up to ", value, None, Currency::USD, String::new())
    }

    /// Power.
    pub fn megawatts(value: Decimal) -> Self {
        Self::power("", value, None)
    }

    /// A sum in the currency in which it was stated, dollars beside it.
    pub fn amount(amount: &Value<Amount>) -> Self {
        let Amount { value, value_max, currency, qualifier, basis, certainty, .. } = &amount.figure;
        let mut after = if *basis == Basis::Annual { " a year".to_owned() } else { String::new() };
        if let Some(usd) = amount.usd.filter(|_| *currency != Currency::USD) {
            after = format!("{after} ({})", format::usd(usd));
        }
        Self::money(prefix(*qualifier, *certainty), *value, *value_max, *currency, after)
    }

    /// A power figure as it was stated.
    pub fn capacity(capacity: &Capacity) -> Self {
        let high = capacity.mw_max.map(Megawatts::get);
        Self::power(prefix(capacity.qualifier, Certainty::Firm), capacity.mw.get(), high)
    }

    /// The sum that stands for a deal in a list: the firm part, else the ceiling; as it was stated where it is one
    /// figure. `None`: undisclosed.
    pub fn of_deal(deal: &Deal) -> Option<Self> {
        let mut whole = deal.amounts.iter().filter(|amount| !amount.figure.part);
        match (whole.next(), whole.next()) {
            (Some(only), None) => Some(Self::amount(only)),
            (Some(first), Some(_)) => Some(match (deal.committed_usd, deal.potential_usd) {
                (Some(firm), _) => Self::usd(firm),
                (None, Some(potential)) => Self::usd_at_most(potential),
                (None, None) => Self::amount(first),
            }),
            (None, _) => None,
        }
    }

    /// The figure as plain text.
    pub fn text(&self) -> String {
        format!("{}{}{}{}", self.before, self.digits, self.unit, self.after)
    }

    fn money(before: &'static str, low: Decimal, high: Option<Decimal>, currency: Currency, after: String) -> Self {
        let full = |value| format::money_in_full(value, currency);
        let symbol = format::symbol(currency);
        let (digits, unit) = range(format::short(low), high.map(format::short));
        let high = high.map(|high| format!(" to {}", full(high))).unwrap_or_default();
        let full = format!("{before}{}{high}{after}", full(low));
        Self { before, digits: format!("{symbol}{digits}"), unit, after, full }
    }

    fn power(before: &'static str, low: Decimal, high: Option<Decimal>) -> Self {
        let (digits, unit) = range(format::power(low), high.map(format::power));
        let from = high.map(|_| format!("{} to ", format::grouped(low))).unwrap_or_default();
        let full = format!("{before}{from}{}", format::megawatts_in_full(high.unwrap_or(low)));
        let unit = if unit == "GW" { "\u{a0}GW" } else { "\u{a0}MW" };
        Self { before, digits, unit, after: String::new(), full }
    }
}

/// `5–7` and `B`, or `900M–1.2` and `B` where the units differ.
fn range(low: Short, high: Option<Short>) -> (String, &'static str) {
    match high {
        None => (low.digits, low.unit),
        Some(high) if high.unit == low.unit => (format!("{}–{}", low.digits, high.digits), high.unit),
        Some(high) => (format!("{}{}–{}", low.digits, low.unit, high.digits), high.unit),
    }
}

/// Words and marks before a figure.
fn prefix(qualifier: Qualifier, certainty: Certainty) -> &'static str {
    match (qualifier, certainty) {
        (Qualifier::Exact | Qualifier::Range, _) => "",
        (Qualifier::About, _) => "about ",
        (Qualifier::AtLeast, _) => "≥ ",
        (Qualifier::UpTo, _) => "up to ",
    }
}

/// A sum as a bar on a log scale from a million to a trillion dollars, the same for every list: the firm part solid,
/// what hangs on conditions hatched behind it, a rumour as a dashed outline.
#[derive(Debug, Clone, Template)]
#[template(path = "_bar.html")]
pub struct Bar {
    kind: Kind,
    status: Status,
    /// Where the firm part ends, and the whole, in percent of the width.
    firm: f64,
    whole: f64,
}
impl HtmlSafe for Bar {}

impl Bar {
    /// The bar of a deal in a list; `None` where no sum is disclosed.
    pub fn of_deal(deal: &Deal) -> Option<Self> {
        let whole =
            deal.potential_usd.map_or(deal.committed_usd, |more| Some(deal.committed_usd.unwrap_or_default() + more));
        let whole = log(whole?);
        let firm = deal.committed_usd.map_or(0.0, log);
        Some(Self { kind: deal.kind, status: deal.status, firm, whole })
    }

    /// How a deal's money divides into firm and contingent, to scale; `None` where nothing is contingent.
    pub fn divided(deal: &Deal) -> Option<Self> {
        let more = deal.potential_usd.filter(|more| !more.is_zero())?;
        let firm = deal.committed_usd.unwrap_or_default();
        let firm = (firm / (firm + more)).to_f64()? * 100.0;
        Some(Self { kind: deal.kind, status: deal.status, firm, whole: 100.0 })
    }
}

/// Where a sum stands between a million (0) and a trillion (100) dollars; what is smaller keeps a visible sliver.
fn log(usd: Decimal) -> f64 {
    let exponent = usd.to_f64().unwrap_or_default().max(1.0).log10();
    ((exponent - 6.0) / 6.0 * 100.0).clamp(3.0, 100.0)
}

/// A stage as four rungs, filled up to the one that was reached, with its name.
#[derive(Debug, Clone, Copy, Template)]
#[template(path = "_status.html")]
pub struct StatusMark {
    status: Status,
    /// Whether nobody has spoken of it for long.
    quiet: bool,
}
impl HtmlSafe for StatusMark {}

impl StatusMark {
    /// The mark of a stage.
    pub fn new(status: Status) -> Self {
        Self { status, quiet: false }
    }

    /// The same mark with a hollow end, where a promise has gone quiet.
    #[must_use]
    pub fn quiet(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    /// How many rungs are filled.
    fn rung(self) -> usize {
        match self.status {
            Status::Rumored | Status::Cancelled => 0,
            Status::Announced => 2,
            Status::Signed => 3,
            Status::Completed => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn amount(value: i64, high: Option<i64>, currency: &str, qualifier: Qualifier, usd: Option<i64>) -> Value<Amount> {
        let figure = Amount {
            value: value.into(),
            value_max: high.map(Decimal::from),
            currency: Currency::from_code(currency).expect("a currency"),
            qualifier,
            basis: Basis::Total,
            certainty: Certainty::Firm,
            part: false,
        };
        Value { figure, usd: usd.map(Decimal::from), rate: None, claim: Uuid::nil() }
    }

    #[test]
    fn a_figure_is_shown_as_it_was_stated() {
        let text = |amount: &Value<Amount>| Figure::amount(amount).text();
        assert_eq!(text(&amount(20_000_000_000, None, "USD", Qualifier::UpTo, None)), "up to $20B");
        assert_eq!(text(&amount(100_000_000_000, None, "USD", Qualifier::AtLeast, None)), "≥ $100B");
        assert_eq!(text(&amount(5_000_000_000, Some(7_000_000_000), "USD", Qualifier::Range, None)), "$5–7B");
        assert_eq!(text(&amount(900_000_000, Some(1_200_000_000), "USD", Qualifier::Range, None)), "$900M–1.2B");
        assert_eq!(text(&amount(1_700_000_000, None, "EUR", Qualifier::Exact, Some(1_900_000_000))), "€1.7B ($1.9B)");
    }

    #[test]
    fn the_full_figure_is_there_for_whoever_hovers_or_listens() {
        let html = Figure::usd(Decimal::from(300_000_000_000_i64)).to_string();
        assert!(html.contains("title=\"$300,000,000,000\""), "{html}");
        assert!(html.contains("<span class=\"vh\"> $300,000,000,000</span>"), "{html}");
    }

    #[test]
    fn the_scale_of_the_bars_runs_from_a_million_to_a_trillion() {
        assert!((log(Decimal::from(1_000_000_000)) - 50.0).abs() < 1e-9);
        assert!((log(Decimal::from(1)) - 3.0).abs() < 1e-9);
        assert!((log(Decimal::from(9_000_000_000_000_i64)) - 100.0).abs() < 1e-9);
    }
}
