//! The embedded database: a private cluster of the PostgreSQL that is installed.
//!
//! It is reached through a socket in a folder of its own, open to its own account only, never through TCP. Three
//! kinds of process take part:
//!
//! - *Users*: programs that called [`EmbeddedPostgres::start`] on the same folder. The first starts the server, the
//!   others join it.
//! - One *keeper* ([`Keeper`], this same program under a hidden command): the parent of the server. It asks the server
//!   for a fast shutdown when the last user has ended.
//! - The *server*, PostgreSQL's own `postgres`.
//!
//! They agree by locks on files in the folder. The operating system releases a lock when its holder ends, however it
//! ends, so that no exit of any of them needs to be clean:
//!
//! | file          | a user                                         | the keeper                                     |
//! | ------------- | ---------------------------------------------- | ---------------------------------------------- |
//! | `users.lock`  | shared, as long as it lives                    | exclusive, from the end of the last user until the server has ended |
//! | `start.lock`  | exclusive, while it looks for or starts the server | |
//! | `keeper.lock` | tries it, to see whether a keeper lives        | exclusive, as long as it lives                 |
//!
//! Hence a new user either has its share of `users.lock` before the keeper acts, and then the server stays; or it waits
//! until the server has ended, and starts another. A pipe from the first user to the keeper would not do: it closes
//! with that user, while those that joined still work. A keeper that was itself killed leaves a server that nobody
//! would stop: the next user to start sees the free `keeper.lock`, stops that server and starts one that is kept.
//!
//! A server that was killed recovers at its next start by its write-ahead log; with [`Durability::Durable`] nothing
//! committed is lost.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

mod keeper;
mod programs;

pub use keeper::{KEEPER_COMMAND, Keeper};
pub use programs::ServerPrograms;

/// The database that the application works in.
pub const APPLICATION_DATABASE: &str = "wattline";

/// The one role of the cluster. Who may enter the socket's folder may be it.
const ROLE: &str = "wattline";

/// The port is part of the socket's name only; it is given wherever a variable of the environment could change it.
const PORT: u16 = 5432;

/// The longest path of a socket that all systems take (macOS: 104 bytes with the closing zero; Linux: 108).
const LONGEST_SOCKET_PATH: usize = 103;

/// How long a server may end at once before it is given up. It does so while what is left of a killed one still ends.
const FAILING_STARTS: Duration = Duration::from_secs(15);

/// How long a server may take until it is ready. Recovery reads what was written since the last checkpoint.
const SLOWEST_START: Duration = Duration::from_mins(10);

/// What a crash of the machine may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// Nothing that was committed.
    Durable,
    /// Everything: nothing is forced to disk. For tests. Such a server also outlives its last user by some seconds, so
    /// that a run of many short processes shares one.
    Disposable,
}

