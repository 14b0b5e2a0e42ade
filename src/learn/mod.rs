//! Learning the extractor's weights from labelled articles: the same articles give the same weights, byte for byte.
//!
//! A [`teacher`] reads each article together with the extractor and answers every question from the label;
//! [`weights`] then fits, for each kind of question, how much every observation speaks for every answer.

mod teacher;
#[cfg(test)]
mod tests;
mod weights;

use strum::VariantArray;

use crate::{
    evaluate::GoldArticle,
    extract::{
        self,
        judge::{self, Question},
    },
    model::Registry,
};
use teacher::Teacher;

/// One question as it was asked, with the right answer.
#[derive(Debug)]
pub struct Example {
    question: Question,
    observations: Vec<String>,
    allowed: Vec<usize>,
    answer: usize,
}

/// The examples of an article.
pub fn examples(gold: &GoldArticle, registry: &Registry) -> Vec<Example> {
    let mut teacher = Teacher::new(&gold.deals);
    extract::read_with(&gold.article, registry, Some(&mut teacher));
    teacher.into_examples()
}

/// The weights that fit the examples, as text.
pub fn weights(examples: &[&Example]) -> String {
    let mut text = String::new();
    for question in Question::VARIANTS {
        let own: Vec<&Example> = examples.iter().copied().filter(|example| example.question == *question).collect();
        text += &weights::fit(*question, &own);
    }
    text
}

/// Which of so many parts an article belongs to, by its name alone, so that the parts stay when others are added.
pub fn part(id: &str, parts: u64) -> u64 {
    (judge::hash(id) >> 20) % parts
}
