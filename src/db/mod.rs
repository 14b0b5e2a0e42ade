//! All SQL, one file a noun, and the private Postgres that runs where none is configured.
//!
//! This layer decides nothing: it stores what [`crate::ledger`] decided and reads what a page or a job asks for.

pub mod addresses;
pub mod article_list;
pub mod articles;
pub mod aside;
pub mod claims;
pub mod companies;
pub mod company_list;
pub mod company_pages;
pub mod deal_page;
pub mod deals;
pub mod deliveries;
pub mod density;
pub mod dump;
pub mod embedded;
pub mod flows;
pub mod health;
pub mod history;
pub mod hosts;
pub mod issues;
pub mod keys;
pub mod links;
pub mod live;
pub mod namesakes;
pub mod news;
pub mod open;
pub mod overrides;
mod past;
pub mod places;
pub mod rates;
pub mod recipients;
pub mod records;
pub mod search;
pub mod settings;
pub mod shares;
pub mod snapshots;
pub mod source_list;
pub mod sources;
pub mod stories;
pub mod subscriptions;
pub mod synth;
pub mod themes;
pub mod timeline;
pub mod totals;

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

/// The schema, forward only.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// A new id that sorts by the time of its making.
pub fn new_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

/// A column's text as the type that it stands for; the schema's checks make a failure a fault of the program.
fn parsed<T, E: std::error::Error + Send + Sync + 'static>(result: Result<T, E>) -> sqlx::Result<T> {
    result.map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
