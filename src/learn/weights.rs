//! Fitting the weights: a softmax regression for each question, by gradient steps in a fixed order, each weight with a
//! step of its own that shrinks as it is used (Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011).

use std::{collections::BTreeMap, fmt::Write as _};

use super::Example;
use crate::extract::judge::{MOST, Question, UNIT};

/// How often the examples are gone through. Many short steps that end early overfit less than few long ones.
const ROUNDS: usize = 20;
/// The size of a step.
const STEP: f32 = 0.02;
/// The share of an example's observations that a step does without, others each time: so that none relies on another being
/// there, as it is not where the words are new (Wager, Wang and Liang, "Dropout Training as Adaptive Regularization", 2013).
const DROPPED: f64 = 0.25;
/// Observations that were made less often teach nothing.
const LEAST: usize = 5;
/// How much every observation speaks for every answer, in sixteenths; answers that have no say are left out.
pub(super) type Weights = BTreeMap<String, Vec<(usize, f64)>>;

/// A weight while it is learned.
#[derive(Clone, Copy)]
struct Cell {
    weight: f32,
    /// The sum of the squares of its slopes.
    used: f32,
    /// The sum of what it was after each of the later rounds.
    sum: f32,
}

/// The weights of one question. `words` spells the observations; the `turn` tells in which order the examples are gone through.
pub(super) fn fit(question: Question, examples: &[&Example], words: &[String], turn: u64) -> Weights {
    let (names, rows) = number(examples, words);
    let answers = question.answers();
    let mut cells = vec![Cell { weight: 0.0, used: 1e-2, sum: 0.0 }; names.len() * answers];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut dice = 0x2545_f491_4f6c_dd1d_u64 ^ turn.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut row: Vec<usize> = Vec::new();
    for round in 0..ROUNDS {
        shuffle(&mut order, &mut dice);
        for nth in &order {
            let example = examples[*nth];
            row.clear();
            row.extend(rows[*nth].iter().filter(|_| toss(&mut dice) >= DROPPED).map(|at| *at as usize * answers));
            let chances = chances(example, &row, &cells);
            for observation in &row {
                for (answer, chance) in example.allowed.iter().zip(&chances) {
                    let slope = chance - f32::from(u8::from(*answer == example.answer));
                    let cell = &mut cells[observation + answer];
                    cell.used += slope * slope;
                    cell.weight -= STEP * slope / cell.used.sqrt();
                }
            }
        }
        // The mean over the later rounds is steadier than the last.
        if round >= ROUNDS / 2 {
            for cell in &mut cells {
                cell.sum += cell.weight;
            }
        }
    }
    let rounds = (ROUNDS - ROUNDS / 2) as f32;
    let of = |index: usize| {
        let own = &cells[index * answers..(index + 1) * answers];
        let all = own.iter().map(|cell| f64::from(cell.sum / rounds) * f64::from(UNIT)).enumerate();
        all.filter(|(_, weight)| *weight != 0.0).collect::<Vec<_>>()
    };
    names.iter().enumerate().map(|(index, name)| ((*name).to_owned(), of(index))).collect()
}

/// The mean of weights that were learned in several turns.
pub(super) fn mean(turns: Vec<Weights>) -> Weights {
    let number = turns.len() as f64;
    let mut mean = Weights::new();
    for (observation, weights) in turns.into_iter().flatten() {
        let own = mean.entry(observation).or_default();
        for (answer, weight) in weights {
            match own.iter_mut().find(|(known, _)| *known == answer) {
                Some((_, sum)) => *sum += weight / number,
                None => own.push((answer, weight / number)),
            }
        }
        own.sort_by_key(|(answer, _)| *answer);
    }
    mean
}

/// The weights as text, a line an observation, in whole units: finer ones tell nothing more, but small ones are many and count.
pub(super) fn text(weights: &Weights) -> String {
    let mut text = String::new();
    for (observation, weights) in weights {
        let pairs: Vec<String> = weights
            .iter()
            .map(|(answer, weight)| (answer, (weight.round() as i64).clamp(-i64::from(MOST), i64::from(MOST))))
            .filter(|(_, weight)| *weight != 0)
            .map(|(answer, weight)| format!("{answer}:{weight}"))
            .collect();
        if !pairs.is_empty() {
            let _ = writeln!(text, "{observation}\t{}", pairs.join(" "));
        }
    }
    text
}

/// Numbers the observations that were made often enough, and turns each example into a list of numbers.
fn number<'a>(examples: &[&Example], words: &'a [String]) -> (Vec<&'a str>, Vec<Vec<u32>>) {
    let mut counts = vec![0_usize; words.len()];
    for observation in examples.iter().flat_map(|example| &example.observations) {
        counts[*observation as usize] += 1;
    }
    let mut names: Vec<&'a str> = Vec::new();
    let mut numbers: Vec<Option<u32>> = vec![None; words.len()];
    let mut rows = Vec::with_capacity(examples.len());
    for example in examples {
        let mut row = Vec::with_capacity(example.observations.len());
        for observation in example.observations.iter().map(|at| *at as usize).filter(|at| counts[*at] >= LEAST) {
            row.push(*numbers[observation].get_or_insert_with(|| {
                names.push(&words[observation]);
                names.len() as u32 - 1
            }));
        }
        rows.push(row);
    }
    (names, rows)
}

/// How likely each allowed answer is by the weights of a row of observations, had all been there.
fn chances(example: &Example, row: &[usize], cells: &[Cell]) -> Vec<f32> {
    let mut scores = vec![0.0_f32; example.allowed.len()];
    for observation in row {
        for (score, answer) in scores.iter_mut().zip(&example.allowed) {
            *score += cells[observation + answer].weight;
        }
    }
    let top = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| ((score - top) / (1.0 - DROPPED as f32)).exp()).collect();
    let whole: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / whole).collect()
}

/// Fisher and Yates, with a generator of its own, so that the order never changes.
fn shuffle(order: &mut [usize], dice: &mut u64) {
    for last in (1..order.len()).rev() {
        order.swap(last, (throw(dice) % (last as u64 + 1)) as usize);
    }
}

/// A number from 0 up to 1.
fn toss(dice: &mut u64) -> f64 {
    (throw(dice) >> 32) as f64 / 4_294_967_296.0
}

/// Marsaglia's xorshift.
fn throw(dice: &mut u64) -> u64 {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    *dice
}
