//! `snapshot`: writes the ledger as an archive.

use std::path::Path;

use anyhow::Context;
use chrono::Utc;

use super::{open, say};
use crate::{
    config::Options,
    web::{App, export::snapshot},
};

/// Writes the archive of today into a folder, which is made where it is missing. It appears there whole or not at all.
pub async fn run(options: &Options, folder: &Path) -> anyhow::Result<()> {
    let database = open(options).await?;
    let now = Utc::now();
    let app = App::new(database.pool.clone(), options.public_url(options.listen));
    let archive = snapshot::make(&app, options.data_licence.as_deref(), now).await?;
    database.close().await;
    let file = folder.join(snapshot::file_name(now.date_naive()));
    let shown = file.display().to_string();
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made: name another", folder.display()))?;
    let beside = file.with_extension("zip.part");
    std::fs::write(&beside, &archive.bytes).with_context(|| format!("{shown} cannot be written"))?;
    std::fs::rename(&beside, &file).with_context(|| format!("{shown} cannot be written"))?;
    say(format_args!("{shown}: {} deals, {} bytes.", archive.deals, archive.bytes.len()))?;
    Ok(())
}