/// Why there is no embedded database. Each is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Nothing is installed, or not where it is looked for.
    #[error(
        "no PostgreSQL server programs were found: install them (Debian, Ubuntu: `apt-get install postgresql`; Fedora: \
         `dnf install postgresql-server postgresql-contrib`; macOS: `brew install postgresql@17`), name their folder \
         in PG_BINDIR, or set DATABASE_URL to use a server of your own"
    )]
    NoServerPrograms,
    /// `PG_BINDIR` is wrong.
    #[error("PG_BINDIR is {}, which holds no `initdb` and `postgres`: correct it, or unset it to search for them", .0.display())]
    NoServerProgramsIn(PathBuf),
    /// The data was written by a PostgreSQL that is no longer there.
    #[error(
        "the database in {} was written by PostgreSQL {version}, of which no server programs were found: install that \
         version beside the newer one, or set PG_BINDIR to its folder", .folder.display()
    )]
    OtherVersion {
        /// The cluster's folder.
        folder: PathBuf,
        /// Its major version.
        version: String,
    },
    /// The data folder, or something in it, is not ours to write.
    #[error(
        "the data folder {} cannot be written ({source}): choose another with --data or WATTLINE_DATA", .folder.display()
    )]
    NotWritable {
        /// The cluster's folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Started by root, in a folder closed to the account that the server runs as.
    #[error(
        "PostgreSQL does not run as root, and the account that it runs as (user id {uid}) cannot enter {}: open the \
         folders above it, or choose another with --data or WATTLINE_DATA", .folder.display()
    )]
    OutOfReach {
        /// The cluster's folder.
        folder: PathBuf,
        /// The account that the server would run as.
        uid: u32,
    },
    /// A socket's path has a limit far below that of a file.
    #[error(
        "the path of the data folder {} is too long for a socket: choose one shorter by {excess} bytes with --data or \
         WATTLINE_DATA", .folder.display()
    )]
    PathTooLong {
        /// The cluster's folder.
        folder: PathBuf,
        /// By how much.
        excess: usize,
    },
    /// Started by root, where there is nobody else to be.
    #[error(
        "PostgreSQL does not run as root, and there is no account `postgres` or `nobody` to run it as: add one, or run \
         Wattline as another user"
    )]
    NoAccount,
    /// `initdb` failed.
    #[error("the database in {} could not be made: {message}", .folder.display())]
    NotMade {
        /// The cluster's folder.
        folder: PathBuf,
        /// What `initdb` said.
        message: String,
    },
    /// The server ends at once, again and again, or does not answer.
    #[error("the embedded PostgreSQL does not become ready: its log is {}", .log.display())]
    NotReady {
        /// The server's log.
        log: PathBuf,
    },
    /// The server answers, but not as it should.
    #[error("the embedded PostgreSQL could not be set up: its log is {}", .log.display())]
    Database {
        /// The server's log.
        log: PathBuf,
        /// What it answered.
        source: sqlx::Error,
    },
    /// A process could not be started or waited for.
    #[error("{} could not be run", .program.display())]
    Program {
        /// Its path.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A share in the private server of a folder. The server lives as long as anyone has one.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    cluster: Cluster,
    /// Locked, shared. Closing it, by whatever end of this process, gives the share up.
    users_lock: File,
    durability: Durability,
    joined: bool,
}

impl EmbeddedPostgres {
    /// Starts the server of a folder, or joins it where it runs, and returns when it takes queries. A new folder gets a
    /// new cluster, with an empty [`APPLICATION_DATABASE`].
    ///
    /// `keeper` is the path of this program, which runs a [`Keeper`] under [`KEEPER_COMMAND`].
    pub async fn start(
        folder: &Path,
        durability: Durability,
        programs: &ServerPrograms,
        keeper: &Path,
    ) -> Result<Self, EmbeddedError> {
        let cluster = Cluster::prepare(folder)?;
        let users_lock = cluster.lock_file("users.lock")?;
        let users_lock = cluster.locked(users_lock, File::lock_shared).await?;
        let start_lock = cluster.lock_file("start.lock")?;
        let _start_lock = cluster.locked(start_lock, File::lock).await?;

        let programs = programs.for_data(&cluster)?;
        if !cluster.is_made() {
            cluster.make(&programs.join("initdb"), durability)?;
        }
        let joined = cluster.get_ready(programs, durability, keeper).await?;
        Ok(Self { cluster, users_lock, durability, joined })
    }

    /// How to connect to one of its databases, as the role that owns them.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        self.cluster.options(database)
    }

    /// Whether the server ran already, for someone else.
    pub fn joined(&self) -> bool {
        self.joined
    }

    /// Gives the share up and, if it was the last, waits until a durable server has ended. To drop it does the same
    /// without the waiting.
    pub async fn stop(self) {
        let Self { cluster, users_lock, durability, .. } = self;
        // Neither step can fail in a way that matters: the share ends with the file at the latest.
        let _ = users_lock.unlock();
        let others = match users_lock.try_lock() {
            Ok(()) => false,
            // Locked by others who use it, or by the keeper, which stops it?
            Err(_) => users_lock.try_lock_shared().is_ok(),
        };
        let _ = users_lock.unlock();
        if others || durability == Durability::Disposable {
            return;
        }
        if let Ok(lock) = cluster.lock_file("keeper.lock") {
            let ended = cluster.locked(lock, File::lock_shared);
            let _ = tokio::time::timeout(Duration::from_secs(10), ended).await;
        }
    }
}

/// The account that the server runs as, where it is not our own.
#[derive(Clone, Copy, Debug)]
struct Account {
    uid: u32,
    gid: u32,
}

