//! Wattline: a ledger of AI-infrastructure deals, read from the news.
//!
//! ```text
//! sources ─► ingest ─► article ─► extract ─► claims ─► ledger ─► deals ─► web
//!            (I/O)                (pure)              (pure)
//! ```
//!
//! The modules, in the order in which the data flows:
//!
//! - [`model`]: the plain types that all others speak. It knows nothing of ours.
//! - [`ingest`]: from a source to an article: fetching, feeds, pages. Only [`ingest::fetch`] touches the network.
//! - [`extract`]: from an article to claims, each with the sentences that say so. Pure.
//! - [`llm`]: a language model as a second reader, checked against the text; off unless configured.
//! - [`evaluate`]: how well that was read, held against labelled articles. Pure.
//! - [`learn`]: the extractor's weights, learned from labelled articles. Pure.
//! - [`ledger`]: from claims to deals, totals and conversions: decisions only. Pure.
//! - [`db`]: all SQL, a file a noun, and the private Postgres that runs where none is configured.
//! - [`digest`]: the newsletter: what is in a letter, and how it gets out.
//! - [`jobs`]: what runs when: ties the above together, one step a task.
//! - [`web`]: the pages, a file each.
//! - [`config`] and [`commands`]: the options, and what each command does with them.

pub mod commands;
pub mod config;
pub mod db;
pub mod digest;
pub mod evaluate;
pub mod extract;
pub mod ingest;
pub mod jobs;
pub mod learn;
pub mod ledger;
pub mod llm;
pub mod model;
pub mod web;
