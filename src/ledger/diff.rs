//! What changed between two states of a record, in words.

use serde::{Deserialize, Serialize};

use crate::model::{Bond, Deal};

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which field.
    pub field: String,
    /// What stood there; empty where nothing did.
    pub from: String,
    /// What stands there now; empty where nothing does.
    pub to: String,
}

/// A field of a record in words.
type Words = fn(&Deal) -> String;

/// The changes from `old` to `new`; without an `old` state, the record is new and everything that it says is a change.
pub fn changes(old: Option<&Deal>, new: &Deal) -> Vec<Change> {
    let fields: [(&str, Words); 11] = [
        ("kind", |deal| deal.kind.label().to_owned()),
        ("status", |deal| deal.status.to_string()),
        ("parties", |deal| list(deal.parties.iter().map(|party| format!("{} ({})", party.name, party.role)))),
        ("amounts", |deal| list(deal.amounts.iter().map(|amount| amount.figure.to_string()))),
        ("capacity", |deal| list(deal.capacity.iter().map(|capacity| capacity.figure.to_string()))),
        ("duration", |deal| deal.duration_months.map(|months| format!("{months} months")).unwrap_or_default()),
        ("announced", |deal| deal.announced_on.map(|day| day.to_string()).unwrap_or_default()),
        ("places", |deal| list(deal.places.iter().cloned())),
        ("publishers", |deal| deal.publishers.to_string()),
        ("part of", |deal| over(deal, Bond::Part)),
        ("adds to", |deal| over(deal, Bond::Addition)),
    ];
    fields
        .into_iter()
        .map(|(field, text)| Change { field: field.to_owned(), from: old.map(text).unwrap_or_default(), to: text(new) })
        .filter(|change| change.from != change.to)
        .collect()
}

/// The deal with which one hangs together in this way.
fn over(deal: &Deal, bond: Bond) -> String {
    deal.umbrella.iter().filter(|over| over.bond == bond).map(|over| over.headline.clone()).collect()
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
