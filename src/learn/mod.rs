//! Learning the extractor's weights from labelled articles: the same articles give the same weights, byte for byte.
//!
//! A [`teacher`] reads each article together with the extractor and knows the right answer to every question from the
//! label; [`weights`] then fits, for each kind of question, how much every observation speaks for every answer.

mod teacher;
#[cfg(test)]
mod tests;
mod weights;

use std::panic::resume_unwind;

use strum::VariantArray;

use crate::{
    evaluate::GoldArticle,
    extract::{
        self,
        judge::{self, Model, Question},
    },
    model::Registry,
};
use teacher::Teacher;
use weights::Weights;

/// One question as it was asked, with the right answer.
#[derive(Debug)]
struct Example {
    question: Question,
    observations: Vec<String>,
    allowed: Vec<usize>,
    answer: usize,
}

/// The examples of an article. With a pupil, they are of what it makes of the article: what is learned then is what to
/// do after a decision that may be wrong.
fn examples(gold: &GoldArticle, registry: &Registry, pupil: Option<&Model>) -> Vec<Example> {
    let mut teacher = Teacher::new(&gold.deals, pupil);
    extract::read_with(&gold.article, registry, Some(&mut teacher));
    teacher.into_examples()
}

/// How many pupils there are in the second round: each article is read by one that has not learned from it.
const PUPILS: u64 = 5;

/// How often everything is learned, each time in another order and with other pupils. No turn is better than another, but
/// they differ in what they are wrong in, and their mean is better than any.
const TURNS: u64 = 3;

/// The weights that articles teach, as text.
///
/// In a first round a teacher decides everything. What is asked after other decisions have been taken is learned in a
/// second one, in which pupils take these decisions: with the mistakes that will be made when articles are read.
pub fn teach(articles: &[&GoldArticle], registry: &Registry) -> Result<String, String> {
    let first = on_all_cores(articles, |article| examples(article, registry, None));
    let mut turns = Vec::new();
    for turn in 0..TURNS {
        let whole = |article: &GoldArticle| in_turn(&article.id, PUPILS, turn);
        let pupils: Vec<Model> = on_all_cores(&(0..PUPILS).collect::<Vec<_>>(), |pupil| {
            let others = articles.iter().zip(&first).filter(|(article, _)| whole(article) != *pupil);
            Model::parse(&weights::text(&fit(&others.flat_map(|(_, examples)| examples).collect::<Vec<_>>(), turn)))
        })
        .into_iter()
        .collect::<Result<_, _>>()?;
        let second = on_all_cores(articles, |article| examples(article, registry, pupils.get(whole(article) as usize)));
        let learned = |question: Question| match question {
            Question::Keep | Question::Role => [true, false],
            Question::Kind | Question::Status | Question::Figure => [true, true],
            // What the teacher has settled says nothing of what the weights will have settled.
            Question::Same | Question::Review | Question::Deal => [false, true],
        };
        let all = first.iter().flatten().filter(|example| learned(example.question)[0]);
        let all = all.chain(second.iter().flatten().filter(|example| learned(example.question)[1]));
        turns.push(fit(&all.collect::<Vec<_>>(), turn));
    }
    Ok(weights::text(&weights::mean(turns)))
}

/// What a function makes of each of some values, in their order.
fn on_all_cores<T: Sync, U: Send>(values: &[T], make: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let chunk = values.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let make = &make;
        let threads: Vec<_> =
            values.chunks(chunk).map(|part| scope.spawn(move || part.iter().map(make).collect::<Vec<U>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// The weights that fit the examples.
fn fit(examples: &[&Example], turn: u64) -> Weights {
    let each = on_all_cores(Question::VARIANTS, |question| {
        let own: Vec<&Example> = examples.iter().copied().filter(|example| example.question == *question).collect();
        weights::fit(*question, &own, turn)
    });
    each.into_iter().flatten().collect()
}

/// Which of so many parts an article belongs to, by its name alone, so that the parts stay when others are added.
pub fn part(id: &str, parts: u64) -> u64 {
    in_turn(id, parts, 0)
}

/// The same, with other parts in each turn.
fn in_turn(id: &str, parts: u64, turn: u64) -> u64 {
    (judge::hash(id) >> (20 + 13 * turn)) % parts
}
