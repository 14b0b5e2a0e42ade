//! The boot story.

use clap::{Parser, Subcommand};
use wattline::db::embedded::{KEEPER_COMMAND, Keeper};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What the program starts itself as, to be the parent of its embedded database.
    #[command(name = KEEPER_COMMAND, hide = true)]
    KeepPostgres(Keeper),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::KeepPostgres(keeper) => Ok(keeper.run().await?),
    }
}
