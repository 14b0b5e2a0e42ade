use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Amount, Bond, Capacity, Chips, Claim, Direction, Kind, Megawatts, Rank, Role, Slug, Status};

/// A claim with the circumstances that the ledger weighs: where and when it was said, and whom its names stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcedClaim {
    /// The claim's id.
    pub id: Uuid,
    /// The article that it was read from.
    pub article: Uuid,
    /// What settles a tie the same way in every database, where ids differ: the article's content hash, and the claim's
    /// place among those of its article.
    pub content: (Vec<u8>, i32),
    /// Who stands behind the article: its publisher, or for a summary those whom it sums up.
    pub publishers: Vec<String>,
    /// How far the article is trusted.
    pub rank: Rank,
    /// When the article appeared.
    pub published: DateTime<Utc>,
    /// The companies that the claim's parties stand for, in the order of its parties.
    pub companies: Vec<Slug>,
    /// What it says.
    pub claim: Claim,
}

/// The record that claims are merged into. Every field is derived from the claims by [`crate::ledger::derive`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deal {
    /// What it is, in the ledger's own words.
    pub headline: String,
    /// What is transacted.
    pub kind: Kind,
    /// The stage that it has reached.
    pub status: Status,
    /// Who takes part.
    pub parties: Vec<DealParty>,
    /// The sums that were chosen, a total before its parts.
    pub amounts: Vec<Value<Amount>>,
    /// The power that was chosen, a total before its parts.
    pub capacity: Vec<Value<Capacity>>,
    /// The chips.
    pub chips: Vec<Chips>,
    /// How long the agreement or the spending lasts.
    pub duration_months: Option<u32>,
    /// The day of the announcement, where a source tells it.
    pub announced_on: Option<NaiveDate>,
    /// When the earliest article appeared.
    pub first_seen: DateTime<Utc>,
    /// Where, as the sources name it.
    pub places: Vec<String>,
    /// The firm part in dollars; `None` where no source discloses it or no rate is known.
    #[serde(with = "super::decimal_option")]
    pub committed_usd: Option<Decimal>,
    /// The contingent part in dollars.
    #[serde(with = "super::decimal_option")]
    pub potential_usd: Option<Decimal>,
    /// The power as one figure: the totals without their parts.
    pub mw: Option<Megawatts>,
    /// The stages with the day and the claim of each, in the order of time.
    pub history: Vec<StatusStep>,
    /// How many publishers report it; copies of one publisher count once.
    pub publishers: usize,
    /// How many articles report it.
    pub articles: usize,
    /// The larger or earlier deal with which it hangs together, as [`crate::ledger::umbrella`] decides over all deals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub umbrella: Option<Umbrella>,
}

/// A deal's place under another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Umbrella {
    /// The other deal.
    pub deal: Uuid,
    /// Its headline.
    pub headline: String,
    /// Whether it is contained in it, or comes on top of it.
    pub bond: Bond,
    /// What speaks for it.
    pub reasons: Vec<String>,
}

impl Deal {
    /// The day under which the deal is sorted, filtered and grouped: its announcement, else the day it was first seen.
    pub fn day(&self) -> NaiveDate {
        self.announced_on.unwrap_or_else(|| self.first_seen.date_naive())
    }

    /// Its parties on one side of the money.
    pub fn side(&self, direction: Direction) -> impl Iterator<Item = &DealParty> {
        self.parties.iter().filter(move |party| party.flow.as_ref().is_some_and(|flow| flow.direction == direction))
    }
}

/// A company's part in a deal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealParty {
    /// The company.
    pub company: Slug,
    /// Its name as shown.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Its share of the money; `None` for a role that carries none.
    pub flow: Option<Flow>,
}

/// A party's share of a deal's money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Whether it pays or is paid.
    pub direction: Direction,
    /// Its share of the committed dollars.
    #[serde(with = "super::decimal_option")]
    pub committed_usd: Option<Decimal>,
    /// Its share of the potential dollars.
    #[serde(with = "super::decimal_option")]
    pub potential_usd: Option<Decimal>,
}

/// A figure of the record with the claim that it was chosen from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Value<T> {
    /// The figure.
    #[serde(flatten)]
    pub figure: T,
    /// It in dollars, for money whose currency has a rate on the day.
    #[serde(default, with = "super::decimal_option", skip_serializing_if = "Option::is_none")]
    pub usd: Option<Decimal>,
    /// The claim that says so.
    pub claim: Uuid,
}

/// A stage of a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusStep {
    /// The stage.
    pub status: Status,
    /// The day on which it was first told.
    pub on: NaiveDate,
    /// The claim that tells it.
    pub claim: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_without_a_high_end_is_read_back_as_it_was_written() {
        let figure: Amount = serde_json::from_str(r#"{"value": "300000000000", "value_max": null, "currency": "USD"}"#)
            .expect("an amount as the extraction contract has it");
        let value = Value { figure, usd: None, claim: Uuid::nil() };
        let json = serde_json::to_string(&value).expect("a figure can be written");
        assert_eq!(serde_json::from_str::<Value<Amount>>(&json).expect("it can be read back"), value);
    }
}
