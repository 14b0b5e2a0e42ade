//! How well the archive is read and merged: the facts that it was written from, held against the records made of it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    GoldDeal,
    pairing::{Hits, same_kind, same_status, similarity},
};
use crate::model::{Bond, Claim, Deal, Party, Status};

/// What is known of a deal of the archive.
#[derive(Debug, Clone, Deserialize)]
pub struct Fact {
    /// Its name, which is its item's too.
    pub id: String,
    /// The day or the month of its announcement: `2025-01-21`, `2025-01`.
    pub announced_on: String,
    /// The deal.
    #[serde(flatten)]
    pub deal: GoldDeal,
    /// The fact that it is a part of.
    pub part_of: Option<String>,
    /// The earlier fact that it continues.
    pub updates: Option<String>,
}

/// A record of the ledger with the items of the archive that its claims were read from.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id.
    pub id: Uuid,
    /// The record.
    pub deal: Deal,
    /// The items.
    pub items: BTreeSet<String>,
}

/// Of so many, how many are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Right {
    /// How many are right.
    pub right: usize,
    /// Of how many.
    pub of: usize,
}

impl Right {
    fn count(&mut self, right: bool) -> bool {
        self.of += 1;
        self.right += usize::from(right);
        right
    }
}

/// How the ledger of the archive stands to its facts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Outcome {
    /// Facts that are there as one record, with the right parties, amounts, power and kind.
    pub whole: Right,
    /// Facts of which a record tells; the following are counted over these.
    pub found: Right,
    /// The parties with their roles are the fact's.
    pub parties: Right,
    /// The sums are the fact's.
    pub amounts: Right,
    /// The power is the fact's.
    pub capacity: Right,
    /// The kind is the fact's; a lease of capacity counts as compute, as everywhere in the score.
    pub kind: Right,
    /// The stage is the last one told; signed counts as announced.
    pub status: Right,
    /// The day, or the month where only that is known.
    pub date: Right,
    /// Links to the larger deal.
    pub part_of: Right,
    /// Facts that continue an earlier one: they rest in its record, or are linked to it as coming on top.
    pub updates: Right,
    /// Records that the facts do not have.
    pub extra: usize,
    /// Pairs of facts that share a record though neither continues the other.
    pub merged: usize,
    /// Links to a larger deal that the facts do not have.
    pub wrong_links: usize,
    /// What differs, a line each.
    pub differences: Vec<String>,
}

