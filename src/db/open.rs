//! Opening the database: the one that is configured, or the private one.

use std::{path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{
    Executor, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    MIGRATOR, articles, companies, deals,
    embedded::{APPLICATION_DATABASE, Durability, EmbeddedError, EmbeddedPostgres, ServerPrograms},
    rates, shares,
};
use crate::model::Registry;

/// An open database. The private server, where there is one, runs until this is closed.
pub struct Database {
    /// Its connections.
    pub pool: PgPool,
    embedded: Option<EmbeddedPostgres>,
}

/// Why a database cannot be worked in; one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is none.
    #[error("the database URL cannot be read ({0}): it looks like postgres://user:password@host:5432/database")]
    Url(#[source] sqlx::Error),
    /// Nobody answers there, or not to us.
    #[error(
        "the database {database} on {host} cannot be reached ({source}): start it, correct --database-url or \
         DATABASE_URL, or leave both out to use the private one"
    )]
    Unreachable {
        /// The host's name, never the whole URL, which holds the password.
        host: String,
        /// The database's name.
        database: String,
        /// What went wrong.
        source: sqlx::Error,
    },
    /// The private one does not start.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The schema cannot be brought up to date.
    #[error("the database's schema cannot be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database answers, but not as it should.
    #[error("the database cannot be prepared: {0}")]
    Prepare(#[from] sqlx::Error),
}

impl Database {
    /// Connects to the Postgres at `url`.
    pub async fn connect(url: &str) -> Result<Self, OpenError> {
        let options: PgConnectOptions = url.parse().map_err(OpenError::Url)?;
        let unreachable = |source| OpenError::Unreachable {
            host: options.get_host().to_owned(),
            database: options.get_database().unwrap_or(options.get_username()).to_owned(),
            source,
        };
        // One connection first, so that a wrong address is told at once instead of after the pool's patience.
        let trial = tokio::time::timeout(Duration::from_secs(10), sqlx::ConnectOptions::connect(&options))
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
            .map_err(unreachable)?;
        sqlx::Connection::close(trial).await?;
        Ok(Self { pool: pool(options), embedded: None })
    }

    /// Starts the private Postgres in `folder`, or joins it where it runs; `keeper` is the path of this program.
    pub async fn embedded(
        folder: PathBuf,
        programs: &ServerPrograms,
        keeper: &std::path::Path,
    ) -> Result<Self, OpenError> {
        let embedded = EmbeddedPostgres::start(&folder, Durability::Durable, programs, keeper).await?;
        Ok(Self { pool: pool(embedded.options(APPLICATION_DATABASE)), embedded: Some(embedded) })
    }

    /// Brings the schema and the registry of companies up to date.
    pub async fn prepare(&self, registry: &Registry, now: DateTime<Utc>) -> Result<(), OpenError> {
        MIGRATOR.run(&self.pool).await?;
        let mut tx = self.pool.begin().await?;
        articles::ensure_partitions(&mut tx, now).await?;
        companies::sync(&mut tx, registry).await?;
        rates::ship(&mut tx).await?;
        // What a migration or an editor marked.
        deals::lock(&mut tx).await?;
        shares::settle(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Closes the connections and gives up the share in the private server.
    pub async fn close(self) {
        self.pool.close().await;
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}

fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        // A server that thinks a query dear compiles it first, which takes a quarter of a second; ours take milliseconds. Not
        // by the options of a connection: poolers refuse those.
        .after_connect(|db, _| Box::pin(async move { db.execute("SET jit = off").await.map(drop) }))
        .connect_lazy_with(options.application_name("wattline"))
}
