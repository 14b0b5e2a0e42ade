//! What deals add up to: per company and role, per kind and country, and between two companies.
//!
//! This says what a total is. The pages do not read all deals for it: `db::totals` has the same sums over tables that are
//! kept, and a test holds the two against each other.
//!
//! - A company's total counts its share of each deal, a deal's own counts once. With all that it owned on the day of a
//!   deal rolled up, what they pay each other leaves the total ([`super::shares`]).
//! - Gross figures count an umbrella and its parts both; net figures count each dollar once ([`super::net`]).
//! - Rumours and cancelled deals stay out unless they are asked in. An undisclosed sum is not zero: totals say how many
//!   of their deals disclose one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    net::Figures,
    shares::{Owners, Share, shares},
};
use crate::model::{Deal, Direction, Kind, Role, Slug, Status};

/// Which deals a total is of. The default is of all that count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// With all that the company owned on the day of each deal, or alone.
    pub rolled: bool,
    /// From this day.
    pub from: Option<NaiveDate>,
    /// To this day.
    pub to: Option<NaiveDate>,
    /// Kinds; empty: any.
    pub kinds: Vec<Kind>,
    /// Stages; empty: those that count (rumours and what was cancelled have to be asked in).
    pub statuses: Vec<Status>,
}

impl Wanted {
    /// Whether deals of this stage enter the total.
    pub fn counts(&self, status: Status) -> bool {
        if self.statuses.is_empty() { status.counts() } else { self.statuses.contains(&status) }
    }

    fn takes(&self, deal: &Deal) -> bool {
        self.counts(deal.status)
            && (self.kinds.is_empty() || self.kinds.contains(&deal.kind))
            && self.from.is_none_or(|from| from <= deal.day())
            && self.to.is_none_or(|to| deal.day() <= to)
    }
}

/// What deals add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// How many deals.
    pub deals: i64,
    /// How many of them disclose a sum.
    pub disclosed: i64,
    /// Firm dollars, an umbrella's and its parts' both.
    pub committed: Decimal,
    /// Dollars that hang on conditions, likewise.
    pub potential: Decimal,
    /// Megawatts, likewise.
    pub mw: Decimal,
    /// Firm dollars, each counted once.
    pub net_committed: Decimal,
    /// Dollars that hang on conditions, each counted once.
    pub net_potential: Decimal,
    /// Megawatts, each counted once.
    pub net_mw: Decimal,
}

/// A company's total in a role, on one side of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleTotal {
    /// The role; `None` for the sides on which nobody is named.
    pub role: Option<Role>,
    /// The side; `None` for a role without money.
    pub direction: Option<Direction>,
    /// What it comes to. A deal in which a company has two roles on one side counts in the first.
    pub total: Total,
}

/// What all deals of a kind add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceTotal {
    /// The country, ISO 3166-1; `ZZ` for deals of which nobody tells where; empty where countries are not told apart.
    pub country: String,
    /// The kind.
    pub kind: Kind,
    /// What they come to. Of a deal in several countries each takes an equal part.
    pub total: Total,
}

/// A deal as totals count it.
#[derive(Debug, Clone)]
pub struct Counted<'a> {
    /// The record.
    pub deal: &'a Deal,
    /// What it adds besides other deals.
    pub net: Figures,
    /// Who owned its parties on its day.
    pub owners: Owners,
    /// Its countries.
    pub countries: Vec<String>,
}

impl Total {
    fn add(&mut self, deal: &Deal, counts: bool, gross: Figures, net: Figures) {
        let or_zero = Option::unwrap_or_default;
        self.deals += i64::from(counts);
        self.disclosed += i64::from(counts && (deal.committed_usd.is_some() || deal.potential_usd.is_some()));
        self.committed += or_zero(gross.committed);
        self.potential += or_zero(gross.potential);
        self.net_committed += or_zero(net.committed);
        self.net_potential += or_zero(net.potential);
        if counts {
            self.mw += or_zero(gross.mw);
            self.net_mw += or_zero(net.mw);
        }
    }
}

