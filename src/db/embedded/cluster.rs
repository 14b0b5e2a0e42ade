//! The cluster in its folder: how it is made, started and reached.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{ConnectOptions, Connection};

use super::{APPLICATION_DATABASE, Durability, EmbeddedError, Keeper, keeper};

/// The one role of the cluster. Who may enter the socket's folder may be it.
const ROLE: &str = "wattline";

/// The port is part of the socket's name only; it is given wherever a variable of the environment could change it.
pub(super) const PORT: u16 = 5432;

/// The longest path of a socket that all systems take (macOS: 104 bytes with the closing zero; Linux: 108).
const LONGEST_SOCKET_PATH: usize = 103;

/// How long a server may end at once before it is given up. It does so while what is left of a killed one still ends.
const FAILING_STARTS: Duration = Duration::from_secs(15);

/// How long a server may take until it is ready. Recovery reads what was written since the last checkpoint.
const SLOWEST_START: Duration = Duration::from_mins(10);

/// The account that the server runs as, where it is not our own.
#[derive(Clone, Copy, Debug)]
struct Account {
    uid: u32,
    gid: u32,
}

/// The folder of a cluster and what lies where in it.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) folder: PathBuf,
    account: Option<Account>,
}

impl Cluster {
    /// Makes the folders and decides on the account.
    pub(super) fn prepare(folder: &Path) -> Result<Self, EmbeddedError> {
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

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(super) fn socket_folder(&self) -> PathBuf {
        self.folder.join("socket")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    pub(super) fn is_made(&self) -> bool {
        self.data().join("PG_VERSION").exists()
    }

    /// Makes a folder, where it is missing, that only the server's account can enter.
    fn private_folder(&self, path: &Path) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        match self.account {
            // Of a link, the link itself: root must not give away what a folder's owner points it to.
            Some(Account { uid, gid }) => lchown(path, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }

    /// Opens a file of ours in the folder: a lock, or the log.
    pub(super) fn own_file(&self, name: &str) -> Result<File, EmbeddedError> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(self.folder.join(name))
            .map_err(|source| EmbeddedError::NotWritable { folder: self.folder.clone(), source })
    }

    /// Locks a file, off the async threads, since it may take as long as another program starts or stops a server.
    pub(super) async fn locked(&self, file: File, lock: fn(&File) -> io::Result<()>) -> Result<File, EmbeddedError> {
        tokio::task::spawn_blocking(move || lock(&file).map(|()| file))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|source| EmbeddedError::NotWritable { folder: self.folder.clone(), source })
    }

    /// A command of the server's account, in a process group of its own, so that a Ctrl-C does not reach it, and with
    /// nothing of our environment. It cannot be started where the account cannot enter the working folder.
    pub(super) fn command(&self, program: &Path, working_folder: &Path) -> Command {
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

    pub(super) fn not_run(&self, program: &Path, source: io::Error) -> EmbeddedError {
        match self.account {
            Some(Account { uid, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
                EmbeddedError::OutOfReach { folder: self.folder.clone(), uid }
            }
            _ => EmbeddedError::Program { program: program.to_owned(), source },
        }
    }

    /// Makes the data folder. `initdb` can be killed halfway: it works in a folder beside, which is renamed when it is
    /// complete. Each attempt has a folder of its own, since a killed program leaves its `initdb` running.
    pub(super) async fn make(&self, initdb: &Path, durability: Durability) -> Result<(), EmbeddedError> {
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
            // There is no C.UTF-8 there; this is the same: the order of bytes, and letters known beyond ASCII.
            command.args(["--locale", "C", "--lc-ctype", "en_US.UTF-8"]);
        } else {
            command.args(["--locale", "C.UTF-8"]);
        }
        if durability == Durability::Disposable {
            command.arg("--no-sync");
        }
        let output =
            tokio::process::Command::from(command).output().await.map_err(|source| self.not_run(initdb, source))?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(EmbeddedError::NotMade { folder: self.folder.clone(), message });
        }
        fs::rename(&new, self.data()).map_err(not_writable)?;
        // The new name must be on disk before anything is committed under it.
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(not_writable)
    }

    /// Sees to it that a kept server answers, and says whether it did so already. Called under `start.lock`.
    pub(super) async fn get_ready(
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

    pub(super) fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.socket_folder())
            .port(PORT)
            .ssl_mode(PgSslMode::Disable)
            .username(ROLE)
            .database(database)
    }

    async fn connect(&self, database: &str) -> Result<PgConnection, sqlx::Error> {
        tokio::time::timeout(Duration::from_secs(30), self.options(database).connect())
            .await
            .unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
    }

    /// Whether a keeper lives.
    fn is_kept(&self) -> Result<bool, EmbeddedError> {
        Ok(matches!(self.own_file("keeper.lock")?.try_lock(), Err(TryLockError::WouldBlock)))
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
        let log = self.own_file("postgres.log")?;
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
