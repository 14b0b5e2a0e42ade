//! The timeline's filter as the query of its address. Pure.
//!
//! A value that cannot be read is left out of the filter, named in a sentence, and kept in the form as it was typed.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::format;
use crate::{
    db::timeline::{Cursor, DealFilter, Part, Sort},
    model::{Direction, Kind, Role, places},
};

/// What the address asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// What is wanted; its companies are filled in by whoever knows the registry.
    pub deals: DealFilter,
    /// The company as typed: a name or a slug.
    pub company: Option<String>,
    /// What the list is sorted by.
    pub sort: Sort,
    /// Where the list goes on, forward or back.
    pub cursor: Option<Cursor>,
    /// Whether the chart shows megawatts instead of dollars.
    pub megawatts: bool,
    /// Whether the chart is stacked by certainty instead of by kind.
    pub by_certainty: bool,
    /// One sentence for each value that cannot be read.
    pub problems: Vec<Problem>,
    /// What was typed, for the form.
    typed: Vec<(String, String)>,
}

/// A value that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field's name in the address.
    pub field: String,
    /// What is wrong and what would be right.
    pub sentence: String,
}

/// The parts that the form offers, each with its words.
pub const PARTS: [(&str, &str); 20] = [
    ("payer", "payer"),
    ("payee", "payee"),
    ("buyer", "buyer"),
    ("provider", "provider"),
    ("supplier", "supplier"),
    ("investor", "investor"),
    ("investee", "investee"),
    ("lender", "lender"),
    ("borrower", "borrower"),
    ("acquirer", "acquirer"),
    ("target", "target"),
    ("seller", "seller"),
    ("tenant", "tenant"),
    ("landlord", "landlord"),
    ("owner", "owner"),
    ("developer", "developer"),
    ("operator", "operator"),
    ("partner", "partner"),
    ("issuer", "issuer"),
    ("backer", "backer"),
];

/// Fields that narrow the list, in the order in which an address names them.
const FIELDS: [&str; 11] =
    ["q", "company", "role", "kind", "status", "min_usd", "min_mw", "from", "to", "country", "as_of"];

impl Filter {
    /// Reads the query of an address, as a visitor typed it.
    pub fn parse(query: &str) -> Self {
        let mut filter = Self::read(query);
        if let (Some(from), Some(to)) = (filter.deals.from, filter.deals.to)
            && from > to
        {
            let sentence = format!("The period ends ({}) before it begins ({}).", format::day(to), format::day(from));
            filter.problems.push(Problem { field: "to".to_owned(), sentence });
        }
        filter
    }

    /// Reads a query field by field.
    pub fn read(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            // Postgres stores no NUL, so that no search finds one.
            let value = value.replace('\0', "");
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            if let Err(sentence) = filter.set(&name, value) {
                filter.problems.push(Problem { field: name.to_string(), sentence });
            }
            if FIELDS.contains(&name.as_ref()) {
                filter.typed.push((name.into_owned(), value.to_owned()));
            }
        }
        filter
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let deals = &mut self.deals;
        match name {
            "q" => deals.text = Some(value.to_owned()),
            "company" => self.company = Some(value.to_owned()),
            "role" => deals.part = Some(part(value)?),
            "kind" => push(&mut deals.kinds, word(value, "a kind of deal", "compute, power or build")?),
            "status" => push(&mut deals.statuses, word(value, "a stage", "rumored, announced or signed")?),
            "min_usd" => deals.min_usd = Some(dollars(value)?),
            "min_mw" => deals.min_mw = Some(power(value)?),
            "from" => deals.from = Some(day(value, false)?),
            "to" => deals.to = Some(day(value, true)?),
            "country" => deals.country = Some(country(value)?),
            "as_of" => deals.as_of = Some(moment(value)?),
            "sort" => self.sort = sort(value)?,
            "cursor" => self.cursor = Some(cursor(value)?),
            "measure" => self.megawatts = one_of(value, "dollars", "megawatts", "mw")?,
            "stack" => self.by_certainty = one_of(value, "kind", "certainty", "status")?,
            // Addresses come with all kinds of tags that others hang on them.
            _ => {}
        }
        Ok(())
    }

    /// Whether the list is narrowed at all.
    pub fn is_narrowed(&self) -> bool {
        !self.typed.is_empty()
    }

    /// What was typed into a field; empty where nothing was.
    pub fn typed(&self, field: &str) -> &str {
        self.typed.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
    }

    /// What is wrong with a field.
    pub fn problem(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.sentence.as_str())
    }

    /// The address of the same view with some fields replaced; an empty value takes a field out. The cursor is dropped
    /// unless it is among them.
    pub fn with(&self, changes: &[(&str, &str)]) -> String {
        self.at("/", changes)
    }

    /// The address of the same filter at another path: `/deals.csv`, for example.
    pub fn at(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let replaced = |name: &str| changes.iter().any(|(field, _)| *field == name);
        let mut pairs: Vec<(&str, &str)> = self
            .typed
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(n, _)| !replaced(n))
            .collect();
        if self.sort != Sort::Date && !replaced("sort") {
            pairs.push(("sort", self.sort.into()));
        }
        if self.megawatts && !replaced("measure") {
            pairs.push(("measure", "megawatts"));
        }
        if self.by_certainty && !replaced("stack") {
            pairs.push(("stack", "certainty"));
        }
        pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        super::params::address(path, &pairs)
    }

    /// What is set, each with the address that takes it off.
    pub fn chips(&self) -> Vec<Chip> {
        self.typed
            .iter()
            .enumerate()
            .map(|(at, (name, value))| {
                let mut rest = self.clone();
                rest.typed.remove(at);
                Chip { label: chip_label(name, value), href: rest.with(&[]) }
            })
            .collect()
    }
}

