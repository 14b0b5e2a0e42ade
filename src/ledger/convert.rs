//! Money of any currency in dollars of the day.

use std::{collections::BTreeMap, str::FromStr, sync::LazyLock};

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::model::Currency;

/// Reference rates by day: units of each currency for one euro.
#[derive(Debug, Default)]
pub struct Rates {
    columns: Vec<Currency>,
    days: BTreeMap<NaiveDate, Vec<Option<Decimal>>>,
}

/// What is wrong with a table of rates.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the reference rates cannot be read: {what}")]
pub struct RatesError {
    line: usize,
    what: String,
}

/// Currencies held at a fixed number of units to the dollar, for which the European Central Bank publishes no rate:
/// the pegs of the Saudi, Emirati and Qatari central banks.
const DOLLAR_PEGS: [(&str, &str); 3] = [("SAR", "3.75"), ("AED", "3.6725"), ("QAR", "3.64")];

impl Rates {
    /// The European Central Bank's reference rates that ship with the program.
    ///
    /// # Panics
    /// Never in a build that passed its tests: the file is part of the program, and a test reads it.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Rates> = LazyLock::new(|| {
            Rates::parse(include_str!("../../data/rates/ecb.csv"))
                .expect("the rates that ship with the program are valid")
        });
        &SHIPPED
    }

    /// Reads the European Central Bank's own CSV history: a header `Date,USD,…`, then a line a day; an empty or `N/A`
    /// field is a day without a rate. Columns that are no currency are left out.
    pub fn parse(csv: &str) -> Result<Self, RatesError> {
        let mut lines = csv.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let fault = |line: usize, what: &str| RatesError { line: line + 1, what: what.to_owned() };
        let (_, header) = lines.next().ok_or_else(|| fault(0, "the file is empty"))?;
        let columns: Vec<Option<Currency>> =
            header.split(',').skip(1).map(|code| Currency::from_code(code.trim())).collect();
        let mut days = BTreeMap::new();
        for (number, line) in lines {
            let mut fields = line.split(',');
            let day = fields
                .next()
                .and_then(|day| NaiveDate::parse_from_str(day.trim(), "%Y-%m-%d").ok())
                .ok_or_else(|| fault(number, "it does not begin with a date such as 2026-01-31"))?;
            let mut rates = Vec::new();
            for (field, column) in fields.zip(&columns) {
                if column.is_some() {
                    let field = field.trim();
                    rates.push(match field {
                        "" | "N/A" => None,
                        _ => Some(
                            Decimal::from_str(field)
                                .ok()
                                .filter(|rate| *rate > Decimal::ZERO)
                                .ok_or_else(|| fault(number, &format!("`{field}` is no rate")))?,
                        ),
                    });
                }
            }
            days.insert(day, rates);
        }
        Ok(Self { columns: columns.into_iter().flatten().collect(), days })
    }

    /// Units of `currency` for one euro on `day`, or on the last day before it that has a rate, up to two weeks back.
    fn per_euro(&self, currency: Currency, day: NaiveDate) -> Option<Decimal> {
        if currency == Currency::EUR {
            return Some(Decimal::ONE);
        }
        let column = self.columns.iter().position(|c| *c == currency)?;
        let oldest = day - chrono::Days::new(14);
        self.days.range(oldest..=day).rev().find_map(|(_, rates)| rates.get(column).copied().flatten())
    }

    /// The sum in dollars of `day`, to the cent; a day after the last rate takes the last. `None` where no rate is
    /// known: never zero.
    pub fn usd(&self, value: Decimal, currency: Currency, day: NaiveDate) -> Option<Decimal> {
        if currency == Currency::USD {
            return Some(value);
        }
        let dollars = if let Some((_, peg)) = DOLLAR_PEGS.iter().find(|(code, _)| *code == currency.code()) {
            value.checked_div(Decimal::from_str(peg).ok()?)?
        } else {
            let last = *self.days.keys().next_back()?;
            let day = day.min(last);
            let euros = value.checked_div(self.per_euro(currency, day)?)?;
            euros.checked_mul(self.per_euro(Currency::USD, day)?)?
        };
        Some(dollars.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_shipped_rates_can_be_read_and_convert_on_a_weekend() {
        let rates = Rates::shipped();
        // Sunday 2026-11-01 takes the rates of Friday 2026-10-30: one euro is 1.1172 dollars and 0.8338 pounds.
        let pounds = Currency::from_code("GBP").unwrap();
        assert_eq!(rates.usd(Decimal::from(8338), pounds, day("2026-11-01")), Some(Decimal::from(11172)));
        assert_eq!(rates.usd(Decimal::from(100), Currency::EUR, day("2026-10-30")), Decimal::from_str("111.72").ok());
    }

    #[test]
    fn a_pegged_currency_needs_no_table_and_an_unknown_one_stays_empty() {
        let rates = Rates::default();
        let riyals = Currency::from_code("SAR").unwrap();
        assert_eq!(rates.usd(Decimal::from(375), riyals, day("2024-01-01")), Some(Decimal::from(100)));
        assert_eq!(rates.usd(Decimal::from(375), Currency::from_code("TWD").unwrap(), day("2024-01-01")), None);
    }

    #[test]
    fn a_faulty_line_is_named() {
        let fault = Rates::parse("Date,USD\n2024-01-02,1.1\n2024-01-03,many\n").unwrap_err();
        assert_eq!(fault.to_string(), "line 3 of the reference rates cannot be read: `many` is no rate");
    }
}
