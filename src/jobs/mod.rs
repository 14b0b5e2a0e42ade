//! What runs when: each task one step that returns an outcome, and the queue that runs them.
//!
//! The steps tie [`crate::ingest`], [`crate::extract`], [`crate::ledger`] and [`crate::db`] together. A command runs
//! them one after another; the worker runs them through the queue, shared with any number of others.

pub mod archive;
pub mod corrections;
pub mod digest;
pub mod edit;
pub mod host;
pub mod hub;
pub mod link;
pub mod live;
pub mod merge;
pub mod page;
pub mod poll;
pub mod post;
pub mod rates;
pub mod read;
pub mod snapshot;
pub mod store;
pub mod story;
pub mod worker;
