//! What the record says: a deal derived from its claims.

use std::collections::{BTreeMap, BTreeSet};

use super::{convert::Rates, headline::headline, status, totals, trust::by_trust};
use crate::model::{
    Capacity, Chips, Deal, DealParty, Kind, Megawatts, Qualifier, Registry, Role, Slug, SourcedClaim, Status, Value,
};

/// Derives the record of one deal. Depends on the set of claims alone, not on their order; `None` for an empty set.
pub fn derive(claims: &[SourcedClaim], registry: &Registry, rates: &Rates) -> Option<Deal> {
    let all: Vec<&SourcedClaim> = claims.iter().collect();
    let order = by_trust(&all);

    let kind = kind(&order)?;
    // Figures and parties are read from claims of that kind first: a "partnership" has no buyer.
    let (of_kind, others): (Vec<_>, Vec<_>) = order.iter().copied().partition(|claim| claim.claim.kind == kind);
    let first_seen = claims.iter().map(|claim| claim.published).min()?;
    let announced_on = claims
        .iter()
        .filter(|claim| claim.claim.status != Status::Cancelled)
        .filter_map(|claim| claim.claim.announced_on)
        .min();
    let day = announced_on.unwrap_or_else(|| first_seen.date_naive());

    let amounts =
        fullest(&of_kind, &others, |claim| &claim.claim.amounts, |amount| amount.qualifier != Qualifier::About)
            .map(|claim| {
                claim
                    .claim
                    .amounts
                    .iter()
                    .map(|amount| {
                        let usd = rates.usd(amount.value, amount.currency, day);
                        Value { figure: amount.clone(), usd, claim: claim.id }
                    })
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default();
    let capacity: Vec<Value<Capacity>> =
        fullest(&of_kind, &others, |claim| &claim.claim.capacity, |power| power.qualifier != Qualifier::About)
            .map(|claim| {
                let claim_id = claim.id;
                claim
                    .claim
                    .capacity
                    .iter()
                    .map(|power| Value { figure: power.clone(), usd: None, claim: claim_id })
                    .collect()
            })
            .unwrap_or_default();
    let chips = fullest(&of_kind, &others, |claim| &claim.claim.chips, |chips: &Chips| chips.count.is_some())
        .map(|claim| claim.claim.chips.clone())
        .unwrap_or_default();
    let duration_months = of_kind.iter().chain(&others).find_map(|claim| claim.claim.duration_months);
    let places = of_kind.iter().chain(&others).map(|claim| &claim.claim.places).find(|places| !places.is_empty());

    let sums = totals::sums(&amounts, duration_months);
    let mut parties = parties(&of_kind, &others, kind, registry);
    totals::share(&mut parties, kind, sums);

    let mut deal = Deal {
        headline: String::new(),
        kind,
        status: status::current(&all),
        parties,
        mw: megawatts(&capacity),
        amounts,
        capacity,
        chips,
        duration_months,
        announced_on,
        first_seen,
        places: places.cloned().unwrap_or_default(),
        committed_usd: sums.committed,
        potential_usd: sums.potential,
        history: status::history(&all),
        publishers: claims
            .iter()
            .flat_map(|claim| &claim.publishers)
            .map(|name| Slug::of(name))
            .collect::<BTreeSet<_>>()
            .len(),
        articles: claims.iter().map(|claim| claim.article).collect::<BTreeSet<_>>().len(),
    };
    deal.headline = headline(&deal);
    Some(deal)
}

/// The kind that most claims give it, "partnership" only where nobody knows better; the most trusted settles a tie.
fn kind(order: &[&SourcedClaim]) -> Option<Kind> {
    let mut votes: BTreeMap<Kind, usize> = BTreeMap::new();
    for claim in order {
        *votes.entry(claim.claim.kind).or_default() += 1;
    }
    order
        .iter()
        .enumerate()
        .max_by_key(|(at, claim)| {
            let kind = claim.claim.kind;
            (kind != Kind::Partnership, votes[&kind], std::cmp::Reverse(*at))
        })
        .map(|(_, claim)| claim.claim.kind)
}

/// The claim whose figures the record takes: of the most trusted rank that gives any, the one that gives most, an
/// exactly stated one before a rounded one, then in the order of trust. Figures are taken from one claim as a whole,
/// for a total and its parts hang together.
fn fullest<'a, T: 'a>(
    of_kind: &[&'a SourcedClaim],
    others: &[&'a SourcedClaim],
    figures: impl Fn(&'a SourcedClaim) -> &'a Vec<T>,
    precise: impl Fn(&T) -> bool,
) -> Option<&'a SourcedClaim> {
    let mut candidates: Vec<&SourcedClaim> =
        of_kind.iter().copied().filter(|claim| !figures(claim).is_empty()).collect();
    if candidates.is_empty() {
        candidates = others.iter().copied().filter(|claim| !figures(claim).is_empty()).collect();
    }
    let best = candidates.iter().map(|claim| claim.rank).min()?;
    candidates
        .into_iter()
        .filter(|claim| claim.rank == best)
        .enumerate()
        .max_by_key(|(at, claim)| {
            let figures = figures(claim);
            (figures.len(), figures.iter().filter(|figure| precise(figure)).count(), std::cmp::Reverse(*at))
        })
        .map(|(_, claim)| claim)
}

/// The parties: those of the most trusted claim of the deal's kind, then whoever others add. A party has one role, that
/// of the most trusted claim; a parent gives way to its subsidiary in the same role (Amazon and AWS are one provider).
fn parties(of_kind: &[&SourcedClaim], others: &[&SourcedClaim], kind: Kind, registry: &Registry) -> Vec<DealParty> {
    let mut parties: Vec<DealParty> = Vec::new();
    for claim in of_kind {
        add(&mut parties, claim, registry);
    }
    if parties.is_empty() {
        for claim in others {
            add(&mut parties, claim, registry);
        }
    }
    let rank = |role: Role| kind.roles().iter().position(|known| *known == role).unwrap_or(usize::MAX);
    parties.sort_by_key(|party| rank(party.role));
    parties
}

fn add(parties: &mut Vec<DealParty>, source: &SourcedClaim, registry: &Registry) {
    let is_parent_of = |parent: &Slug, child: &Slug| {
        registry
            .find(child.as_str())
            .and_then(|child| child.parent.as_ref())
            .is_some_and(|owner| Slug::of(&owner.name) == *parent)
    };
    for (party, company) in source.claim.parties.iter().zip(&source.companies) {
        if parties.iter().any(|known| {
            known.company == *company || (known.role == party.role && is_parent_of(company, &known.company))
        }) {
            continue;
        }
        if let Some(parent) =
            parties.iter_mut().find(|known| known.role == party.role && is_parent_of(&known.company, company))
        {
            parent.company = company.clone();
            parent.name.clone_from(&party.name);
            continue;
        }
        let name = registry.find(company.as_str()).map_or_else(|| party.name.clone(), |known| known.name.clone());
        parties.push(DealParty { company: company.clone(), name, role: party.role, flow: None });
    }
}

/// The capacity as one figure: totals without their parts, the low end of a range.
fn megawatts(capacity: &[Value<Capacity>]) -> Option<Megawatts> {
    let wholes = capacity.iter().filter(|value| !value.figure.part);
    wholes.map(|value| value.figure.mw.get()).reduce(|a, b| a + b).and_then(Megawatts::new)
}
