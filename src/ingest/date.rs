//! Dates as feeds and pages write them. Pure.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use regex::{Captures, Regex};

/// Reads a date of any of the kinds that are found in the wild: RFC 3339 and its ISO 8601 relatives down to a bare
/// year, RFC 822 and 2822, what `asctime` prints, `March 4, 2026`, `03/04/2026` (read the American way, where it can
/// be), `04.03.2026`, seconds or milliseconds since 1970. Without a zone it is UTC, without a time midnight; a time that
/// cannot be read costs itself only.
///
/// ```
/// use wattline::ingest::date::parse_date;
/// assert_eq!(parse_date("4 March 2026"), parse_date("2026-03-04T00:00:00Z"));
/// assert_eq!(parse_date("soon"), None);
/// ```
pub fn parse_date(stated: &str) -> Option<DateTime<Utc>> {
    let text = stated.trim();
    if text.len() > 100 {
        return None;
    }
    iso(text)
        .or_else(|| epoch(text))
        .or_else(|| written_out(text))
        .or_else(|| slashes(text))
        .or_else(|| dots(text))
        .or_else(|| iso_day(text))
}

/// The date that an article states of itself, where it states one.
///
/// # Errors
/// One sentence for a date that cannot be read: the article is undated then.
pub fn stated_date(stated: Option<&str>) -> Result<Option<DateTime<Utc>>, String> {
    let Some(text) = stated else { return Ok(None) };
    parse_date(text).map(Some).ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        format!("the date `{shown}` cannot be read; the article is taken as undated")
    })
}

/// A date that can be true of news read at `now`: not before 1990, not more than a day ahead (clocks and zones differ).
/// `None` for a date that cannot be, which then counts as not stated.
pub fn sensible_date(stated: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let earliest = Utc.with_ymd_and_hms(1990, 1, 1, 0, 0, 0).single()?;
    stated.filter(|date| *date >= earliest && *date <= now + Duration::days(1))
}

static ISO: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)^ (\d{4}) (?: -? (\d{2}) (?: -? (\d{2}) )? )?
          (?: (?: T | \s+ ) (\d{1,2}) :? (\d{2}) (?: :? (\d{2}) (?: [.,]\d+ )? )? \s* (.*) )? $",
    )
});
static DAY_FIRST: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\b(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2})\b"));
static MONTH_FIRST: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\b([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b"));
static ASCTIME: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\b([a-z]{3})\s+(\d{1,2})\s+\d{1,2}:\d{2}:\d{2}\s+(?:[a-z]{1,5}\s+)?(\d{4})\b"));
static CLOCK: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap]\.?m\b\.?)?\s*([a-z]{1,5}\b|[+-]\d{1,2}:?\d{2})?")
});
static SLASHES: LazyLock<Regex> = LazyLock::new(|| regex(r"^(\d{1,2})/(\d{1,2})/(\d{4})\b"));
static SLASHED_ISO: LazyLock<Regex> = LazyLock::new(|| regex(r"^(\d{4})/(\d{1,2})/(\d{1,2})\b"));
static DOTS: LazyLock<Regex> = LazyLock::new(|| regex(r"^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b"));
static ISO_DAY: LazyLock<Regex> = LazyLock::new(|| regex(r"^(\d{4})-(\d{2})-(\d{2})(?:\D|$)"));
static EPOCH: LazyLock<Regex> = LazyLock::new(|| regex(r"^(\d{9,10})(\d{3})?(?:\.\d*)?$"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

fn iso(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return Some(exact.to_utc());
    }
    let found = ISO.captures(text)?;
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(number(&found, 1)?).ok()?,
        number(&found, 2).unwrap_or(1),
        number(&found, 3).unwrap_or(1),
    )?;
    let zone = found.get(7).map_or(Some(0), |zone| offset(zone.as_str()))?;
    at(date, number(&found, 4).unwrap_or(0), number(&found, 5).unwrap_or(0), number(&found, 6).unwrap_or(0), zone)
}

fn written_out(text: &str) -> Option<DateTime<Utc>> {
    let (year, name, day) = if let Some(found) = ASCTIME.captures(text) {
        (number(&found, 3)?, found[1].to_owned(), number(&found, 2)?)
    } else if let Some(found) = DAY_FIRST.captures(text) {
        (number(&found, 3)?, found[2].to_owned(), number(&found, 1)?)
    } else {
        let found = MONTH_FIRST.captures(text)?;
        (number(&found, 3)?, found[1].to_owned(), number(&found, 2)?)
    };
    // RFC 822 had years of two digits.
    let year = match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        _ => year,
    };
    with_clock(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month(&name)?, day)?, text)
}

