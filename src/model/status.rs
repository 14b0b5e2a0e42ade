use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// How far a deal has come. The order is the ladder: a later stage is greater.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// Not confirmed by a party.
    Rumored,
    /// Made public by a party: plans, pledges, letters of intent.
    Announced,
    /// A binding agreement.
    Signed,
    /// Done: closed, raised, delivered.
    Completed,
    /// Terminated, withdrawn, rejected.
    Cancelled,
}

impl Status {
    /// The status as its wire name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether a deal in this status enters a total that was asked for without further wishes: rumours and cancelled
    /// deals stay out.
    pub fn counts(self) -> bool {
        matches!(self, Self::Announced | Self::Signed | Self::Completed)
    }
}
