//! Figures and dates as a page shows them. Pure.

use std::borrow::Borrow;

use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::model::Currency;

/// A figure with its unit kept apart, so that a page can set the unit in quiet ink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// Three significant figures.
    pub digits: String,
    /// `T`, `B`, `M`, `K` or nothing; of power `GW` or `MW`.
    pub unit: &'static str,
}

/// Powers of ten with their letter, the greatest first.
const MAGNITUDES: [(u32, &str); 5] = [(12, "T"), (9, "B"), (6, "M"), (3, "K"), (0, "")];

/// A number in three significant figures with the letter of its magnitude: `1.43` and `T`.
pub fn short(value: Decimal) -> Short {
    // Rounded first, so that 999.9 million becomes one billion and not a thousand million.
    let value = three_figures(value);
    let (power, unit) =
        MAGNITUDES.into_iter().find(|(power, _)| value.abs() >= Decimal::from(10_i64.pow(*power))).unwrap_or((0, ""));
    Short { digits: grouped(value / Decimal::from(10_i64.pow(power))), unit }
}

/// Power in three significant figures: `4.5` and `GW`, `300` and `MW`.
pub fn power(megawatts: Decimal) -> Short {
    let megawatts = three_figures(megawatts);
    if megawatts.abs() >= Decimal::ONE_THOUSAND {
        Short { digits: grouped(megawatts / Decimal::ONE_THOUSAND), unit: "GW" }
    } else {
        Short { digits: grouped(megawatts), unit: "MW" }
    }
}

/// Money in three significant figures: `$300B`, `€1.7B`, `SAR 5B`.
pub fn money(value: Decimal, currency: Currency) -> String {
    let Short { digits, unit } = short(value);
    format!("{}{digits}{unit}", symbol(currency))
}

/// Dollars in three significant figures.
pub fn usd(value: Decimal) -> String {
    money(value, Currency::USD)
}

/// Power in three significant figures with its unit: `4.5 GW`.
pub fn megawatts(value: Decimal) -> String {
    let Short { digits, unit } = power(value);
    format!("{digits} {unit}")
}

/// Money to the last unit: `$300,000,000,000`.
pub fn money_in_full(value: Decimal, currency: Currency) -> String {
    format!("{}{}", symbol(currency), grouped(value.round_dp(2)))
}

/// Power to the last megawatt: `4,500 MW`.
pub fn megawatts_in_full(value: Decimal) -> String {
    format!("{} MW", grouped(value))
}

/// What stands before a figure in a currency; a code where no sign is unmistakable.
pub fn symbol(currency: Currency) -> String {
    match currency.code() {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        "CNY" => "CN¥",
        "INR" => "₹",
        "KRW" => "₩",
        "AUD" => "A$",
        "CAD" => "C$",
        "SGD" => "S$",
        "HKD" => "HK$",
        "TWD" => "NT$",
        "NZD" => "NZ$",
        "BRL" => "R$",
        code => return format!("{code}\u{a0}"),
    }
    .to_owned()
}

/// A number with commas between its thousands and no idle zeros.
pub fn grouped(value: Decimal) -> String {
    let text = value.normalize().to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("−", rest));
    let (whole, rest) = text.split_once('.').map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3 + 4);
    grouped.push_str(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(rest) = rest {
        grouped.push('.');
        grouped.push_str(rest);
    }
    grouped
}

/// A count with commas between its thousands.
pub fn count(number: i64) -> String {
    grouped(Decimal::from(number))
}

/// A count with its noun: `1 deal`, `1,204 deals`.
pub fn plural(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `10 Sep 2025`. Templates hand values over as references.
pub fn day(date: impl Borrow<NaiveDate>) -> String {
    date.borrow().format("%-d %b %Y").to_string()
}

/// `September 2025`.
pub fn month(date: NaiveDate) -> String {
    date.format("%B %Y").to_string()
}

/// `Q3 2025`.
pub fn quarter(date: NaiveDate) -> String {
    format!("Q{} {}", date.month0() / 3 + 1, date.year())
}

/// A number of months in words: `15 years`, `18 months`.
pub fn duration(months: u32) -> String {
    match (months / 12, months % 12) {
        (1, 0) => "1 year".to_owned(),
        (years, 0) if years > 0 => format!("{years} years"),
        _ => plural(months.into(), "month", "months"),
    }
}

/// A sentence's first letter in upper case.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn three_figures(value: Decimal) -> Decimal {
    value.round_sf_with_strategy(3, RoundingStrategy::MidpointAwayFromZero).unwrap_or(value).normalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn money_is_shown_in_three_significant_figures() {
        let shown = |value: &str| usd(decimal(value));
        assert_eq!(shown("300000000000"), "$300B");
        assert_eq!(shown("1432000000000"), "$1.43T");
        assert_eq!(shown("999900000"), "$1B");
        assert_eq!(shown("12345678"), "$12.3M");
        assert_eq!(shown("950000"), "$950K");
        assert_eq!(shown("0"), "$0");
        assert_eq!(money(decimal("1700000000"), Currency::EUR), "€1.7B");
        assert_eq!(money(decimal("5000000000"), Currency::from_code("SAR").expect("a currency")), "SAR\u{a0}5B");
    }

    #[test]
    fn power_is_shown_in_megawatts_below_a_gigawatt() {
        assert_eq!(megawatts(decimal("4500")), "4.5 GW");
        assert_eq!(megawatts(decimal("300.0")), "300 MW");
        assert_eq!(megawatts(decimal("999.6")), "1 GW");
        assert_eq!(megawatts(decimal("2.5")), "2.5 MW");
        assert_eq!(megawatts_in_full(decimal("58210.5")), "58,210.5 MW");
    }

    #[test]
    fn the_full_figure_loses_nothing() {
        assert_eq!(money_in_full(decimal("300000000000.00"), Currency::USD), "$300,000,000,000");
        assert_eq!(money_in_full(decimal("1234.5"), Currency::GBP), "£1,234.5");
        assert_eq!(grouped(decimal("-1234567")), "−1,234,567");
    }

    #[test]
    fn dates_and_durations_read_as_a_newspaper_writes_them() {
        let date = NaiveDate::from_ymd_opt(2025, 9, 10).expect("a date");
        assert_eq!(day(date), "10 Sep 2025");
        assert_eq!(month(date), "September 2025");
        assert_eq!(quarter(date), "Q3 2025");
        assert_eq!(duration(180), "15 years");
        assert_eq!(duration(12), "1 year");
        assert_eq!(duration(18), "18 months");
        assert_eq!(duration(1), "1 month");
    }

    proptest! {
        #[test]
        fn a_short_figure_is_within_half_a_percent_and_at_most_three_digits(value in 1_i64..900_000_000_000_000) {
            let Short { digits, unit } = short(Decimal::from(value));
            prop_assert!(digits.chars().filter(char::is_ascii_digit).count() <= 3 || !digits.contains('.'));
            let power = MAGNITUDES.iter().find(|(_, letter)| *letter == unit).expect("a known unit").0;
            let back = decimal(&digits.replace(',', "")) * Decimal::from(10_i64.pow(power));
            prop_assert!((back - Decimal::from(value)).abs() * Decimal::from(200) <= Decimal::from(value));
        }

        #[test]
        fn grouping_only_adds_commas(value in 0_i64..i64::MAX) {
            prop_assert_eq!(count(value).replace(',', ""), value.to_string());
        }
    }
}
