//! Which claim is believed where claims disagree.

use std::cmp::Reverse;

use crate::model::SourcedClaim;

/// The claims from the most to the least trusted: by rank of the source (filing or newsroom, trade press, other press,
/// aggregators), newer before older within a rank; the id settles what is left, so that the order never depends on how
/// the claims came in.
pub fn by_trust<'a>(claims: &[&'a SourcedClaim]) -> Vec<&'a SourcedClaim> {
    let mut order = claims.to_vec();
    order.sort_by_key(|claim| (claim.rank, Reverse(claim.published), claim.article, claim.id));
    order
}
