//! A database for each test.
//!
//! All test processes of a checkout share one disposable server. Its template database is migrated once; each test
//! works in a copy of it, which costs some hundredths of a second.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use chrono::Utc;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::OnceCell;
use uuid::Uuid;
use wattline::db::embedded::{Durability, EmbeddedPostgres, ServerPrograms};
use wattline::db::{MIGRATOR, companies};
use wattline::jobs::archive::read_archive;
use wattline::ledger::convert::Rates;
use wattline::model::Registry;

/// The key of the advisory lock under which databases are made and cleaned up.
const PREPARATION: i64 = 0x7761_7474;

/// The program under test, which also keeps the embedded server.
pub const WATTLINE: &str = env!("CARGO_BIN_EXE_wattline");

/// A migrated, empty database of one test. Dropping it drops the database, after a failed test too.
///
/// ```ignore
/// let database = TestDatabase::new().await;
/// let articles: i64 = sqlx::query_scalar("SELECT count(*) FROM articles").fetch_one(database.pool()).await.unwrap();
/// assert_eq!(articles, 0);
/// ```
pub struct TestDatabase {
    name: String,
    options: PgConnectOptions,
    administration: PgConnectOptions,
    pool: PgPool,
}

impl TestDatabase {
    /// Makes the database. It panics where there is no PostgreSQL, with the sentence that says what to install.
    pub async fn new() -> Self {
        Self::copy_of(&shared().await.template).await
    }

    /// Makes one without a schema, to see migrations at work.
    pub async fn without_schema() -> Self {
        Self::copy_of("template1").await
    }

    /// Makes one that holds the archive which ships with the program, read by the extractor of this build.
    pub async fn with_archive() -> Self {
        static ARCHIVE: OnceCell<String> = OnceCell::const_new();
        let template = ARCHIVE.get_or_init(|| async { archive_template(shared().await).await }).await;
        Self::copy_of(template).await
    }

    async fn copy_of(template: &str) -> Self {
        let Shared { server, prefix, .. } = shared().await;
        let administration = server.options("postgres");
        let name = format!("{prefix}{}", Uuid::now_v7().simple());
        let mut connection = administration.connect().await.unwrap();
        copy(&mut connection, &name, template).await;
        connection.close().await.unwrap();

        let options = server.options(&name);
        let pool = PgPoolOptions::new().max_connections(5).connect_lazy_with(options.clone());
        Self { name, options, administration, pool }
    }

    /// A pool for the test and for the application in it.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// How to connect to it.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The same as a `DATABASE_URL`, for a program that is started.
    pub fn url(&self) -> String {
        self.options.to_url_lossy().to_string()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name);
        let administration = self.administration.clone();
        // The runtime of the test cannot be waited for from inside. What is not dropped here is dropped when the
        // server starts anew.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = administration.connect().await?;
                sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await?;
                connection.close().await
            })
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("the database {} is left behind: {error}", self.name),
            Err(_) => eprintln!("the database {} is left behind", self.name),
        }
    }
}

/// The server programs, found as the application finds them.
pub fn server_programs() -> ServerPrograms {
    let pg_bindir = std::env::var_os("PG_BINDIR").map(PathBuf::from);
    ServerPrograms::find(pg_bindir.as_deref(), std::env::var_os("PATH").as_deref())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// What the tests of this process share with each other, and the server with those of other processes.
struct Shared {
    server: EmbeddedPostgres,
    /// The migrated database that tests copy.
    template: String,
    /// What the names of test databases begin with. It stands for this run of the server: where it stands for another,
    /// nobody uses the database any more.
    prefix: String,
}

async fn shared() -> &'static Shared {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    SHARED
        .get_or_init(|| async {
            // Not under `target`: the path must be short, and the server's account must be able to enter it.
            let mut checkout = DefaultHasher::new();
            env!("CARGO_MANIFEST_DIR").hash(&mut checkout);
            let user = rustix::process::geteuid().as_raw();
            let folder = std::env::temp_dir().join(format!("wattline-test-{user}-{:08x}", checkout.finish() as u32));
            let server =
                EmbeddedPostgres::start(&folder, Durability::Disposable, &server_programs(), WATTLINE.as_ref())
                    .await
                    .unwrap_or_else(|error| panic!("{error}"));
            prepare(server).await
        })
        .await
}

