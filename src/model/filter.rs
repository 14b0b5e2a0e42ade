use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Direction, Kind, Role, Status};

/// Which deals are wanted. The default wants all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DealFilter {
    /// Words of headline, names and places, in the language of web searches.
    pub text: Option<String>,
    /// Slugs of which one must be a party's; none: any company.
    pub companies: Option<Vec<String>>,
    /// What a party (one of `companies`, where given) must do.
    pub part: Option<Part>,
    /// Kinds; empty: any.
    pub kinds: Vec<Kind>,
    /// Stages; empty: any, of which totals leave out rumours and what was cancelled.
    pub statuses: Vec<Status>,
    /// At least so many committed dollars.
    #[serde(with = "super::decimal_option")]
    pub min_usd: Option<Decimal>,
    /// At least so many megawatts.
    #[serde(with = "super::decimal_option")]
    pub min_mw: Option<Decimal>,
    /// From this day.
    pub from: Option<NaiveDate>,
    /// To this day.
    pub to: Option<NaiveDate>,
    /// In this country, ISO 3166-1.
    pub country: Option<String>,
    /// As the ledger was known at this time; `None`: as it is.
    pub as_of: Option<DateTime<Utc>>,
}

/// A party's part in a deal: a role, or a side of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// This role.
    Role(Role),
    /// Any role on this side.
    Side(Direction),
}

impl DealFilter {
    /// Whether deals of this stage enter the totals.
    pub fn counts(&self, status: Status) -> bool {
        if self.statuses.is_empty() { status.counts() } else { self.statuses.contains(&status) }
    }
}
