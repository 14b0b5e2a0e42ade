//! Whether a deal is one of those that a filter wants: the rule that lists follow, for records that are no rows.
//!
//! Words are left to the database, which knows the language; `tests/it` holds the rest against what the database says.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::model::places::{countries, country_name};
use crate::model::{Deal, DealFilter, Direction, Kind, Megawatts, Part, Role, Slug, Status};

/// What a filter looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Who does what, and on which side of the money.
    pub parties: Vec<(Slug, Role, Option<Direction>)>,
    /// What is transacted.
    pub kind: Kind,
    /// The stage.
    pub status: Status,
    /// The day under which it is listed.
    pub day: NaiveDate,
    /// Firm dollars.
    pub usd: Option<Decimal>,
    /// Megawatts.
    pub mw: Option<Decimal>,
    /// The countries in which it lies, ISO 3166-1.
    pub countries: Vec<String>,
}

impl Facts {
    /// Those of a record.
    pub fn of(deal: &Deal) -> Self {
        let party = |party: &crate::model::DealParty| {
            (party.company.clone(), party.role, party.flow.as_ref().map(|flow| flow.direction))
        };
        Self {
            parties: deal.parties.iter().map(party).collect(),
            kind: deal.kind,
            status: deal.status,
            day: deal.day(),
            usd: deal.committed_usd,
            mw: deal.mw.map(Megawatts::get),
            countries: countries(&deal.places),
        }
    }

    /// Whether a filter wants it, words aside.
    pub fn fit(&self, filter: &DealFilter) -> bool {
        let named = |slug: &Slug| {
            filter.companies.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| wanted == slug.as_str()))
        };
        let takes_part = |role: Role, direction: Option<Direction>| match filter.part {
            None => true,
            Some(Part::Role(wanted)) => role == wanted,
            Some(Part::Side(wanted)) => direction == Some(wanted),
        };
        let parties = (filter.companies.is_none() && filter.part.is_none())
            || self.parties.iter().any(|(slug, role, direction)| named(slug) && takes_part(*role, *direction));
        parties
            && (filter.kinds.is_empty() || filter.kinds.contains(&self.kind))
            && (filter.statuses.is_empty() || filter.statuses.contains(&self.status))
            && filter.min_usd.is_none_or(|least| self.usd.is_some_and(|usd| usd >= least))
            && filter.min_mw.is_none_or(|least| self.mw.is_some_and(|mw| mw >= least))
            && filter.from.is_none_or(|from| self.day >= from)
            && filter.to.is_none_or(|to| self.day <= to)
            && filter.country.as_ref().is_none_or(|wanted| self.countries.contains(wanted))
    }
}

/// What a search for a deal looks in: the headline says who with whom, the rest what and where.
pub fn searched_text(deal: &Deal, countries: &[String]) -> String {
    let names = deal.parties.iter().map(|party| party.name.as_str());
    let countries = countries.iter().map(|code| country_name(code));
    let chips = deal.chips.iter().filter_map(|chips| chips.model.as_deref());
    let words = [deal.headline.as_str(), deal.kind.label(), deal.status.as_str()];
    words
        .into_iter()
        .chain(names)
        .chain(deal.places.iter().map(String::as_str))
        .chain(countries)
        .chain(chips)
        .collect::<Vec<_>>()
        .join(" ")
}
