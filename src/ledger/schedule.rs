//! When a digest is due.
//!
//! A weekly or daily issue comes at the hour that a subscriber chose, in the subscriber's time zone; where the week or day
//! that it tells of is not over by then (it ends at midnight UTC, which is Monday's noon in Auckland), as soon as it is.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Utc};

use crate::model::{Cadence, Period, Preferences};

/// When the next issue is due, strictly after a moment; `None` for what comes at once.
pub fn next_due(wanted: &Preferences, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = after.with_timezone(&wanted.zone).date_naive();
    // A day early: the last one that was due may have been put off.
    days(today.checked_sub_days(Days::new(1))?, 10)
        .filter_map(|day| due_on(*wanted, day))
        .map(|(due, _)| due)
        .find(|due| *due > after)
}

/// When the last issue was due, at or before a moment, and what it tells of; `None` for what comes at once.
pub fn last_due(wanted: &Preferences, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Period)> {
    let today = now.with_timezone(&wanted.zone).date_naive();
    days(today.checked_sub_days(Days::new(9))?, 11)
        .filter_map(|day| due_on(*wanted, day))
        .take_while(|(due, _)| *due <= now)
        .last()
}

fn days(first: NaiveDate, number: usize) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take(number)
}

/// When an issue is due that comes on a day of the subscriber's calendar, and what it tells of: the week or day before that in
/// which the day lies, so that every issue follows on the one before, whatever clocks do.
fn due_on(wanted: Preferences, day: NaiveDate) -> Option<(DateTime<Utc>, Period)> {
    let period = match wanted.cadence {
        Cadence::Weekly if day.weekday().number_from_monday() != u32::from(wanted.weekday) => return None,
        Cadence::Weekly => Period::week_of(day).before(),
        Cadence::Daily => Period::day(day).before(),
        Cadence::Instant => return None,
    };
    let wall = day.and_hms_opt(u32::from(wanted.hour), 0, 0)?;
    // An hour that clocks skip is the one after; one that they show twice is the first. No zone skips more than a day.
    let moment = (0..=96)
        .find_map(|quarters| wanted.zone.from_local_datetime(&(wall + TimeDelta::minutes(15 * quarters))).earliest())?;
    Some((moment.with_timezone(&Utc).max(period.until), period))
}

#[cfg(test)]
mod tests {
    use chrono::Timelike;
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn weekly(zone: Tz, weekday: u8, hour: u8) -> Preferences {
        Preferences { weekday, hour, zone, ..Preferences::default() }
    }

    #[test]
    fn it_comes_at_the_same_hour_of_the_wall_before_and_after_clocks_change() {
        let berlin = weekly(Tz::Europe__Berlin, 1, 7);
        // Clocks went forward on 29 March 2026.
        assert_eq!(next_due(&berlin, at("2026-03-20T00:00:00Z")), Some(at("2026-03-23T06:00:00Z")));
        assert_eq!(next_due(&berlin, at("2026-03-23T06:00:00Z")), Some(at("2026-03-30T05:00:00Z")));
        let sundays = weekly(Tz::Europe__Berlin, 7, 2);
        // There was no two o'clock on that Sunday, and two of them on 25 October.
        assert_eq!(next_due(&sundays, at("2026-03-28T00:00:00Z")), Some(at("2026-03-29T01:00:00Z")));
        assert_eq!(next_due(&sundays, at("2026-10-24T00:00:00Z")), Some(at("2026-10-25T00:00:00Z")));
        assert_eq!(next_due(&sundays, at("2026-10-25T00:00:00Z")), Some(at("2026-11-01T01:00:00Z")));
    }

    #[test]
    fn an_issue_waits_for_its_week_to_end() {
        let tokyo = weekly(Tz::Asia__Tokyo, 1, 7);
        let due = at("2026-05-18T00:00:00Z");
        assert_eq!(next_due(&tokyo, at("2026-05-17T12:00:00Z")), Some(due));
        assert_eq!(last_due(&tokyo, due).map(|(at, week)| (at, week.name())), Some((due, "2026-W20".to_owned())));
        let tuesday = weekly(Tz::Asia__Tokyo, 2, 7);
        assert_eq!(next_due(&tuesday, due), Some(at("2026-05-18T22:00:00Z")));
    }

    #[test]
    fn the_issue_that_was_missed_is_the_last_one_due() {
        let thursday = weekly(Tz::America__New_York, 4, 7);
        let (due, week) = last_due(&thursday, at("2026-05-26T12:00:00Z")).unwrap();
        assert_eq!((due, week.name().as_str()), (at("2026-05-21T11:00:00Z"), "2026-W20"));
        let daily = Preferences { cadence: Cadence::Daily, ..thursday };
        assert_eq!(last_due(&daily, at("2026-05-26T12:00:00Z")).unwrap().1.name(), "2026-05-25");
        assert_eq!(next_due(&Preferences { cadence: Cadence::Instant, ..thursday }, due), None);
    }

    proptest! {
        #[test]
        fn every_week_has_one_issue_that_is_over_when_it_comes(
            zone in 0..chrono_tz::TZ_VARIANTS.len(), weekday in 1_u8..=7, hour in 0_u8..24, start in 0_i64..100_000_000
        ) {
            let wanted = weekly(chrono_tz::TZ_VARIANTS[zone], weekday, hour);
            let mut moment = at("2024-01-01T00:00:00Z") + TimeDelta::seconds(start);
            let mut seen = Vec::new();
            for _ in 0..60 {
                let due = next_due(&wanted, moment).unwrap();
                let (last, period) = last_due(&wanted, due).unwrap();
                prop_assert_eq!(last, due);
                prop_assert!(period.until <= due && due - period.until < TimeDelta::days(8));
                prop_assert!(due > moment && due.minute().is_multiple_of(15));
                seen.push(period.from);
                moment = due;
            }
            let apart = seen.windows(2).all(|pair| pair[1] - pair[0] == TimeDelta::days(7));
            prop_assert!(apart, "{:?} {:?}", wanted, seen);
        }
    }
}
