//! What a deal adds to the totals of each company: its own share, and that of all that it owned on the deal's day.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use super::{money::split, net::Figures};
use crate::model::{Deal, DealParty, Direction, Role, Slug};

/// Whose share it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    /// The company's alone.
    Own,
    /// The company's with all that it owns, less what these pay each other.
    Family,
    /// Both, where they are the same.
    Both,
}

impl Scope {
    /// The scope as it is stored.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether it belongs to a total with subsidiaries rolled up, or to one without.
    pub fn serves(self, rolled: bool) -> bool {
        self == Self::Both || self == if rolled { Self::Family } else { Self::Own }
    }
}

/// What a deal adds to a company's totals in one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The company; `None` for a side of the money on which nobody is named.
    pub company: Option<Slug>,
    /// Whose share it is.
    pub scope: Scope,
    /// In which role; `None` where nobody is named.
    pub role: Option<Role>,
    /// Which way the money flows; `None` for a role that carries none.
    pub direction: Option<Direction>,
    /// How many of those who share this side's money these are.
    pub part: i32,
    /// How many share it.
    pub whole: i32,
    /// The dollars, each share's megawatts being the deal's.
    pub gross: Figures,
    /// The same without what parts of an umbrella count already.
    pub net: Figures,
    /// Whether it is the company's first on this side, which alone counts the deal and its megawatts there.
    pub leads_side: bool,
    /// Whether it is the company's first, which alone counts the deal and its megawatts.
    pub leads: bool,
    /// Whether nobody owned the company on the deal's day.
    pub is_top: bool,
}

/// The companies that own a company on the deal's day, directly or by way of others, in any order.
pub type Owners = BTreeMap<Slug, Vec<Slug>>;

/// All shares of a deal. Those that serve a total without subsidiaries add up, on each side, to the deal; the shares of
/// a family leave out what its members pay each other, and a deal inside a family is none of its.
pub fn shares(deal: &Deal, net: Figures, owners: &Owners) -> Vec<Share> {
    let gross = Figures {
        committed: deal.committed_usd,
        potential: deal.potential_usd,
        mw: deal.mw.map(crate::model::Megawatts::get),
    };
    let sides = [Side::of(deal, Direction::Payer, net), Side::of(deal, Direction::Payee, net)];
    let mut shares = Vec::new();
    let mut companies: BTreeSet<&Slug> = BTreeSet::new();
    for party in &deal.parties {
        companies.insert(&party.company);
        companies.extend(owners.get(&party.company).into_iter().flatten());
    }
    for company in companies {
        let is_top = owners.get(company).is_none_or(Vec::is_empty);
        let own = of_company(deal, &sides, gross, net, company, &|party| party.company == *company);
        let family = of_company(deal, &sides, gross, net, company, &|party| {
            party.company == *company || owners.get(&party.company).is_some_and(|owners| owners.contains(company))
        });
        if own == family {
            shares.extend(own.into_iter().map(|share| Share { scope: Scope::Both, is_top, ..share }));
        } else {
            shares.extend(own.into_iter().map(|share| Share { is_top, ..share }));
            shares.extend(family.into_iter().map(|share| Share { scope: Scope::Family, is_top, ..share }));
        }
    }
    if gross.committed.is_some() || gross.potential.is_some() {
        for (side, direction) in sides.iter().zip([Direction::Payer, Direction::Payee]) {
            if side.members.is_empty() {
                shares.push(Share {
                    company: None,
                    scope: Scope::Both,
                    role: None,
                    direction: Some(direction),
                    part: 1,
                    whole: 1,
                    gross,
                    net,
                    leads_side: true,
                    // Where both sides are unnamed, one of them counts the deal.
                    leads: direction == Direction::Payer || !sides[0].members.is_empty(),
                    is_top: true,
                });
            }
        }
    }
    shares
}

/// One side of a deal's money.
struct Side<'a> {
    /// Those on it; whether each shares the money, and its shares without what parts of an umbrella count.
    members: Vec<(&'a DealParty, bool, Figures)>,
}

