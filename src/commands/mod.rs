//! What each command does, a file each.

pub mod digest;
pub mod dry_run;
pub mod dump;
pub mod evaluate;
pub mod evaluate_archive;
pub mod evaluate_merge;
pub mod extract;
pub mod ingest;
pub mod learn;
pub mod main_text;
pub mod rates;
pub mod serve;
pub mod snapshot;
pub mod sources;
pub mod synth;

use std::{
    fmt::Display,
    io::{self, Write},
};

use chrono::Utc;
use sqlx::PgConnection;

use crate::{
    config::{self, Options},
    db::{
        self,
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
        // Of what the server says the sentence counts, not the line of its source.
        if let OpenError::Unreachable { host, database, source: sqlx::Error::Database(answer) } = &error {
            let answer = answer.message();
            return Self(format!(
                "the database {database} on {host} turns us away ({answer}): correct --database-url or DATABASE_URL, or \
                 leave both out to use the private one"
            ));
        }
        Self(error.to_string())
    }
}

/// Prints a line. A reader that has gone is no fault: what it would have read of is done.
fn say(line: impl Display) -> io::Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Says something on standard error, to whoever listens.
pub fn complain(sentence: impl Display) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

/// What a command whose work is to print comes to: where its reader has gone, as `head` does, it is `done`.
pub fn printed<T>(result: anyhow::Result<T>, done: T) -> anyhow::Result<T> {
    match result {
        Err(error)
            if error.chain().any(|cause| {
                cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
            }) =>
        {
            Ok(done)
        }
        result => result,
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
            complain(format_args!("No DATABASE_URL is set: using the private Postgres in {shown}."));
            database
        }
    };
    database.prepare(Registry::shipped(), Utc::now()).await.map_err(Usage::from)?;
    Ok(database)
}

/// The reference rates as the database has them.
async fn rates_of(db: &mut PgConnection) -> anyhow::Result<Rates> {
    Ok(db::rates::load(db).await?)
}

/// `migrate`: brings the schema up to date.
pub async fn migrate(options: &Options) -> anyhow::Result<()> {
    let database = open(options).await?;
    database.close().await;
    say("The database's schema is up to date.")?;
    Ok(())
}

/// `rebuild`: derives the ledger anew from its claims and what editors said.
pub async fn rebuild(options: &Options) -> anyhow::Result<()> {
    let database = open(options).await?;
    let mut db = database.pool.acquire().await?;
    let rates = rates_of(&mut db).await?;
    let merged = merge::rebuild(&mut db, Registry::shipped(), &rates, Utc::now()).await?;
    drop(db);
    database.close().await;
    say(format_args!("The ledger is rebuilt: {} deals new, {} changed.", merged.new, merged.updated))?;
    Ok(())
}
