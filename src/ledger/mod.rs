//! From claims to deals: decisions without I/O.
//!
//! [`resolve`] says whom a name stands for, [`merge`] which claims tell of one deal, [`derive`] what the record says,
//! with [`trust`] choosing among claims that disagree, [`accounts`] keeping what the others say, [`status`] the ladder,
//! [`letters`] which of its steps are letters of intent, [`quiet`] whose promises nobody has spoken of for long,
//! [`density`] whose dollars for a megawatt are out of line, [`money`] who pays how much of it,
//! [`net`] what of it other deals do not count already, [`shares`] what it adds to whose [`totals`] and [`convert`] what that
//! is in dollars, by [`rates`] that are read from the European Central Bank's files. [`umbrella`] says which deal belongs to
//! which, [`circles`] which flows come back, [`overrides`] what editors want otherwise, [`history`] what was known when, and
//! [`diff`] what changed between two states of a record. [`issue`] says what of that a digest tells, to whom by [`filter`], and
//! [`schedule`] when.

pub mod accounts;
pub mod circles;
pub mod convert;
pub mod density;
pub mod derive;
pub mod diff;
pub mod filter;
pub mod headline;
pub mod history;
pub mod issue;
pub mod keys;
pub mod letters;
pub mod merge;
pub mod milestones;
pub mod money;
pub mod net;
pub mod overrides;
pub mod quiet;
pub mod rates;
pub mod resolve;
#[cfg(test)]
mod sample;
pub mod schedule;
pub mod shares;
pub mod status;
pub mod stories;
pub mod totals;
pub mod trust;
pub mod umbrella;
