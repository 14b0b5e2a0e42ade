//! A Postgres of a benchmark's own.

use tempfile::TempDir;
use wattline::db::embedded::{Durability, EmbeddedPostgres, ServerPrograms};

/// Starts one in a folder that goes when it is dropped, after the server.
pub async fn start(durability: Durability) -> (EmbeddedPostgres, TempDir) {
    let folder = tempfile::tempdir().expect("a folder for the server");
    let path = std::env::var_os("PATH");
    let programs = ServerPrograms::find(None, path.as_deref()).unwrap_or_else(|error| panic!("{error}"));
    let keeper = env!("CARGO_BIN_EXE_wattline").as_ref();
    let server = EmbeddedPostgres::start(&folder.path().join("postgres"), durability, &programs, keeper)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    (server, folder)
}
