//! The boot story.

use std::process::ExitCode;

use wattline::{commands, model::Registry};

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("extract") {
        let files: Vec<String> = arguments.collect();
        let clean = commands::extract::run(&files, Registry::shipped(), &mut std::io::stdout().lock())?;
        return Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    Ok(ExitCode::SUCCESS)
}
