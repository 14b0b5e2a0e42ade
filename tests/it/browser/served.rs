//! The program as a process of its own, serving a ledger.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use crate::support::database::{TestDatabase, WATTLINE};

/// A running site over a database of its own.
pub struct Served {
    process: Child,
    /// What its addresses begin with, without a slash at the end.
    pub origin: String,
    /// What it serves.
    pub database: TestDatabase,
}

impl Served {
    /// The site over the archive that ships with the program.
    pub async fn archive() -> Self {
        Self::over(TestDatabase::with_archive().await)
    }

    /// The site over this ledger.
    pub fn over(database: TestDatabase) -> Self {
        Self::with(database, &["web"])
    }

    /// The program with this command and these options, over this ledger.
    pub fn with(database: TestDatabase, arguments: &[&str]) -> Self {
        let mut command = Command::new(WATTLINE);
        command.args(arguments).args(["--listen", "127.0.0.1:0", "--database-url", &database.url()]);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let origin = loop {
            let line = lines.next().expect("the program says where it is before it ends").unwrap();
            if let Some(origin) = line.strip_prefix("Wattline is at ") {
                break origin.trim_end_matches('/').to_owned();
            }
        };
        // Nobody is left to write to once the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, origin, database }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
