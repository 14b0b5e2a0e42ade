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

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

mod cluster;
mod error;
mod keeper;
mod programs;

use cluster::Cluster;
pub use error::EmbeddedError;
pub use keeper::{KEEPER_COMMAND, Keeper};
pub use programs::ServerPrograms;

/// The database that the application works in.
pub const APPLICATION_DATABASE: &str = "wattline";

/// What a crash of the machine may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// Nothing that was committed.
    Durable,
    /// Everything: nothing is forced to disk. For tests. Such a server also outlives its last user by some seconds, so
    /// that a run of many short processes shares one.
    Disposable,
}

/// A share in the private server of a folder. The server lives as long as anyone has one.
#[derive(Debug)]
#[must_use = "the server ends with its last user"]
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
        let users_lock = cluster.own_file("users.lock")?;
        let users_lock = cluster.locked(users_lock, File::lock_shared).await?;
        let start_lock = cluster.own_file("start.lock")?;
        let _start_lock = cluster.locked(start_lock, File::lock).await?;

        let programs = programs.for_data(&cluster)?;
        if !cluster.is_made() {
            cluster.make(&programs.join("initdb"), durability).await?;
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
        // Whether an unlocking fails does not matter: a lock ends with its file.
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
        if let Ok(lock) = cluster.own_file("keeper.lock") {
            let ended = cluster.locked(lock, File::lock_shared);
            let _ = tokio::time::timeout(Duration::from_secs(10), ended).await;
        }
    }
}
