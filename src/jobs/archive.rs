//! The news that ships with the program, read into an empty ledger so that the first page is full.

use std::{borrow::Cow, collections::BTreeMap};

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
    ingest::feed::{self, Feed},
    ledger::convert::Rates,
    model::{Article, Rank, Registry},
};

/// What is remembered once an archive has been read: its hash.
const SETTING: &str = "archive";

#[derive(RustEmbed)]
#[folder = "data/archive"]
struct Files;

/// The feeds that ship with the program, each with its file's bytes, in the order of their names.
fn feeds() -> anyhow::Result<Vec<(Cow<'static, [u8]>, Feed)>> {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let read = |name: &Cow<'static, str>| {
        let file = Files::get(name).with_context(|| format!("the archive's {name} is missing from the program"))?;
        let feed = feed::parse(&file.data, Some("application/feed+json"), None)
            .with_context(|| format!("the archive's {name} cannot be read"))?;
        Ok((file.data, feed))
    };
    names.iter().map(read).collect()
}

/// The articles that ship with the program, by their ids.
pub fn articles() -> anyhow::Result<BTreeMap<String, Article>> {
    let entries = feeds()?.into_iter().flat_map(|(_, feed)| feed.entries);
    Ok(entries
        .filter_map(|entry| {
            let text = entry.content.or(entry.summary).unwrap_or_default();
            let published = entry.published.map(|time| time.date_naive());
            Some((entry.id?, Article { title: entry.title, text, published, publisher: None }))
        })
        .collect())
}

/// Reads the archive that ships with the program, unless this very archive has been read; of a newer one only the
/// items that are not there yet. Goes the way of any news: stored, read, merged. `None`: there was nothing to do.
pub async fn read_archive(
    db: &mut PgConnection,
    registry: &'static Registry,
    rates: &Rates,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Merged>> {
    let mut hash = Sha256::new();
    let mut new = Vec::new();
    for (bytes, feed) in &feeds()? {
        hash.update(bytes);
        let publisher = Publisher {
            source_id: None,
            name: "Wattline",
            feed: None,
            rank: Rank::Press,
            language: None,
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
