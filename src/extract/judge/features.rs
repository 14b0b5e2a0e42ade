//! What is noticed about a question: a set of plain observations, each a word or two.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::Question;

/// The observations about one question. Only their hashes are kept when an article is read; training keeps the words.
#[derive(Debug)]
pub struct Features {
    hashes: Vec<u64>,
    /// The observation that is being made: the question, the prefix, and what is noted.
    spelling: String,
    /// How much of that is the question.
    asked: usize,
    /// How much of it is the question and the prefix.
    begun: usize,
    spelled: Option<Vec<String>>,
}

impl Features {
    /// No observations yet about a question; `spelled` keeps them readable.
    pub(super) fn about(question: Question, spelled: bool) -> Self {
        let spelling = format!("{} ", question.name());
        let asked = spelling.len();
        Self { hashes: Vec::with_capacity(256), spelling, asked, begun: asked, spelled: spelled.then(Vec::new) }
    }

    /// Begins the names of the observations that follow with this.
    pub(super) fn begin(&mut self, prefix: &'static str) {
        self.spelling.truncate(self.asked);
        self.spelling.push_str(prefix);
        self.begun = self.spelling.len();
    }

    /// Notes one thing, such as `left=bought` or `role=buyer|compute`.
    pub(super) fn note(&mut self, name: &str, values: &[&str]) {
        self.spelling.truncate(self.begun);
        self.spelling.push_str(name);
        self.spelling.push('=');
        for (nth, value) in values.iter().enumerate() {
            if nth > 0 {
                self.spelling.push('|');
            }
            self.spelling.push_str(value);
        }
        let hash = hash(&self.spelling);
        if let Some(spelled) = &mut self.spelled
            && !self.hashes.contains(&hash)
        {
            spelled.push(self.spelling.clone());
        }
        self.hashes.push(hash);
    }

    /// Notes a thing where it is so.
    pub(super) fn note_if(&mut self, so: bool, name: &str, values: &[&str]) {
        if so {
            self.note(name, values);
        }
    }

    /// The hash of each observation. What was noted twice is here twice, and is one observation all the same.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The observations as words, each once; empty unless they were kept.
    pub fn spelled(&self) -> &[String] {
        self.spelled.as_deref().unwrap_or_default()
    }
}

/// The hash of a spelled observation; no file holds any, so that another version may hash otherwise.
pub(super) fn hash(spelled: &str) -> u64 {
    FixedState::with_seed(0).hash_one(spelled)
}
