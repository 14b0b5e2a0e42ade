//! The news that ships with the program, read into an empty ledger so that the first page is full.

use anyhow::Context;
use chrono::{DateTime, Utc};
use rust_embed::RustEmbed;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};

use super::{
    merge::{Merged, merge_pending},
    read::read_unread,
    store::{Publisher, from_entry, store},
};
use crate::{
    db::settings,
    ingest::feed,
    ledger::convert::Rates,
    model::{Rank, Registry},
};

/// What is remembered once an archive has been read: its hash.
const SETTING: &str = "archive";

#[derive(RustEmbed)]
#[folder = "data/archive"]
struct Files;

/// Reads the archive that ships with the program, unless this very archive has been read; of a newer one only the
/// items that are not there yet. Goes the way of any news: stored, read, merged. `None`: there was nothing to do.
pub async fn read_archive(
    db: &mut PgConnection,
    registry: &'static Registry,
    rates: &'static Rates,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Merged>> {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut hash = Sha256::new();
    let mut new = Vec::new();
    for name in &names {
        let file = Files::get(name).with_context(|| format!("the archive's {name} is missing from the program"))?;
        hash.update(&file.data);
        let feed = feed::parse(&file.data, Some("application/feed+json"), None)
            .with_context(|| format!("the archive's {name} cannot be read"))?;
        let publisher = Publisher {
            source_id: None,
            name: "Wattline",
            feed: None,
            rank: Rank::Press,
            fetch_pages: false,
            is_archive: true,
        };
        new.extend(feed.entries.iter().filter_map(|entry| from_entry(entry, publisher, now)));
    }
    let hash = json!(hex::encode(hash.finalize()));

    // One program at a time; the next finds the work done.
    let mut turn = db.begin().await?;
    settings::take_turn(&mut *turn).await?;
    if settings::get(&mut *turn, SETTING).await? == Some(hash.clone()) {
        return Ok(None);
    }
    store(&mut turn, &new, now).await?;
    read_unread(&mut turn, registry, now, || {}).await?;
    let merged = merge_pending(&mut turn, registry, rates, now).await?;
    settings::set(&mut *turn, SETTING, hash).await?;
    turn.commit().await?;
    Ok(Some(merged))
}
