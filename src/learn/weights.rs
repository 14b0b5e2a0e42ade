//! Fitting the weights: a softmax regression for each question, by gradient steps in a fixed order, each weight with a
//! step of its own that shrinks as it is used (Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011).

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
};

use super::Example;
use crate::extract::judge::{MOST, Question, UNIT};

/// How often the examples are gone through. Many short steps that end early overfit less than few long ones.
const ROUNDS: usize = 20;
/// The size of a step.
const STEP: f64 = 0.02;
/// The share of an example's observations that a step does without, others each time: so that none relies on another being
/// there, as it is not where the words are new (Wager, Wang and Liang, "Dropout Training as Adaptive Regularization", 2013).
const DROPPED: f64 = 0.25;
/// Observations that were made less often teach nothing.
const LEAST: usize = 5;
/// How much every observation speaks for every answer, in sixteenths; answers that have no say are left out.
pub(super) type Weights = BTreeMap<String, Vec<(usize, f64)>>;

/// The weights of one question. The `turn` tells in which order the examples are gone through.
pub(super) fn fit(question: Question, examples: &[&Example], turn: u64) -> Weights {
    let (names, rows) = number(examples);
    let answers = question.answers();
    let mut weights = vec![0.0_f64; names.len() * answers];
    let mut used = vec![1e-2_f64; weights.len()];
    let mut sum = vec![0.0_f64; weights.len()];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut dice = 0x2545_f491_4f6c_dd1d_u64 ^ turn.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for round in 0..ROUNDS {
        shuffle(&mut order, &mut dice);
        for nth in &order {
            let example = examples[*nth];
            let row: Vec<usize> = rows[*nth].iter().copied().filter(|_| toss(&mut dice) >= DROPPED).collect();
            let chances = chances(example, &row, &weights, answers);
            for (answer, chance) in example.allowed.iter().zip(chances) {
                let slope = chance - f64::from(u8::from(*answer == example.answer));
                for observation in &row {
                    let at = observation * answers + answer;
                    used[at] += slope * slope;
                    weights[at] -= STEP * slope / used[at].sqrt();
                }
            }
        }
        // The mean over the later rounds is steadier than the last.
        if round >= ROUNDS / 2 {
            sum.iter_mut().zip(&weights).for_each(|(total, weight)| *total += weight);
        }
    }
    let rounds = (ROUNDS - ROUNDS / 2) as f64;
    let of = |index: usize| {
        let all = (0..answers).map(|answer| (answer, sum[index * answers + answer] / rounds * f64::from(UNIT)));
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
fn number<'a>(examples: &[&'a Example]) -> (Vec<&'a str>, Vec<Vec<usize>>) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for observation in examples.iter().flat_map(|example| &example.observations) {
        *counts.entry(observation).or_default() += 1;
    }
    let mut names: Vec<&'a str> = Vec::new();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut rows = Vec::with_capacity(examples.len());
    for example in examples {
        let mut row = Vec::with_capacity(example.observations.len());
        for observation in example.observations.iter().filter(|o| counts[o.as_str()] >= LEAST) {
            row.push(*numbers.entry(observation).or_insert_with(|| {
                names.push(observation);
                names.len() - 1
            }));
        }
        rows.push(row);
    }
    (names, rows)
}

/// How likely each allowed answer is by the weights, had all observations been there.
fn chances(example: &Example, row: &[usize], weights: &[f64], answers: usize) -> Vec<f64> {
    let score = |answer: &usize| row.iter().map(|at| weights[at * answers + answer]).sum::<f64>() / (1.0 - DROPPED);
    let scores: Vec<f64> = example.allowed.iter().map(score).collect();
    let top = scores.iter().copied().fold(f64::MIN, f64::max);
    let powers: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
    let whole: f64 = powers.iter().sum();
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
