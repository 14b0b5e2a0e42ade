use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Amount, Bond, Capacity, Kind, Party, Status};

/// What an editor says of a deal, or of two claims.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "about", content = "says", rename_all = "snake_case")]
pub enum Word {
    /// It is of this kind.
    Kind(Kind),
    /// It has come this far.
    Status(Status),
    /// These take part, and nobody else.
    Parties(Vec<Party>),
    /// These are its sums; none: they are not disclosed.
    Amounts(Vec<Amount>),
    /// This is its power.
    Capacity(Vec<Capacity>),
    /// It runs so many months.
    Duration(Option<u32>),
    /// It was announced on this day.
    Announced(Option<NaiveDate>),
    /// It is here.
    Places(Vec<String>),
    /// It belongs to the other claim's deal.
    Under(Bond),
    /// It belongs to no other deal.
    Alone,
    /// It is a deal, however unsure those were who read it.
    Confirm,
    /// It is no deal.
    Reject,
    /// The two claims tell of one deal.
    Same,
    /// The other claim tells of another deal.
    Apart,
    /// That word no longer holds.
    Revoke(Uuid),
}

impl Word {
    /// What it is about, in a word: of two words about the same field of a deal the later holds.
    pub fn about(&self) -> &'static str {
        match self {
            Self::Kind(_) => "kind",
            Self::Status(_) => "status",
            Self::Parties(_) => "parties",
            Self::Amounts(_) => "amounts",
            Self::Capacity(_) => "capacity",
            Self::Duration(_) => "duration",
            Self::Announced(_) => "announced",
            Self::Places(_) => "places",
            Self::Under(_) | Self::Alone => "umbrella",
            Self::Confirm => "confirm",
            Self::Reject => "reject",
            Self::Same => "same",
            Self::Apart => "apart",
            Self::Revoke(_) => "revoke",
        }
    }
}

/// An editor's word with its circumstances.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// Its id.
    pub id: Uuid,
    /// The claim whose deal it is about.
    pub claim: Uuid,
    /// The other claim, of a word about two.
    pub other: Option<Uuid>,
    /// The deal that held the claim when it was said.
    pub deal: Option<Uuid>,
    /// What is said.
    pub word: Word,
    /// By whom.
    pub editor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub made_at: DateTime<Utc>,
}
