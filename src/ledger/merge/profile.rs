//! What comparing claims needs of each, worked out once.

use chrono::NaiveDate;

use super::{
    figures::{Figures, Relation},
    name::{Name, shared},
};
use crate::{
    ledger::convert::Rates,
    model::{Bond, Direction, Registry, Role, Slug, SourcedClaim, places::is_country},
};

/// What [`super::compare`] needs of a claim.
#[derive(Debug)]
pub struct Profile<'a> {
    /// The claim.
    pub source: &'a SourcedClaim,
    pub(super) payers: Vec<Name>,
    pub(super) payees: Vec<Name>,
    pub(super) all: Vec<Name>,
    pub(super) targets: Vec<Name>,
    pub(super) money: Figures,
    pub(super) power: Figures,
    /// The letter of a funding round.
    pub(super) series: Option<String>,
    /// Whether the text says that it comes on top of another deal.
    pub(super) adds: bool,
    /// The first day of the month in which the text says that the deal was made known before.
    pub(super) stage_of: Option<NaiveDate>,
    /// Where, whole countries left out.
    pub(super) places: Vec<Slug>,
}

impl<'a> Profile<'a> {
    /// Prepares a claim for comparison.
    pub fn of(source: &'a SourcedClaim, registry: &Registry, rates: &Rates) -> Self {
        let claim = &source.claim;
        let day: NaiveDate = source.published.date_naive();
        let names = |wanted: &dyn Fn(Role) -> bool| -> Vec<Name> {
            let mut names: Vec<Name> = claim
                .parties
                .iter()
                .zip(&source.companies)
                .filter(|(party, _)| wanted(party.role))
                .map(|(party, company)| Name::of(party, company, registry, day))
                .filter(|name| !name.is_cover())
                .collect();
            names.sort();
            names.dedup_by(|a, b| a.is_one_with(b));
            names
        };
        let side = |direction: Direction| names(&|role| role.direction(claim.kind) == Some(direction));
        let programme = claim.programme.as_deref().map(|name| Slug::of(name).to_string());
        Self {
            source,
            payers: side(Direction::Payer),
            payees: side(Direction::Payee),
            all: names(&|_| true),
            targets: names(&|role| role == Role::Target),
            money: Figures::money(&claim.amounts, rates, day),
            power: Figures::power(&claim.capacity),
            series: programme.filter(|name| name.starts_with("series-")),
            adds: claim.part_of.as_ref().is_some_and(|whole| whole.bond == Bond::Addition),
            stage_of: claim.part_of.as_ref().filter(|whole| whole.bond == Bond::Stage).and_then(|whole| whole.month),
            places: claim.places.iter().filter(|place| !is_country(place)).map(|place| Slug::of(place)).collect(),
        }
    }

    /// How many parties two claims have in common, subsidiaries counted as their owners.
    pub fn shared(&self, other: &Self) -> usize {
        shared(&self.all, &other.all)
    }

    /// Whether a sum or a capacity is the same in both.
    pub fn figures_agree(&self, other: &Self) -> bool {
        self.money.relation(&other.money) == Relation::Same || self.power.relation(&other.power) == Relation::Same
    }

    /// Whether a claim tells nobody on one side, or one company on both, so that another may tell who it is.
    pub(super) fn leaves_a_side_open(&self) -> bool {
        self.payers.is_empty() || self.payees.is_empty() || self.all.len() == 1
    }

    /// Whether a claim gives no figure at all.
    pub(super) fn is_bare(&self) -> bool {
        self.money.is_empty() && self.power.is_empty()
    }
}
