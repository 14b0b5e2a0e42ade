//! Letters of intent: agreements that say of themselves that they bind nobody.

use crate::model::Evidence;

/// How texts call a letter of intent, in lower case; each counts as whole words only.
const LETTERS: [&str; 15] = [
    "letter of intent",
    "letters of intent",
    "loi",
    "lois",
    "memorandum of understanding",
    "memorandums of understanding",
    "memoranda of understanding",
    "mou",
    "mous",
    "heads of terms",
    "term sheet",
    "non-binding",
    "nonbinding",
    "not binding",
    "agreement in principle",
];

/// What says that the letter is behind the parties, or that the agreement itself binds them.
const BINDING: [&str; 7] = [
    "definitive agreement",
    "definitive agreements",
    "final agreement",
    "binding agreement",
    "binding contract",
    "turned the letter of intent",
    "replaces the memorandum",
];

/// Whether the sentences that a claim rests on tell of a letter of intent, and of nothing that binds more.
pub fn is_letter(evidence: &[Evidence]) -> bool {
    let says = |phrases: &[&str]| {
        evidence.iter().any(|sentence| {
            let words = words(&sentence.text);
            phrases.iter().any(|phrase| words.contains(&format!(" {phrase} ")))
        })
    };
    says(&LETTERS) && !says(&BINDING)
}

/// The words of a text in lower case, a space before and after each; a hyphen inside a word stays. What is said not to
/// be binding yet is no binding agreement.
fn words(text: &str) -> String {
    let kept: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|letter| if letter.is_alphanumeric() || letter == '-' { letter } else { ' ' })
        .collect();
    let words: Vec<&str> = kept.split_whitespace().map(|word| word.trim_matches('-')).collect();
    format!(" {} ", words.join(" "))
        .replace(" no definitive agreement", " nothing")
        .replace(" before a definitive agreement", " before")
        .replace(" towards a definitive agreement", " towards")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(text: &str) -> Vec<Evidence> {
        vec![Evidence { start: 0, end: text.chars().count(), text: text.to_owned() }]
    }

    #[test]
    fn a_letter_is_known_by_its_name() {
        for text in [
            "Corvid AI signed a letter of intent to rent 200 MW from Northlake.",
            "The two signed an MoU worth $5 billion.",
            "Under a non-binding agreement, Northlake will build the site.",
            "Under the LOI, no definitive agreement has been reached.",
        ] {
            assert!(is_letter(&evidence(text)), "{text}");
        }
    }

    #[test]
    fn what_binds_is_no_letter() {
        for text in [
            "Corvid AI signed a contract to rent 200 MW from Northlake.",
            "The definitive agreement follows the letter of intent of March.",
            "Loire Compute rents 200 MW from Northlake.",
            "They had a mouthful of terms.",
        ] {
            assert!(!is_letter(&evidence(text)), "{text}");
        }
    }
}