/// A company's totals by role; `None`: of the sides on which nobody is named.
pub fn by_role(deals: &[Counted<'_>], company: Option<&Slug>, wanted: &Wanted) -> Vec<RoleTotal> {
    let mut totals: BTreeMap<(Option<String>, Option<String>), RoleTotal> = BTreeMap::new();
    for counted in deals.iter().filter(|counted| wanted.takes(counted.deal)) {
        for share in shares(counted.deal, counted.net, &counted.owners) {
            let Share { role, direction, .. } = share;
            if share.company.as_ref() == company && share.scope.serves(wanted.rolled) {
                let key = (direction.map(|side| side.to_string()), role.map(|role| role.to_string()));
                totals.entry(key).or_insert(RoleTotal { role, direction, total: Total::default() }).total.add(
                    counted.deal,
                    share.leads_side,
                    share.gross,
                    share.net,
                );
            }
        }
    }
    totals.into_values().collect()
}

/// What all deals add up to.
pub fn of_all(deals: &[Counted<'_>], wanted: &Wanted) -> Total {
    let mut total = Total::default();
    for counted in deals.iter().filter(|counted| wanted.takes(counted.deal)) {
        total.add(counted.deal, true, gross(counted.deal), counted.net);
    }
    total
}

/// The totals by country and kind. A deal in several countries is divided among them equally, the first taking what does
/// not divide.
pub fn by_place(deals: &[Counted<'_>], wanted: &Wanted) -> BTreeMap<(String, Kind), Total> {
    let mut totals: BTreeMap<(String, Kind), Total> = BTreeMap::new();
    for counted in deals.iter().filter(|counted| wanted.takes(counted.deal)) {
        let nobody_tells = ["ZZ".to_owned()];
        let countries = if counted.countries.is_empty() { &nobody_tells[..] } else { &counted.countries[..] };
        for (nth, country) in countries.iter().enumerate() {
            let part = |figures: Figures| Figures {
                committed: equal_part(figures.committed, countries.len(), nth),
                potential: equal_part(figures.potential, countries.len(), nth),
                mw: equal_part(figures.mw, countries.len(), nth),
            };
            let total = totals.entry((country.clone(), counted.deal.kind)).or_default();
            total.add(counted.deal, true, part(gross(counted.deal)), part(counted.net));
        }
    }
    totals
}

/// What one company pays another: each deal's sums in the proportion in which the two have part in its sides.
pub fn between(deals: &[Counted<'_>], payer: &Slug, payee: &Slug, wanted: &Wanted) -> Total {
    let mut total = Total::default();
    for counted in deals.iter().filter(|counted| wanted.takes(counted.deal)) {
        let all = shares(counted.deal, counted.net, &counted.owners);
        let part = |company: &Slug, side: Direction| {
            let own = all.iter().filter(|share| {
                share.company.as_ref() == Some(company)
                    && share.direction == Some(side)
                    && share.scope.serves(wanted.rolled)
            });
            own.fold((0, 0), |(part, whole), share| (part + share.part, whole.max(share.whole)))
        };
        let (pays, paid) = (part(payer, Direction::Payer), part(payee, Direction::Payee));
        if pays.0 == 0 || paid.0 == 0 {
            continue;
        }
        let flow = |figures: Figures| {
            let of = |sum: Option<Decimal>| {
                let sum = sum? * Decimal::from(pays.0 * paid.0) / Decimal::from(pays.1 * paid.1);
                Some(sum.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
            };
            Figures { committed: of(figures.committed), potential: of(figures.potential), mw: figures.mw }
        };
        total.add(counted.deal, true, flow(gross(counted.deal)), flow(counted.net));
    }
    total
}

fn gross(deal: &Deal) -> Figures {
    Figures {
        committed: deal.committed_usd,
        potential: deal.potential_usd,
        mw: deal.mw.map(crate::model::Megawatts::get),
    }
}

fn equal_part(sum: Option<Decimal>, parts: usize, nth: usize) -> Option<Decimal> {
    let (sum, parts) = (sum?, Decimal::from(parts));
    let even = (sum / parts).round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Some(if nth == 0 { sum - even * (parts - Decimal::ONE) } else { even })
}
