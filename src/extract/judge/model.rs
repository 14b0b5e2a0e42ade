//! The weights: how much each observation speaks for each answer.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    io::Read as _,
    sync::LazyLock,
};

use flate2::read::GzDecoder;

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
    rows: HashMap<u64, (u32, u32), BuildHasherDefault<Hashed>>,
    entries: Vec<(u8, i16)>,
}

/// The keys are hashes already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("a key is one number");
    }

    fn write_u64(&mut self, key: u64) {
        // FNV spreads its low bits well and its high ones badly; the map wants both.
        self.0 = key ^ key.rotate_left(32);
    }
}

impl Model {
    /// The weights that the program was built with.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
            let mut text = String::new();
            GzDecoder::new(&include_bytes!("../../../data/weights.gz")[..])
                .read_to_string(&mut text)
                .expect("the weights that the program ships can be unpacked");
            Model::unpack(&text).expect("the weights that the program ships can be read")
        });
        &SHIPPED
    }

    /// Reads weights as `wattline learn` writes them: a line an observation, a tab, and pairs of an answer's number
    /// and a weight, `3:-120 7:45` for example.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut model = Self::empty();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let (observation, weights) =
                line.split_once('\t').ok_or_else(|| format!("line {} has no tab", number + 1))?;
            model.add(number, observation, weights)?;
        }
        Ok(model)
    }

    /// Reads weights as [`super::pack`] writes them.
    pub fn unpack(packed: &str) -> Result<Self, String> {
        let mut model = Self::empty();
        packed::unpack(packed, |number, observation, weights| model.add(number, observation, weights))?;
        Ok(model)
    }

    fn empty() -> Self {
        Self { known: vec![0; BITS / 64], rows: HashMap::default(), entries: Vec::new() }
    }

    fn add(&mut self, number: usize, observation: &str, weights: &str) -> Result<(), String> {
        let start = self.entries.len();
        for pair in weights.split(' ') {
            let parsed =
                pair.split_once(':').and_then(|(answer, weight)| Some((answer.parse().ok()?, weight.parse().ok()?)));
            self.entries.push(parsed.ok_or_else(|| format!("line {} has a weight that is none", number + 1))?);
        }
        let hash = features::hash(observation);
        let (word, bit) = place(hash);
        self.known[word] |= bit;
        self.rows.insert(hash, (start as u32, self.entries.len() as u32));
        Ok(())
    }
}

/// The word and the bit of a hash.
fn place(hash: u64) -> (usize, u64) {
    let at = (hash ^ (hash >> 29)) as usize % BITS;
    (at / 64, 1 << (at % 64))
}

impl Judge for &Model {
    fn answer(&mut self, asked: &Asked<'_>, features: &Features) -> Vec<i32> {
        let mut scores = vec![0_i32; asked.question.answers()];
        let known = |hash: &&u64| {
            let (word, bit) = place(**hash);
            self.known[word] & bit != 0
        };
        for hash in features.hashes().iter().filter(known) {
            if let Some((start, end)) = self.rows.get(hash) {
                for (answer, weight) in &self.entries[*start as usize..*end as usize] {
                    if let Some(score) = scores.get_mut(usize::from(*answer)) {
                        *score += i32::from(*weight);
                    }
                }
            }
        }
        // In hundredths, as all that asks wants them.
        scores.into_iter().map(|score| score * 100 / UNIT).collect()
    }
}
