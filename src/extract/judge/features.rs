//! What is noticed about a question: a set of plain observations, each a word or two.

/// The observations about one question. Only their hashes are kept when an article is read; training keeps the words.
#[derive(Debug, Default)]
pub struct Features {
    hashes: Vec<u64>,
    spelled: Option<Vec<String>>,
    question: &'static str,
}

impl Features {
    /// No observations yet about a question of this name; `spelled` keeps them readable.
    pub(super) fn about(question: &'static str, spelled: bool) -> Self {
        Self { hashes: Vec::with_capacity(64), spelled: spelled.then(Vec::new), question }
    }

    /// Notes one thing, such as `left=bought` or `role=buyer|compute`.
    pub(super) fn note(&mut self, name: &str, values: &[&str]) {
        let mut hash = fold(fold(OFFSET, self.question), " ");
        hash = fold(fold(hash, name), "=");
        for (nth, value) in values.iter().enumerate() {
            if nth > 0 {
                hash = fold(hash, "|");
            }
            hash = fold(hash, value);
        }
        // What is seen twice is noted once.
        if self.hashes.contains(&hash) {
            return;
        }
        self.hashes.push(hash);
        if let Some(spelled) = &mut self.spelled {
            spelled.push(format!("{} {name}={}", self.question, values.join("|")));
        }
    }

    /// Notes a thing where it is so.
    pub(super) fn note_if(&mut self, so: bool, name: &str, values: &[&str]) {
        if so {
            self.note(name, values);
        }
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

/// The hash of a spelled observation.
pub(super) fn hash(spelled: &str) -> u64 {
    fold(OFFSET, spelled)
}

/// FNV-1a, which can be fed in pieces.
fn fold(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
