//! The past as it was known.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::{convert::Rates, derive::derive};
use crate::model::{Deal, Registry, SourcedClaim};

/// News that was older than this when it was read comes from a backfill: an archive, a file of old articles, a feed that
/// was not watched. It counts from the day on which it happened; all other news counts from when it was written down.
pub const BACKFILL: TimeDelta = TimeDelta::days(7);

/// A state in which a deal was.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// From this day on.
    pub from: NaiveDate,
    /// The claim that brought it there.
    pub claim: Uuid,
    /// The record.
    pub deal: Deal,
}

/// Whether a claim that is read at `now` comes from a backfill.
pub fn is_backfill(claim: &SourcedClaim, now: DateTime<Utc>) -> bool {
    now - claim.published > BACKFILL
}

/// The states that a backfill adds to a deal's past: one a day on which a claim appeared, from the first of the `fresh`
/// claims on, by what was known up to that day. The present state, by all claims, is not among them; where no fresh claim
/// comes from a backfill, none is.
pub fn past(
    claims: &[SourcedClaim],
    fresh: &HashSet<Uuid>,
    now: DateTime<Utc>,
    registry: &Registry,
    rates: &Rates,
) -> Vec<Past> {
    let day = |claim: &SourcedClaim| claim.published.date_naive();
    let fresh = claims.iter().filter(|claim| fresh.contains(&claim.id) && is_backfill(claim, now));
    let Some(first) = fresh.map(day).min() else { return Vec::new() };
    let days: BTreeSet<NaiveDate> = claims.iter().filter(|claim| is_backfill(claim, now)).map(day).collect();
    let mut past: Vec<Past> = Vec::new();
    for from in days.into_iter().filter(|day| *day >= first) {
        let known: Vec<SourcedClaim> = claims.iter().filter(|claim| day(claim) <= from).cloned().collect();
        if known.len() == claims.len() {
            break;
        }
        let newest = known.iter().max_by_key(|claim| (claim.published, &claim.content, claim.id));
        if let (Some(newest), Some(deal)) = (newest, derive(&known, registry, rates)) {
            past.push(Past { from, claim: newest.id, deal });
        }
    }
    past
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::sample::{at, billions, claim, registry},
        model::{Kind, Role, Status},
    };

    #[test]
    fn a_backfill_tells_what_was_known_on_each_of_its_days() {
        let told = |number, day, status| {
            let parties = [("Corvid AI", Role::Buyer), ("AWS", Role::Provider)];
            at(billions(claim(number, day, Kind::Compute, &parties), 5 + number as i64), status)
        };
        let claims = [
            told(1, "2026-01-10", Status::Rumored),
            told(2, "2026-03-01", Status::Announced),
            told(3, "2026-06-01", Status::Signed),
        ];
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        let ids = |numbers: &[u128]| numbers.iter().map(|number| Uuid::from_u128(*number)).collect::<HashSet<_>>();
        let states = |fresh: &[u128]| -> Vec<(String, Status)> {
            let past = past(&claims, &ids(fresh), now, &registry(), &Rates::default());
            past.into_iter().map(|past| (past.from.to_string(), past.deal.status)).collect()
        };
        let (rumour, announced) =
            (("2026-01-10".to_owned(), Status::Rumored), ("2026-03-01".to_owned(), Status::Announced));
        assert_eq!(states(&[1, 2, 3]), [rumour, announced.clone()]);
        assert_eq!(states(&[2]), [announced]);
        assert_eq!(states(&[3]), []);
        let soon = "2026-06-02T00:00:00Z".parse().unwrap();
        assert_eq!(past(&claims, &ids(&[3]), soon, &registry(), &Rates::default()), []);
    }
}
