use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// What an article is about.
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
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Theme {
    /// Cloud and GPU capacity, bought, sold and filled.
    Compute,
    /// Chips, servers and memory.
    Chips,
    /// Electricity: plants, contracts, storage.
    Power,
    /// Sites, campuses and what is built on them.
    Land,
    /// Equity, debt and listings.
    Capital,
    /// Programmes of states and their funds.
    Sovereign,
    /// Permits, tariffs, grid queues and what authorities say.
    Regulation,
    /// Cooling, water and the network inside and between sites.
    Cooling,
    /// What is made with it: models and services.
    Products,
}

impl Theme {
    /// The theme as its wire name, which is also its address.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The theme in words, as a page shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Land => "land and sites",
            Self::Sovereign => "sovereign programmes",
            Self::Regulation => "regulation and grid",
            Self::Cooling => "cooling and network",
            _ => self.into(),
        }
    }

    /// What belongs to it, in one sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Compute => "Cloud and GPU capacity: who rents how much of it from whom.",
            Self::Chips => "Accelerators, memory and servers: what is ordered, and what is made where.",
            Self::Power => "Electricity: plants, purchase agreements, turbines, storage.",
            Self::Land => "Sites and campuses: what is bought, let and built.",
            Self::Capital => "Rounds, loans, bonds and listings that pay for it.",
            Self::Sovereign => "Programmes of states and of their funds.",
            Self::Regulation => "Permits, tariffs, grid queues, export rules, courts.",
            Self::Cooling => "Cooling and water, fibre and the network between machines.",
            Self::Products => "Models and services that the capacity is for.",
        }
    }
}
