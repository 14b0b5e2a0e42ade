//! The weights: how much each observation speaks for each answer.

use std::sync::LazyLock;

use super::{
    Asked, Judge,
    features::{self, Features},
    packed,
};

/// How many bits [`Model::known`] has: enough that few are set, few enough for a processor's cache.
const BITS: usize = 1 << 22;

/// How many units of a weight make the odds of an answer e times as high.
pub const UNIT: i32 = 16;

/// Learned weights.
///
/// An article asks for some tens of thousands of observations, nearly each at another place in memory, so that the time
/// goes into waiting for it: all is packed as tightly as it can be.
#[derive(Debug)]
pub struct Model {
    /// A bit for each observation that has weights: most observations have none, and cost no more than this look.
    known: Vec<u64>,
    /// Where the observations begin whose keys have the same first [`SHELF`] bits; the last is the end of all.
    shelves: Vec<u32>,
    /// The observations by their shelves: the next sixteen bits of the key, then the weights, see [`entry`].
    rows: Vec<u16>,
}

/// How many bits of a key tell its shelf: about one observation stands on each.
const SHELF: u32 = 20;

/// What marks the last weight of an observation.
const LAST: u16 = 0x8000;

/// How many answers a question may have.
const ANSWERS: u16 = 32;

/// How far from zero a weight may be.
pub const MOST: i16 = 511;

impl Model {
    /// The weights that the program was built with.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
            Model::unpack(include_bytes!("../../../data/weights.br"))
                .expect("the weights that the program ships can be read")
        });
        &SHIPPED
    }

    /// Reads weights as `wattline learn` writes them: a line an observation, a tab, and pairs of an answer's number
    /// and a weight, `3:-120 7:45` for example.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut read = Read::default();
        lines(text, |observation, weights| read.add(observation, weights))?;
        Ok(read.into_model())
    }

    /// Reads weights as [`super::pack`] writes them.
    pub fn unpack(packed: &[u8]) -> Result<Self, String> {
        let mut read = Read::default();
        packed::unpack(packed, |observation, weights| read.add(observation, weights))?;
        Ok(read.into_model())
    }

    /// What stands on the shelf of a key.
    fn shelf(&self, key: u64) -> &[u16] {
        let shelf = shelf(key);
        &self.rows[self.shelves[shelf] as usize..self.shelves[shelf + 1] as usize]
    }
}

/// An answer's number, and by how many units an observation speaks for it.
pub(super) type Weight = (u16, i16);

/// Whether there may be such a weight.
pub(super) fn is_weight((answer, weight): Weight) -> bool {
    answer < ANSWERS && (-MOST..=MOST).contains(&weight)
}

/// Hands every line of weights that were written as text to `line`, and tells the first that is none.
pub(super) fn lines<'a>(text: &'a str, mut line: impl FnMut(&'a str, &[Weight])) -> Result<(), String> {
    let mut weights: Vec<Weight> = Vec::new();
    for (number, own) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let (observation, pairs) = own.split_once('\t').ok_or_else(|| format!("line {} has no tab", number + 1))?;
        weights.clear();
        for pair in pairs.split(' ') {
            let parsed =
                pair.split_once(':').and_then(|(answer, weight)| Some((answer.parse().ok()?, weight.parse().ok()?)));
            let weight = parsed.filter(|weight| is_weight(*weight));
            weights.push(weight.ok_or_else(|| format!("line {} has a weight that is none", number + 1))?);
        }
        line(observation, &weights);
    }
    Ok(())
}

/// Weights while they are read.
#[derive(Default)]
struct Read {
    /// Each observation's key with its first entry; those of the next one follow its own.
    starts: Vec<(u64, u32)>,
    entries: Vec<u16>,
}

impl Read {
    fn add(&mut self, observation: &str, weights: &[Weight]) {
        if weights.is_empty() {
            return;
        }
        self.starts.push((key(features::hash(observation)), self.entries.len() as u32));
        self.entries.extend(weights.iter().map(|(answer, weight)| entry(*answer, *weight)));
        if let Some(last) = self.entries.last_mut() {
            *last |= LAST;
        }
    }

