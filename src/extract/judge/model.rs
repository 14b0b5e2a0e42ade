//! The weights: how much each observation speaks for each answer.

use std::collections::HashMap;

use super::{
    Asked, Judge,
    features::{self, Features},
};

/// Learned weights, in hundredths.
#[derive(Debug, Default)]
pub struct Model {
    rows: HashMap<u64, (usize, usize)>,
    entries: Vec<(u8, i16)>,
}

impl Model {
    /// Reads weights as `wattline learn` writes them: a line an observation, a tab, and pairs of an answer's number
    /// and a weight, `3:-120 7:45` for example.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut model = Self::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let (observation, weights) =
                line.split_once('\t').ok_or_else(|| format!("line {} has no tab", number + 1))?;
            let start = model.entries.len();
            for pair in weights.split(' ') {
                let parsed = pair.split_once(':').and_then(|(answer, weight)| Some((answer.parse().ok()?, weight.parse().ok()?)));
                model.entries.push(parsed.ok_or_else(|| format!("line {} has a weight that is none", number + 1))?);
            }
            model.rows.insert(features::hash(observation), (start, model.entries.len()));
        }
        Ok(model)
    }

    pub fn pick(&self, obs: &[String], allowed: &[usize], n: usize) -> usize {
        let mut scores = vec![0; n];
        for o in obs {
            if let Some((s, e)) = self.rows.get(&features::hash(o)) {
                for (a, w) in &self.entries[*s..*e] { scores[usize::from(*a)] += i32::from(*w); }
            }
        }
        super::best(&scores, allowed)
    }
}

impl Judge for &Model {
    fn answer(&mut self, asked: &Asked<'_>, features: &Features) -> Vec<i32> {
        let mut scores = vec![0; asked.question.answers()];
        for hash in features.hashes() {
            if let Some((start, end)) = self.rows.get(hash) {
                for (answer, weight) in &self.entries[*start..*end] {
                    if let Some(score) = scores.get_mut(usize::from(*answer)) {
                        *score += i32::from(*weight);
                    }
                }
            }
        }
        scores
    }
}