impl<'a> Side<'a> {
    fn of(deal: &'a Deal, direction: Direction, net: Figures) -> Self {
        let members: Vec<&DealParty> = deal.side(direction).collect();
        let named = |party: &DealParty| {
            party.flow.as_ref().is_some_and(|flow| flow.committed_usd.is_some() || flow.potential_usd.is_some())
        };
        let all_share = !members.iter().any(|party| named(party));
        let count = members.iter().filter(|party| all_share || named(party)).count();
        let (committed, potential) = (split(net.committed, count), split(net.potential, count));
        let mut place = 0;
        let members = members
            .into_iter()
            .map(|party| {
                let shares = all_share || named(party);
                let net = if named(party) {
                    Figures { committed: committed(place), potential: potential(place), mw: None }
                } else {
                    Figures::default()
                };
                place += usize::from(shares);
                (party, shares, net)
            })
            .collect();
        Self { members }
    }

    fn count(&self, wanted: impl Fn(&DealParty) -> bool) -> i32 {
        let counted = self.members.iter().filter(|(party, shares, _)| *shares && wanted(party)).count();
        i32::try_from(counted).unwrap_or(i32::MAX)
    }
}

fn of_company(
    deal: &Deal,
    sides: &[Side<'_>; 2],
    gross: Figures,
    net: Figures,
    company: &Slug,
    is_member: &dyn Fn(&DealParty) -> bool,
) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for (at, direction) in [Direction::Payer, Direction::Payee].into_iter().enumerate() {
        let (side, other) = (&sides[at], &sides[1 - at]);
        // What the family pays itself leaves its totals.
        let (outside, others) = (other.count(|party| !is_member(party)), other.count(|_| true));
        if others > 0 && outside == 0 {
            continue;
        }
        let mut of_role: BTreeMap<Role, (i32, Figures, Figures)> = BTreeMap::new();
        for (party, sharing, net) in side.members.iter().filter(|(party, ..)| is_member(party)) {
            let (part, gross_sum, net_sum) = of_role.entry(party.role).or_default();
            *part += i32::from(*sharing);
            if let Some(flow) = &party.flow {
                add(&mut gross_sum.committed, flow.committed_usd);
                add(&mut gross_sum.potential, flow.potential_usd);
            }
            add(&mut net_sum.committed, net.committed);
            add(&mut net_sum.potential, net.potential);
        }
        let mut first = true;
        for (role, (part, sums, net_sums)) in of_role {
            let less = |sum: Option<Decimal>| {
                if outside == others { sum } else { sum.map(|sum| fraction(sum, outside, others)) }
            };
            shares.push(Share {
                company: Some(company.clone()),
                scope: Scope::Own,
                role: Some(role),
                direction: Some(direction),
                part,
                whole: side.count(|_| true),
                gross: Figures { committed: less(sums.committed), potential: less(sums.potential), mw: gross.mw },
                net: Figures { committed: less(net_sums.committed), potential: less(net_sums.potential), mw: net.mw },
                leads_side: first,
                leads: false,
                is_top: true,
            });
            first = false;
        }
    }
    let without_flow: BTreeSet<Role> =
        deal.parties.iter().filter(|party| party.flow.is_none() && is_member(party)).map(|party| party.role).collect();
    for (place, role) in without_flow.into_iter().enumerate() {
        shares.push(Share {
            company: Some(company.clone()),
            scope: Scope::Own,
            role: Some(role),
            direction: None,
            part: 0,
            whole: 0,
            gross: Figures { mw: gross.mw, ..Figures::default() },
            net: Figures { mw: net.mw, ..Figures::default() },
            leads_side: place == 0,
            leads: false,
            is_top: true,
        });
    }
    if let Some(first) = shares.first_mut() {
        first.leads = true;
    }
    shares
}

fn add(sum: &mut Option<Decimal>, more: Option<Decimal>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or_default() + more);
    }
}

/// So many parts of a whole of a sum, to the cent.
fn fraction(sum: Decimal, part: i32, whole: i32) -> Decimal {
    (sum * Decimal::from(part) / Decimal::from(whole))
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
        .normalize()
}
