//! From an article to claims: pure, no network, clock, environment or database.

use crate::model::{Article, Claim, Quantity, Registry};

/// Raised whenever the same text may give other claims.
pub const VERSION: i32 = 1;

/// What an article says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The deals, in the order in which the text tells them.
    pub claims: Vec<Claim>,
    /// The figures, in the order of the text.
    pub quantities: Vec<Quantity>,
}

/// Reads an article: which deals it tells, and what every figure in it is used for.
pub fn read(_article: &Article, _registry: &Registry) -> Reading {
    Reading::default()
}
