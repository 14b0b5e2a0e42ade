//! From claims to deals: decisions without I/O.
//!
//! [`resolve`] says whom a name stands for, [`merge`] which claims tell of one deal, [`derive`] what the record says,
//! with [`trust`] choosing among claims that disagree, [`status`] the ladder, [`totals`] who pays how much of it and
//! [`convert`] what that is in dollars. [`umbrella`] says which deal belongs to which, and [`diff`] what changed between
//! two states of a record.

pub mod convert;
pub mod derive;
pub mod diff;
pub mod headline;
pub mod keys;
pub mod merge;
pub mod places;
pub mod resolve;
#[cfg(test)]
mod sample;
pub mod status;
pub mod totals;
pub mod trust;
pub mod umbrella;
