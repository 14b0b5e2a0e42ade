//! What every answer of the extractor has to keep, whatever it was given.

use wattline::{
    extract::{self, Reading},
    model::{Article, Registry},
};

/// Reads an article with the rules and the learned part, as the program does, and holds the answer against its promises.
pub fn read(article: &Article) -> Reading {
    let reading = extract::read(article, Registry::shipped());
    hold(article, &reading);
    reading
}

/// Holds an answer against the promises of docs/extraction.md: every offset a true slice, every claim with evidence and
/// parties, every confidence between 0 and 1.
pub fn hold(article: &Article, reading: &Reading) {
    let text: Vec<char> = article.as_read().chars().collect();
    let slice = |start: usize, end: usize| text[start..end].iter().collect::<String>();
    for claim in &reading.claims {
        assert!(!claim.parties.is_empty(), "nobody takes part: {claim:?}");
        assert!(!claim.evidence.is_empty(), "nothing says so: {claim:?}");
        assert!((0.0..=1.0).contains(&claim.confidence), "{claim:?}");
        for evidence in &claim.evidence {
            assert!(evidence.start < evidence.end, "{evidence:?}");
            assert_eq!(slice(evidence.start, evidence.end), evidence.text);
        }
        serde_json::to_string(claim).expect("a claim can be written as JSON");
    }
    for quantity in &reading.quantities {
        assert!(quantity.start < quantity.end, "{quantity:?}");
        assert_eq!(slice(quantity.start, quantity.end), quantity.text);
        serde_json::to_string(quantity).expect("a quantity can be written as JSON");
    }
}
