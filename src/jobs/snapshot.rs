//! The daily archive of the ledger, for `/data`.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use url::Url;

use crate::{
    db::snapshots::{self, Snapshot},
    web::{App, export::snapshot::make},
};

/// What an archive says of where it comes from.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// What its links begin with.
    pub public_url: Url,
    /// What the operator allows to be done with it.
    pub licence: Option<String>,
}

/// Makes the archive of today and keeps it.
pub async fn take(pool: &PgPool, publisher: &Publisher, now: DateTime<Utc>) -> anyhow::Result<()> {
    let app = App::new(pool.clone(), publisher.public_url.clone());
    let archive = make(&app, publisher.licence.as_deref(), now).await?;
    let snapshot = Snapshot {
        day: now.date_naive(),
        made_at: now,
        deals: i64::try_from(archive.deals).unwrap_or(i64::MAX),
        sha256: Sha256::digest(&archive.bytes).to_vec(),
        bytes: i64::try_from(archive.bytes.len()).unwrap_or(i64::MAX),
    };
    let mut db = pool.acquire().await?;
    snapshots::keep(&mut db, &snapshot, &archive.bytes).await?;
    Ok(())
}