/// Holds records against facts. Facts of one record that continue each other are held against it together: each of its
/// fields is right where one of them tells it so.
pub fn weigh(facts: &[Fact], records: &[Record]) -> Outcome {
    let claims: Vec<Claim> = records.iter().map(|record| as_claim(&record.deal)).collect();
    let by_id: BTreeMap<&str, usize> = facts.iter().enumerate().map(|(at, fact)| (fact.id.as_str(), at)).collect();
    // The earliest fact that each continues.
    let root = |mut at: usize| {
        while let Some(earlier) = continued(&facts[at]).and_then(|id| by_id.get(id)) {
            at = *earlier;
        }
        at
    };
    // The record of each fact: of those read from its item, the one that tells it best. A later stage may tell other
    // figures than the record has, so that any record of its item will do where there is but one.
    let place: Vec<Option<usize>> = facts
        .iter()
        .map(|fact| {
            let own: Vec<usize> = (0..records.len()).filter(|at| records[*at].items.contains(&fact.id)).collect();
            let fit = |at: &usize| similarity(&fact.deal, &claims[*at]);
            own.iter()
                .copied()
                .filter(|at| fit(at).is_some())
                .max_by(|a, b| fit(a).unwrap_or_default().total_cmp(&fit(b).unwrap_or_default()))
                .or_else(|| {
                    own.into_iter().find(|at| records[*at].items.len() > 1 && shares_a_party(&fact.deal, &claims[*at]))
                })
        })
        .collect();
    let mut told: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (fact, record) in place.iter().enumerate() {
        if let Some(record) = record {
            told.entry(*record).or_default().push(fact);
        }
    }

    let mut outcome = Outcome::default();
    for (at, fact) in facts.iter().enumerate() {
        let mut faults: Vec<String> = Vec::new();
        let earlier = fact.updates.as_deref().and_then(|id| by_id.get(id)).copied();
        let Some(record) = place[at] else {
            outcome.found.count(false);
            outcome.whole.count(false);
            if earlier.is_some() {
                outcome.updates.count(false);
            }
            if fact.part_of.is_some() {
                outcome.part_of.count(false);
            }
            outcome.differences.push(format!(
                "{}: missing; its item is read as {}",
                fact.id,
                read_as(&fact.id, records)
            ));
            continue;
        };
        outcome.found.count(true);
        let mates = &told[&record];
        let chain: Vec<&Fact> =
            mates.iter().filter(|mate| root(**mate) == root(at)).map(|mate| &facts[*mate]).collect();
        let (claim, deal) = (&claims[record], &records[record].deal);

        let parties = outcome.parties.count(parties_agree(&chain, claim));
        let amounts = outcome.amounts.count(chain.iter().any(|fact| {
            let hits = Hits::of(&fact.deal, claim).amounts;
            hits == fact.deal.amounts.len() && hits == claim.amounts.len()
        }));
        let capacity = outcome.capacity.count(chain.iter().any(|fact| {
            let hits = Hits::of(&fact.deal, claim).capacity;
            hits == fact.deal.capacity.len() && hits == claim.capacity.len()
        }));
        let kind = outcome.kind.count(chain.iter().any(|fact| same_kind(&fact.deal, claim)));
        // What is rumoured of a signed deal does not unsign it.
        let last = chain.iter().max_by_key(|fact| (fact.deal.status != Status::Rumored, &fact.announced_on));
        let status = outcome.status.count(last.is_some_and(|fact| same_status(&fact.deal, claim)));
        let date = outcome.date.count(chain.iter().any(|fact| is_on(&fact.announced_on, deal.day())));
        for (right, what) in [
            (parties, "parties"),
            (amounts, "amounts"),
            (capacity, "power"),
            (kind, "kind"),
            (status, "status"),
            (date, "date"),
        ] {
            if !right {
                faults.push(format!("{what} differ"));
            }
        }

        let strangers: Vec<&str> =
            mates.iter().filter(|mate| root(**mate) != root(at)).map(|mate| facts[*mate].id.as_str()).collect();
        if !strangers.is_empty() {
            outcome.merged += strangers.iter().filter(|stranger| **stranger > fact.id.as_str()).count();
            faults.push(format!("one record with {}", strangers.join(", ")));
        }
        let mut together = true;
        if let Some(earlier) = earlier {
            // The facts call it a part of what it adds to, where both are said of one.
            let added = |other: usize| {
                let umbrella = deal.umbrella.as_ref();
                umbrella.is_some_and(|to| to.deal == records[other].id)
            };
            together = place[earlier].is_some_and(|other| other == record || added(other));
            if !outcome.updates.count(together) {
                faults.push(format!("apart from {}, which it continues", facts[earlier].id));
            }
        }
        let continues =
            fact.part_of.as_deref().and_then(|id| by_id.get(id)).is_some_and(|whole| root(*whole) == root(at));
        let whole_of = fact.part_of.as_deref().and_then(|id| by_id.get(id)).and_then(|whole| place[*whole]);
        faults.extend(link_fault(&mut outcome, fact, continues, whole_of, record, records));

        let whole = parties && amounts && capacity && kind && strangers.is_empty() && together;
        outcome.whole.count(whole);
        if !faults.is_empty() {
            let told = !(parties && amounts && capacity && kind && status);
            let fields = || format!("\n    fact   {}\n    record {}", brief(&self::claim(&fact.deal)), brief(claim));
            let fields = told.then(fields).unwrap_or_default();
            let line = format!("{}: {}{fields}", fact.id, faults.join("; "));
            outcome.differences.push(line);
        }
    }
    for (at, record) in records.iter().enumerate().filter(|(at, _)| !told.contains_key(at)) {
        outcome.extra += 1;
        let items: Vec<&str> = record.items.iter().map(String::as_str).collect();
        outcome.differences.push(format!("extra, of {}: {}", items.join(", "), brief(&claims[at])));
    }
    outcome
}

