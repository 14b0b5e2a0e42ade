//! Which claim is believed where claims disagree.

use std::cmp::Reverse;

use crate::model::SourcedClaim;

/// The claims from the most to the least trusted: by rank of the source (filing or newsroom, trade press, other press,
/// aggregators), newer before older within a rank; what they say settles what is left, so that the order depends neither
/// on how the claims came in nor on their ids.
pub fn by_trust<'a>(claims: &[&'a SourcedClaim]) -> Vec<&'a SourcedClaim> {
    let mut order = claims.to_vec();
    order.sort_by(|a, b| {
        let key = |claim: &'a SourcedClaim| {
            (claim.rank, Reverse(claim.published), &claim.content, &claim.publishers, claim.id)
        };
        key(a).cmp(&key(b))
    });
    order
}
