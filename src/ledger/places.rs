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

/// Whether two lists of places speak of different ones: none stands in both, and each known one of the first differs from
/// each known one of the second. Beside a state or a country that is known, a town that is not says nothing more.
pub fn differ(a: &[String], b: &[String]) -> bool {
    let (a, b) = (slugs(a), slugs(b));
    let known = |places: &[Slug]| -> Vec<(&'static str, bool)> {
        places
            .iter()
            .filter_map(|place| GAZETTEER.by_name.get(place))
            .map(|(code, whole)| (code.as_str(), *whole))
            .collect()
    };
    let (x, y) = (known(&a), known(&b));
    !x.is_empty()
        && !y.is_empty()
        && !a.iter().any(|place| b.contains(place))
        && x.iter().all(|x| y.iter().all(|y| x.0 != y.0 || (!x.1 && !y.1)))
}

fn slugs(places: &[String]) -> Vec<Slug> {
    places.iter().map(|place| Slug::of(place)).collect()
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
    fn a_town_beside_its_state_or_country_changes_nothing() {
        assert!(differ(&list(&["Madison County", "Mississippi"]), &list(&["United Kingdom"])));
        assert!(differ(&list(&["Gyeonggi", "South Korea"]), &list(&["Saudi Arabia"])));
        assert!(!differ(&list(&["Saline Township", "Michigan"]), &list(&["Ohio", "Saline Township"])));
    }

    #[test]
    fn a_place_that_nobody_knows_contradicts_nothing() {
        assert!(!differ(&list(&["Little Wibbleton"]), &list(&["Ohio"])));
        assert!(!differ(&[], &list(&["Ohio"])));
    }
}