fn slashes(text: &str) -> Option<DateTime<Utc>> {
    if let Some(found) = SLASHED_ISO.captures(text) {
        let year = i32::try_from(number(&found, 1)?).ok()?;
        return with_clock(NaiveDate::from_ymd_opt(year, number(&found, 2)?, number(&found, 3)?)?, text);
    }
    let found = SLASHES.captures(text)?;
    let (first, second, year) = (number(&found, 1)?, number(&found, 2)?, i32::try_from(number(&found, 3)?).ok()?);
    let date = NaiveDate::from_ymd_opt(year, first, second).or_else(|| NaiveDate::from_ymd_opt(year, second, first))?;
    with_clock(date, text)
}

fn dots(text: &str) -> Option<DateTime<Utc>> {
    let found = DOTS.captures(text)?;
    let year = i32::try_from(number(&found, 3)?).ok()?;
    with_clock(NaiveDate::from_ymd_opt(year, number(&found, 2)?, number(&found, 1)?)?, text)
}

/// A day with anything behind it.
fn iso_day(text: &str) -> Option<DateTime<Utc>> {
    let found = ISO_DAY.captures(text)?;
    let year = i32::try_from(number(&found, 1)?).ok()?;
    at(NaiveDate::from_ymd_opt(year, number(&found, 2)?, number(&found, 3)?)?, 0, 0, 0, 0)
}

/// Seconds since 1970, or milliseconds.
fn epoch(text: &str) -> Option<DateTime<Utc>> {
    let found = EPOCH.captures(text)?;
    DateTime::from_timestamp(found[1].parse().ok()?, 0)
}

/// The date with the time of day that stands beside it; midnight where there is none.
fn with_clock(date: NaiveDate, text: &str) -> Option<DateTime<Utc>> {
    let Some(found) = CLOCK.captures(text) else { return at(date, 0, 0, 0, 0) };
    let mut hour = number(&found, 1)?;
    match found.get(4).map(|half| half.as_str().to_ascii_lowercase()) {
        Some(half) if half.starts_with('p') && hour < 12 => hour += 12,
        Some(half) if half.starts_with('a') && hour == 12 => hour = 0,
        _ => {}
    }
    let zone = found.get(5).and_then(|zone| offset(zone.as_str())).unwrap_or(0);
    at(date, hour, number(&found, 2)?, number(&found, 3).unwrap_or(0), zone)
}

fn number(found: &Captures<'_>, group: usize) -> Option<u32> {
    found.get(group)?.as_str().parse().ok()
}

/// A moment from its parts; midnight may be written as 24:00, and a leap second counts as the one before.
fn at(date: NaiveDate, hour: u32, minute: u32, second: u32, zone_minutes: i64) -> Option<DateTime<Utc>> {
    let (date, hour) = if hour == 24 { (date.succ_opt()?, 0) } else { (date, hour) };
    let local = date.and_hms_opt(hour, minute, second.min(59))?;
    local.checked_sub_signed(Duration::minutes(zone_minutes)).map(|time| time.and_utc())
}

/// Minutes east of Greenwich. `None` for what is no zone.
fn offset(zone: &str) -> Option<i64> {
    let zone = zone.trim().to_ascii_uppercase();
    if let Some(sign) = zone.chars().next().filter(|c| matches!(c, '+' | '-')) {
        let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
        let value: i64 = digits.parse().ok()?;
        let minutes = match digits.len() {
            1 | 2 => value * 60,
            3 | 4 => value / 100 * 60 + value % 100,
            _ => return None,
        };
        return (minutes <= 14 * 60).then_some(if sign == '-' { -minutes } else { minutes });
    }
    let hours = match zone.as_str() {
        "" | "Z" | "UT" | "UTC" | "GMT" | "WET" => 0,
        "EDT" => -4,
        // "ET" is off by an hour in summer, which no reader of news minds.
        "EST" | "CDT" | "ET" => -5,
        "CST" | "MDT" | "CT" => -6,
        "MST" | "PDT" | "MT" => -7,
        "PST" | "PT" => -8,
        "BST" | "WEST" | "CET" | "MEZ" => 1,
        "CEST" | "MESZ" | "EET" => 2,
        "EEST" | "MSK" => 3,
        "IST" => return Some(5 * 60 + 30),
        "SGT" | "HKT" | "AWST" => 8,
        "JST" | "KST" => 9,
        "AEST" => 10,
        "AEDT" => 11,
        "NZST" => 12,
        _ => return None,
    };
    Some(hours * 60)
}

