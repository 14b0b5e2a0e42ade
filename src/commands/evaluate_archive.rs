//! `wattline evaluate --archive`: how well the archive that ships with the program is read and merged.

use std::{fmt::Write as _, io::Write};

use chrono::Utc;

use super::{evaluate::read_lines, open};
use crate::{
    config::Options,
    db::records,
    evaluate::archive::{Fact, Outcome, Record, Right, weigh},
    jobs::archive::read_archive,
    ledger::convert::Rates,
    model::Registry,
};

/// Reads the archive into an empty ledger, in a private Postgres that is thrown away, the way that the program itself
/// reads it, and prints how far its records are the facts of the file, and each difference.
pub async fn run(options: &Options, facts: &str, json: bool, output: &mut impl Write) -> anyhow::Result<()> {
    let registry = Registry::shipped();
    let mut facts = read_lines(
        facts,
        "fact",
        |line| serde_json::from_str::<Fact>(line).map_err(|error| error.to_string()),
        |fact| &fact.id,
    )?;
    // The facts write some companies in two ways.
    for party in facts.iter_mut().flat_map(|fact| &mut fact.deal.parties) {
        if let Some(known) = registry.find(&party.name) {
            party.name.clone_from(&known.name);
        }
    }
    // Never the ledger that is in use: an empty one.
    let folder = tempfile::tempdir()?;
    let options = Options { database_url: None, data: Some(folder.path().to_owned()), ..options.clone() };
    let database = open(&options).await?;
    let now = Utc::now();
    let mut db = database.pool.acquire().await?;
    read_archive(&mut db, registry, Rates::shipped(), now).await?;
    let records = records::with_items(&mut db).await;
    drop(db);
    database.close().await;
    let records: Vec<Record> = records?.into_iter().map(|(id, deal, items)| Record { id, deal, items }).collect();
    let outcome = weigh(&facts, &records);
    if json {
        serde_json::to_writer(&mut *output, &outcome).map_err(std::io::Error::from)?;
        writeln!(output)?;
    } else {
        writeln!(output, "{}", table(&outcome))?;
    }
    output.flush()?;
    Ok(())
}

fn table(outcome: &Outcome) -> String {
    let mut table = outcome.differences.join("\n");
    table.push_str("\n\n");
    for (name, Right { right, of }) in [
        ("whole", outcome.whole),
        ("found", outcome.found),
        ("parties", outcome.parties),
        ("amounts", outcome.amounts),
        ("capacity", outcome.capacity),
        ("kind", outcome.kind),
        ("status", outcome.status),
        ("date", outcome.date),
        ("part_of", outcome.part_of),
        ("updates", outcome.updates),
    ] {
        let share = if of == 0 { 1.0 } else { right as f64 / of as f64 };
        let _ = writeln!(table, "{name:16} {right:4} of {of:4}  {share:.3}");
    }
    for (name, count) in
        [("extra", outcome.extra), ("wrongly_merged", outcome.merged), ("wrong_links", outcome.wrong_links)]
    {
        let _ = writeln!(table, "{name:16} {count:4}");
    }
    table
}
