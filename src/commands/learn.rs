//! `wattline learn`: the extractor's weights from labelled articles, or how much they help.

use std::{collections::HashSet, io::Write};

use super::{
    Usage,
    evaluate::{read, table},
};
use crate::{
    evaluate::{Counts, GoldArticle, weigh},
    extract::{self, judge::Model},
    learn::{self, Example},
    model::Registry,
};

/// Prints the weights that the articles of all files teach; or, with `folds`, the score tables of all articles read by
/// the rules alone and by weights that were learned without them.
pub fn run(files: &[String], folds: Option<u64>, registry: &Registry, output: &mut impl Write) -> anyhow::Result<()> {
    let mut articles: Vec<GoldArticle> = Vec::new();
    for file in files {
        articles.extend(read(file)?);
    }
    let mut known = HashSet::new();
    if let Some(twice) = articles.iter().find(|article| !known.insert(&article.id)) {
        let id = &twice.id;
        return Err(Usage(format!("the id {id} is in more than one of the files: name each file once")).into());
    }
    let examples: Vec<Vec<Example>> = articles.iter().map(|article| learn::examples(article, registry)).collect();
    let Some(folds) = folds else {
        writeln!(
            output,
            "# Learned from labelled articles by `make learn`: an observation, then answer:weight pairs."
        )?;
        write!(output, "{}", learn::weights(&examples.iter().flatten().collect::<Vec<_>>()))?;
        return Ok(());
    };
    let (mut rules, mut learned) = (Counts::default(), Counts::default());
    for fold in 0..folds {
        let others = articles.iter().zip(&examples).filter(|(article, _)| learn::part(&article.id, folds) != fold);
        let taught: Vec<&Example> = others.flat_map(|(_, examples)| examples).collect();
        let weights = learn::weights(&taught);
        let model = Model::parse(&weights).map_err(anyhow::Error::msg)?;
        for article in articles.iter().filter(|article| learn::part(&article.id, folds) == fold) {
            rules += weigh(article, &extract::read_with(&article.article, registry, None)).0;
            learned += weigh(article, &extract::read_with(&article.article, registry, Some(&mut &model))).0;
        }
    }
    writeln!(output, "{}", table("by the rules alone", &rules.scores()))?;
    writeln!(output, "{}", table("with weights learned from the other parts", &learned.scores()))?;
    Ok(())
}
