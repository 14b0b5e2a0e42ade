//! `dump`: the ledger as text that can be compared.

use std::io::Write;

use super::open;
use crate::{config::Options, db::dump};

/// Prints a line of JSON for each deal.
pub async fn run(options: &Options, out: &mut impl Write) -> anyhow::Result<()> {
    let database = open(options).await?;
    let mut db = database.pool.acquire().await?;
    let lines = dump::lines(&mut db).await;
    drop(db);
    database.close().await;
    for line in lines? {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}
