use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

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
    /// When it appeared: RFC 3339 or a plain date.
    #[serde(default)]
    pub published: Option<String>,
    /// Its text.
    #[serde(default)]
    pub text: Option<String>,
    /// Its page, where there is no text.
    #[serde(default)]
    pub html: Option<String>,
}

impl ArticleLine {
    /// When it appeared, in UTC; a plain date is its midnight. `None` where it is absent or unreadable.
    pub fn published_at(&self) -> Option<DateTime<Utc>> {
        let text = self.published.as_deref()?.trim();
        DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).ok().or_else(|| {
            NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(|time| time.and_utc())
        })
    }
}