/// Makes the template where it is missing. It is named after the migrations, so that a change of them makes another.
async fn prepare(server: EmbeddedPostgres) -> Shared {
    let mut connection = server.options("postgres").connect().await.unwrap();
    let started: i64 = sqlx::query_scalar("SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let prefix = format!("test_{started}_");
    let mut migrations = DefaultHasher::new();
    for migration in MIGRATOR.iter() {
        (migration.version, &migration.checksum).hash(&mut migrations);
    }
    let template = format!("template_{:016x}", migrations.finish());

    // One process at a time.
    sqlx::query("SELECT pg_advisory_lock($1)").bind(PREPARATION).execute(&mut connection).await.unwrap();
    if !server.joined() {
        drop_left_overs(&mut connection, "^(test|template|unfinished)_", &prefix, &template).await;
    }
    if !exists(&mut connection, &template).await {
        let unfinished = format!("unfinished_{}", Uuid::now_v7().simple());
        copy(&mut connection, &unfinished, "template1").await;
        let mut migrating = server.options(&unfinished).connect().await.unwrap();
        MIGRATOR.run(&mut migrating).await.unwrap();
        migrating.close().await.unwrap();
        execute_when_unused(&mut connection, format!("ALTER DATABASE {unfinished} RENAME TO {template}")).await;
    }
    // The lock ends with the connection.
    connection.close().await.unwrap();
    Shared { server, template, prefix }
}

/// Makes the database in which the archive has been read, where it is missing. It is named after this build of the tests,
/// so that a change of what reads and merges makes another.
async fn archive_template(Shared { server, template, .. }: &Shared) -> String {
    let mut build = DefaultHasher::new();
    let program = std::fs::metadata(std::env::current_exe().unwrap()).unwrap();
    (template, program.len(), program.modified().unwrap()).hash(&mut build);
    let archive = format!("archive_{:016x}", build.finish());

    let mut connection = server.options("postgres").connect().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock($1)").bind(PREPARATION + 1).execute(&mut connection).await.unwrap();
    if !exists(&mut connection, &archive).await {
        drop_left_overs(&mut connection, "^archive_", "test_", &archive).await;
        let unfinished = format!("unfinished_{}", Uuid::now_v7().simple());
        copy(&mut connection, &unfinished, template).await;
        let mut reading = server.options(&unfinished).connect().await.unwrap();
        companies::sync(&mut reading, Registry::shipped()).await.unwrap();
        read_archive(&mut reading, Registry::shipped(), Rates::shipped(), Utc::now()).await.unwrap();
        reading.close().await.unwrap();
        execute_when_unused(&mut connection, format!("ALTER DATABASE {unfinished} RENAME TO {archive}")).await;
    }
    connection.close().await.unwrap();
    archive
}

async fn exists(connection: &mut PgConnection, database: &str) -> bool {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(database)
        .fetch_one(connection)
        .await
        .unwrap()
}

/// Drops what tests of earlier runs of the server left behind, and templates of other migrations.
async fn drop_left_overs(connection: &mut PgConnection, pattern: &str, prefix: &str, template: &str) {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT datname FROM pg_database WHERE datname ~ $3 AND NOT starts_with(datname, $1) AND datname <> $2",
    )
    .bind(prefix)
    .bind(template)
    .bind(pattern)
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for name in names {
        // One that is in use is left to the next time.
        let _ = sqlx::query(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}"))).execute(&mut *connection).await;
    }
}

async fn copy(connection: &mut PgConnection, new: &str, template: &str) {
    // Copying its files is faster than writing them through the log, where nothing is forced to disk.
    execute_when_unused(connection, format!("CREATE DATABASE {new} TEMPLATE {template} STRATEGY FILE_COPY")).await;
}

/// Carries out what needs a database without connections: a closed one still lasts for a moment on the server's side.
async fn execute_when_unused(connection: &mut PgConnection, statement: String) {
    for _ in 0..600 {
        match sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut *connection).await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("55006") => {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            result => {
                result.unwrap_or_else(|error| panic!("{statement}: {error}"));
                return;
            }
        }
    }
    panic!("{statement}: the database stays in use");
}
