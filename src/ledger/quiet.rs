//! Promises that nobody has spoken of for long.

use chrono::{Days, NaiveDate};

use crate::model::{Deal, Status};

/// After how many days without news an open promise has gone quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// With a rumour.
    pub rumour_days: u32,
    /// With an announcement.
    pub announcement_days: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { rumour_days: 90, announcement_days: 365 }
    }
}

impl Patience {
    /// The last day of news on which a deal at this stage has gone quiet by `today`; `None` for stages that are no open
    /// promise: what is signed is heard of when it is done, and what is done or cancelled needs no news.
    pub fn quiet_before(self, status: Status, today: NaiveDate) -> Option<NaiveDate> {
        let days = match status {
            Status::Rumored => self.rumour_days,
            Status::Announced => self.announcement_days,
            Status::Signed | Status::Completed | Status::Cancelled => return None,
        };
        today.checked_sub_days(Days::new(u64::from(days)))
    }
}

/// Since when nobody has spoken of an open promise: the day of its last news, where that is long enough ago by `today`.
/// Asked when a page is made, and never stored: the answer changes without any news.
pub fn quiet_since(deal: &Deal, today: NaiveDate, patience: Patience) -> Option<NaiveDate> {
    let last = deal.last_news.unwrap_or_else(|| deal.first_seen.date_naive());
    let before = patience.quiet_before(deal.status, today)?;
    (last <= before).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::{
            convert::Rates,
            derive::derive,
            sample::{at, claim, registry},
        },
        model::{Kind, Role},
    };

    fn quiet(day: &str, status: Status, today: &str) -> Option<NaiveDate> {
        let parties = [("Corvid AI", Role::Buyer), ("AWS", Role::Provider)];
        let deal = derive(&[at(claim(1, day, Kind::Compute, &parties), status)], &registry(), &Rates::default());
        quiet_since(&deal.unwrap(), today.parse().unwrap(), Patience::default())
    }

    #[test]
    fn a_rumour_goes_quiet_after_ninety_days_and_an_announcement_after_a_year() {
        let told = "2026-01-01";
        assert_eq!(quiet(told, Status::Rumored, "2026-03-31"), None);
        assert_eq!(quiet(told, Status::Rumored, "2026-04-01"), told.parse().ok());
        assert_eq!(quiet(told, Status::Announced, "2026-12-31"), None);
        assert_eq!(quiet(told, Status::Announced, "2027-01-01"), told.parse().ok());
        for done in [Status::Signed, Status::Completed, Status::Cancelled] {
            assert_eq!(quiet(told, done, "2036-01-01"), None);
        }
    }
}