/// The folder of a cluster and what lies where in it.
#[derive(Debug)]
struct Cluster {
    folder: PathBuf,
    account: Option<Account>,
}

impl Cluster {
    /// Makes the folders and decides on the account.
    fn prepare(folder: &Path) -> Result<Self, EmbeddedError> {
        let not_writable = |source| EmbeddedError::NotWritable { folder: folder.to_owned(), source };
        let folder = std::path::absolute(folder).map_err(not_writable)?;
        let socket_path = folder.join("socket").join(format!(".s.PGSQL.{PORT}"));
        if let Some(excess) = socket_path.as_os_str().len().checked_sub(LONGEST_SOCKET_PATH + 1) {
            return Err(EmbeddedError::PathTooLong { folder, excess: excess + 1 });
        }
        fs::create_dir_all(&folder).map_err(not_writable)?;
        let account = account_for(&folder.join("data"))?;
        let cluster = Self { folder, account };
        cluster.private_folder(&cluster.socket_folder()).map_err(not_writable)?;
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn socket_folder(&self) -> PathBuf {
        self.folder.join("socket")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    fn is_made(&self) -> bool {
        self.data().join("PG_VERSION").exists()
    }

    /// Makes a folder, where it is missing, that only the server's account can enter.
    fn private_folder(&self, path: &Path) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        if let Some(account) = self.account {
            chown(path, Some(account.uid), Some(account.gid))?;
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
    }

    /// Opens a file of ours in the folder: a lock, or the log.
    fn lock_file(&self, name: &str) -> Result<File, EmbeddedError> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(self.folder.join(name))
            .map_err(|source| EmbeddedError::NotWritable { folder: self.folder.clone(), source })
    }

    /// Locks a file, off the async threads, since it may take as long as another program starts or stops a server.
    async fn locked(&self, file: File, lock: fn(&File) -> io::Result<()>) -> Result<File, EmbeddedError> {
        tokio::task::spawn_blocking(move || lock(&file).map(|()| file))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|source| EmbeddedError::NotWritable { folder: self.folder.clone(), source })
    }

    /// A command of the server's account, in a process group of its own, so that a Ctrl-C does not reach it, and with
    /// nothing of our environment. It cannot be started where the account cannot enter the working folder.
    fn command(&self, program: &Path, working_folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C"), ("TZ", "UTC")])
            .current_dir(working_folder)
            .stdin(Stdio::null())
            .process_group(0);
        if let Some(account) = self.account {
            // This also leaves root's supplementary groups.
            command.uid(account.uid).gid(account.gid);
        }
        command
    }

