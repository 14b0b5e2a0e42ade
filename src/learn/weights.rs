//! Fitting the weights: a softmax regression for each question, by stochastic gradient steps in a fixed order.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::Example;
use crate::extract::judge::Question;

/// How often the examples are gone through.

/// The size of a step.

/// How strongly weights are drawn to nothing.

/// Observations that were made less often teach nothing.

/// Weights below this, in hundredths, are left out.
const SMALLEST: i64 = 3;

/// The weights of one question as text.
pub(super) fn fit(question: Question, examples: &[&Example]) -> String {
    let drop = env::<f64>("DROP", 0.0); let e_step = env::<f64>("STEP", 0.02); let e_decay = env::<f64>("DECAY", 2e-5);
    let (names, rows) = number(examples);
    let answers = question.answers();
    let mut weights = vec![0.0_f64; names.len() * answers];
    let mut spread = vec![1e-2_f64; names.len() * answers];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let mut sum = vec![0.0_f64; weights.len()];
    for round in 0..env::<usize>("ROUNDS", 20) {
        shuffle(&mut order, &mut dice);
        for nth in &order {
            let example = examples[*nth];
            let row: Vec<usize> = rows[*nth].iter().copied().filter(|_| { dice ^= dice << 13; dice ^= dice >> 7; dice ^= dice << 17; (dice >> 11) as f64 / (1u64<<53) as f64 >= drop }).collect(); let row = &row;
            let chances = chances(example, row, &weights, answers);
            for (answer, chance) in example.allowed.iter().zip(chances) {
                let slope = chance - f64::from(u8::from(*answer == example.answer));
                if slope.abs() < 1e-4 {
                    continue;
                }
                for observation in row.iter() {
                    let at = observation * answers + answer;
                    let slope = slope + e_decay * weights[at] * examples.len() as f64 / 100.0;
                    spread[at] += slope * slope;
                    weights[at] -= e_step * slope / spread[at].sqrt();
                }
            }
        }
        // The mean over the later rounds is steadier than the last.
        if round >= env::<usize>("ROUNDS", 20) / 2 {
            for (total, weight) in sum.iter_mut().zip(&weights) {
                *total += weight;
            }
        }
    }
    let rounds = (env::<usize>("ROUNDS", 20) - env::<usize>("ROUNDS", 20) / 2) as f64;
    let mut text = String::new();
    let mut sorted: Vec<usize> = (0..names.len()).collect();
    sorted.sort_by_key(|index| names[*index]);
    for index in sorted {
        let pairs: Vec<String> = (0..answers)
            .map(|answer| (answer, (sum[index * answers + answer] / rounds * 100.0).round() as i64))
            .filter(|(_, weight)| weight.abs() >= SMALLEST)
            .map(|(answer, weight)| format!("{answer}:{}", weight.clamp(-30_000, 30_000)))
            .collect();
        if !pairs.is_empty() {
            let _ = writeln!(text, "{}\t{}", names[index], pairs.join(" "));
        }
    }
    text
}

/// Numbers the observations that were made often enough, and turns each example into a list of numbers.
fn number<'a>(examples: &[&'a Example]) -> (Vec<&'a str>, Vec<Vec<usize>>) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for example in examples {
        for observation in &example.observations {
            *counts.entry(observation).or_default() += 1;
        }
    }
    let mut names: Vec<&'a str> = Vec::new();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let least = env::<usize>("LEAST", 2); let mut rows = Vec::with_capacity(examples.len());
    for example in examples {
        let mut row = Vec::with_capacity(example.observations.len());
        for observation in &example.observations {
            if counts[observation.as_str()] >= least {
                row.push(*numbers.entry(observation).or_insert_with(|| {
                    names.push(observation);
                    names.len() - 1
                }));
            }
        }
        rows.push(row);
    }
    (names, rows)
}

/// How likely each allowed answer is by the weights.
fn chances(example: &Example, row: &[usize], weights: &[f64], answers: usize) -> Vec<f64> {
    let scores: Vec<f64> =
        example.allowed.iter().map(|answer| row.iter().map(|at| weights[at * answers + answer]).sum()).collect();
    let top = scores.iter().copied().fold(f64::MIN, f64::max);
    let powers: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
    let whole: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / whole).collect()
}

/// Fisher and Yates, with a generator of our own so that the order never changes.
fn shuffle(order: &mut [usize], dice: &mut u64) {
    for last in (1..order.len()).rev() {
        *dice ^= *dice << 13;
        *dice ^= *dice >> 7;
        *dice ^= *dice << 17;
        order.swap(last, (*dice % (last as u64 + 1)) as usize);
    }
}

fn env<T: std::str::FromStr>(n: &str, d: T) -> T { std::env::var(n).ok().and_then(|v| v.parse().ok()).unwrap_or(d) }
