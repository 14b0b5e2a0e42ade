//! The query of an address where a page knows only a few words; what it does not understand it ignores.

use std::collections::BTreeMap;

/// The values of a query by name, the last of each, without empty ones.
#[derive(Debug, Clone, Default)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads a query.
    pub fn parse(query: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        // Postgres stores no NUL, so that no search finds one.
        let pairs = pairs.map(|(name, value)| (name.into_owned(), value.replace('\0', "").trim().to_owned()));
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether a switch that is on by default is on.
    pub fn is_on(&self, name: &str) -> bool {
        !matches!(self.get(name), Some("false" | "0" | "no" | "off"))
    }
}

/// An address with a query of the pairs that have a value.
pub fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    if pairs.is_empty() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_as_it_was_written() {
        let href = address("/search", &[("q", "Électricité & co"), ("cursor", "")]);
        let params = Params::parse(href.split_once('?').map(|(_, query)| query));
        assert_eq!((params.get("q"), params.get("cursor")), (Some("Électricité & co"), None));
        assert!(params.is_on("rollup") && !Params::parse(Some("rollup=false")).is_on("rollup"));
    }
}