/// Something that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// What it says.
    pub label: String,
    /// The address without it.
    pub href: String,
}

/// A cursor as an address names it.
pub fn cursor_text(cursor: Cursor) -> String {
    let (back, key) = (if cursor.back { BACK } else { "" }, cursor.key.unwrap_or_default().normalize());
    format!("{back}{key}_{}_{}", cursor.day.num_days_from_ce(), cursor.id.simple())
}

/// What the cursor of a page begins with that ends before its deal.
const BACK: &str = "before_";

const BROKEN_CURSOR: &str = "The link to this part of the list is broken; this is its beginning.";

fn chip_label(name: &str, value: &str) -> String {
    match name {
        "q" => format!("“{value}”"),
        "kind" => value.parse::<Kind>().map_or(value.to_owned(), |kind| kind.label().to_owned()),
        "min_usd" => dollars(value).map_or(value.to_owned(), |least| format!("≥ {}", format::usd(least))),
        "min_mw" => power(value).map_or(value.to_owned(), |least| format!("≥ {}", format::megawatts(least))),
        "from" => day(value, false).map_or(value.to_owned(), |day| format!("from {}", format::day(day))),
        "to" => day(value, true).map_or(value.to_owned(), |day| format!("to {}", format::day(day))),
        "country" => places::country_name(&value.to_ascii_uppercase()).to_owned(),
        "role" => format!("as {value}"),
        "as_of" => moment(value).map_or(value.to_owned(), |at| format!("as of {}", format::day(at.date_naive()))),
        _ => value.to_owned(),
    }
}

fn push<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

fn word<T: std::str::FromStr>(value: &str, what: &str, such_as: &str) -> Result<T, String> {
    let wire =
        value.to_lowercase().replace([' ', '-'], "_").replace("rumoured", "rumored").replace("canceled", "cancelled");
    wire.parse().map_err(|_| format!("“{value}” is not {what}; try {such_as}."))
}

fn part(value: &str) -> Result<Part, String> {
    let wire = value.to_lowercase();
    if let Ok(side) = wire.parse::<Direction>() {
        return Ok(Part::Side(side));
    }
    wire.parse::<Role>()
        .map(Part::Role)
        .map_err(|_| format!("“{value}” is not a role; try payer, payee, buyer or investor."))
}

fn one_of(value: &str, off: &str, on: &str, alias: &str) -> Result<bool, String> {
    match value {
        _ if value == on || value == alias => Ok(true),
        _ if value == off => Ok(false),
        _ => Err(format!("“{value}” is not something that the chart can show; try {off} or {on}.")),
    }
}

/// A sum as people type it: `1000000000`, `1bn`, `$1.5 billion`, `500m`, `1,000,000`.
fn dollars(value: &str) -> Result<Decimal, String> {
    let wrong = || format!("“{value}” is not a sum in dollars; try 500m, 1bn or 1000000000.");
    let lower = value.to_lowercase().replace("us$", "").replace("usd", "");
    let plain: String = lower.chars().filter(|letter| !matches!(letter, '$' | ',' | ' ' | '_' | '\u{a0}')).collect();
    let digits = plain.trim_end_matches(|letter: char| letter.is_alphabetic());
    let power = match &plain[digits.len()..] {
        "" => 0,
        "k" | "thousand" => 3,
        "m" | "mn" | "mio" | "million" => 6,
        "b" | "bn" | "billion" => 9,
        "t" | "tn" | "trillion" => 12,
        _ => return Err(wrong()),
    };
    figure(digits).and_then(|sum| sum.checked_mul(Decimal::from(10_i64.pow(power)))).ok_or_else(wrong)
}

