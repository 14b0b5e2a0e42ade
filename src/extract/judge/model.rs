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
#[derive(Debug)]
pub struct Model {
    /// A bit for each observation that has weights: most observations have none, and cost no more than this look.
    known: Vec<u64>,
    /// Where the weights of an observation begin, at the place that its hash gives or, where that is taken, at the next
    /// free one. At most half of it is taken, so that mostly the first look finds it.
    slots: Vec<Slot>,
    /// The weights of all observations, each with the number of its answer.
    entries: Vec<(u8, i16)>,
}

/// Where the weights of one observation are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    /// 32 bits mixed from the whole hash: two observations that share them and stand side by side would share weights.
    mark: u32,
    /// The first of its entries; of the last of them the answer has [`LAST`] set.
    start: u32,
}

const FREE: Slot = Slot { mark: 0, start: u32::MAX };

/// What marks the last weight of an observation.
const LAST: u8 = 0x80;

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
        let mut rows = Rows::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let (observation, weights) =
                line.split_once('\t').ok_or_else(|| format!("line {} has no tab", number + 1))?;
            rows.add(number, observation, weights)?;
        }
        Ok(rows.into_model())
    }

    /// Reads weights as [`super::pack`] writes them.
    pub fn unpack(packed: &[u8]) -> Result<Self, String> {
        let mut rows = Rows::default();
        packed::unpack(packed, |number, observation, weights| rows.add(number, observation, weights))?;
        Ok(rows.into_model())
    }

    /// The slot of an observation, or the free one where it would stand.
    fn slot(&self, hash: u64) -> usize {
        let mark = mark(hash);
        let mut at = hash as usize & (self.slots.len() - 1);
        while self.slots[at] != FREE && self.slots[at].mark != mark {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }
}

/// Weights while they are read.
#[derive(Default)]
struct Rows {
    /// Each observation's hash with its first entry.
    starts: Vec<(u64, u32)>,
    entries: Vec<(u8, i16)>,
}

impl Rows {
    fn add(&mut self, number: usize, observation: &str, weights: &str) -> Result<(), String> {
        self.starts.push((features::hash(observation), self.entries.len() as u32));
        for pair in weights.split(' ') {
            let parsed =
                pair.split_once(':').and_then(|(answer, weight)| Some((answer.parse().ok()?, weight.parse().ok()?)));
            let (answer, weight) = parsed
                .filter(|(answer, _)| *answer < LAST)
                .ok_or_else(|| format!("line {} has a weight that is none", number + 1))?;
            self.entries.push((answer, weight));
        }
        if let Some(last) = self.entries.last_mut() {
            last.0 |= LAST;
        }
        Ok(())
    }

    fn into_model(self) -> Model {
        let places = (2 * self.starts.len()).next_power_of_two();
        let mut model = Model { known: vec![0; BITS / 64], slots: vec![FREE; places], entries: self.entries };
        for (hash, start) in self.starts {
            let (word, bit) = place(hash);
            model.known[word] |= bit;
            let slot = model.slot(hash);
            model.slots[slot] = Slot { mark: mark(hash), start };
        }
        model
    }
}

/// What tells a hash from others at its place. FNV spreads its low bits well and its high ones badly.
fn mark(hash: u64) -> u32 {
    (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// The word and the bit of a hash.
fn place(hash: u64) -> (usize, u64) {
    let at = (hash ^ (hash >> 29)) as usize % BITS;
    (at / 64, 1 << (at % 64))
}

impl Judge for &Model {
    fn answer(&mut self, asked: &Asked<'_>, features: &Features) -> Vec<i32> {
        let known = |hash: &&u64| {
            let (word, bit) = place(**hash);
            self.known[word] & bit != 0
        };
        // One step after the other for all of them, so that the processor waits for many places in memory at once.
        let known: Vec<u64> = features.hashes().iter().filter(known).copied().collect();
        let slots = known.into_iter().map(|hash| self.slots[self.slot(hash)]);
        let starts: Vec<u32> = slots.filter(|slot| *slot != FREE).map(|slot| slot.start).collect();
        let mut scores = vec![0_i32; asked.question.answers()];
        for start in starts {
            for (answer, weight) in &self.entries[start as usize..] {
                if let Some(score) = scores.get_mut(usize::from(answer & !LAST)) {
                    *score += i32::from(*weight);
                }
                if answer & LAST != 0 {
                    break;
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
        features.settle();
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
