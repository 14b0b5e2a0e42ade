use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

/// How far a source is trusted where sources disagree; the smaller, the more.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Rank {
    /// A filing, a party's newsroom, a public body, a wire release.
    Primary,
    /// Trade press.
    Trade,
    /// Other press.
    #[default]
    Press,
    /// An aggregator of others' news.
    Aggregator,
}

impl Rank {
    /// The rank as its wire name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