/// Power as people type it: `300`, `300 MW`, `1.5 GW`.
fn power(value: &str) -> Result<Decimal, String> {
    let wrong = || format!("“{value}” is not a power figure; try 100, 100 MW or 1.5 GW.");
    let plain: String = value.to_lowercase().chars().filter(|letter| !matches!(letter, ',' | ' ' | '\u{a0}')).collect();
    let (digits, factor) = match (plain.strip_suffix("gw"), plain.strip_suffix("mw")) {
        (Some(digits), _) => (digits, 1000),
        (_, Some(digits)) => (digits, 1),
        _ => (plain.as_str(), 1),
    };
    figure(digits).and_then(|power| power.checked_mul(Decimal::from(factor))).ok_or_else(wrong)
}

fn figure(digits: &str) -> Option<Decimal> {
    digits.parse::<Decimal>().ok().filter(|figure| !figure.is_sign_negative())
}

/// A day, or a month or year, of which a period's end takes the last day.
pub(super) fn day(value: &str, last: bool) -> Result<NaiveDate, String> {
    let wrong = || format!("“{value}” is not a date; try 2025-09-10, 2025-09 or 2025.");
    let mut numbers = value.split('-').map(|part| part.parse::<u32>().ok());
    let parts = (numbers.next().flatten(), numbers.next(), numbers.next(), numbers.next());
    let (Some(year @ 1..=9999), month, in_month, None) = parts else { return Err(wrong()) };
    if value.split('-').next().is_none_or(|year| year.len() != 4) {
        return Err(wrong());
    }
    let year = i32::try_from(year).map_err(|_| wrong())?;
    let month = match month {
        Some(month) => Some(month.ok_or_else(wrong)?),
        None => None,
    };
    let date = match (month, in_month) {
        (Some(month), Some(day)) => NaiveDate::from_ymd_opt(year, month, day.ok_or_else(wrong)?),
        (Some(month), None) if last => NaiveDate::from_ymd_opt(year, month, 1)
            .and_then(|first| first.checked_add_months(chrono::Months::new(1)))
            .and_then(|next| next.pred_opt()),
        (Some(month), None) => NaiveDate::from_ymd_opt(year, month, 1),
        (None, _) if last => NaiveDate::from_ymd_opt(year, 12, 31),
        (None, _) => NaiveDate::from_ymd_opt(year, 1, 1),
    };
    date.ok_or_else(wrong)
}

fn country(value: &str) -> Result<String, String> {
    let code = value.to_ascii_uppercase();
    if code.len() == 2 && code.chars().all(|letter| letter.is_ascii_uppercase()) {
        return Ok(code);
    }
    places::country(value)
        .map(ToOwned::to_owned)
        .ok_or_else(|| format!("“{value}” is not a country that the ledger knows; try US or Norway."))
}

fn sort(value: &str) -> Result<Sort, String> {
    match value {
        "dollars" => Ok(Sort::Usd),
        "megawatts" => Ok(Sort::Mw),
        _ => value
            .parse()
            .map_err(|_| format!("The list cannot be sorted by “{value}”; try date, usd, mw or publishers.")),
    }
}

/// A moment: of a day, month or year its end; or a time of RFC 3339.
pub fn moment(value: &str) -> Result<DateTime<Utc>, String> {
    let wrong = || format!("“{value}” is not a day; try 2025-09-10, 2025-09 or 2025-09-10T12:00:00Z.");
    // In an address a plus stands for a space.
    if let Ok(time) = DateTime::parse_from_rfc3339(&value.replace(' ', "+")) {
        let time = time.to_utc();
        return if (1..=9999).contains(&time.year()) { Ok(time) } else { Err(wrong()) };
    }
    let day = day(value, true).map_err(|_| wrong())?;
    let last = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).ok_or_else(wrong)?;
    Ok(day.and_time(last).and_utc())
}

