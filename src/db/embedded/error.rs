//! Why there is no embedded database.

use std::io;
use std::path::PathBuf;

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
