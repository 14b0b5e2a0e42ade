//! The observations by number: the same few hundred thousand are made again and again, a hundred million times in all.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A number for each observation that was made, in no order that means anything.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    numbers: HashMap<String, u32>,
}

impl Spelling {
    /// The number of an observation.
    pub(super) fn number(&mut self, words: &str) -> u32 {
        if let Some(number) = self.numbers.get(words) {
            return *number;
        }
        let next = self.numbers.len() as u32;
        self.numbers.insert(words.to_owned(), next);
        next
    }

    /// All observations, each in the place of its number.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = vec![String::new(); self.numbers.len()];
        for (own, number) in &self.numbers {
            words[*number as usize].clone_from(own);
        }
        words
    }
}

/// The spelling, which readers on several cores share.
pub(super) fn locked(spelling: &Mutex<Spelling>) -> MutexGuard<'_, Spelling> {
    // A reader that panicked has left nothing half done in it.
    spelling.lock().unwrap_or_else(PoisonError::into_inner)
}
