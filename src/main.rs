//! The boot story: what was asked for, a database to do it in, and the command.

use std::process::ExitCode;

use clap::Parser;
use wattline::{
    commands::{self, Usage, evaluate::Wanted, serve::Halves},
    config::{Arguments, Command, RatesCommand, Starting},
    model::Registry,
};

/// A worker runs for months, on many threads: what one of them frees goes back to the system within seconds, where the C
/// library's allocator would keep it for that thread.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Ok(filter) = arguments.options.log.parse::<tracing_subscriber::EnvFilter>() else {
        return failure(
            &Usage("--log or WATTLINE_LOG is no filter: give one such as `warn` or `wattline=debug`".to_owned()).into(),
        );
    };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure(&error.into()),
    };
    runtime.block_on(run(arguments)).unwrap_or_else(|error| failure(&error))
}

async fn run(Arguments { options, command }: Arguments) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(starting) => Box::pin(commands::serve::run(&options, Halves::Both, &starting)).await?,
        Command::Web => {
            let starting = Starting { no_archive: true, no_sources: true, ..Starting::default() };
            Box::pin(commands::serve::run(&options, Halves::Web, &starting)).await?;
        }
        Command::Worker(starting) => Box::pin(commands::serve::run(&options, Halves::Worker, &starting)).await?,
        Command::Ingest { inputs, dry_run: true } => {
            let all_read = commands::dry_run::run(&inputs, &mut std::io::stdout().lock());
            return Ok(if commands::printed(all_read, true)? { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Ingest { inputs, .. } => {
            if commands::ingest::run(&options, &inputs).await?.errors > 0 {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Extract { files, text_only: true, .. } => {
            let all_read = commands::main_text::run(&files, &mut std::io::stdout().lock());
            return Ok(if commands::printed(all_read, true)? { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Extract { files, readers, .. } => {
            let reader = commands::extract::reader(&readers, Registry::shipped())?;
            let all_read = commands::extract::run(&files, &reader, &mut std::io::stdout().lock()).await;
            return Ok(if commands::printed(all_read, true)? { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Evaluate { archive: Some(facts), json, .. } => {
            let mut output = std::io::stdout();
            let told = commands::evaluate_archive::run(&options, &facts, json, &mut output).await;
            commands::printed(told, ())?;
        }
        Command::Evaluate { gold, errors, json, merge: true, .. } => {
            let mut output = std::io::stdout().lock();
            let told = commands::evaluate_merge::run(&gold, errors, json, Registry::shipped(), &mut output);
            commands::printed(told, ())?;
        }
        Command::Evaluate { gold, errors, json, rules, .. } => {
            let wanted = Wanted { errors, json, rules };
            let told = commands::evaluate::run(&gold, wanted, Registry::shipped(), &mut std::io::stdout().lock());
            commands::printed(told, ())?;
        }
        Command::Learn { gold, web, archive, folds, packed } => {
            let told = commands::learn::run(
                &gold,
                web.as_deref(),
                archive.as_deref(),
                folds,
                packed,
                Registry::shipped(),
                &mut std::io::stdout().lock(),
            );
            commands::printed(told, ())?;
        }
        Command::Migrate => commands::migrate(&options).await?,
        Command::Dump => {
            let told = commands::dump::run(&options, &mut std::io::stdout().lock()).await;
            commands::printed(told, ())?;
        }
        Command::Synth { deals, articles } => commands::synth::run(&options, deals, articles).await?,
        Command::Snapshot { folder } => commands::snapshot::run(&options, &folder).await?,
        Command::Rebuild => commands::rebuild(&options).await?,
        Command::Rates(RatesCommand::Update { input }) => commands::rates::update(&options, &input).await?,
        Command::Sources(command) => commands::sources::run(&options, &command).await?,
        Command::Articles(command) => commands::sources::articles(&options, &command).await?,
        Command::Digest(command) => commands::digest::run(&options, command).await?,
        Command::KeepPostgres(keeper) => keeper.run().await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// One sentence on standard error. Exit status 2: the one who started the program can mend it; 1: anything else.
fn failure(error: &anyhow::Error) -> ExitCode {
    commands::complain(format_args!("wattline: {error:#}"));
    if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}
