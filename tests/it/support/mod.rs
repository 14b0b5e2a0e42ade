//! What the tests share.

pub mod archive;
pub mod database;
pub mod ledger;
pub mod news;
pub mod program;
pub mod site;
pub mod smtp;
