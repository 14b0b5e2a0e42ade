//! The entities that a document declares for itself, as far as they are harmless. Pure.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use crate::ingest::text::decode_entities;

/// How far into a document its declarations are looked for.
const LOOK: usize = 16 * 1024;
/// The most bytes that all of them together may add to a document.
const MOST_ADDED: usize = 64 * 1024;

/// Names with the characters that they stand for. Only such count as stand for a few characters: one that refers to
/// another, to markup or to a file stays as it is written, so that nothing grows and nothing is fetched.
#[derive(Default)]
pub struct Entities {
    texts: HashMap<String, String>,
    added: usize,
}

static DECLARATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)<!ENTITY\s+([\w.:-]{1,40})\s+(?:"([^"<>&%]{0,80}|&\#x?[0-9a-f]{1,8};)"|'([^'<>&%]{0,80}|&\#x?[0-9a-f]{1,8};)')\s*>"#,
    )
    .expect("a constant pattern")
});

impl Entities {
    /// Those that stand before the first element.
    pub fn declared(text: &str) -> Entities {
        let head = &text[..text.floor_char_boundary(LOOK)];
        let mut texts = HashMap::new();
        if head.contains("<!ENTITY") {
            for found in DECLARATION.captures_iter(head) {
                if let Some(text) = found.get(2).or(found.get(3)) {
                    texts.entry(found[1].to_owned()).or_insert_with(|| decode_entities(text.as_str()));
                }
            }
        }
        Entities { texts, added: 0 }
    }

    /// What a reference stands for; HTML's entities and numbers are known without a declaration.
    pub fn resolve(&mut self, name: &str) -> String {
        match self.texts.get(name) {
            Some(text) if self.added + text.len() <= MOST_ADDED => {
                self.added += text.len();
                text.clone()
            }
            _ => decode_entities(&format!("&{name};")),
        }
    }
}
