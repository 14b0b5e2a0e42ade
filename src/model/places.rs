//! Countries and the regions inside them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use serde::Deserialize;

use super::Slug;

struct Gazetteer {
    /// The country of a place's name, and whether the name is the country's own. Without cities.
    by_name: HashMap<Slug, (String, bool)>,
    /// The country of a city, and its state where that is known.
    cities: HashMap<Slug, (String, Option<String>)>,
    names: HashMap<String, String>,
    /// The country of an adjective in lower case.
    adjectives: HashMap<String, String>,
}

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        country: HashMap<String, Vec<String>>,
        region: HashMap<String, Vec<String>>,
        city: HashMap<String, Vec<String>>,
        us_city: HashMap<String, Vec<String>>,
        adjective: HashMap<String, Vec<String>>,
    }
    let file: File = toml::from_str(include_str!("../../data/places.toml"))
        .expect("the places that ship with the program are valid");
    let names = file.country.iter().filter_map(|(code, names)| Some((code.clone(), names.first()?.clone()))).collect();
    let each = |places: HashMap<String, Vec<String>>| {
        places.into_iter().flat_map(|(of, names)| names.into_iter().map(move |name| (of.clone(), name)))
    };
    let entries = |places, own: bool| each(places).map(move |(code, name)| (Slug::of(&name), (code, own)));
    let mut by_name: HashMap<Slug, (String, bool)> = entries(file.region, false).collect();
    by_name.extend(entries(file.country, true));
    let abroad = each(file.city).map(|(code, name)| (Slug::of(&name), (code, None)));
    let at_home = each(file.us_city).map(|(state, name)| (Slug::of(&name), ("US".to_owned(), Some(state))));
    let cities = abroad.chain(at_home).collect();
    let adjectives = each(file.adjective).map(|(code, word)| (word.to_lowercase(), code)).collect();
    Gazetteer { by_name, cities, names, adjectives }
});

/// The ISO 3166-1 code of the country that a place is or lies in; `None` for one that the gazetteer does not know.
pub fn country(place: &str) -> Option<&'static str> {
    let place = Slug::of(place);
    let city = || GAZETTEER.cities.get(&place).map(|(code, _)| code.as_str());
    GAZETTEER.by_name.get(&place).map(|(code, _)| code.as_str()).or_else(city)
}

/// The country that an adjective belongs to: `NO` for "Norwegian".
pub fn country_of_adjective(word: &str) -> Option<&'static str> {
    GAZETTEER.adjectives.get(&word.to_lowercase()).map(String::as_str)
}

/// Some places, followed by the states in which their cities lie: Memphis is in Tennessee, which no text needs to say.
pub fn with_states(places: &[String]) -> Vec<String> {
    let mut all = places.to_vec();
    for place in places {
        if let Some((_, Some(state))) = GAZETTEER.cities.get(&Slug::of(place))
            && !all.contains(state)
        {
            all.push(state.clone());
        }
    }
    all
}

/// Whether a place is a whole country: two deals in one country are hardly one for that.
pub fn is_country(place: &str) -> bool {
    GAZETTEER.by_name.get(&Slug::of(place)).is_some_and(|(_, whole)| *whole)
}

/// Whether a place is a country or a part of one that is larger than a town.
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
    fn a_city_lies_in_its_country_and_brings_its_state_along_but_stays_a_town() {
        assert_eq!((country("Memphis"), country("Utrecht"), country("Atlanta")), (Some("US"), Some("NL"), Some("US")));
        assert_eq!(with_states(&list(&["Memphis", "Utrecht"])), ["Memphis", "Utrecht", "Tennessee"]);
        assert_eq!(with_states(&list(&["Texas", "Abilene"])), ["Texas", "Abilene"]);
        assert!(!is_known("Memphis") && !differ(&list(&["Memphis"]), &list(&["Ohio"])));
    }

    #[test]
    fn an_adjective_has_its_country() {
        assert_eq!(country_of_adjective("Norwegian"), Some("NO"));
        assert_eq!(country_of_adjective("Nordic"), None);
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
