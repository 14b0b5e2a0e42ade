//! Whether what a language model tells of an article stands in it. Pure.
//!
//! A deal is taken whole or not at all. Each figure has to be one that our own quantity grammar finds in the text, each
//! name has to stand there, or a spelling of the same known company, and each piece of evidence has to be a literal
//! slice, whose offsets are counted here. How exactly a figure is stated is taken from the grammar. Only what carries no
//! weight, a place or a day that the text does not name, is left out without the deal.

#[cfg(test)]
mod tests;
mod words;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use crate::model::{
    Amount, Article, Basis, Capacity, Certainty, Chips, Claim, Currency, Evidence, Kind, Megawatts, Party, Qualifier,
    Quantity, QuantityType, Registry, Role, Status,
};
use words::{is_common_noun, names_day, stands_in, without_legal_form};

/// How sure we are of a deal that was told by a model and checked.
const CONFIDENCE: f64 = 0.8;

/// What is left of a model's answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checked {
    /// The deals that stand in the text.
    pub claims: Vec<Claim>,
    /// Why others do not, one reason each.
    pub refused: Vec<Refusal>,
}

/// Why a told deal is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not of the shape that was asked for: a field is missing, or a kind, status or role is none.
    #[error("it has not the shape of a deal: {0}")]
    Shape(String),
    /// A party has a role that its kind of deal does not know.
    #[error("a deal of kind {kind} has no {role}")]
    Role {
        /// The kind.
        kind: Kind,
        /// The role.
        role: Role,
    },
    /// Nobody takes part.
    #[error("it has no party")]
    NoParty,
    /// A name does not stand in the text.
    #[error("the text names no {0}")]
    Name(String),
    /// A figure does not stand in the text.
    #[error("the text holds no figure of {0}")]
    Figure(String),
    /// A chip does not stand in the text.
    #[error("the text names no chip {0}")]
    Chip(String),
    /// There is no evidence.
    #[error("it has no evidence")]
    NoEvidence,
    /// A piece of evidence is no literal slice of the text.
    #[error("the text holds no such words: {0}")]
    Quote(String),
}

/// A deal as a model tells it.
#[derive(Deserialize)]
struct Told {
    kind: Kind,
    status: Status,
    parties: Vec<Party>,
    amounts: Vec<ToldAmount>,
    capacity: Vec<ToldCapacity>,
    chips: Vec<ToldChips>,
    duration_months: Option<u32>,
    announced_on: Option<String>,
    places: Vec<String>,
    evidence: Vec<String>,
}

#[derive(Deserialize)]
struct ToldAmount {
    #[serde(with = "rust_decimal::serde::str")]
    value: Decimal,
    #[serde(with = "rust_decimal::serde::str_option")]
    value_max: Option<Decimal>,
    currency: Currency,
    basis: Basis,
    certainty: Certainty,
    part: bool,
}

#[derive(Deserialize)]
struct ToldCapacity {
    mw: Megawatts,
    mw_max: Option<Megawatts>,
    part: bool,
}

#[derive(Deserialize)]
struct ToldChips {
    count: Option<u64>,
    model: Option<String>,
}

/// Takes those of the told deals that stand in the article. `quantities` are the figures that the extractor finds in it.
pub fn check(told: &[Value], article: &Article, quantities: &[Quantity], registry: &Registry) -> Checked {
    let text = article.as_read();
    let scene = Scene { text: &text, article, quantities, registry };
    let mut checked = Checked::default();
    for deal in told {
        match scene.claim(deal) {
            Ok(claim) if checked.claims.contains(&claim) => {}
            Ok(claim) => checked.claims.push(claim),
            Err(refusal) => checked.refused.push(refusal),
        }
    }
    checked
}

struct Scene<'a> {
    text: &'a str,
    article: &'a Article,
    quantities: &'a [Quantity],
    registry: &'a Registry,
}

