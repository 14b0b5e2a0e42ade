//! The words of the data files, each known by a number, so that a text is looked up word by word once.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// What the lexicon knows of one word of a text: which of its own words it is, and in which of its sets it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Word {
    /// Its number, from 1; 0 for a word that stands in no data file.
    id: u32,
    /// A bit for each set.
    sets: u64,
}

impl Word {
    /// Whether both are the same word of the lexicon. Two words that it does not have are not.
    pub fn is(self, other: u32) -> bool {
        self.id == other
    }
}

/// Every word of the data files, in lower case.
#[derive(Debug)]
pub struct Vocabulary {
    words: HashMap<Box<str>, Word, RandomState>,
    /// What is known of the signs and letters of ASCII, the most frequent words of all.
    letters: [Word; 128],
    sets: u32,
}

impl Vocabulary {
    pub(super) fn new() -> Self {
        Self { words: HashMap::default(), letters: [Word::default(); 128], sets: 0 }
    }

    /// What is known of a word in lower case.
    pub fn word(&self, word: &str) -> Word {
        match word.as_bytes() {
            [letter] => self.letters[usize::from(*letter)],
            _ => self.words.get(word).copied().unwrap_or_default(),
        }
    }

    /// A set without words as yet.
    pub(super) fn set(&mut self) -> Set {
        let set = Set(1_u64.checked_shl(self.sets).expect("there are no more sets than bits"));
        self.sets += 1;
        set
    }

    /// The number of a word, a new one where it had none.
    pub(super) fn id(&mut self, word: &str) -> u32 {
        self.put(word, Set(0))
    }

    /// Puts a word into a set, and gives its number.
    pub(super) fn put(&mut self, word: &str, set: Set) -> u32 {
        let next = u32::try_from(self.words.len() + 1).expect("the data files have less than four billion words");
        let entry = self.words.entry(Box::from(word)).or_insert(Word { id: next, sets: 0 });
        entry.sets |= set.0;
        if let [letter] = word.as_bytes() {
            self.letters[usize::from(*letter)] = *entry;
        }
        entry.id
    }
}

/// A set of words: one bit of what is known of each of them.
#[derive(Debug, Clone, Copy)]
pub struct Set(u64);

impl Set {
    /// A set of these words.
    pub(super) fn of(vocabulary: &mut Vocabulary, words: &[impl AsRef<str>]) -> Self {
        let set = vocabulary.set();
        for word in words {
            vocabulary.put(word.as_ref(), set);
        }
        set
    }

    /// The words of any of these sets: asked for at the price of one.
    pub(super) fn union<const N: usize>(sets: [Self; N]) -> Self {
        Self(sets.into_iter().fold(0, |all, set| all | set.0))
    }

    /// Whether a word stands in it.
    #[inline]
    pub fn has(self, word: Word) -> bool {
        word.sets & self.0 != 0
    }
}

/// Words with a value each.
#[derive(Debug, Clone)]
pub struct Table<V> {
    set: Set,
    values: HashMap<u32, V, RandomState>,
}

impl<V> Table<V> {
    /// A table of these words; what comes later wins.
    pub(super) fn of<'a>(vocabulary: &mut Vocabulary, words: impl IntoIterator<Item = (&'a str, V)>) -> Self {
        let set = vocabulary.set();
        let values = words.into_iter().map(|(word, value)| (vocabulary.put(word, set), value)).collect();
        Self { set, values }
    }

    /// The same words with other values.
    pub(super) fn map<W>(self, other: impl Fn(V) -> W) -> Table<W> {
        Table { set: self.set, values: self.values.into_iter().map(|(id, value)| (id, other(value))).collect() }
    }

    /// Its words.
    pub(super) fn set(&self) -> Set {
        self.set
    }

    /// The value of a word, to be changed; an empty one where it had none.
    pub(super) fn entry(&mut self, vocabulary: &mut Vocabulary, word: &str) -> &mut V
    where
        V: Default,
    {
        self.values.entry(vocabulary.put(word, self.set)).or_default()
    }

    /// Whether a word stands in it.
    #[inline]
    pub fn has(&self, word: Word) -> bool {
        self.set.has(word)
    }

    /// The value of a word.
    pub fn get(&self, word: Word) -> Option<&V> {
        if self.has(word) { self.values.get(&word.id) } else { None }
    }
}
