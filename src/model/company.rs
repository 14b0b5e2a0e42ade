use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

use super::Slug;

/// A company or public body of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// The name under which the ledger keeps it.
    pub name: String,
    /// What it mainly does.
    pub category: Category,
    /// ISO 3166-1 alpha-2; `None` for supranational bodies.
    pub country: Option<String>,
    /// Other spellings that surely mean this company, case-sensitive, without legal suffix.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Spellings, perhaps the name itself, that are also everyday words: they count only with evidence in the article.
    #[serde(default)]
    pub everyday: Vec<String>,
    /// What newsrooms call it: "ChatGPT maker".
    #[serde(default)]
    pub nicknames: Vec<String>,
    /// The symbol of its main listing.
    pub ticker: Option<String>,
    /// Its website.
    pub website: Option<String>,
    /// Whose subsidiary it is.
    pub parent: Option<Parent>,
}

impl Company {
    /// The name as its URL shows it.
    pub fn slug(&self) -> Slug {
        Slug::of(&self.name)
    }
}

/// A company's owner, with the time for which that held.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// The owner's name in the registry.
    pub name: String,
    /// Since when, where that is known.
    pub from: Option<NaiveDate>,
    /// Until when, where it is over.
    pub to: Option<NaiveDate>,
}

impl Parent {
    /// Whether the company belonged to it on a day; the last day of a stretch belongs to it.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// What a company mainly does.
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
#[expect(missing_docs, reason = "the names say it")]
pub enum Category {
    AiLab,
    Hyperscaler,
    GpuCloud,
    Chipmaker,
    Hardware,
    CoolingPowerEquipment,
    DataCenter,
    Utility,
    Nuclear,
    Energy,
    Bank,
    Investor,
    SovereignFund,
    Miner,
    Telecom,
    Government,
    Software,
    Industrial,
    Venture,
    Other,
}

impl Category {
    /// The category as its wire name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The category in words, as a page shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::AiLab => "AI lab",
            Self::Hyperscaler => "hyperscaler",
            Self::GpuCloud => "GPU cloud",
            Self::Chipmaker => "chipmaker",
            Self::Hardware => "servers and networks",
            Self::CoolingPowerEquipment => "cooling and power equipment",
            Self::DataCenter => "data centres",
            Self::Utility => "utility",
            Self::Nuclear => "nuclear",
            Self::Energy => "energy",
            Self::Bank => "bank",
            Self::Investor => "investor",
            Self::SovereignFund => "sovereign fund",
            Self::Miner => "bitcoin miner",
            Self::Telecom => "telecom",
            Self::Government => "public body",
            Self::Software => "software",
            Self::Industrial => "industry",
            Self::Venture => "joint venture",
            Self::Other => "other",
        }
    }
}
