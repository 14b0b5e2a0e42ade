//! `wattline learn`: the extractor's weights from labelled articles, or how much they help.

use std::{collections::HashSet, io::Write};

use serde::Deserialize;

use super::{
    Usage,
    evaluate::{read, table},
};
use crate::{
    evaluate::{Counts, GoldArticle, GoldDeal, weigh},
    extract::{
        self,
        judge::{self, Model},
    },
    jobs::archive,
    learn::{self, Lesson},
    model::Registry,
};

/// How often each of the archive's articles counts: the few would drown among thousands of others.
const ARCHIVE_COUNTS: usize = 60;

/// How often each page of the web counts: they are what the program will read, and most other articles are harder.
const WEB_COUNTS: usize = 2;

/// The facts of a deal that the archive tells.
#[derive(Deserialize)]
struct Fact {
    id: String,
    #[serde(flatten)]
    deal: GoldDeal,
}

/// Prints the weights that the articles of all files teach, those of `web` more than others, and those of the archive with the
/// facts of a file, as the program carries them if `packed`; or, with `folds`, for each file the score tables of its articles
/// read by the rules alone and by weights that were learned without them.
pub fn run(
    files: &[String],
    web: Option<&str>,
    facts: Option<&str>,
    folds: Option<u64>,
    packed: bool,
    registry: &Registry,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    // Each file with its articles, and how often each of these counts.
    let mut sets: Vec<(&str, Vec<GoldArticle>, usize)> = Vec::new();
    for file in files {
        sets.push((file, read(file)?, 1));
    }
    if let Some(web) = web {
        sets.push((web, read(web)?, WEB_COUNTS));
    }
    if let Some(facts) = facts {
        sets.push((facts, shipped(facts)?, ARCHIVE_COUNTS));
    }
    let mut known = HashSet::new();
    if let Some(twice) = sets.iter().flat_map(|(_, articles, _)| articles).find(|article| !known.insert(&article.id)) {
        let id = &twice.id;
        return Err(Usage(format!("the id {id} is in more than one of the files: name each file once")).into());
    }
    let all: Vec<Lesson<'_>> = sets
        .iter()
        .flat_map(|(_, articles, times)| articles.iter().map(|gold| Lesson { gold, times: *times }))
        .collect();
    let Some(folds) = folds else {
        let text = learn::teach(&all, registry).map_err(anyhow::Error::msg)?;
        if packed {
            output.write_all(&judge::pack(&text)?)?;
        } else {
            writeln!(output, "# Learned from labelled articles: an observation, then answer:weight pairs.")?;
            write!(output, "{text}")?;
        }
        return Ok(());
    };
    let mut models = Vec::new();
    for fold in 0..folds {
        let others: Vec<Lesson<'_>> =
            all.iter().copied().filter(|lesson| learn::part(&lesson.gold.id, folds) != fold).collect();
        let weights = learn::teach(&others, registry).map_err(anyhow::Error::msg)?;
        models.push(Model::parse(&weights).map_err(anyhow::Error::msg)?);
    }
    for (file, articles, _) in &sets {
        let (mut rules, mut learned) = (Counts::default(), Counts::default());
        for article in articles {
            let mut model = &models[learn::part(&article.id, folds) as usize];
            rules += weigh(article, &extract::read_with(&article.article, registry, None)).0;
            learned += weigh(article, &extract::read_with(&article.article, registry, Some(&mut model))).0;
        }
        writeln!(output, "{}", table(&format!("{file}, by the rules alone"), &rules.scores()))?;
        writeln!(output, "{}", table(&format!("{file}, by weights learned from the other parts"), &learned.scores()))?;
    }
    Ok(())
}

/// The articles that ship with the program, each with the deal that the facts know of it.
fn shipped(facts: &str) -> anyhow::Result<Vec<GoldArticle>> {
    let mut items = archive::articles()?;
    let lines = std::fs::read_to_string(facts)
        .map_err(|error| Usage(format!("the file {facts} cannot be read ({error}): name one that can be")))?;
    let mut articles = Vec::new();
    for (number, line) in lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Fact { id, deal } = serde_json::from_str(line).map_err(|error| {
            Usage(format!("line {} of {facts} is no fact of the archive ({error}): mend it, and try again", number + 1))
        })?;
        let Some(article) = items.remove(&id) else {
            let number = number + 1;
            return Err(
                Usage(format!("line {number} of {facts} is about {id}, which the archive does not tell")).into()
            );
        };
        articles.push(GoldArticle { id, article, deals: vec![deal] });
    }
    Ok(articles)
}
