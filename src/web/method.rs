//! `/method`: how figures are read, merged, converted and added up, and how well the extractor reads.

use std::{collections::BTreeMap, sync::LazyLock};

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;

use super::{
    App,
    error::WebError,
    frame::{Frame, Section, page},
};

#[derive(Template)]
#[template(path = "method.html")]
struct MethodPage {
    frame: Frame,
    sets: Vec<Set>,
}

/// A labelled set with what the extractor makes of it.
#[derive(Debug, Clone)]
struct Set {
    name: &'static str,
    about: &'static str,
    articles: usize,
    /// Name of the measure, precision, recall, both in one; or a share alone.
    measures: Vec<(&'static str, Option<[String; 2]>, String)>,
}

/// What `make evaluate` found, part of the program.
static MEASURED: LazyLock<Vec<Set>> = LazyLock::new(|| {
    serde_json::from_str::<Evaluation>(include_str!("../../data/evaluation.json"))
        .map(|evaluation| evaluation.files.iter().filter_map(Set::of).collect())
        .unwrap_or_default()
});

#[derive(Deserialize)]
struct Evaluation {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    file: String,
    scores: BTreeMap<String, Score>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Score {
    Figures { precision: f64, recall: f64, f1: f64 },
    Share(Option<f64>),
}

impl Set {
    fn of(file: &File) -> Option<Self> {
        let (name, about) = match file.file.rsplit('/').next()? {
            "held_back.jsonl" => ("Unseen", "articles of every kind, from which nothing was learned"),
            "pages.jsonl" => (
                "Pages of the web",
                "retold: round-ups, lists, posts and plain reports, from which nothing was learned",
            ),
            "dev.jsonl" => ("Seen", "short articles from which rules and weights were learned"),
            _ => return None,
        };
        let share = |name: &str| match file.scores.get(name) {
            Some(Score::Share(share)) => *share,
            _ => None,
        };
        let percent = |share: f64| format!("{:.0}%", share * 100.0);
        let mut measures = Vec::new();
        for (key, label) in [
            ("deals_lenient", "deals found"),
            ("deals_strict", "deals right in everything"),
            ("parties_with_role", "parties with their role"),
            ("amounts", "amounts"),
            ("capacity", "megawatts"),
        ] {
            if let Some(Score::Figures { precision, recall, f1 }) = file.scores.get(key) {
                measures.push((label, Some([percent(*precision), percent(*recall)]), percent(*f1)));
            }
        }
        for (key, label) in [("kind_accuracy", "kind, where found"), ("status_accuracy", "status, where found")] {
            measures.extend(share(key).map(|share| (label, None, percent(share))));
        }
        if let Some(false_deals) = share("false_deals_an_article") {
            measures.push(("deals invented in an article without any", None, format!("{false_deals:.2}")));
        }
        let articles = share("articles")?;
        Some(Self { name, about, articles: articles as usize, measures })
    }
}

/// `GET /method`
pub async fn get(State(app): State<App>) -> Result<Response, WebError> {
    page(&MethodPage {
        frame: Frame::new(Section::Elsewhere, "Method")
            .describe("How figures are read, merged, converted and added up, and how well they are read.")
            .at(&app, "/method"),
        sets: MEASURED.clone(),
    })
}