    fn not_run(&self, program: &Path, source: io::Error) -> EmbeddedError {
        match self.account {
            Some(Account { uid, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
                EmbeddedError::OutOfReach { folder: self.folder.clone(), uid }
            }
            _ => EmbeddedError::Program { program: program.to_owned(), source },
        }
    }

    /// Makes the data folder. `initdb` can be killed halfway: it works in a folder beside, which is renamed when it is
    /// complete. Each attempt has a folder of its own, since a killed program leaves its `initdb` running.
    fn make(&self, initdb: &Path, durability: Durability) -> Result<(), EmbeddedError> {
        let not_writable = |source| EmbeddedError::NotWritable { folder: self.folder.clone(), source };
        for left_over in fs::read_dir(&self.folder).map_err(not_writable)?.flatten() {
            if left_over.file_name().as_encoded_bytes().starts_with(b"new-") {
                // One that cannot be removed is in nobody's way.
                let _ = fs::remove_dir_all(left_over.path());
            }
        }
        let new = self.folder.join(format!("new-{}", uuid::Uuid::now_v7().simple()));
        self.private_folder(&new).map_err(not_writable)?;

        let mut command = self.command(initdb, &new);
        command.arg("--pgdata").arg(&new).args(["--username", ROLE, "--encoding", "UTF8", "--no-instructions"]);
        command.args(["--auth-local", "trust", "--auth-host", "reject"]);
        if cfg!(target_os = "macos") {
            // Its C library knows no C.UTF-8; PostgreSQL 17 and later bring their own.
            command.args(["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]);
        } else {
            command.args(["--locale", "C.UTF-8"]);
        }
        if durability == Durability::Disposable {
            command.arg("--no-sync");
        }
        let output = command.output().map_err(|source| self.not_run(initdb, source))?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(EmbeddedError::NotMade { folder: self.folder.clone(), message });
        }
        fs::rename(&new, self.data()).map_err(not_writable)?;
        // The new name must be on disk before anything is committed under it.
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(not_writable)
    }

    /// Sees to it that a kept server answers, and says whether it did so already. Called under `start.lock`.
    async fn get_ready(
        &self,
        programs: &Path,
        durability: Durability,
        keeper_program: &Path,
    ) -> Result<bool, EmbeddedError> {
        let not_ready = || EmbeddedError::NotReady { log: self.log() };
        let unusable = |source| EmbeddedError::Database { log: self.log(), source };
        let start = Instant::now();
        let mut keeper: Option<Child> = None;
        loop {
            let kept = match &mut keeper {
                None => self.is_kept()?,
                Some(child) => child.try_wait().is_ok_and(|status| status.is_none()),
            };
            if !kept {
                if keeper.is_some() {
                    if start.elapsed() > FAILING_STARTS {
                        return Err(not_ready());
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                self.stop_orphan().await;
                keeper = Some(self.spawn_keeper(programs, durability, keeper_program)?);
            }
            match self.connect(APPLICATION_DATABASE).await {
                Ok(connection) => {
                    // Nothing depends on a polite farewell.
                    let _ = connection.close().await;
                    return Ok(keeper.is_none());
                }
                Err(error) if has_code(&error, "3D000") => {
                    let mut connection = self.connect("postgres").await.map_err(unusable)?;
                    let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {APPLICATION_DATABASE}"));
                    sqlx::query(statement).execute(&mut connection).await.map_err(unusable)?;
                    let _ = connection.close().await;
                }
                Err(_) if start.elapsed() > SLOWEST_START => return Err(not_ready()),
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(self.socket_folder()).port(PORT).username(ROLE).database(database)
    }

    async fn connect(&self, database: &str) -> Result<PgConnection, sqlx::Error> {
        tokio::time::timeout(Duration::from_secs(30), self.options(database).connect())
            .await
            .unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
    }

    /// Whether a keeper lives.
    fn is_kept(&self) -> Result<bool, EmbeddedError> {
        Ok(matches!(self.lock_file("keeper.lock")?.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Stops a server that answers although no keeper lives, and waits until it no longer does.
    async fn stop_orphan(&self) {
        for attempt in 0..1000 {
            match self.connect(APPLICATION_DATABASE).await {
                Ok(_) | Err(sqlx::Error::Database(_)) => {}
                // Nobody listens. What a killed server leaves behind is PostgreSQL's own to judge.
                Err(_) => return,
            }
            if attempt == 0 {
                // It answers, hence the first line of this file is its process id.
                let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
                if let Some(server) = file.lines().next().and_then(|line| line.trim().parse().ok()) {
                    keeper::ask_for_fast_shutdown(server);
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn spawn_keeper(&self, programs: &Path, durability: Durability, program: &Path) -> Result<Child, EmbeddedError> {
        let log = self.lock_file("postgres.log")?;
        let not_run = |source| EmbeddedError::Program { program: program.to_owned(), source };
        Command::new(program)
            .args(Keeper { folder: self.folder.clone(), programs: programs.to_owned(), durability }.command_line())
            .env_clear()
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(not_run)?)
            .stderr(log)
            .spawn()
            .map_err(not_run)
    }
}

/// PostgreSQL refuses to run as root: then it runs as the owner of the data, for a new cluster as `postgres` (which
/// the system's package brings) or `nobody`.
fn account_for(data: &Path) -> Result<Option<Account>, EmbeddedError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    if let Ok(owner) = fs::metadata(data)
        && owner.uid() != 0
    {
        return Ok(Some(Account { uid: owner.uid(), gid: owner.gid() }));
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |wanted: &str| {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            (name == wanted && uid != 0).then_some(Account { uid, gid })
        })
    };
    find("postgres").or_else(|| find("nobody")).map(Some).ok_or(EmbeddedError::NoAccount)
}

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|found| found == code)
}
