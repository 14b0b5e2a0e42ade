use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use strum::{Display, EnumString, IntoStaticStr};

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The United States dollar.
    pub const USD: Self = Self(iso_currency::Currency::USD);
    /// The euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    /// The pound sterling.
    pub const GBP: Self = Self(iso_currency::Currency::GBP);

    /// The currency of a three-letter code, in any case.
    pub fn from_code(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(&code.to_ascii_uppercase()).map(Self)
    }

    /// Its three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| de::Error::custom(format!("`{code}` is no ISO 4217 currency code")))
    }
}

/// Electric power in megawatts; never negative. In JSON it is a plain number, as the extraction contract has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Megawatts(Decimal);

impl Megawatts {
    /// `None` for a negative figure.
    pub fn new(megawatts: Decimal) -> Option<Self> {
        (!megawatts.is_sign_negative()).then(|| Self(megawatts.normalize()))
    }

    /// The figure.
    pub fn get(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Megawatts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Megawatts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.to_f64().unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Megawatts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // By way of its shortest text, so that 0.1 stays 0.1.
        let number = serde_json::Number::deserialize(deserializer)?;
        let text = number.to_string();
        Decimal::from_str(&text)
            .or_else(|_| Decimal::from_scientific(&text))
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| de::Error::custom(format!("`{text}` is no figure in megawatts")))
    }
}

/// How exactly the text states a figure.
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
pub enum Qualifier {
    /// As stated.
    #[default]
    Exact,
    /// About, roughly, nearly, some.
    About,
    /// At least, over, more than.
    AtLeast,
    /// Up to, as much as, capped at.
    UpTo,
    /// Between one figure and another.
    Range,
}

impl Qualifier {
    /// The qualifier as its wire name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Whether a sum of money is spread over years.
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
pub enum Basis {
    /// The whole sum.
    #[default]
    Total,
    /// The sum of each year.
    Annual,
}

impl Basis {
    /// The basis as its wire name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Whether a sum hangs on something that has not happened yet.
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
pub enum Certainty {
    /// Committed.
    #[default]
    Firm,
    /// On milestones, options, approvals or further phases.
    Contingent,
}

impl Certainty {
    /// The certainty as its wire name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A sum of money in a deal, in the currency in which the text states it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Amount {
    /// In the currency's unit (dollars, not millions); the low end of a range.
    #[serde(with = "rust_decimal::serde::str")]
    pub value: Decimal,
    /// The high end of a range.
    #[serde(default, with = "super::decimal_option")]
    pub value_max: Option<Decimal>,
    /// The currency.
    pub currency: Currency,
    /// How exactly it is stated.
    #[serde(default)]
    pub qualifier: Qualifier,
    /// Whole or yearly.
    #[serde(default)]
    pub basis: Basis,
    /// Firm or contingent.
    #[serde(default)]
    pub certainty: Certainty,
    /// Whether it is contained in another amount of the same deal, and must not be added to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub part: bool,
}

/// Electric power in a deal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Capacity {
    /// The low end of a range.
    pub mw: Megawatts,
    /// The high end of a range.
    #[serde(default)]
    pub mw_max: Option<Megawatts>,
    /// How exactly it is stated.
    #[serde(default)]
    pub qualifier: Qualifier,
    /// Whether it is contained in another capacity of the same deal, and must not be added to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub part: bool,
}

impl Amount {
    /// The figure in words, `up to USD 20B a year` for example.
    fn words(&self) -> String {
        let year = if self.basis == Basis::Annual { " a year" } else { "" };
        let high = self.value_max.map(|high| format!("–{}", short(high))).unwrap_or_default();
        format!("{}{} {}{high}{year}", self.qualifier.prefix(), self.currency, short(self.value))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let high = self.mw_max.map(|high| format!("–{high}")).unwrap_or_default();
        write!(f, "{}{}{high} MW", self.qualifier.prefix(), self.mw)
    }
}

impl Qualifier {
    /// The qualifier as it stands before a figure.
    fn prefix(self) -> &'static str {
        match self {
            Self::Exact | Self::Range => "",
            Self::About => "about ",
            Self::AtLeast => "at least ",
            Self::UpTo => "up to ",
        }
    }
}

/// A figure with its magnitude as a letter, nothing rounded away: `1.43T`, `950M`, `12345`.
fn short(value: Decimal) -> String {
    [(12, "T"), (9, "B"), (6, "M")]
        .into_iter()
        .find(|(power, _)| value >= Decimal::from(10_i64.pow(*power)))
        .map_or_else(
            || value.normalize().to_string(),
            |(power, letter)| format!("{}{letter}", (value / Decimal::from(10_i64.pow(power))).normalize()),
        )
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What a quantity measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum QuantityType {
    /// Money, in units of its currency.
    Money,
    /// Power, in megawatts.
    Power,
    /// A number of chips.
    Chips,
    /// A span of time, in months.
    Duration,
}

/// What a figure in the text is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Use {
    Deal,
    Valuation,
    Revenue,
    Forecast,
    Market,
    Context,
    Comparison,
    Other,
}

/// A figure found in a text, with where it stands and what it is used for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quantity {
    /// First character (Unicode code point) of the figure in the article's text as read.
    pub start: usize,
    /// One past its last character.
    pub end: usize,
    /// The slice itself.
    pub text: String,
    /// What it measures.
    #[serde(rename = "type")]
    pub measures: QuantityType,
    /// The figure: units of the currency, megawatts, pieces or months.
    #[serde(with = "rust_decimal::serde::str")]
    pub value: Decimal,
    /// The high end of a range.
    #[serde(with = "super::decimal_option", skip_serializing_if = "Option::is_none")]
    pub value_max: Option<Decimal>,
    /// The currency, for money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// How exactly it is stated.
    pub qualifier: Qualifier,
    /// What it is used for.
    #[serde(rename = "use")]
    pub usage: Use,
}
