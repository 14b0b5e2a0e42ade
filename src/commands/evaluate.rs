//! `wattline evaluate`: how well the extractor reads labelled articles.

use std::{collections::HashSet, fmt::Write as _, io::Write};

use serde::{Deserialize, Serialize};

use super::{
    Usage,
    extract::{Prepared, prepare},
};
use crate::{
    evaluate::{Counts, Difference, Disagreement, Figures, GoldArticle, GoldDeal, Scores, weigh},
    extract,
    model::{Amount, ArticleLine, Capacity, Kind, Party, Registry, Status},
};

/// What is to be told, and of which reader.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Each difference too, before its file's table.
    pub errors: bool,
    /// One JSON object instead of tables.
    pub json: bool,
    /// The rules alone, without what was learned.
    pub rules: bool,
}

/// Reads every file of labelled articles, runs the extractor on each article, and prints the score table of each file
/// and of all together.
pub fn run(
    files: &[String],
    Wanted { errors, json, rules }: Wanted,
    registry: &Registry,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    let mut all = Counts::default();
    let mut report = Report { files: Vec::new(), all: all.scores() };
    for file in files {
        let mut counts = Counts::default();
        let mut differences = Vec::new();
        for gold in read(file)? {
            let reading = if rules {
                extract::read_with(&gold.article, registry, None)
            } else {
                extract::read(&gold.article, registry)
            };
            let (of_article, found) = weigh(&gold, &reading);
            counts += of_article;
            differences.extend(found);
        }
        all += counts;
        let scores = counts.scores();
        if !json {
            if errors {
                differences.iter().try_for_each(|difference| writeln!(output, "{}", told(difference)))?;
            }
            writeln!(output, "{}", table(file, &scores))?;
        }
        report.files.push(File { name: file, scores, differences: errors.then_some(differences) });
    }
    report.all = all.scores();
    if json {
        serde_json::to_writer(&mut *output, &report).map_err(std::io::Error::from)?;
        writeln!(output)?;
    } else if files.len() > 1 {
        writeln!(output, "{}", table("all files", &report.all))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Report<'a> {
    files: Vec<File<'a>>,
    all: Scores,
}

#[derive(Serialize)]
struct File<'a> {
    #[serde(rename = "file")]
    name: &'a str,
    scores: Scores,
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Vec<Difference>>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(flatten)]
    article: ArticleLine,
    deals: Vec<GoldDeal>,
}

/// The labelled articles of a file.
pub(super) fn read(file: &str) -> Result<Vec<GoldArticle>, Usage> {
    read_lines(file, "labelled article", labelled, |article| &article.id)
}

/// What stands in a file, a line each, with an id of its own. A label that cannot be read is a fault of the file, not of one
/// article: a score that leaves some out would mislead.
pub(super) fn read_lines<T>(
    file: &str,
    what: &str,
    parse: impl Fn(&str) -> Result<T, String>,
    id: impl Fn(&T) -> &str,
) -> Result<Vec<T>, Usage> {
    let lines = std::fs::read_to_string(file)
        .map_err(|error| Usage(format!("the file {file} cannot be read ({error}): name one that can be")))?;
    let mut known = HashSet::new();
    let mut articles = Vec::new();
    for (number, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = number + 1;
        let article = parse(line).map_err(|error| {
            Usage(format!("line {number} of {file} is no {what} ({error}): mend it, and try again"))
        })?;
        let id = id(&article);
        if !known.insert(id.to_owned()) {
            return Err(Usage(format!(
                "the id {id} of line {number} of {file} is used before: give each article its own"
            )));
        }
        articles.push(article);
    }
    Ok(articles)
}

fn labelled(line: &str) -> Result<GoldArticle, String> {
    let Line { article: input, deals } = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let id = match &input.id {
        Some(serde_json::Value::String(id)) => id.clone(),
        Some(id) => id.to_string(),
        None => return Err("it has no `id`".to_owned()),
    };
    let Prepared { article, complaint, .. } = prepare(&input)?;
    if let Some(complaint) = complaint {
        return Err(complaint);
    }
    Ok(GoldArticle { id, article, deals })
}

