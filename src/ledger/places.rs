//! Countries and the regions inside them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use serde::Deserialize;

use crate::model::Slug;

struct Gazetteer {
    /// The country of a place's name, and whether the name is the country's own.
    by_name: HashMap<Slug, (String, bool)>,
    names: HashMap<String, String>,
}

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        country: HashMap<String, Vec<String>>,
        region: HashMap<String, Vec<String>>,
    }
    let file: File = toml::from_str(include_str!("../../data/places.toml"))
        .expect("the places that ship with the program are valid");
    let names = file.country.iter().filter_map(|(code, names)| Some((code.clone(), names.first()?.clone()))).collect();
    let entries = |places: HashMap<String, Vec<String>>, own: bool| {
        places
            .into_iter()
            .flat_map(move |(code, names)| names.into_iter().map(move |name| (Slug::of(&name), (code.clone(), own))))
    };
    let mut by_name: HashMap<Slug, (String, bool)> = entries(file.region, false).collect();
    by_name.extend(entries(file.country, true));
    Gazetteer { by_name, names }
});

/// The ISO 3166-1 code of the country that a place is or lies in; `None` for one that the gazetteer does not know.
pub fn country(place: &str) -> Option<&'static str> {
    GAZETTEER.by_name.get(&Slug::of(place)).map(|(code, _)| code.as_str())
}

/// Whether a place is a whole country: two deals in one country are hardly one for that.
pub fn is_country(place: &str) -> bool {
    GAZETTEER.by_name.get(&Slug::of(place)).is_some_and(|(_, whole)| *whole)
}

/// Whether the gazetteer knows a place; a town it mostly does not.
pub fn is_known(place: &str) -> bool {
    GAZETTEER.by_name.contains_key(&Slug::of(place))
}

/// A country's name as pages show it; the code itself where it is unknown.
pub fn country_name(code: &str) -> &str {
    GAZETTEER.names.get(code).map_or(code, String::as_str)
}

/// The countries of some places, without repetition, in the order of their codes.
pub fn countries(places: &[String]) -> Vec<String> {
    places
        .iter()
        .filter_map(|place| country(place))
        .map(ToOwned::to_owned)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Whether two lists of places speak of different ones: each pair is known, and neither is the other nor contains it.
pub fn differ(a: &[String], b: &[String]) -> bool {
    !a.is_empty() && !b.is_empty() && a.iter().all(|x| b.iter().all(|y| differ_one(x, y)))
}

fn differ_one(a: &str, b: &str) -> bool {
    let (a, b) = (Slug::of(a), Slug::of(b));
    if a == b {
        return false;
    }
    match (GAZETTEER.by_name.get(&a), GAZETTEER.by_name.get(&b)) {
        (Some((x, x_whole)), Some((y, y_whole))) => x != y || (!x_whole && !y_whole),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_state_lies_in_its_country_and_differs_from_its_neighbour() {
        assert_eq!(country("Texas"), Some("US"));
        assert!(!differ(&list(&["Texas"]), &list(&["U.S."])));
        assert!(differ(&list(&["Texas"]), &list(&["Ohio"])));
        assert!(differ(&list(&["Norway"]), &list(&["Johor"])));
    }

    #[test]
    fn a_place_that_nobody_knows_contradicts_nothing() {
        assert!(!differ(&list(&["Little Wibbleton"]), &list(&["Ohio"])));
        assert!(!differ(&[], &list(&["Ohio"])));
    }
}