    fn into_model(self) -> Model {
        const NONE: u32 = u32::MAX;
        let mut known = vec![0; BITS / 64];
        // The first observation of each shelf, and the one after each: to sort a million of them would take longer than all else.
        let mut first = vec![NONE; 1 << SHELF];
        let mut next = vec![NONE; self.starts.len()];
        for (at, (key, _)) in self.starts.iter().enumerate().rev() {
            let (word, bit) = place(*key);
            known[word] |= bit;
            next[at] = std::mem::replace(&mut first[shelf(*key)], at as u32);
        }
        let mut shelves = Vec::with_capacity(first.len() + 1);
        let mut rows = Vec::with_capacity(self.starts.len() + self.entries.len());
        for mut at in first {
            shelves.push(rows.len() as u32);
            // In the order in which they came, so that of two that share a key the first counts.
            while let Some((key, start)) = self.starts.get(at as usize) {
                let end = self.starts.get(at as usize + 1).map_or(self.entries.len(), |(_, start)| *start as usize);
                rows.push(mark(*key));
                rows.extend_from_slice(&self.entries[*start as usize..end]);
                at = next[at as usize];
            }
        }
        shelves.push(rows.len() as u32);
        Model { known, shelves, rows }
    }
}

/// A weight with the number of its answer: five bits of the answer, ten of the weight.
fn entry(answer: u16, weight: i16) -> u16 {
    answer << 10 | (weight as u16 & 0x3ff)
}

/// The answer and the weight of an entry.
fn opened(entry: u16) -> (usize, i32) {
    (usize::from(entry >> 10) & 0x1f, i32::from((entry << 6).cast_signed() >> 6))
}

/// A hash whose first bits are as good as its last: a fast hash does not promise that.
fn key(hash: u64) -> u64 {
    (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The shelf of a key.
fn shelf(key: u64) -> usize {
    (key >> (64 - SHELF)) as usize
}

/// What tells a key from others on its shelf: two observations that share it would share weights.
fn mark(key: u64) -> u16 {
    (key >> (48 - SHELF)) as u16
}

/// The word and the bit of a key.
fn place(key: u64) -> (usize, u64) {
    let at = (key >> 10) as usize % BITS;
    (at / 64, 1 << (at % 64))
}

impl Judge for &Model {
    fn answer(&mut self, asked: &Asked<'_>, features: &Features) -> Vec<i32> {
        let known = |key: &u64| {
            let (word, bit) = place(*key);
            self.known[word] & bit != 0
        };
        // One step after the other for all of them, so that the processor waits for many places in memory at once.
        let mut keys: Vec<u64> = features.hashes().iter().map(|hash| key(*hash)).filter(known).collect();
        // What was noted twice counts once.
        keys.sort_unstable();
        keys.dedup();
        let shelves: Vec<(u16, &[u16])> = keys.into_iter().map(|key| (mark(key), self.shelf(key))).collect();
        let rows: Vec<(bool, u16, &[u16])> = shelves
            .into_iter()
            .filter_map(|(mark, shelf)| {
                let (first, rest) = shelf.split_first()?;
                Some((*first == mark, mark, rest))
            })
            .collect();
        let mut scores = vec![0_i32; asked.question.answers()];
        for (first, mark, rest) in rows {
            let mut found = first;
            let mut rest = rest.iter();
            while let Some(entry) = rest.next() {
                let (answer, weight) = opened(*entry);
                if found && let Some(score) = scores.get_mut(answer) {
                    *score += weight;
                }
                if entry & LAST != 0 {
                    if found {
                        break;
                    }
                    found = rest.next() == Some(&mark);
                }
            }
        }
        // In hundredths, as all that asks wants them.
        scores.into_iter().map(|score| score * 100 / UNIT).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{About, Question},
        Asked, Features, Judge, Model, UNIT,
    };

    fn status(model: &Model, words: &[&str]) -> Vec<i32> {
        let mut features = Features::about(Question::Status, false);
        for word in words {
            features.note("word", &[word]);
        }
        let asked = Asked { question: Question::Status, draft: 0, allowed: &[0, 1, 2, 3, 4], about: About::Draft };
        let mut judge = model;
        judge.answer(&asked, &features)
    }

    #[test]
    fn each_of_many_observations_has_its_own_weights_and_no_other_has_any() {
        let word = |number: i32| format!("w{number}");
        let lines =
            (0..40_000).map(|n| format!("status word={}\t0:{} 3:{}\n", word(n), UNIT * (n % 9 - 4), UNIT * (n % 7)));
        let model = Model::parse(&lines.collect::<String>()).unwrap();
        for n in 0..40_000 {
            assert_eq!(status(&model, &[&word(n)]), [100 * (n % 9 - 4), 0, 0, 100 * (n % 7), 0]);
            assert_eq!(status(&model, &[&word(n + 40_000)]), [0; 5]);
        }
        assert_eq!(status(&model, &["w8", "w13", "none"]), [400, 0, 0, 700, 0]);
        assert_eq!(status(&Model::parse("").unwrap(), &["w8"]), [0; 5]);
    }
}
