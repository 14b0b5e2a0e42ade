use chrono::NaiveDate;
use serde::{Deserialize, Deserializer};

/// What the extractor reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Article {
    /// The headline; empty where there is none.
    pub title: String,
    /// The main text, paragraphs separated by newlines.
    pub text: String,
    /// The day on which it appeared, against which weekdays are resolved.
    pub published: Option<NaiveDate>,
    /// Who published it: "we" and "the company" in a press release stand for a party, and a publisher's own name in
    /// its text does not make it one.
    pub publisher: Option<String>,
}

impl Article {
    /// The text as read: the title, a newline, then the text; the text alone where there is no title. Every offset
    /// counts Unicode code points of this.
    pub fn as_read(&self) -> String {
        if self.title.is_empty() { self.text.clone() } else { format!("{}\n{}", self.title, self.text) }
    }
}

/// A line of JSON Lines input: an article as the extraction contract lets programs hand it in. Unknown keys are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct ArticleLine {
    /// The caller's name for it; a string, or a number, which is kept as text.
    #[serde(default)]
    pub id: Option<serde_json::Value>,
    /// Its address.
    #[serde(default)]
    pub url: Option<String>,
    /// Who published it.
    #[serde(default)]
    pub publisher: Option<String>,
    /// Its headline.
    #[serde(default)]
    pub title: Option<String>,
    /// When it appeared, as stated; a number is kept as text.
    #[serde(default, deserialize_with = "as_text")]
    pub published: Option<String>,
    /// Its text.
    #[serde(default)]
    pub text: Option<String>,
    /// Its page, where there is no text.
    #[serde(default)]
    pub html: Option<String>,
}

/// A value as text, a string as it is. What is blank says nothing.
fn as_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = match Option::<serde_json::Value>::deserialize(from)? {
        Some(serde_json::Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => return Ok(None),
    };
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::ArticleLine;

    #[test]
    fn a_date_is_kept_as_it_is_stated() {
        for (json, expected) in [
            (r#"{"published": " 4 March 2026 "}"#, Some("4 March 2026")),
            (r#"{"published": 1772600767}"#, Some("1772600767")),
            (r#"{"published": true}"#, Some("true")),
            (r#"{"published": null}"#, None),
            (r#"{"published": " "}"#, None),
            ("{}", None),
        ] {
            let line: ArticleLine = serde_json::from_str(json).unwrap();
            assert_eq!(line.published.as_deref(), expected, "{json}");
        }
    }
}