/// The table of the reference scorer, under the file's name.
pub(super) fn table(title: &str, scores: &Scores) -> String {
    let mut table = format!("{title}\n");
    let figures = |name: &str, Figures { precision, recall, f1 }: Figures| {
        format!("{name:24} P {precision:.3}  R {recall:.3}  F1 {f1:.3}\n")
    };
    let share = |name: &str, share: Option<f64>| match share {
        Some(share) => format!("{name:24} {share:?}\n"),
        None => format!("{name:24} -\n"),
    };
    table += &figures("deals_lenient", scores.deals_lenient);
    table += &figures("deals_strict", scores.deals_strict);
    table += &figures("parties_with_role", scores.parties_with_role);
    table += &figures("amounts", scores.amounts);
    table += &figures("capacity", scores.capacity);
    table += &share("kind_accuracy", scores.kind_accuracy);
    table += &share("status_accuracy", scores.status_accuracy);
    table += &share("false_deals_an_article", scores.false_deals_an_article);
    table += &share("evidence", scores.evidence);
    let _ = writeln!(table, "{:24} {}", "articles", scores.articles);
    table
}

/// A difference in a few lines: what the label says, what was found, and the sentence.
fn told(difference: &Difference) -> String {
    let gold = difference.gold.as_ref();
    let gold = gold.map(|deal| brief(deal.kind, deal.status, &deal.parties, &deal.amounts, &deal.capacity));
    let found = difference.found.as_ref();
    let found = found.map(|deal| brief(deal.kind, deal.status, &deal.parties, &deal.amounts, &deal.capacity));
    let mut lines = Vec::new();
    match difference.what {
        Disagreement::Differs => {
            lines.extend(gold.map(|gold| format!("label {gold}")));
            lines.extend(found.map(|found| format!("found {found}")));
        }
        Disagreement::Missed | Disagreement::Extra => lines.extend(gold.or(found)),
    }
    lines.extend(difference.sentence.as_ref().map(|sentence| format!("“{}”", sentence.replace('\n', " "))));
    let head = format!("{:10} {:8} ", difference.article, difference.what.to_string());
    head + &lines.join(&format!("\n{:20}", ""))
}

fn brief(kind: Kind, status: Status, parties: &[Party], amounts: &[Amount], capacity: &[Capacity]) -> String {
    let parties: Vec<String> = parties.iter().map(|party| format!("{} ({})", party.name, party.role)).collect();
    let mut parts = vec![format!("{kind}/{status}"), parties.join(" + ")];
    parts.extend(amounts.iter().map(ToString::to_string));
    parts.extend(capacity.iter().map(ToString::to_string));
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_on(gold: &str, errors: bool, json: bool) -> anyhow::Result<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gold.jsonl");
        std::fs::write(&file, gold).unwrap();
        let mut output = Vec::new();
        let file = file.to_str().unwrap().to_owned();
        let wanted = Wanted { errors, json, rules: false };
        run(&[file.clone(), file], wanted, Registry::shipped(), &mut output)?;
        Ok(String::from_utf8(output).unwrap())
    }

    const MISSED: &str = r#"{"id": 7, "title": "A day", "text": "Nothing was said.\nRuff and Knot slept.",
        "deals": [{"kind": "ipo", "status": "rumored", "parties": [{"name": "Ruff|Ruff Labs", "role": "issuer"}]}]}"#;

    #[test]
    fn each_file_has_its_table_and_all_together_have_one() {
        let gold = MISSED.replace('\n', "");
        let table = run_on(&gold, true, false).unwrap();
        assert_eq!(table.matches("deals_lenient            P 0.000  R 0.000  F1 0.000").count(), 3, "{table}");
        assert!(table.contains("7          missed   ipo/rumored  Ruff|Ruff Labs (issuer)\n"), "{table}");
        assert!(table.contains("“Ruff and Knot slept.”"), "{table}");
        let json: serde_json::Value = serde_json::from_str(&run_on(&gold, false, true).unwrap()).unwrap();
        assert_eq!(json["files"][1]["scores"]["articles"], 1);
        assert_eq!(json["all"]["articles"], 2);
        assert_eq!(json["all"]["kind_accuracy"], serde_json::Value::Null);
    }

    #[test]
    fn a_label_that_cannot_be_read_is_told_with_its_line() {
        let good = MISSED.replace('\n', "");
        for (bad, says) in [
            (format!("{good}\n\n{{}}"), "line 3 of"),
            (good.replace("ipo", "merger"), "unknown variant `merger`"),
            (good.replace("\"id\": 7", "\"name\": 7"), "no `id`"),
            (good.replace("text", "words"), "neither `text` nor `html`"),
            (format!("{good}\n{good}"), "the id 7 of line 2"),
        ] {
            let error = run_on(&bad, false, false).unwrap_err();
            assert!(error.is::<Usage>() && error.to_string().contains(says), "{error}");
        }
    }
}
