use std::fmt;

use serde::{Deserialize, Serialize};

/// A name as a URL shows it: lower case, everything but letters and digits turned to single hyphens.
///
/// ```
/// use wattline::model::Slug;
/// assert_eq!(Slug::of("Hellman & Friedman").as_str(), "hellman-friedman");
/// assert_eq!(Slug::of("Électricité de France").as_str(), "électricité-de-france");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// Whether a longer name begins with this one, at the end of a word: "halyard" and "halyard-pension-partners".
    pub fn begins(&self, longer: &Self) -> bool {
        longer.0.strip_prefix(&self.0).is_some_and(|rest| rest.starts_with('-'))
    }

    /// The slug of a name. A name without any letter or digit gives `-`.
    pub fn of(name: &str) -> Self {
        let mut slug = String::with_capacity(name.len());
        for letter in name.chars().flat_map(char::to_lowercase) {
            if letter.is_alphanumeric() {
                slug.push(letter);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let trimmed = slug.trim_end_matches('-').len();
        slug.truncate(trimmed);
        if slug.is_empty() { Self("-".to_owned()) } else { Self(slug) }
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