/// The fact of the deal that a fact is a stage of: the earlier one that it continues, or what came of a rumour, which the
/// facts call a part of it.
fn continued(fact: &Fact) -> Option<&str> {
    let rumour = fact.part_of.as_deref().filter(|_| fact.deal.status == Status::Rumored);
    fact.updates.as_deref().or(rumour)
}

/// Whether a record lies under the larger deal that its fact names, which is told by the record `wanted`; what is no more
/// than a stage of it (`continues`) may rest in its record.
fn link_fault(
    outcome: &mut Outcome,
    fact: &Fact,
    continues: bool,
    wanted: Option<usize>,
    own: usize,
    records: &[Record],
) -> Option<String> {
    let link = records[own].deal.umbrella.as_ref();
    let part = link.filter(|link| link.bond == Bond::Part);
    let Some(named) = &fact.part_of else {
        outcome.wrong_links += usize::from(part.is_some());
        return part.map(|link| format!("part of nothing in the facts, of {} here", link.headline));
    };
    if wanted == Some(own) {
        return (!outcome.part_of.count(continues)).then(|| "one with what it is a part of".to_owned());
    }
    // What comes on top of a deal, the facts call a part of it.
    let link = if continues { link } else { part };
    if outcome.part_of.count(wanted.is_some_and(|at| link.is_some_and(|link| link.deal == records[at].id))) {
        return None;
    }
    outcome.wrong_links += usize::from(link.is_some());
    let found = link.map_or("nothing", |link| &link.headline);
    Some(format!("part of {named} in the facts, of {found} here"))
}

fn shares_a_party(fact: &GoldDeal, claim: &Claim) -> bool {
    Hits::of(fact, claim).parties > 0
}

/// Whether the parties are those of one of the facts, or of all of them together.
fn parties_agree(chain: &[&Fact], claim: &Claim) -> bool {
    let agree = |parties: &[Party]| {
        let all = GoldDeal { parties: parties.to_vec(), ..chain[0].deal.clone() };
        let hits = Hits::of(&all, claim).parties;
        hits == parties.len() && hits == claim.parties.len()
    };
    let mut all: Vec<Party> = Vec::new();
    for party in chain.iter().flat_map(|fact| &fact.deal.parties) {
        if !all.iter().any(|known| known.name == party.name) {
            all.push(party.clone());
        }
    }
    agree(&all) || chain.iter().any(|fact| agree(&fact.deal.parties))
}

fn is_on(told: &str, day: NaiveDate) -> bool {
    day.to_string().starts_with(told)
}

/// A record in the form of a claim, so that the same rules compare both.
fn as_claim(deal: &Deal) -> Claim {
    claim(&GoldDeal {
        kind: deal.kind,
        status: deal.status,
        parties: deal.parties.iter().map(|party| Party::named(&party.name, party.role)).collect(),
        amounts: deal.amounts.iter().map(|amount| amount.figure.clone()).collect(),
        capacity: deal.capacity.iter().map(|capacity| capacity.figure.clone()).collect(),
        optional: false,
    })
}

fn claim(told: &GoldDeal) -> Claim {
    Claim {
        kind: told.kind,
        status: told.status,
        parties: told.parties.clone(),
        amounts: told.amounts.clone(),
        capacity: told.capacity.clone(),
        chips: Vec::new(),
        duration_months: None,
        announced_on: None,
        places: Vec::new(),
        evidence: Vec::new(),
        confidence: 1.0,
        programme: None,
        part_of: None,
    }
}

fn read_as(item: &str, records: &[Record]) -> String {
    let read: Vec<String> = records
        .iter()
        .filter(|record| record.items.contains(item))
        .map(|record| format!("“{}”", brief(&as_claim(&record.deal))))
        .collect();
    if read.is_empty() { "nothing".to_owned() } else { read.join(", ") }
}

fn brief(claim: &Claim) -> String {
    let parties: Vec<String> = claim.parties.iter().map(|party| format!("{} ({})", party.name, party.role)).collect();
    let mut parts = vec![format!("{}/{}", claim.kind, claim.status), parties.join(" + ")];
    parts.extend(claim.amounts.iter().map(ToString::to_string));
    parts.extend(claim.capacity.iter().map(ToString::to_string));
    parts.join("  ")
}
