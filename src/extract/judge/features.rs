//! What is noticed about a question: a set of plain observations, each a word or two.

use super::Question;

/// The observations about one question. Only their hashes are kept when an article is read; training keeps the words.
#[derive(Debug)]
pub struct Features {
    /// The hash of what every observation begins with.
    seed: u64,
    hashes: Vec<u64>,
    question: &'static str,
    prefix: &'static str,
    /// The hash of question and prefix.
    prefixed: u64,
    spelled: Option<Vec<String>>,
}

impl Features {
    /// No observations yet about a question; `spelled` keeps them readable.
    pub(super) fn about(question: Question, spelled: bool) -> Self {
        let question = question.name();
        let seed = fold(fold(OFFSET, question), " ");
        Self {
            seed,
            hashes: Vec::with_capacity(256),
            question,
            prefix: "",
            prefixed: seed,
            spelled: spelled.then(Vec::new),
        }
    }

    /// Begins the names of the observations that follow with this.
    pub(super) fn begin(&mut self, prefix: &'static str) {
        self.prefix = prefix;
        self.prefixed = fold(self.seed, prefix);
    }

    /// Notes one thing, such as `left=bought` or `role=buyer|compute`.
    pub(super) fn note(&mut self, name: &str, values: &[&str]) {
        let mut hash = fold(fold(self.prefixed, name), "=");
        for (nth, value) in values.iter().enumerate() {
            if nth > 0 {
                hash = fold(hash, "|");
            }
            hash = fold(hash, value);
        }
        if let Some(spelled) = &mut self.spelled
            && !self.hashes.contains(&hash)
        {
            spelled.push(format!("{} {}{name}={}", self.question, self.prefix, values.join("|")));
        }
        self.hashes.push(hash);
    }

    /// Notes a thing where it is so.
    pub(super) fn note_if(&mut self, so: bool, name: &str, values: &[&str]) {
        if so {
            self.note(name, values);
        }
    }

    /// The hashes in order, one for each observation: what is seen twice counts once.
    pub(super) fn settle(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
    }

    /// The hashes, one for each observation.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The observations as words; empty unless they were kept.
    pub fn spelled(&self) -> &[String] {
        self.spelled.as_deref().unwrap_or_default()
    }
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash of a word or of a spelled observation.
pub fn hash(spelled: &str) -> u64 {
    fold(OFFSET, spelled)
}

/// FNV-1a, which can be fed in pieces.
fn fold(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
