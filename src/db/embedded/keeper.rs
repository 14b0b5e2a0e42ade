//! The keeper: the parent of an embedded server, which stops it when its last user has ended.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use super::cluster::{Cluster, PORT};
use super::{Durability, EmbeddedError};

/// The hidden command under which this program is a keeper.
pub const KEEPER_COMMAND: &str = "keep-postgres";

/// How long a disposable server waits for another user. The processes of a test run follow each other closely.
const GRACE: Duration = Duration::from_secs(10);

/// The order to keep the server of one folder: what [`EmbeddedPostgres::start`](super::EmbeddedPostgres::start) hands
/// to the keeper that it starts, and [`Keeper::run`] carries out.
#[derive(Clone, Debug, clap::Args)]
pub struct Keeper {
    /// The folder of the cluster.
    pub(super) folder: PathBuf,
    /// The folder of the server programs.
    pub(super) programs: PathBuf,
    /// Whether anything is forced to disk.
    pub(super) durability: Durability,
}

impl Keeper {
    /// What stands behind the program's name.
    pub(super) fn command_line(&self) -> [OsString; 4] {
        let durability = match self.durability {
            Durability::Durable => "durable",
            Durability::Disposable => "disposable",
        };
        [KEEPER_COMMAND.into(), self.folder.clone().into(), self.programs.clone().into(), durability.into()]
    }

    /// Runs the server until its last user has ended, or until it ends by itself.
    pub async fn run(self) -> Result<(), EmbeddedError> {
        let cluster = Cluster::prepare(&self.folder)?;
        let _keeper_lock = cluster.locked(cluster.own_file("keeper.lock")?, File::lock).await?;
        let users_lock = cluster.own_file("users.lock")?;

        let postgres = self.programs.join("postgres");
        let not_run = |source| cluster.not_run(&postgres, source);
        // What ends the users (a Ctrl-C, a closed terminal, a `pkill`) must not end their keeper before them.
        let mut ignored = Vec::new();
        for kind in [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::terminate()] {
            ignored.push(signal(kind).map_err(not_run)?);
        }
        let mut server = tokio::process::Command::from(self.server_command(&cluster)).spawn().map_err(not_run)?;

        // A thread of its own, not one of the runtime's, which would wait for it where the server ended by itself.
        let (unused, mut wait_for_unused) = tokio::sync::oneshot::channel();
        let durability = self.durability;
        std::thread::spawn(move || {
            // Without the lock it cannot be known who uses the server; it then stays until it is stopped by hand.
            if lock_when_unused(&users_lock, durability).is_ok() {
                let _ = unused.send(users_lock);
            }
        });
        let users_lock = tokio::select! {
            _ = server.wait() => return Ok(()),
            Ok(lock) = &mut wait_for_unused => lock,
        };
        if let Some(pid) = server.id().and_then(|id| i32::try_from(id).ok()) {
            ask_for_fast_shutdown(pid);
        }
        server.wait().await.map_err(not_run)?;
        drop(users_lock);
        Ok(())
    }

    fn server_command(&self, cluster: &Cluster) -> std::process::Command {
        let mut command = cluster.command(&self.programs.join("postgres"), &cluster.data());
        // The setting is a list of folders; in double quotes a comma is part of a name.
        let socket_folder = cluster.socket_folder();
        let quoted =
            socket_folder.as_os_str().as_bytes().split(|byte| *byte == b'"').collect::<Vec<_>>().join(&b"\"\""[..]);
        let mut socket_setting = OsString::from("unix_socket_directories=\"");
        socket_setting.push(std::ffi::OsStr::from_bytes(&quoted));
        socket_setting.push("\"");
        command.arg("-D").arg(cluster.data()).arg("-c").arg(socket_setting);

        let port = format!("port={PORT}");
        // Compiling a query takes longer than ours take to be answered; see `db::open`.
        let mut settings = vec![port.as_str(), "listen_addresses=", "log_checkpoints=off", "jit=off"];
        if self.durability == Durability::Disposable {
            // Nothing is forced to disk or kept for recovery, and there is room for many test processes at once.
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
            settings.extend(["wal_level=minimal", "max_wal_senders=0", "max_connections=500"]);
        }
        for setting in settings {
            command.args(["-c", setting]);
        }
        command
    }
}

/// Returns with the exclusive lock when nobody shares it any more.
fn lock_when_unused(users_lock: &File, durability: Durability) -> std::io::Result<()> {
    users_lock.lock()?;
    if durability == Durability::Disposable {
        loop {
            users_lock.unlock()?;
            std::thread::sleep(GRACE);
            match users_lock.try_lock() {
                Ok(()) => break,
                Err(_) => users_lock.lock()?,
            }
        }
    }
    Ok(())
}

/// Open transactions are rolled back, what was committed is written out, and the server ends.
pub(super) fn ask_for_fast_shutdown(server: i32) {
    if let Some(pid) = Pid::from_raw(server) {
        // It fails where the server has just ended.
        let _ = kill_process(pid, Signal::INT);
    }
}
