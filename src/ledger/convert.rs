//! Money of any currency in dollars of the day.

use std::{
    collections::BTreeMap,
    str::FromStr,
    sync::{Arc, LazyLock},
};

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use super::rates;
use crate::model::{Currency, Rate};

/// Reference rates by day: units of each currency for one euro. Cheap to clone.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Rates {
    of: Arc<BTreeMap<Currency, BTreeMap<NaiveDate, Decimal>>>,
    /// The last day with any rate.
    last: Option<NaiveDate>,
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
            rates::read(include_bytes!("../../data/rates/ecb.csv"))
                .expect("the rates that ship with the program are valid")
        });
        &SHIPPED
    }

    /// The rates of these days: units of a currency for one euro. What is not above zero is no rate, and left out; of two
    /// for one day the later counts.
    pub fn of(rates: impl IntoIterator<Item = (Currency, NaiveDate, Decimal)>) -> Self {
        let mut of: BTreeMap<Currency, BTreeMap<NaiveDate, Decimal>> = BTreeMap::new();
        for (currency, day, rate) in rates.into_iter().filter(|(_, _, rate)| *rate > Decimal::ZERO) {
            of.entry(currency).or_default().insert(day, rate);
        }
        let last = of.values().filter_map(|days| days.keys().next_back()).max().copied();
        Self { of: Arc::new(of), last }
    }

    /// Every rate: currency, day, units for one euro.
    pub fn iter(&self) -> impl Iterator<Item = (Currency, NaiveDate, Decimal)> {
        self.of.iter().flat_map(|(currency, days)| days.iter().map(|(day, rate)| (*currency, *day, *rate)))
    }

    /// Units of a currency for one euro on this very day.
    pub fn on(&self, currency: Currency, day: NaiveDate) -> Option<Decimal> {
        self.of.get(&currency)?.get(&day).copied()
    }

    /// The last day with any rate.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.last
    }

    /// Units of `currency` for one euro on `day`, or on the last day before it that has a rate, up to two weeks back.
    fn per_euro(&self, currency: Currency, day: NaiveDate) -> Option<(Decimal, NaiveDate)> {
        if currency == Currency::EUR {
            return Some((Decimal::ONE, day));
        }
        let oldest = day - chrono::Days::new(14);
        self.of.get(&currency)?.range(oldest..=day).next_back().map(|(day, rate)| (*rate, *day))
    }

    /// The sum in dollars of `day`, to the cent. `None` where no rate is known: never zero.
    pub fn usd(&self, value: Decimal, currency: Currency, day: NaiveDate) -> Option<Decimal> {
        self.convert(value, currency, day).map(|(dollars, _)| dollars)
    }

    /// The sum in dollars of `day`, to the cent, and by what it was converted; a day without a rate takes the last one
    /// before it. `None` where no rate is known: never zero.
    pub fn convert(&self, value: Decimal, currency: Currency, day: NaiveDate) -> Option<(Decimal, Option<Rate>)> {
        if currency == Currency::USD {
            return Some((value, None));
        }
        let (dollars, rate) = if let Some(units) = peg(currency) {
            (value.checked_div(units)?, Rate::Peg { units })
        } else {
            let day = day.min(self.last?);
            let (dollars_a_euro, of_dollar) = self.per_euro(Currency::USD, day)?;
            let (units, of_currency) = self.per_euro(currency, day)?;
            let dollars = value.checked_div(units)?.checked_mul(dollars_a_euro)?;
            (dollars, Rate::Reference { day: of_dollar.min(of_currency) })
        };
        Some((dollars.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero).normalize(), Some(rate)))
    }
}

/// How many units of a currency are held at one dollar, where it is pegged.
fn peg(currency: Currency) -> Option<Decimal> {
    let (_, units) = DOLLAR_PEGS.iter().find(|(code, _)| *code == currency.code())?;
    Decimal::from_str(units).ok()
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
    fn a_conversion_says_by_what() {
        let rates = Rates::shipped();
        let by = |code: &str, on: &str| {
            rates.convert(Decimal::ONE_HUNDRED, Currency::from_code(code).unwrap(), day(on)).and_then(|(_, rate)| rate)
        };
        // A Sunday, and days after the last rate of the table.
        assert_eq!(by("GBP", "2026-11-01"), Some(Rate::Reference { day: day("2026-10-30") }));
        assert_eq!(by("EUR", "2030-01-01"), Some(Rate::Reference { day: day("2026-10-30") }));
        assert_eq!(by("AED", "2026-11-01"), Some(Rate::Peg { units: Decimal::new(36725, 4) }));
        assert_eq!(by("USD", "2026-11-01"), None);
    }

    #[test]
    fn a_pegged_currency_needs_no_table_and_an_unknown_one_stays_empty() {
        let rates = Rates::default();
        let riyals = Currency::from_code("SAR").unwrap();
        assert_eq!(rates.usd(Decimal::from(375), riyals, day("2024-01-01")), Some(Decimal::from(100)));
        assert_eq!(rates.usd(Decimal::from(375), Currency::from_code("TWD").unwrap(), day("2024-01-01")), None);
    }
}
