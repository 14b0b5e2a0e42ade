//! The application through its front door. One program, so that it links once.

mod archive_totals;
mod browser;
mod circles;
mod command_line;
mod companies;
mod database;
mod deal_page;
mod embedded;
mod evaluation;
mod history;
mod ingest;
mod layers;
mod ledger;
mod pages;
mod rates;
mod reader;
mod rebuild;
mod snapshots;
mod support;
mod timeline;
mod totals;
mod views;
mod worker;
