//! The ladder of stages.

use chrono::NaiveDate;

use super::letters;
use crate::model::{Rank, SourcedClaim, Status, StatusStep};

/// The day on which a claim tells its stage: the announcement that it dates, else its article's day.
pub fn told_on(claim: &SourcedClaim) -> NaiveDate {
    claim.claim.announced_on.unwrap_or_else(|| claim.published.date_naive())
}

/// The stage that a claim tells, and whether by a letter of intent, which binds nobody, however solemnly it was signed.
fn stage(claim: &SourcedClaim) -> (Status, bool) {
    match claim.claim.status {
        Status::Announced | Status::Signed if letters::is_letter(&claim.claim.evidence) => (Status::Announced, true),
        status => (status, false),
    }
}

/// The stages that a deal went through, in the order of time; the last is the one that it has reached.
///
/// It climbs with each claim that tells a further stage: a later rumour takes nothing back. A cancellation ends it,
/// until a source that is trusted no less says on a later day that a party goes on.
pub fn history(claims: &[&SourcedClaim]) -> Vec<StatusStep> {
    let mut order = claims.to_vec();
    order.sort_by(|a, b| {
        let key = |claim: &SourcedClaim| (told_on(claim), stage(claim), claim.rank);
        key(a).cmp(&key(b)).then_with(|| (&a.content, &a.publishers, a.id).cmp(&(&b.content, &b.publishers, b.id)))
    });
    let mut steps: Vec<(StatusStep, Rank)> = Vec::new();
    for claim in order {
        let ((status, letter), on) = (stage(claim), told_on(claim));
        let goes_on = match steps.last() {
            None => true,
            Some((last, rank)) if last.status == Status::Cancelled => {
                status.counts() && on > last.on && claim.rank <= *rank
            }
            Some((last, _)) => status > last.status,
        };
        if goes_on {
            steps.push((StatusStep { status, on, claim: claim.id, letter }, claim.rank));
        }
    }
    steps.into_iter().map(|(step, _)| step).collect()
}
