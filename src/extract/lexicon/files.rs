//! The data files as they are written.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{Role, Status};

#[derive(Deserialize)]
pub(super) struct Words {
    pub(super) function: Vec<String>,
    pub(super) describers: BTreeMap<String, Vec<String>>,
    pub(super) abbreviations: Vec<String>,
    pub(super) openers: Vec<String>,
    pub(super) boilerplate_heads: Vec<String>,
    pub(super) boilerplate_lists: Vec<String>,
    pub(super) boilerplate_calls: Vec<String>,
    pub(super) months: Vec<String>,
    pub(super) weekdays: Vec<String>,
    pub(super) plain: Vec<String>,
    pub(super) legal: Vec<String>,
    pub(super) company: Vec<String>,
    pub(super) titles: Vec<String>,
    pub(super) thing: Vec<String>,
    pub(super) roles: BTreeMap<Role, Vec<String>>,
    pub(super) given_names: Vec<String>,
    pub(super) countries: Vec<String>,
    pub(super) seats: Vec<String>,
    pub(super) regions: Vec<String>,
    pub(super) cities: Vec<String>,
    pub(super) place: Vec<String>,
    pub(super) trade: Vec<String>,
    pub(super) acting: Vec<String>,
    pub(super) of_places: Vec<String>,
    pub(super) officers: Vec<String>,
    pub(super) nationalities: Vec<String>,
    pub(super) products: Vec<String>,
    pub(super) publications: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Numbers {
    pub(super) scales: BTreeMap<String, f64>,
    pub(super) spelled: BTreeMap<String, f64>,
    pub(super) symbols: BTreeMap<String, String>,
    pub(super) prefixes: BTreeMap<String, String>,
    pub(super) words: BTreeMap<String, String>,
    pub(super) dollars: BTreeMap<String, Vec<String>>,
    pub(super) homes: BTreeMap<String, Vec<String>>,
    pub(super) power: BTreeMap<String, f64>,
    pub(super) share: Shares,
    pub(super) qualifiers: Qualifiers,
}

#[derive(Deserialize)]
pub(super) struct Shares {
    pub(super) verbs: Vec<String>,
    pub(super) nouns: Vec<String>,
    pub(super) before: Vec<String>,
    pub(super) series: Vec<String>,
    pub(super) ends: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Qualifiers {
    pub(super) about: Vec<String>,
    pub(super) at_least: Vec<String>,
    pub(super) up_to: Vec<String>,
    pub(super) fillers: Vec<String>,
    pub(super) after_at_least: Vec<String>,
    pub(super) after_about: Vec<String>,
    pub(super) after_up_to: Vec<String>,
    pub(super) annual: Vec<String>,
    pub(super) per_unit: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Grammar {
    pub(super) irregular: BTreeMap<String, [String; 4]>,
    pub(super) verbs: BTreeMap<String, Vec<String>>,
    pub(super) nouns: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct Wholes {
    pub(super) part: Vec<String>,
    pub(super) part_of_named: Vec<String>,
    pub(super) addition: Vec<String>,
    pub(super) namings: Vec<String>,
    pub(super) frameworks: Vec<String>,
    pub(super) reached: Vec<String>,
    pub(super) increments: Vec<String>,
    pub(super) agreements: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Cues {
    pub(super) status: BTreeMap<Status, Vec<String>>,
    pub(super) hedges: Vec<String>,
    pub(super) contingent: Vec<String>,
    pub(super) background: Background,
    pub(super) other: Other,
    pub(super) clause: Clause,
}

#[derive(Deserialize)]
pub(super) struct Other {
    pub(super) words: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Background {
    pub(super) before: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Clause {
    pub(super) barriers: Vec<String>,
    pub(super) relatives: Vec<String>,
    pub(super) saying: Vec<String>,
    pub(super) auxiliaries: Vec<String>,
    pub(super) adverbs: Vec<String>,
    pub(super) control: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Sides {
    #[serde(default)]
    pub(super) before: Vec<String>,
    #[serde(default)]
    pub(super) after: Vec<String>,
}
