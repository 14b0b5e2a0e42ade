//! `wattline evaluate --merge`: how well the ledger merges labelled articles.

use std::{fmt::Write as _, io::Write};

use serde_json::{Value, json};

use super::{
    evaluate::read_lines,
    extract::{Prepared, prepare},
};
use crate::{
    evaluate::{
        GoldDeal,
        merge::{Claims, Outcome, Record, Reported, merge},
    },
    ledger::convert::Rates,
    model::{ArticleLine, Claim, Rank, Registry},
};

/// Merges the labelled deals of each file, and what the extractor reads in its articles, and prints how far the records
/// are those that the labels name. `errors` lists what went wrong, `json` prints one object instead of tables.
pub fn run(
    files: &[String],
    errors: bool,
    json: bool,
    registry: &Registry,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    let mut all: Vec<Reported> = Vec::new();
    let mut report = Vec::new();
    let mut tell = |name: &str, articles: &[Reported], output: &mut dyn Write| -> anyhow::Result<()> {
        for (claims, what) in [(Claims::Labels, "the labelled deals merged"), (Claims::Extractor, "read and merged")] {
            let outcome = merge(articles, claims, registry, Rates::shipped());
            if json {
                report.push(json!({"file": name, "claims": what, "outcome": outcome}));
            } else {
                writeln!(output, "{}", table(&format!("{name}: {what}"), &outcome, errors))?;
            }
        }
        Ok(())
    };
    for file in files {
        let articles = read_lines(file, "article with records", labelled, |article| &article.id)?;
        tell(file, &articles, output)?;
        all.extend(articles);
    }
    if files.len() > 1 {
        tell("all files", &all, output)?;
    }
    if json {
        writeln!(output, "{}", json!(report))?;
    }
    Ok(())
}

fn table(title: &str, outcome: &Outcome, errors: bool) -> String {
    let mut table = format!("{title}\n");
    let b = outcome.b_cubed;
    let u = outcome.umbrellas;
    let _ = writeln!(table, "{:24} P {:.3}  R {:.3}  F1 {:.3}", "b_cubed", b.precision, b.recall, b.f1);
    let _ = writeln!(table, "{:24} P {:.3}  R {:.3}  F1 {:.3}", "umbrellas", u.precision, u.recall, u.f1);
    for (name, count) in [
        ("claims", outcome.claims),
        ("records_labelled", outcome.records),
        ("records_made", outcome.clusters),
        ("near_misses", outcome.near_misses),
        ("wrong_merges", outcome.wrong.len()),
        ("records_split", outcome.split.len()),
        ("proposals", outcome.proposals),
    ] {
        let _ = writeln!(table, "{name:24} {count}");
    }
    for wrong in &outcome.wrong {
        let _ = writeln!(table, "wrongly merged: {wrong}");
    }
    if errors {
        for line in
            outcome.split.iter().map(|split| format!("split: {split}")).chain(outcome.wrong_links.iter().cloned())
        {
            let _ = writeln!(table, "{line}");
        }
    }
    table
}

fn labelled(line: &str) -> Result<Reported, String> {
    let line: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let id = line["id"].as_str().ok_or("it has no `id`")?.to_owned();
    let rank = match line["genre"].as_str() {
        Some("release" | "filing") => Rank::Primary,
        Some("trade") => Rank::Trade,
        _ => Rank::Press,
    };
    let input: ArticleLine = serde_json::from_value(line.clone()).map_err(|error| error.to_string())?;
    let Prepared { article, complaint, .. } = prepare(&input)?;
    if let Some(complaint) = complaint {
        return Err(complaint);
    }
    let deals = line["deals"].as_array().ok_or("it has no `deals`")?;
    let deals = deals.iter().map(record).collect::<Result<_, _>>()?;
    Ok(Reported { id, article, rank, deals })
}

fn record(deal: &Value) -> Result<Record, String> {
    let gold: GoldDeal = serde_json::from_value(deal.clone()).map_err(|error| error.to_string())?;
    let record = deal["record"].as_str().ok_or("a deal has no `record`")?.to_owned();
    let part_of = deal["part_of"].as_str().map(ToOwned::to_owned);
    let mut claim = deal.clone();
    if let Some(fields) = claim.as_object_mut() {
        fields.remove("part_of");
        for (field, usual) in [("evidence", json!([])), ("confidence", json!(1.0))] {
            fields.entry(field).or_insert(usual);
        }
    }
    let mut claim: Claim = serde_json::from_value(claim).map_err(|error| error.to_string())?;
    for party in &mut claim.parties {
        let first = party.name.split('|').next().unwrap_or_default().to_owned();
        party.name = first;
    }
    Ok(Record { claim, gold, record, part_of })
}
