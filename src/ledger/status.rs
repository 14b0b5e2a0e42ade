//! The ladder of stages.

use chrono::NaiveDate;

use crate::model::{SourcedClaim, Status, StatusStep};

/// The day on which a claim tells its stage: the announcement that it dates, else its article's day.
pub fn told_on(claim: &SourcedClaim) -> NaiveDate {
    claim.claim.announced_on.unwrap_or_else(|| claim.published.date_naive())
}

/// Each stage with the first claim that tells it, in the order of time.
pub fn history(claims: &[&SourcedClaim]) -> Vec<StatusStep> {
    let mut order = claims.to_vec();
    order.sort_by_key(|claim| (told_on(claim), claim.claim.status, claim.rank, claim.article, claim.id));
    let mut steps: Vec<StatusStep> = Vec::new();
    for claim in order {
        if steps.iter().all(|step| step.status != claim.claim.status) {
            steps.push(StatusStep { status: claim.claim.status, on: told_on(claim), claim: claim.id });
        }
    }
    steps
}

/// The stage that a deal has reached: the furthest that any claim tells, for a later rumour takes nothing back, unless
/// the last word on it is that it was cancelled. A claim that a party made public after the cancellation revives it.
///
/// `claims` must not be empty; an empty list gives [`Status::Rumored`].
pub fn current(claims: &[&SourcedClaim]) -> Status {
    let cancelled =
        claims.iter().filter(|claim| claim.claim.status == Status::Cancelled).map(|claim| told_on(claim)).max();
    let reached = |after: Option<NaiveDate>| {
        claims
            .iter()
            .filter(|claim| claim.claim.status != Status::Cancelled)
            .filter(|claim| after.is_none_or(|day| told_on(claim) > day && claim.claim.status.counts()))
            .map(|claim| claim.claim.status)
            .max()
    };
    match cancelled {
        None => reached(None).unwrap_or(Status::Rumored),
        Some(day) => reached(Some(day)).unwrap_or(Status::Cancelled),
    }
}
