//! `extract`: the contract's command line.

use std::{path::PathBuf, process::ExitCode};

/// Reads articles and prints their deals.
pub fn run(_files: &[PathBuf]) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not built yet")
}
