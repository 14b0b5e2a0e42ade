//! Learning the extractor's weights from labelled articles: the same articles give the same weights, byte for byte.
//!
//! A [`teacher`] reads each article together with the extractor and answers every question from the label;
//! [`weights`] then fits, for each kind of question, how much every observation speaks for every answer.

pub mod teacher;
mod weights;

use strum::VariantArray;

use crate::{
    evaluate::GoldArticle,
    extract::{self, judge::Question},
    model::Registry,
};
use teacher::Teacher;

/// One question as it was asked, with the right answer.
#[derive(Debug)]
pub struct Example {
    pub question: Question,
    pub observations: Vec<String>,
    pub allowed: Vec<usize>,
    pub answer: usize,
}

/// The examples of an article.
pub fn examples(gold: &GoldArticle, registry: &Registry) -> Vec<Example> {
    let mut teacher = Teacher::new(&gold.deals);
    extract::read_with(&gold.article, registry, Some(&mut teacher));
    teacher.into_examples()
}

/// The weights that fit the examples, as text.
pub fn weights<'a>(examples: impl Iterator<Item = &'a Example> + Clone) -> String {
    let mut text = String::new();
    for question in Question::VARIANTS {
        let own: Vec<&Example> = examples.clone().filter(|example| example.question == *question).collect();
        text += &weights::fit(*question, &own);
    }
    text
}