impl Scene<'_> {
    fn claim(&self, deal: &Value) -> Result<Claim, Refusal> {
        let told = Told::deserialize(deal).map_err(|error| Refusal::Shape(error.to_string()))?;
        let evidence = self.evidence(&told.evidence)?;
        Ok(Claim {
            kind: told.kind,
            status: told.status,
            parties: self.parties(told.kind, &told.parties)?,
            amounts: self.amounts(&told.amounts, &evidence)?,
            capacity: self.capacity(&told.capacity, &evidence)?,
            chips: self.chips(told.chips, &evidence)?,
            duration_months: self.duration(told.duration_months, &evidence)?,
            announced_on: self.announced_on(told.status, told.announced_on.as_deref()),
            places: told.places.into_iter().filter(|place| stands_in(self.text, place)).collect(),
            evidence,
            confidence: CONFIDENCE,
            programme: None,
            part_of: None,
        })
    }

    fn evidence(&self, quotes: &[String]) -> Result<Vec<Evidence>, Refusal> {
        let mut evidence: Vec<Evidence> = Vec::new();
        for quote in quotes.iter().map(|quote| quote.trim()) {
            // A single word shows nothing.
            let at = self.text.find(quote).filter(|_| quote.contains(char::is_whitespace));
            let at = at.ok_or_else(|| Refusal::Quote(quote.chars().take(80).collect()))?;
            let start = self.text[..at].chars().count();
            let piece = Evidence { start, end: start + quote.chars().count(), text: quote.to_owned() };
            if !evidence.contains(&piece) {
                evidence.push(piece);
            }
        }
        if evidence.is_empty() { Err(Refusal::NoEvidence) } else { Ok(evidence) }
    }

    fn parties(&self, kind: Kind, told: &[Party]) -> Result<Vec<Party>, Refusal> {
        let mut parties: Vec<Party> = Vec::new();
        for Party { name, role, .. } in told {
            if *role != Role::Backer && !kind.roles().contains(role) {
                return Err(Refusal::Role { kind, role: *role });
            }
            let party = Party::named(self.name(name)?, *role);
            if !parties.contains(&party) {
                parties.push(party);
            }
        }
        if parties.is_empty() { Err(Refusal::NoParty) } else { Ok(parties) }
    }

    /// The name under which the ledger keeps a party, where the text names it.
    fn name(&self, told: &str) -> Result<String, Refusal> {
        let told = told.trim();
        let refusal = || Refusal::Name(told.chars().take(80).collect());
        let bare = without_legal_form(told);
        if let Some(company) = self.registry.find(told).or_else(|| self.registry.find(bare)) {
            // A spelling that is also an everyday word shows the company only where the model read that very word.
            let sure = std::iter::once(&company.name).chain(&company.aliases).chain(&company.nicknames);
            let mut sure = sure.filter(|spelling| !company.everyday.contains(spelling));
            let stands = stands_in(self.text, bare) || sure.any(|spelling| stands_in(self.text, spelling));
            return if stands { Ok(company.name.clone()) } else { Err(refusal()) };
        }
        // "the company" stands in many texts and names nobody.
        let names = bare.chars().any(|c| c.is_uppercase() || c.is_ascii_digit()) && !is_common_noun(bare);
        if names && stands_in(self.text, bare) { Ok(bare.to_owned()) } else { Err(refusal()) }
    }

    /// The figure that our grammar finds, before all in the evidence.
    fn figure(&self, evidence: &[Evidence], is: impl Fn(&Quantity) -> bool) -> Option<&Quantity> {
        let shown = |quantity: &Quantity| {
            evidence.iter().any(|piece| piece.start <= quantity.start && quantity.end <= piece.end)
        };
        let found = || self.quantities.iter().filter(|quantity| is(quantity));
        found().find(|quantity| shown(quantity)).or_else(|| found().next())
    }

    fn amounts(&self, told: &[ToldAmount], evidence: &[Evidence]) -> Result<Vec<Amount>, Refusal> {
        let mut amounts: Vec<Amount> = Vec::new();
        for ToldAmount { value, value_max, currency, basis, certainty, part } in told {
            let figure = self.figure(evidence, |quantity| {
                quantity.measures == QuantityType::Money
                    && (quantity.value, quantity.value_max, quantity.currency) == (*value, *value_max, Some(*currency))
            });
            let qualifier = figure.ok_or_else(|| Refusal::Figure(format!("{value} {currency}")))?.qualifier;
            if !amounts
                .iter()
                .any(|known| (known.value, known.value_max, known.currency) == (*value, *value_max, *currency))
            {
                amounts.push(Amount {
                    value: value.normalize(),
                    value_max: value_max.map(|high| high.normalize()),
                    currency: *currency,
                    qualifier,
                    basis: *basis,
                    certainty: *certainty,
                    part: *part,
                });
            }
        }
        Ok(amounts)
    }

    fn capacity(&self, told: &[ToldCapacity], evidence: &[Evidence]) -> Result<Vec<Capacity>, Refusal> {
        let mut capacity: Vec<Capacity> = Vec::new();
        for ToldCapacity { mw, mw_max, part } in told {
            let figure = self.figure(evidence, |quantity| {
                quantity.measures == QuantityType::Power
                    && (quantity.value, quantity.value_max) == (mw.get(), mw_max.map(Megawatts::get))
            });
            let qualifier = figure.ok_or_else(|| Refusal::Figure(format!("{mw} MW")))?.qualifier;
            if !capacity.iter().any(|known| (known.mw, known.mw_max) == (*mw, *mw_max)) {
                capacity.push(Capacity { mw: *mw, mw_max: *mw_max, qualifier, part: *part });
            }
        }
        Ok(capacity)
    }

    fn chips(&self, told: Vec<ToldChips>, evidence: &[Evidence]) -> Result<Vec<Chips>, Refusal> {
        let mut chips: Vec<Chips> = Vec::new();
        for ToldChips { count, model } in told {
            if let Some(model) = model.as_ref().filter(|model| !stands_in(self.text, model)) {
                return Err(Refusal::Chip(model.chars().take(80).collect()));
            }
            let mut piece = Chips { count, model, qualifier: Qualifier::Exact };
            if let Some(count) = count {
                let figure = self.figure(evidence, |quantity| {
                    quantity.measures == QuantityType::Chips && quantity.value == Decimal::from(count)
                });
                piece.qualifier = figure.ok_or_else(|| Refusal::Figure(format!("{count} chips")))?.qualifier;
            }
            if (piece.count.is_some() || piece.model.is_some()) && !chips.contains(&piece) {
                chips.push(piece);
            }
        }
        Ok(chips)
    }

    fn duration(&self, told: Option<u32>, evidence: &[Evidence]) -> Result<Option<u32>, Refusal> {
        let Some(months) = told else { return Ok(None) };
        let figure = self.figure(evidence, |quantity| {
            quantity.measures == QuantityType::Duration && quantity.value == Decimal::from(months)
        });
        figure.map(|_| told).ok_or_else(|| Refusal::Figure(format!("{months} months")))
    }

    /// The told day where the text names it, else the day on which the article appeared; none for a rumour.
    fn announced_on(&self, status: Status, told: Option<&str>) -> Option<NaiveDate> {
        if status == Status::Rumored {
            return None;
        }
        let published = self.article.published;
        let day: Option<NaiveDate> = told.and_then(|day| day.trim().parse().ok());
        day.filter(|day| names_day(self.text, *day, published)).or(published)
    }
}
