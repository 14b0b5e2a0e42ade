//! The labelled facts of the archive, with the claims that a perfect reader would make of them.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;
use wattline::{
    ledger::resolve::resolve,
    model::{Claim, Rank, Registry, SourcedClaim},
};

/// A labelled deal.
pub struct Fact {
    /// Its id.
    pub id: String,
    /// The earlier fact that it continues.
    pub updates: Option<String>,
    /// The fact that it is a part of.
    pub part_of: Option<String>,
    /// When it became known.
    pub published: DateTime<Utc>,
    /// What a perfect reader would claim.
    pub claim: Claim,
}

impl Fact {
    /// The claim as the ledger weighs it; `number` stands for its id and its article's.
    pub fn sourced(&self, number: usize) -> SourcedClaim {
        SourcedClaim {
            id: Uuid::from_u128(number as u128 + 1),
            article: Uuid::from_u128(number as u128 + 1),
            content: (self.id.clone().into_bytes(), 0),
            publishers: vec!["The Archive".to_owned()],
            rank: Rank::Press,
            published: self.published,
            companies: self.claim.parties.iter().map(|party| resolve(&party.name, Registry::shipped()).slug).collect(),
            claim: self.claim.clone(),
        }
    }
}

/// All of them, with what the extractor reads in the archive's text of what each belongs to.
pub fn facts_with_words() -> Vec<Fact> {
    let articles = wattline::jobs::archive::articles().unwrap();
    let mut facts = facts();
    for fact in &mut facts {
        let Some(article) = articles.get(&fact.id) else { continue };
        let shared = |claim: &Claim| {
            claim.parties.iter().filter(|party| fact.claim.parties.iter().any(|own| own.name == party.name)).count()
        };
        let read = wattline::extract::read(article, Registry::shipped()).claims;
        if let Some(claim) = read.into_iter().max_by_key(|claim| (shared(claim), claim.part_of.is_some())) {
            fact.claim.part_of = claim.part_of;
            fact.claim.programme = claim.programme;
        }
    }
    facts
}

/// All of them, in the order of the file.
pub fn facts() -> Vec<Fact> {
    include_str!("../../gold/archive.jsonl").lines().map(fact).collect()
}

fn fact(line: &str) -> Fact {
    let mut fact: serde_json::Value = serde_json::from_str(line).unwrap();
    let date = fact["announced_on"].as_str().unwrap();
    // Where only the month is known, its first.
    let day: NaiveDate = if date.len() == 7 { format!("{date}-01") } else { date.to_owned() }.parse().unwrap();
    fact["announced_on"] = json!(day);
    fact["evidence"] = json!([]);
    fact["confidence"] = json!(1.0);
    // The label names another fact; what a claim says of it is a matter of its text.
    let part_of = fact.as_object_mut().and_then(|fact| fact.remove("part_of"));
    Fact {
        id: fact["id"].as_str().unwrap().to_owned(),
        updates: fact["updates"].as_str().map(ToOwned::to_owned),
        part_of: part_of.and_then(|id| Some(id.as_str()?.to_owned())),
        published: day.and_hms_opt(0, 0, 0).unwrap().and_utc(),
        claim: serde_json::from_value(fact).unwrap_or_else(|error| panic!("{line}: {error}")),
    }
}