fn month(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = name.to_ascii_lowercase();
    MONTHS.iter().position(|month| name.starts_with(month)).and_then(|index| u32::try_from(index + 1).ok())
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone, Utc};

    use super::{parse_date, sensible_date, stated_date};

    #[test]
    fn dates_of_every_kind_are_read() {
        for (stated, expected) in [
            ("2026-03-04T05:06:07Z", "2026-03-04T05:06:07+00:00"),
            ("2026-03-04T05:06:07.123+02:00", "2026-03-04T03:06:07.123+00:00"),
            ("2026-03-04T05:06:07+0200", "2026-03-04T03:06:07+00:00"),
            ("2026-03-04 05:06", "2026-03-04T05:06:00+00:00"),
            ("2026-03-04 05:06:07 EST", "2026-03-04T10:06:07+00:00"),
            ("20260304T050607Z", "2026-03-04T05:06:07+00:00"),
            ("2026-03-04", "2026-03-04T00:00:00+00:00"),
            ("2026-03", "2026-03-01T00:00:00+00:00"),
            ("2026", "2026-01-01T00:00:00+00:00"),
            ("Wed, 04 Mar 2026 05:06:07 GMT", "2026-03-04T05:06:07+00:00"),
            ("Thurs, 4 March 26 5:06 PDT", "2026-03-04T12:06:00+00:00"),
            ("Mer, 04 Mar 2026 05:06:07 -0500", "2026-03-04T10:06:07+00:00"),
            ("04-Mar-2026 24:00:00", "2026-03-05T00:00:00+00:00"),
            ("Wed Mar  4 05:06:07 2026", "2026-03-04T05:06:07+00:00"),
            ("Wed Mar 4 05:06:07 EST 2026", "2026-03-04T10:06:07+00:00"),
            ("March 4, 2026 5:06 p.m. ET", "2026-03-04T22:06:00+00:00"),
            ("Posted on Sept. 4th, 2026", "2026-09-04T00:00:00+00:00"),
            ("3/4/2026 17:06", "2026-03-04T17:06:00+00:00"),
            ("23/4/2026", "2026-04-23T00:00:00+00:00"),
            ("2026/3/4", "2026-03-04T00:00:00+00:00"),
            ("2026/03/04", "2026-03-04T00:00:00+00:00"),
            ("March 4, 2026", "2026-03-04T00:00:00+00:00"),
            ("4 March 2026", "2026-03-04T00:00:00+00:00"),
            ("04.03.2026", "2026-03-04T00:00:00+00:00"),
            ("4. 3. 2026 17:06", "2026-03-04T17:06:00+00:00"),
            ("20260304", "2026-03-04T00:00:00+00:00"),
            ("2026-03-04 05:06:07", "2026-03-04T05:06:07+00:00"),
            ("2026-03-04T05:06:07", "2026-03-04T05:06:07+00:00"),
            ("2026-03-04T05:06:07 Europe/Berlin", "2026-03-04T00:00:00+00:00"),
            ("1772600767", "2026-03-04T05:06:07+00:00"),
            ("1772600767.25", "2026-03-04T05:06:07+00:00"),
            ("1772600767250", "2026-03-04T05:06:07+00:00"),
        ] {
            assert_eq!(parse_date(stated).map(|date| date.to_rfc3339()).as_deref(), Some(expected), "{stated}");
        }
        for nonsense in [
            "",
            "yesterday",
            "2026-13-45",
            "99/99/2026",
            "Wed, 42 Mar 2026",
            "0000-00-00T00:00:00",
            "31.02.2026",
            "2026-03-041",
        ] {
            assert_eq!(parse_date(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_date_that_cannot_be_read_is_told() {
        assert_eq!(stated_date(None), Ok(None));
        assert_eq!(stated_date(Some("2026-03-04")), Ok(parse_date("2026-03-04")));
        let complaint = "the date `rubbish` cannot be read; the article is taken as undated";
        assert_eq!(stated_date(Some("rubbish")), Err(complaint.to_owned()));
    }

    #[test]
    fn an_absurd_date_counts_as_none() {
        let now = Utc.with_ymd_and_hms(2026, 6, 1, 12, 0, 0).unwrap();
        let ahead = |hours| Some(now + Duration::hours(hours));
        assert_eq!(sensible_date(ahead(20), now), ahead(20));
        assert_eq!(sensible_date(ahead(25), now), None);
        assert_eq!(sensible_date(Utc.with_ymd_and_hms(2099, 1, 1, 0, 0, 0).single(), now), None);
        assert_eq!(sensible_date(Utc.timestamp_opt(0, 0).single(), now), None);
        assert_eq!(sensible_date(None, now), None);
    }
}
