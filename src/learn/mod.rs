//! Learning the extractor's weights from labelled articles: the same articles give the same weights, byte for byte.
//!
//! A [`teacher`] reads each article together with the extractor and knows the right answer to every question from the
//! label; [`weights`] then fits, for each kind of question, how much every observation speaks for every answer.

mod spelling;
mod teacher;
#[cfg(test)]
mod tests;
mod weights;

use std::{
    panic::resume_unwind,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use strum::VariantArray;

use crate::{
    evaluate::GoldArticle,
    extract::{
        self,
        judge::{Model, Question},
    },
    model::{Registry, hash},
};
use spelling::Spelling;
use teacher::Teacher;
use weights::Weights;

/// An article, and how often it counts.
#[derive(Debug, Clone, Copy)]
pub struct Lesson<'a> {
    /// What is learned from it.
    pub gold: &'a GoldArticle,
    /// As if so many of it were there.
    pub times: usize,
}

/// One question as it was asked, with the right answer.
#[derive(Debug)]
struct Example {
    question: Question,
    /// By their numbers in the [`Spelling`]: an article makes some tens of thousands.
    observations: Vec<u32>,
    allowed: Vec<usize>,
    answer: usize,
}

/// The examples of an article. With a pupil, they are of what it makes of the article: what is learned then is what to
/// do after a decision that may be wrong.
fn examples(
    gold: &GoldArticle,
    registry: &Registry,
    pupil: Option<&Model>,
    spelling: &Mutex<Spelling>,
) -> Vec<Example> {
    let mut teacher = Teacher::new(&gold.deals, pupil, spelling);
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
///
/// # Errors
///
/// None that are known of: what the fit writes can be read.
pub fn teach(lessons: &[Lesson<'_>], registry: &Registry) -> Result<String, String> {
    let spelling = Mutex::default();
    let first = on_all_cores(lessons, |lesson| examples(lesson.gold, registry, None, &spelling));
    let mut turns = Vec::new();
    for turn in 0..TURNS {
        let whose = |lesson: &Lesson<'_>| in_turn(&lesson.gold.id, PUPILS, turn);
        let pupils: Vec<Model> = on_all_cores(&(0..PUPILS).collect::<Vec<_>>(), |pupil| {
            let others = counted(lessons, &first, |lesson| whose(lesson) != *pupil, |_| true);
            Model::parse(&weights::text(&fit(&others, &words(&spelling), turn)))
        })
        .into_iter()
        .collect::<Result<_, _>>()?;
        let second = on_all_cores(lessons, |lesson| {
            examples(lesson.gold, registry, pupils.get(whose(lesson) as usize), &spelling)
        });
        let learned = |question: Question| match question {
            Question::Keep | Question::Role => [true, false],
            Question::Kind | Question::Status | Question::Figure => [true, true],
            // What the teacher has settled says nothing of what the weights will have settled.
            Question::Same | Question::Review | Question::Deal => [false, true],
        };
        let mut all = counted(lessons, &first, |_| true, |question| learned(question)[0]);
        all.extend(counted(lessons, &second, |_| true, |question| learned(question)[1]));
        turns.push(fit(&all, &words(&spelling), turn));
    }
    Ok(weights::text(&weights::mean(turns)))
}

/// The examples of some lessons about some questions, each as often as its lesson counts.
fn counted<'a>(
    lessons: &[Lesson<'_>],
    examples: &'a [Vec<Example>],
    lesson: impl Fn(&Lesson<'_>) -> bool,
    question: impl Fn(Question) -> bool,
) -> Vec<&'a Example> {
    let mut all = Vec::new();
    for (own, examples) in lessons.iter().zip(examples).filter(|(own, _)| lesson(own)) {
        for _ in 0..own.times {
            all.extend(examples.iter().filter(|example| question(example.question)));
        }
    }
    all
}

/// The observations that are known by now, by their numbers.
fn words(spelling: &Mutex<Spelling>) -> Vec<String> {
    spelling::locked(spelling).words()
}

/// What a function makes of each of some values, in their order.
fn on_all_cores<T: Sync, U: Send>(values: &[T], make: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let next = AtomicUsize::new(0);
    // Some take much longer than others: whoever is done takes the next.
    let work = || {
        let mut made = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(value) = values.get(at) else { return made };
            made.push((at, make(value)));
        }
    };
    let mut made: Vec<(usize, U)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    made.sort_unstable_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, made)| made).collect()
}

/// The weights that fit the examples. `words` spells the observations.
fn fit(examples: &[&Example], words: &[String], turn: u64) -> Weights {
    let each = on_all_cores(Question::VARIANTS, |question| {
        let own: Vec<&Example> = examples.iter().copied().filter(|example| example.question == *question).collect();
        weights::fit(*question, &own, words, turn)
    });
    each.into_iter().flatten().collect()
}

/// Which of so many parts an article belongs to, by its name alone, so that the parts stay when others are added.
pub fn part(id: &str, parts: u64) -> u64 {
    in_turn(id, parts, 0)
}

/// The same, with other parts in each turn.
fn in_turn(id: &str, parts: u64, turn: u64) -> u64 {
    (hash(id.bytes()) >> (20 + 13 * turn)) % parts
}
