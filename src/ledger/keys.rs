//! Keys under which claims and deals are found that may hang together, so that each is weighed with few others.

use chrono::TimeDelta;

use crate::model::hash;

/// Under which key to look, and how far from one's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probe {
    /// The key.
    pub key: i64,
    /// How far back.
    pub back: TimeDelta,
    /// How far ahead.
    pub ahead: TimeDelta,
}

impl Probe {
    /// Looks as far back as ahead.
    pub fn around(key: i64, days: i64) -> Self {
        Self { key, back: TimeDelta::days(days), ahead: TimeDelta::days(days) }
    }
}

/// A key of some words: the same in every program and on every machine. Two keys that are the same by chance cost a
/// comparison, no more.
pub fn key(words: &[&str]) -> i64 {
    hash(words.iter().flat_map(|word| word.bytes().chain([0xff]))).cast_signed()
}

/// The keys of all pairs of some names; a name that stands twice makes a pair with itself.
pub fn pairs(stems: &[String]) -> Vec<i64> {
    // A list of names that is longer is a round-up of investors; its first ones are enough to find it by.
    let stems = &stems[..stems.len().min(12)];
    let mut keys = Vec::new();
    for (at, one) in stems.iter().enumerate() {
        for other in &stems[..at] {
            let (first, second) = if one < other { (one, other) } else { (other, one) };
            keys.push(key(&["pair", first, second]));
        }
    }
    keys
}
