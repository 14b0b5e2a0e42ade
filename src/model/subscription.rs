use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

use super::{Cadence, DealFilter};

/// What a subscription is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// Which deals; its companies are filled in from `companies` when an issue is sent, for families change.
    pub deals: DealFilter,
    /// Slugs of companies that are wanted with all that they own; empty: any.
    pub companies: Vec<String>,
}

impl Wish {
    /// Whether everything is wanted.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

/// Which parts a mail has.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Format {
    /// HTML and text, of which the reader's program shows the one that it likes.
    Both,
    /// Text alone.
    Text,
}

/// When and how a subscription comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// How often.
    pub cadence: Cadence,
    /// On which day what is weekly comes; 1 is Monday, 7 Sunday.
    pub weekday: u8,
    /// At which hour, 0 to 23.
    pub hour: u8,
    /// Of which time zone.
    pub zone: Tz,
    /// In which parts.
    pub format: Format,
    /// Whether a short issue comes when there is nothing new.
    pub when_quiet: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { cadence: Cadence::Weekly, weekday: 1, hour: 7, zone: Tz::UTC, format: Format::Both, when_quiet: true }
    }
}

/// The way on which a digest reaches a recipient.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// A mail address.
    Mail,
    /// An incoming webhook of Slack.
    Slack,
    /// A workflow of Microsoft Teams that takes what comes in by webhook.
    Teams,
    /// A webhook of Discord.
    Discord,
    /// Any program that takes signed JSON.
    Webhook,
}

impl Channel {
    /// Its name in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Slack => "Slack",
            Self::Teams => "Microsoft Teams",
            Self::Discord => "Discord",
            Self::Webhook => "webhook",
        }
    }
}
