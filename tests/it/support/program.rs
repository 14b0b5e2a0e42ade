//! Programs that use an embedded database, as processes of their own, to be killed.
//!
//! Such a program is this test program again, told by its environment to run [`as_told_by_the_environment`] in place
//! of tests.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tempfile::TempDir;
use uuid::Uuid;
use wattline::db::embedded::{APPLICATION_DATABASE, Durability, EmbeddedPostgres};

use super::database::{WATTLINE, server_programs};

const FOLDER: &str = "WATTLINE_TEST_FOLDER";
const KEEPER: &str = "WATTLINE_TEST_KEEPER";

/// A program that started or joined the server of a folder, and writes into its database until it ends.
pub struct Program {
    process: Child,
    /// Closing it asks the program to end.
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Whether the server ran already.
    pub joined: bool,
    /// The process id of the server.
    pub server: i32,
}

impl Program {
    /// Starts one and waits until its database is ready, or returns what it complains of.
    pub fn start(folder: &Path) -> Result<Self, String> {
        Self::spawn(folder, &std::env::current_exe().unwrap(), WATTLINE.as_ref(), None).when_ready()
    }

    /// The same as another user, with copies of the programs that this user can reach.
    pub fn start_as(uid: u32, copies: &Path, folder: &Path) -> Result<Self, String> {
        let copy = |program: &Path| {
            let copy = copies.join(program.file_name().unwrap());
            std::fs::copy(program, &copy).unwrap();
            copy
        };
        Self::spawn(folder, &copy(&std::env::current_exe().unwrap()), &copy(WATTLINE.as_ref()), Some(uid)).when_ready()
    }

    /// Kills one with SIGKILL so long after its start, ready or not.
    pub fn kill_while_it_starts(folder: &Path, after: Duration) {
        let program = Self::spawn(folder, &std::env::current_exe().unwrap(), WATTLINE.as_ref(), None);
        std::thread::sleep(after);
        program.kill();
    }

    fn spawn(folder: &Path, tests: &Path, keeper: &Path, uid: Option<u32>) -> Self {
        let mut command = Command::new(tests);
        command.args(["--exact", "embedded::a_program_for_the_other_tests", "--nocapture"]);
        command.env(FOLDER, folder).env(KEEPER, keeper).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        if let Some(uid) = uid {
            command.uid(uid).gid(uid);
        }
        let mut process = command.spawn().unwrap();
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { process, input, lines, joined: false, server: 0 }
    }

    fn when_ready(mut self) -> Result<Self, String> {
        loop {
            let line = self.lines.recv_timeout(Duration::from_mins(1)).expect("the program starts");
            if let Some((joined, server)) = line.strip_prefix("ready ").and_then(|line| line.split_once(' ')) {
                self.joined = joined.parse().unwrap();
                self.server = server.parse().unwrap();
                return Ok(self);
            }
            if let Some(complaint) = line.strip_prefix("failed: ") {
                return Err(complaint.to_owned());
            }
        }
    }

    /// Waits for the next rows that it commits, and returns their ids.
    pub fn commits(&self, number: usize) -> Vec<Uuid> {
        let mut ids = Vec::new();
        while ids.len() < number {
            let line = self.lines.recv_timeout(Duration::from_mins(1)).expect("the program writes");
            ids.extend(committed(&line));
        }
        ids
    }

    /// Forgets what it has committed until now.
    pub fn catch_up(&self) {
        self.lines.try_iter().for_each(drop);
    }

    /// Kills it with SIGKILL, and returns what it had committed besides.
    pub fn kill(mut self) -> Vec<Uuid> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.lines.iter().filter_map(|line| committed(&line)).collect()
    }

    /// Asks it to end, and waits until it has.
    pub fn end(mut self) {
        drop(self.input.take());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended, or its test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn committed(line: &str) -> Option<Uuid> {
    line.strip_prefix("committed ")?.parse().ok()
}

/// The body of the program, where this process is one.
pub async fn as_told_by_the_environment() {
    let (Some(folder), Some(keeper)) = (std::env::var_os(FOLDER), std::env::var_os(KEEPER)) else {
        return;
    };
    let started =
        EmbeddedPostgres::start(folder.as_ref(), Durability::Durable, &server_programs(), keeper.as_ref()).await;
    let postgres = match started {
        Ok(postgres) => postgres,
        Err(error) => {
            println!("\nfailed: {error}");
            return;
        }
    };
    let (end, mut ending) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(end);
    });

    let pool = sqlx::PgPool::connect_with(postgres.options(APPLICATION_DATABASE)).await.unwrap();
    let server = std::fs::read_to_string(PathBuf::from(folder).join("data/postmaster.pid")).unwrap();
    // Two programs that are first at once must not both create it.
    sqlx::raw_sql(
        "SELECT pg_advisory_lock(1); CREATE TABLE IF NOT EXISTS written (id uuid); SELECT pg_advisory_unlock(1)",
    )
    .execute(&pool)
    .await
    .unwrap();
    // On a line of its own: the test runner may have begun one.
    println!("\nready {} {}", postgres.joined(), server.lines().next().unwrap());
    let writing: Vec<_> = std::iter::repeat_with(|| {
        let pool = pool.clone();
        tokio::spawn(async move {
            loop {
                let id = Uuid::now_v7();
                if sqlx::query("INSERT INTO written VALUES ($1)").bind(id).execute(&pool).await.is_err() {
                    // The server was killed, and this program is about to be.
                    return;
                }
                println!("committed {id}");
            }
        })
    })
    .take(4)
    .collect();
    let _ = (&mut ending).await;
    writing.iter().for_each(tokio::task::JoinHandle::abort);
    pool.close().await;
    postgres.stop().await;
}

/// A new folder that every account can enter, removed when its server has ended.
pub struct OpenFolder(TempDir);

impl OpenFolder {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for OpenFolder {
    fn drop(&mut self) {
        // The programs have ended by now; their keeper is about to.
        if let Ok(keeper) = File::open(self.path().join("keeper.lock")) {
            let _ = keeper.lock();
        }
    }
}
