use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

use super::{Amount, Capacity, Category, Kind, Qualifier, Role, Status};

/// What one article says of one deal, in the form of the extraction contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// What is transacted.
    pub kind: Kind,
    /// How far it has come, as far as this article confirms.
    pub status: Status,
    /// Who takes part.
    pub parties: Vec<Party>,
    /// The sums, a total before its parts.
    pub amounts: Vec<Amount>,
    /// The power, a total before its parts.
    pub capacity: Vec<Capacity>,
    /// The chips.
    pub chips: Vec<Chips>,
    /// How long the agreement or the spending lasts.
    pub duration_months: Option<u32>,
    /// The day of the announcement, where the text tells it.
    pub announced_on: Option<NaiveDate>,
    /// Where, as the text names it.
    pub places: Vec<String>,
    /// The sentences that say so.
    pub evidence: Vec<Evidence>,
    /// From 0 to 1: how sure the extractor is.
    pub confidence: f64,
    /// The name under which the text tells the deal, where it gives one: a programme's, a project's, a summit's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<String>,
    /// What the text says that the deal belongs to, or adds to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<Whole>,
}

/// A larger deal to which a text says that another belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Whole {
    /// How the two hang together.
    pub bond: Bond,
    /// The words that say so, as the text has them: "part of the Stargate programme".
    pub text: String,
    /// The larger deal's own name, where the words give one: "Stargate".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The first day of the month in which it was made known, where the words tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<NaiveDate>,
}

/// How a deal hangs together with a larger or an earlier one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Bond {
    /// It is contained in it: its money is the other's money, and they are never added.
    Part,
    /// It comes on top of it: a contract that is enlarged.
    Addition,
    /// It is the same deal at a later stage: "the contract signed in March" is closed, priced, raised.
    Stage,
}

/// A company or public body with its role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Party {
    /// The canonical name where the company is known, else the longest name in the text without legal suffix.
    pub name: String,
    /// What it does in the deal.
    pub role: Role,
    /// Where the text says that it is from, ISO 3166-1 alpha-2. Of a company of the registry, this and the category are
    /// there only where the text contradicts both: then it speaks of another of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What the text says that it mainly does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
}

impl Party {
    /// A party of which nothing but the name is told.
    pub fn named(name: impl Into<String>, role: Role) -> Self {
        Self { name: name.into(), role, country: None, category: None }
    }
}

/// Chips in a deal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Chips {
    /// How many, where it is said.
    pub count: Option<u64>,
    /// Which, `GB200` for example, where it is said.
    pub model: Option<String>,
    /// How exactly the count is stated.
    #[serde(default)]
    pub qualifier: Qualifier,
}

/// A literal slice of an article's text as read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// First character (Unicode code point).
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// Exactly that slice.
    pub text: String,
}
