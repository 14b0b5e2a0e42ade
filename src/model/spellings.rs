use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::Company;

/// What a spelling is worth as evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spelling {
    /// It surely means the company.
    Sure,
    /// It is also an everyday word.
    Everyday,
    /// What newsrooms call the company.
    Nickname,
}

/// Every spelling of every company, found by its first word.
#[derive(Debug, Default)]
pub struct Spellings {
    by_first: ByFirst,
    /// For each byte that a first word begins with, the lengths of those words: most words of a text are none of them.
    lengths: Lengths,
    /// The sure ones in capitals, for headlines and wires that shout.
    shouted: ByFirst,
}

/// A bit for each length, of which the last stands for all that are longer, by the first byte.
#[derive(Debug)]
struct Lengths([u64; 256]);

impl Default for Lengths {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl Lengths {
    fn of<'a>(words: impl Iterator<Item = &'a String>) -> Self {
        let mut lengths = Self::default();
        for word in words {
            lengths.0[Self::first(word)] |= Self::bit(word);
        }
        lengths
    }

    fn allow(&self, word: &str) -> bool {
        self.0[Self::first(word)] & Self::bit(word) != 0
    }

    fn first(word: &str) -> usize {
        word.bytes().next().map_or(0, usize::from)
    }

    fn bit(word: &str) -> u64 {
        1 << word.len().min(63)
    }
}

/// Spellings by their first word, each with the index of its company.
type ByFirst = HashMap<String, Vec<(String, usize, Spelling)>, RandomState>;

impl Spellings {
    /// The spellings of these companies; each is known by its index.
    pub fn of(companies: &[Company]) -> Self {
        let mut by_first = ByFirst::default();
        for (index, company) in companies.iter().enumerate() {
            let sure = std::iter::once(&company.name).chain(&company.aliases).filter(|s| !company.everyday.contains(s));
            let all = sure
                .map(|s| (s, Spelling::Sure))
                .chain(company.everyday.iter().map(|s| (s, Spelling::Everyday)))
                .chain(company.nicknames.iter().map(|s| (s, Spelling::Nickname)));
            for (spelling, worth) in all {
                by_first.entry(first_word(spelling).to_owned()).or_default().push((spelling.clone(), index, worth));
            }
        }
        let mut shouted = ByFirst::default();
        for (spelling, index, worth) in by_first.values().flatten() {
            let capitals = spelling.to_uppercase();
            if *worth != Spelling::Nickname && capitals.len() > 2 {
                shouted.entry(first_word(&capitals).to_owned()).or_default().push((capitals, *index, *worth));
            }
        }
        for list in by_first.values_mut().chain(shouted.values_mut()) {
            list.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.2.cmp(&b.2)).then(a.1.cmp(&b.1)));
        }
        Self { lengths: Lengths::of(by_first.keys()), by_first, shouted }
    }

    /// The longest spelling with which a text begins, as a whole word: its length in bytes, the index of the company
    /// and its worth. `word` is the text's first word.
    pub fn at(&self, word: &str, text: &str) -> Option<(usize, usize, Spelling)> {
        let word = first_word(word);
        if self.lengths.allow(word) { Self::find(&self.by_first, word, text) } else { None }
    }

    /// The same in a text that is all capitals.
    pub fn shouted_at(&self, word: &str, text: &str) -> Option<(usize, usize, Spelling)> {
        Self::find(&self.shouted, first_word(word), text)
    }

    fn find(map: &ByFirst, word: &str, text: &str) -> Option<(usize, usize, Spelling)> {
        map.get(word)?.iter().find_map(|(spelling, company, worth)| {
            let rest = text.strip_prefix(spelling.as_str())?;
            let whole = !rest.starts_with(char::is_alphanumeric);
            whole.then_some((spelling.len(), *company, *worth))
        })
    }
}

/// The letters and digits with which a spelling begins, or its first character where there is none.
fn first_word(spelling: &str) -> &str {
    let plain = spelling.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let end = spelling[plain..].find(|c: char| !c.is_alphanumeric()).map_or(spelling.len(), |length| plain + length);
    if end == 0 { &spelling[..spelling.chars().next().map_or(0, char::len_utf8)] } else { &spelling[..end] }
}
