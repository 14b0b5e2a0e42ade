//! Exchange rates: from a file of them to deals that are converted anew.

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};

use super::merge::{BATCH, Reason, weigh};
use crate::{
    db::{
        deals,
        rates::{self, Added},
    },
    ledger::rates as file,
    model::Registry,
};

/// What an update of the rates came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Updated {
    /// What was added.
    pub added: Added,
    /// How many deals say something else in dollars.
    pub deals: usize,
}

/// Adds the rates of a file, and converts the deals of their days anew. What sources said stays as they said it.
pub async fn update(
    db: &mut PgConnection,
    bytes: &[u8],
    registry: &'static Registry,
    now: DateTime<Utc>,
) -> anyhow::Result<Updated> {
    let read = file::read(bytes)?;
    let mut tx = db.begin().await?;
    deals::lock(&mut tx).await?;
    let added = rates::add(&mut tx, &read).await?;
    if let Some(from) = added.from {
        rates::unmerge_converted(&mut tx, from).await?;
    }
    tx.commit().await?;
    let rates = rates::load(db).await?;
    let merged = weigh(db, registry, &rates, now, BATCH, Reason::Rules).await?;
    Ok(Updated { added, deals: merged.updated })
}
