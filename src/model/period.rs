use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// How often a digest comes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Cadence {
    /// Once a week, of a calendar week.
    Weekly,
    /// Once a day, of a day.
    Daily,
    /// As soon as something changes.
    Instant,
}

/// A stretch of time that an issue tells of, from one moment up to another that is not part of it. Weeks are those of
/// ISO 8601, and both weeks and days are those of UTC, so that an issue is the same for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// What it is for.
    pub cadence: Cadence,
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub until: DateTime<Utc>,
}

/// How the end of an instant issue is written in its name.
const MOMENT: &str = "%Y-%m-%dT%H-%MZ";

impl Period {
    /// The week that begins on this Monday, or in which this day lies.
    pub fn week_of(day: NaiveDate) -> Self {
        let monday = day.week(Weekday::Mon).checked_first_day().unwrap_or(day);
        Self::days(Cadence::Weekly, monday, 7)
    }

    /// A day.
    pub fn day(day: NaiveDate) -> Self {
        Self::days(Cadence::Daily, day, 1)
    }

    fn days(cadence: Cadence, first: NaiveDate, days: u64) -> Self {
        let from = midnight(first);
        Self { cadence, from, until: first.checked_add_days(Days::new(days)).map_or(from, midnight) }
    }

    /// The last week or day that is over at `now`; `None` for what comes at once.
    pub fn last_closed(cadence: Cadence, now: DateTime<Utc>) -> Option<Self> {
        let today = now.date_naive();
        match cadence {
            Cadence::Weekly => Some(Self::week_of(today.checked_sub_days(Days::new(7))?)),
            Cadence::Daily => Some(Self::day(today.pred_opt()?)),
            Cadence::Instant => None,
        }
    }

    /// The period of the same length before it.
    #[must_use]
    pub fn before(self) -> Self {
        Self { from: self.from - (self.until - self.from), until: self.from, ..self }
    }

    /// Whether a moment lies in it.
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// Its first day.
    pub fn first_day(&self) -> NaiveDate {
        self.from.date_naive()
    }

    /// Its last day.
    pub fn last_day(&self) -> NaiveDate {
        (self.until - TimeDelta::nanoseconds(1)).date_naive()
    }

    /// What its address calls it: `2026-W20`, `2026-05-14`, `2026-05-14T09-30Z`.
    pub fn name(&self) -> String {
        match self.cadence {
            Cadence::Weekly => {
                let week = self.first_day().iso_week();
                format!("{}-W{:02}", week.year(), week.week())
            }
            Cadence::Daily => self.first_day().to_string(),
            Cadence::Instant => self.until.format(MOMENT).to_string(),
        }
    }

    /// What readers call it: `week 20 of 2026`, `14 May 2026`.
    pub fn title(&self) -> String {
        match self.cadence {
            Cadence::Weekly => {
                let week = self.first_day().iso_week();
                format!("week {} of {}", week.week(), week.year())
            }
            Cadence::Daily => self.first_day().format("%-d %b %Y").to_string(),
            Cadence::Instant => self.until.format("%-d %b %Y, %H:%M UTC").to_string(),
        }
    }

    /// Its days in words: `11 to 17 May 2026`.
    pub fn days_in_words(&self) -> String {
        let (first, last) = (self.first_day(), self.last_day());
        let from = match (first.year() == last.year(), first.month() == last.month()) {
            _ if first == last => return last.format("%-d %b %Y").to_string(),
            (true, true) => first.format("%-d"),
            (true, false) => first.format("%-d %b"),
            (false, _) => first.format("%-d %b %Y"),
        };
        format!("{from} to {}", last.format("%-d %b %Y"))
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Reads the name of a week or a day; that of an instant issue says only where it ends.
impl FromStr for Period {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let wrong = || format!("“{name}” is neither a week such as 2026-W20 nor a day such as 2026-05-14");
        if let Some((year, week)) = name.split_once("-W") {
            let (Ok(year), Ok(week)) = (year.parse(), week.parse()) else { return Err(wrong()) };
            let monday = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon).filter(|_| (1901..=9999).contains(&year));
            return monday.map(Self::week_of).ok_or_else(wrong);
        }
        if let Ok(end) = NaiveDateTime::parse_from_str(name, MOMENT) {
            return Ok(Self { cadence: Cadence::Instant, from: end.and_utc(), until: end.and_utc() });
        }
        name.parse().ok().filter(|day: &NaiveDate| (1900..=9999).contains(&day.year())).map(Self::day).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_week_is_one_of_iso_8601() {
        let week: Period = "2026-W20".parse().unwrap();
        assert_eq!((week.from, week.until), (at("2026-05-11T00:00:00Z"), at("2026-05-18T00:00:00Z")));
        assert_eq!((week.days_in_words().as_str(), week.title().as_str()), ("11 to 17 May 2026", "week 20 of 2026"));
        // The year of a week is not always that of its days.
        assert_eq!(Period::week_of("2027-01-01".parse().unwrap()).name(), "2026-W53");
        assert_eq!("2026-W53".parse::<Period>().unwrap().days_in_words(), "28 Dec 2026 to 3 Jan 2027");
        for wrong in ["2027-W53", "2026-W00", "2026", "week 20", "2026-13-01", "-W20", "12026-W20"] {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_closed_week_is_over() {
        let last = |now: &str| Period::last_closed(Cadence::Weekly, at(now)).unwrap().name();
        assert_eq!(last("2026-05-17T23:59:59Z"), "2026-W19");
        assert_eq!(last("2026-05-18T00:00:00Z"), "2026-W20");
        assert_eq!(Period::last_closed(Cadence::Daily, at("2026-05-18T00:00:00Z")).unwrap().name(), "2026-05-17");
    }

    proptest! {
        #[test]
        fn a_name_is_read_as_it_is_written(day in 0_u64..80_000) {
            let day = NaiveDate::from_ymd_opt(1901, 1, 1).unwrap().checked_add_days(Days::new(day)).unwrap();
            for period in [Period::week_of(day), Period::day(day)] {
                prop_assert_eq!(period.name().parse::<Period>(), Ok(period));
                prop_assert!(period.contains(midnight(day)) && !period.contains(period.until));
                prop_assert_eq!(period.before().until, period.from);
            }
        }
    }
}