/// Reads a cursor as an address names it.
pub fn cursor(value: &str) -> Result<Cursor, String> {
    let wrong = || BROKEN_CURSOR.to_owned();
    let (back, value) = value.strip_prefix(BACK).map_or((false, value), |rest| (true, rest));
    let mut parts = value.split('_');
    let mut part = || parts.next().ok_or_else(wrong);
    let (key, day, id) = (part()?, part()?, part()?);
    let day: u32 = day.parse().ok().filter(|day| *day < 1_000_000).ok_or_else(wrong)?;
    Ok(Cursor {
        key: Some(key.parse().map_err(|_| wrong())?),
        day: i32::try_from(day).ok().and_then(NaiveDate::from_num_days_from_ce_opt).ok_or_else(wrong)?,
        id: Uuid::parse_str(id).map_err(|_| wrong())?,
        back,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Status;

    #[test]
    fn an_address_says_what_is_wanted() {
        let filter = Filter::parse(
            "q=nuclear&kind=power&kind=build&status=signed&min_usd=1bn&min_mw=1.5+GW&from=2025-03&to=2025",
        );
        assert!(filter.problems.is_empty(), "{:?}", filter.problems);
        assert_eq!(filter.deals.kinds, [Kind::Power, Kind::Build]);
        assert_eq!(filter.deals.statuses, [Status::Signed]);
        assert_eq!(filter.deals.min_usd, Some(Decimal::from(1_000_000_000)));
        assert_eq!(filter.deals.min_mw, Some(Decimal::from(1500)));
        assert_eq!(filter.deals.from, NaiveDate::from_ymd_opt(2025, 3, 1));
        assert_eq!(filter.deals.to, NaiveDate::from_ymd_opt(2025, 12, 31));
    }

    #[test]
    fn sums_are_read_as_people_type_them() {
        for (typed, sum) in
            [("1000000000", 1_000_000_000_i64), ("$1.5 billion", 1_500_000_000), ("500m", 500_000_000), ("1,000", 1000)]
        {
            assert_eq!(dollars(typed), Ok(Decimal::from(sum)), "{typed}");
        }
        for typed in ["much", "-5", "1zz", "bn", "1e40t"] {
            assert!(dollars(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_read_is_named_and_kept() {
        let filter = Filter::parse("min_usd=lots&kind=rockets&from=2025-02-30");
        let fields: Vec<&str> = filter.problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["min_usd", "kind", "from"]);
        assert_eq!(filter.typed("min_usd"), "lots");
        assert_eq!(filter.deals, DealFilter::default());
    }

    #[test]
    fn a_period_that_ends_before_it_begins_is_told() {
        assert!(Filter::parse("from=2025-05&to=2025-03").problem("to").is_some());
    }

    #[test]
    fn a_chip_takes_off_what_it_says() {
        let filter = Filter::parse(
            "kind=power&kind=build&min_usd=1bn&stack=certainty&cursor=0_739000_00000000000000000000000000000007",
        );
        let chips = filter.chips();
        assert_eq!(
            chips[0],
            Chip { label: "power".to_owned(), href: "/?kind=build&min_usd=1bn&stack=certainty".to_owned() }
        );
        assert_eq!(chips[2].label, "≥ $1B");
    }

    #[test]
    fn a_cursor_survives_the_address() {
        let after = Cursor {
            key: Some(Decimal::ZERO),
            ..Cursor::after(NaiveDate::from_ymd_opt(2025, 9, 10).expect("a date"), Uuid::from_u128(7))
        };
        let before = Cursor { key: Some(Decimal::NEGATIVE_ONE), back: true, ..after };
        for (sort, cursor) in [("date", after), ("usd", before)] {
            let href = Filter::default().with(&[("sort", sort), ("cursor", &cursor_text(cursor))]);
            let read = Filter::parse(href.trim_start_matches("/?"));
            assert_eq!((read.cursor, read.problems), (Some(cursor), vec![]));
        }
    }

    #[test]
    fn a_past_day_is_meant_whole() {
        assert_eq!(moment("2025-09-10").map(|at| at.to_rfc3339()).as_deref(), Ok("2025-09-10T23:59:59.999999+00:00"));
        assert_eq!(
            moment("2025-09-10T12:00:00 02:00").map(|at| at.to_rfc3339()).as_deref(),
            Ok("2025-09-10T10:00:00+00:00")
        );
        assert!(moment("soon").is_err());
    }

    proptest! {
        #[test]
        fn no_query_breaks_the_reader_and_its_address_reads_the_same(query in "[a-z_]{0,8}=[ -~é€]{0,20}(&(kind|from|to|min_usd|min_mw|q|cursor|sort|as_of)=[ -~]{0,12}){0,4}") {
            let filter = Filter::parse(&query);
            let again = Filter::parse(filter.with(&[]).trim_start_matches('/').trim_start_matches('?'));
            prop_assert_eq!((again.deals, again.sort), (filter.deals, filter.sort));
        }
    }
}
