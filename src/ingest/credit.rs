//! Whose text an article is, where it says that it comes from somewhere else. Pure.

use std::sync::LazyLock;

use regex::Regex;

/// Agencies and wires by the names that texts credit them with; the names under which they publish themselves.
const AGENCIES: [(&str, &str); 14] = [
    ("reuters", "Reuters"),
    ("thomson reuters", "Reuters"),
    ("ap", "Associated Press"),
    ("associated press", "Associated Press"),
    ("the associated press", "Associated Press"),
    ("afp", "AFP"),
    ("agence france-presse", "AFP"),
    ("bloomberg", "Bloomberg"),
    ("bloomberg news", "Bloomberg"),
    ("dow jones newswires", "Dow Jones Newswires"),
    ("prnewswire", "PR Newswire"),
    ("business wire", "Business Wire"),
    ("globe newswire", "GlobeNewswire"),
    ("accesswire", "ACCESS Newswire"),
];

static DATELINE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^[^()\n]{0,80}(?:\(([A-Za-z][A-Za-z -]{1,30})\)|/(PRNewswire)(?:-[A-Za-z]+)?/)\s*(?:--|[-–—:])")
});
static FIRST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:this|the)\s+(?:article|story|post|piece)\s+(?:was\s+|has\s+been\s+)?(?:originally|first)\s+(?:appeared|published)\s+(?:on|in|by|at)\s+(?-i:((?:the\s+)?[A-Z0-9][\w&'’-]*(?:\s+(?:of|and|the|&|[A-Z0-9][\w&'’-]*)){0,5}))",
    )
});

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

/// The publisher that a text credits: the agency in its dateline (`VALE, March 3 (Reuters) -`), the wire of a release
/// (`/PRNewswire/ --`), the author where that is an agency, or `This article was originally published by …`.
pub fn credit(text: &str, author: Option<&str>) -> Option<String> {
    if let Some(found) = DATELINE.captures(text) {
        let name = found.get(1).or(found.get(2)).map_or("", |name| name.as_str());
        if let Some(agency) = agency(name) {
            return Some(agency);
        }
    }
    if let Some(found) = FIRST.captures(text) {
        let name = found[1].trim().trim_end_matches('.');
        return Some(agency(name).unwrap_or_else(|| name.to_owned()));
    }
    agency(author?)
}

fn agency(name: &str) -> Option<String> {
    let name = name.trim().to_lowercase();
    AGENCIES.iter().find(|(known, _)| *known == name).map(|(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::credit;

    #[test]
    fn an_agency_is_credited_in_the_dateline_by_the_author_or_at_the_end() {
        for (text, author, expected) in [
            ("VALE, March 3 (Reuters) - Ferrow said on Tuesday it will rent.", None, Some("Reuters")),
            ("VALE, Ohio, March 3, 2026 /PRNewswire/ -- Ferrow today announced.", None, Some("PR Newswire")),
            ("VALE--(BUSINESS WIRE)--Ferrow today announced.", None, Some("Business Wire")),
            ("Ferrow will rent.", Some("Reuters"), Some("Reuters")),
            (
                "Ferrow will rent.\nThis article was originally published by Rack and Grid. Read on.",
                None,
                Some("Rack and Grid"),
            ),
            ("Ferrow will rent (and more) - it said.", None, None),
            ("Ferrow, a rival of Reuters, will rent.", Some("Ada Field"), None),
        ] {
            assert_eq!(credit(text, author).as_deref(), expected, "{text}");
        }
    }
}
