//! What each command does, a file each.

pub mod evaluate;
pub mod extract;
pub mod ingest;
pub mod serve;

use chrono::Utc;

use crate::{
    config::{self, Options},
    db::{
        embedded::ServerPrograms,
        open::{Database, OpenError},
    },
    jobs::merge,
    ledger::convert::Rates,
    model::Registry,
};

/// A fault that the one who started the program can mend: one sentence that says what to do, exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

impl From<OpenError> for Usage {
    fn from(error: OpenError) -> Self {
        Self(error.to_string())
    }
}

/// Opens the configured database, or the private one, and brings its schema up to date.
pub async fn open(options: &Options) -> anyhow::Result<Database> {
    let database = match options.database().map_err(Usage)? {
        config::Database::Url(url) => Database::connect(&url).await.map_err(Usage::from)?,
        config::Database::Embedded { folder, pg_bindir, path } => {
            let programs = ServerPrograms::find(pg_bindir.as_deref(), path.as_deref())
                .map_err(|error| Usage(error.to_string()))?;
            let keeper = std::env::current_exe()?;
            let shown = folder.display().to_string();
            let database = Database::embedded(folder, &programs, &keeper).await.map_err(Usage::from)?;
            eprintln!("No DATABASE_URL is set: using the private Postgres in {shown}.");
            database
        }
    };
    database.prepare(Registry::shipped(), Utc::now()).await.map_err(Usage::from)?;
    Ok(database)
}

/// `migrate`: brings the schema up to date.
pub async fn migrate(options: &Options) -> anyhow::Result<()> {
    let database = open(options).await?;
    database.close().await;
    println!("The database's schema is up to date.");
    Ok(())
}

/// `rebuild`: derives the ledger anew from its claims.
pub async fn rebuild(options: &Options) -> anyhow::Result<()> {
    let database = open(options).await?;
    let mut db = database.pool.acquire().await?;
    let merged = merge::rebuild(&mut db, Registry::shipped(), Rates::shipped(), Utc::now()).await?;
    drop(db);
    database.close().await;
    println!("The ledger is rebuilt: {} deals new, {} changed.", merged.new, merged.updated);
    Ok(())
}
