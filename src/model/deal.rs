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
    /// What each source says, where they do not all say the same: the most trusted first; empty where they agree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// The day of the latest article that tells of it; `None` in a record of a version that did not keep it.
    #[serde(default)]
    pub last_news: Option<NaiveDate>,
    /// The fields that stand as an editor says, whatever the claims do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edited: Vec<String>,
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

    /// From the least to the most dollars that its sources give, where they disagree.
    pub fn disputed_usd(&self) -> Option<(Decimal, Decimal)> {
        let all = || self.accounts.iter().filter_map(|account| account.amount.as_ref());
        // A sum a year is no low end of one in all.
        let chosen = all().find(|said| said.standing == Standing::Chosen)?;
        let sums = || all().filter(|said| said.figure.basis == chosen.figure.basis);
        let low = sums().filter_map(|said| said.usd).min()?;
        let high = sums().filter_map(|said| said.usd_max.or(said.usd)).max()?;
        (low < high).then_some((low, high))
    }

    /// Whether it stands at a letter of intent: a party has made it public by one, and nothing binding has followed.
    pub fn is_letter_of_intent(&self) -> bool {
        self.status == Status::Announced && self.history.last().is_some_and(|step| step.letter)
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
    /// By what it was converted into dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// The claim that says so.
    pub claim: Uuid,
}

/// What a sum was converted into dollars by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    /// The European Central Bank's reference rate of this day, the last at or before the deal's.
    Reference {
        /// The day.
        day: NaiveDate,
    },
    /// The number of units at which its central bank holds it to one dollar.
    Peg {
        /// The units.
        #[serde(with = "rust_decimal::serde::str")]
        units: Decimal,
    },
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
    /// Whether that is no more than a letter of intent or a memorandum of understanding.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub letter: bool,
}

/// What one source says of a deal whose sources disagree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The claim.
    pub claim: Uuid,
    /// Who stands behind it: the publisher, or those whom a summary sums up.
    pub publishers: Vec<String>,
    /// The day of the article.
    pub on: NaiveDate,
    /// How far it is trusted.
    pub rank: Rank,
    /// Its main sum.
    pub amount: Option<Said<Amount>>,
    /// Its main power figure.
    pub capacity: Option<Said<Capacity>>,
}

/// A figure that a source gives, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said<T> {
    /// The figure.
    #[serde(flatten)]
    pub figure: T,
    /// It in dollars of the deal's day, for money whose currency has a rate.
    #[serde(default, with = "super::decimal_option", skip_serializing_if = "Option::is_none")]
    pub usd: Option<Decimal>,
    /// The high end of a range in dollars.
    #[serde(default, with = "super::decimal_option", skip_serializing_if = "Option::is_none")]
    pub usd_max: Option<Decimal>,
    /// Whether the record takes it, and why not.
    pub standing: Standing,
}

/// Why a figure was chosen for the record or passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The record takes it.
    Chosen,
    /// It comes from a source that tells of the deal as of another kind.
    OtherKind,
    /// It comes from a source that is trusted less than the chosen one.
    LessTrusted,
    /// It is older than the chosen one, from a source of its rank.
    Older,
    /// The chosen source, of its rank, tells more.
    LessFull,
    /// It was said on the same day, by a source of the same rank; what they say settled it.
    Tied,
    /// An editor's word goes before it.
    Overruled,
}

impl Standing {
    /// The reason in words, as a page shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::OtherKind => "told as another kind of deal",
            Self::LessTrusted => "a less trusted source",
            Self::Older => "older",
            Self::LessFull => "tells less",
            Self::Tied => "tied",
            Self::Overruled => "an editor decided otherwise",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_without_a_high_end_is_read_back_as_it_was_written() {
        let figure: Amount = serde_json::from_str(r#"{"value": "300000000000", "value_max": null, "currency": "USD"}"#)
            .expect("an amount as the extraction contract has it");
        let value = Value { figure, usd: None, rate: None, claim: Uuid::nil() };
        let json = serde_json::to_string(&value).expect("a figure can be written");
        assert_eq!(serde_json::from_str::<Value<Amount>>(&json).expect("it can be read back"), value);
    }
}
