//! When a source is asked next. Pure: the time is passed in.

use chrono::{DateTime, Duration, Utc};

use super::date::parse_date;

/// How long a failing source is left alone at most.
const LONGEST: Duration = Duration::days(1);

/// What asking a source came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something was read.
    Read,
    /// Nothing has changed since the last time.
    Unchanged,
    /// It could not be reached or read.
    Failed,
    /// The host says that it is gone for good (410).
    Gone,
}

impl Outcome {
    /// Whether the source is not to be asked again until an editor says so.
    pub fn retires(self) -> bool {
        self == Outcome::Gone
    }
}

/// What a host asks of those that it turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// To wait for so long.
    Wait(Duration),
    /// To wait until then.
    Until(DateTime<Utc>),
}

impl RetryAfter {
    /// Reads the value of a `Retry-After` header: seconds, or an HTTP date.
    pub fn parse(value: &str) -> Option<RetryAfter> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // A number past all measure means as long as we ever wait, which is less than a year.
            let seconds = value.parse().unwrap_or(i64::MAX).min(365 * 86_400);
            return Some(RetryAfter::Wait(Duration::seconds(seconds)));
        }
        parse_date(value).map(RetryAfter::Until)
    }

    /// The moment until which to wait.
    pub fn moment(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            RetryAfter::Wait(wait) => now + wait,
            RetryAfter::Until(moment) => moment,
        }
    }
}

/// When a source is due again.
///
/// After success, one `interval` from now. After failure the interval doubles with every failure in a row (`failures`
/// counts this one), up to a day, or the interval where that is longer. A host that says when to come back is not asked
/// before, nor believed beyond a week. A source that is gone is not due at all ([`Outcome::retires`]); the date is when
/// to look again should someone revive it.
pub fn next_due(
    now: DateTime<Utc>,
    interval: Duration,
    outcome: Outcome,
    failures: u32,
    retry_after: Option<RetryAfter>,
) -> DateTime<Utc> {
    let interval = interval.max(Duration::minutes(1));
    let wait = match outcome {
        Outcome::Read | Outcome::Unchanged => interval,
        Outcome::Failed => {
            let factor = 1 << failures.saturating_sub(1).min(16);
            interval.checked_mul(factor).unwrap_or(LONGEST).min(LONGEST.max(interval))
        }
        Outcome::Gone => LONGEST.max(interval),
    };
    let asked = retry_after.map(|retry| retry.moment(now).min(now + Duration::days(7)));
    asked.map_or(now + wait, |asked| asked.max(now + wait))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, TimeZone, Utc};

    use super::{Outcome, RetryAfter, next_due};

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 4, 5, 6, 7).unwrap()
    }

    fn minutes(outcome: Outcome, failures: u32, retry: Option<RetryAfter>) -> i64 {
        (next_due(now(), Duration::minutes(30), outcome, failures, retry) - now()).num_minutes()
    }

    #[test]
    fn a_healthy_source_is_due_after_its_interval() {
        assert_eq!(minutes(Outcome::Read, 0, None), 30);
        assert_eq!(minutes(Outcome::Unchanged, 0, None), 30);
    }

    #[test]
    fn failures_double_the_wait_up_to_a_day() {
        let waits: Vec<i64> = [1, 2, 3, 6, 7, 4_000_000_000].map(|n| minutes(Outcome::Failed, n, None)).to_vec();
        assert_eq!(waits, [30, 60, 120, 960, 1440, 1440]);
        let slow = next_due(now(), Duration::days(3), Outcome::Failed, 5, None);
        assert_eq!(slow - now(), Duration::days(3));
    }

    #[test]
    fn a_host_that_says_when_to_come_back_is_heeded_within_reason() {
        let retry = |value| RetryAfter::parse(value);
        assert_eq!(minutes(Outcome::Failed, 1, retry("7200")), 120);
        assert_eq!(minutes(Outcome::Failed, 1, retry("60")), 30);
        assert_eq!(minutes(Outcome::Failed, 1, retry("Wed, 04 Mar 2026 09:06:07 GMT")), 240);
        assert_eq!(minutes(Outcome::Failed, 1, retry("99999999999999999999")), 7 * 1440);
        assert_eq!(retry("soon"), None);
    }

    #[test]
    fn what_is_gone_retires() {
        assert!(Outcome::Gone.retires());
        assert!(!Outcome::Failed.retires());
        assert_eq!(minutes(Outcome::Gone, 1, None), 1440);
    }
}
