//! The application through its front door. One program, so that it links once.

mod database;
mod embedded;
mod ledger;
mod rebuild;
mod support;
