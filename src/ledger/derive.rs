//! What the record says: a deal derived from its claims.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    accounts::{Chosen, accounts},
    convert::Rates,
    headline::headline,
    money,
    resolve::{from_country, stands_for},
    status,
    trust::by_trust,
};
use crate::model::{
    Amount, Capacity, Deal, DealParty, Kind, Megawatts, Override, Party, Registry, Role, Slug, SourcedClaim, Status,
    StatusStep, Value, Word, places::with_states,
};

/// Derives the record of one deal. Depends on the set of claims alone, not on their order; `None` for an empty set.
pub fn derive(claims: &[SourcedClaim], registry: &Registry, rates: &Rates) -> Option<Deal> {
    derive_edited(claims, &[], registry, rates)
}

/// How sure one of its claims has to be for a deal to be recorded without an editor's word: surer that it is a deal than that
/// it is none.
pub const SURE: f64 = 0.5;

/// Derives the record of one deal of which editors have said something: `words` are those that hold, one a field
/// ([`super::overrides::on_fields`]). `None` for a deal that is rejected, and for one of which every claim is doubtful and
/// no editor has said anything.
pub fn derive_edited(claims: &[SourcedClaim], words: &[&Override], registry: &Registry, rates: &Rates) -> Option<Deal> {
    let doubtful = words.is_empty() && claims.iter().all(|claim| claim.claim.confidence < SURE);
    if doubtful || words.iter().any(|word| word.word == Word::Reject) {
        return None;
    }
    let said = |about: &str| words.iter().copied().find(|word| word.word.about() == about);
    let all: Vec<&SourcedClaim> = claims.iter().collect();
    let order = by_trust(&all);

    let kind = match said("kind").map(|word| &word.word) {
        Some(Word::Kind(kind)) => *kind,
        _ => kind(&order)?,
    };
    // Figures and parties are read from claims of that kind first: a "partnership" has no buyer.
    let (of_kind, others): (Vec<_>, Vec<_>) = order.iter().copied().partition(|claim| claim.claim.kind == kind);
    let first_seen = claims.iter().map(|claim| claim.published).min()?;
    let announced_on = match said("announced").map(|word| &word.word) {
        Some(Word::Announced(day)) => *day,
        _ => announced_on(claims),
    };
    let day = announced_on.unwrap_or_else(|| first_seen.date_naive());

    // What an editor says stands under the id of that word.
    let edited_sums = said("amounts").and_then(|word| match &word.word {
        Word::Amounts(amounts) => Some((word.id, amounts)),
        _ => None,
    });
    let told = fullest(&of_kind, &others, |claim| &claim.claim.amounts).filter(|_| edited_sums.is_none());
    let amounts: Vec<Value<Amount>> = told
        .map(|claim| (claim.id, &claim.claim.amounts))
        .or(edited_sums)
        .into_iter()
        .flat_map(|(claim, amounts)| amounts.iter().map(move |amount| (claim, amount)))
        .map(|(claim, amount)| {
            let (usd, rate) = rates.convert(amount.value, amount.currency, day).unzip();
            Value { figure: amount.clone(), usd, rate: rate.flatten(), claim }
        })
        .collect();
    let edited_power = said("capacity").and_then(|word| match &word.word {
        Word::Capacity(capacity) => Some((word.id, capacity)),
        _ => None,
    });
    let measured = fullest(&of_kind, &others, |claim| &claim.claim.capacity).filter(|_| edited_power.is_none());
    let capacity: Vec<Value<Capacity>> = measured
        .map(|claim| (claim.id, &claim.claim.capacity))
        .or(edited_power)
        .into_iter()
        .flat_map(|(claim, capacity)| capacity.iter().map(move |power| (claim, power)))
        .map(|(claim, power)| Value { figure: power.clone(), usd: None, rate: None, claim })
        .collect();
    let chips = fullest(&of_kind, &others, |claim| &claim.claim.chips)
        .map(|claim| claim.claim.chips.clone())
        .unwrap_or_default();
    let duration_months = match said("duration").map(|word| &word.word) {
        Some(Word::Duration(months)) => *months,
        _ => of_kind.iter().chain(&others).find_map(|claim| claim.claim.duration_months),
    };
    let places = if let Some(Word::Places(places)) = said("places").map(|word| &word.word) {
        places.clone()
    } else {
        let mut told = of_kind.iter().chain(&others).map(|claim| &claim.claim.places);
        told.find(|places| !places.is_empty()).map(|places| with_states(places)).unwrap_or_default()
    };

    let sums = money::sums(&amounts, duration_months);
    let mut parties = match said("parties").map(|word| &word.word) {
        Some(Word::Parties(parties)) => parties.iter().map(|party| edited_party(party, registry)).collect(),
        _ => parties(&of_kind, &others, kind, registry),
    };
    let named = told.map(|claim| claim.companies.as_slice()).unwrap_or_default();
    money::share(&mut parties, kind, sums, named);
    let mut history = status::history(&all);
    if let Some((word, Word::Status(status))) = said("status").map(|word| (word, &word.word)) {
        let on = word.made_at.date_naive();
        history.retain(|step| step.status < *status);
        history.push(StatusStep { status: *status, on, claim: word.id, letter: false });
    }
    let chosen = Chosen { kind, sum: told, power: measured };

    let mut deal = Deal {
        headline: String::new(),
        kind,
        status: history.last()?.status,
        parties,
        mw: megawatts(&capacity),
        amounts,
        capacity,
        chips,
        duration_months,
        announced_on,
        first_seen,
        places,
        committed_usd: sums.committed,
        potential_usd: sums.potential,
        history,
        publishers: claims
            .iter()
            .flat_map(|claim| &claim.publishers)
            .map(|name| Slug::of(name))
            .collect::<BTreeSet<_>>()
            .len(),
        articles: claims.iter().map(|claim| claim.article).collect::<BTreeSet<_>>().len(),
        accounts: accounts(&order, &chosen, rates, day),
        last_news: claims.iter().map(|claim| claim.published.date_naive()).max(),
        edited: words
            .iter()
            .filter(|word| word.word != Word::Confirm)
            .map(|word| word.word.about().to_owned())
            .collect(),
        umbrella: None,
    };
    deal.headline = headline(&deal);
    Some(deal)
}

/// A party as an editor names it.
fn edited_party(party: &Party, registry: &Registry) -> DealParty {
    let company = stands_for(party, registry);
    DealParty { company: company.slug, name: company.name, role: party.role, flow: None }
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

/// The day of the announcement: the earliest that the most trusted sources of a day give. One that tells of the end of a
/// deal dates the end.
fn announced_on(claims: &[SourcedClaim]) -> Option<NaiveDate> {
    let dated =
        || claims.iter().filter(|claim| claim.claim.status != Status::Cancelled && claim.claim.announced_on.is_some());
    let best = dated().map(|claim| claim.rank).min()?;
    dated().filter(|claim| claim.rank == best).filter_map(|claim| claim.claim.announced_on).min()
}

/// The claim whose figures the record takes: the most trusted that gives any, unless another of its rank gives the same
/// and more beside them. Figures are taken from one claim as a whole, for a total and its parts hang together.
fn fullest<'a, T: PartialEq + 'a>(
    of_kind: &[&'a SourcedClaim],
    others: &[&'a SourcedClaim],
    figures: impl Fn(&'a SourcedClaim) -> &'a Vec<T>,
) -> Option<&'a SourcedClaim> {
    let telling = |claims: &[&'a SourcedClaim]| -> Vec<&'a SourcedClaim> {
        claims.iter().copied().filter(|claim| !figures(claim).is_empty()).collect()
    };
    let mut candidates = telling(of_kind);
    if candidates.is_empty() {
        candidates = telling(others);
    }
    let first = *candidates.first()?;
    let mut best = first;
    for candidate in candidates.into_iter().filter(|claim| claim.rank == first.rank) {
        let (has, offers) = (figures(best), figures(candidate));
        if offers.len() > has.len() && has.iter().all(|figure| offers.contains(figure)) {
            best = candidate;
        }
    }
    Some(best)
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
    // A report that names a company and its owner tells of two; where one names the owner and another the company, they
    // mean one.
    let apart = |company: &Slug| source.companies.contains(company);
    // Of a company that nobody knows, one report gives the whole name and another its beginning: "Ternhill" is "Ternhill
    // (Norway)".
    let begins = |short: &Slug, long: &Slug| {
        short.begins(long) && registry.find(short.as_str()).is_none() && registry.find(long.as_str()).is_none()
    };
    for (party, company) in source.claim.parties.iter().zip(&source.companies) {
        if parties.iter().any(|known| {
            known.company == *company
                || (known.role == party.role
                    && (is_parent_of(company, &known.company) || begins(company, &known.company))
                    && !apart(&known.company))
        }) {
            continue;
        }
        if let Some(parent) = parties
            .iter_mut()
            .find(|known| known.role == party.role && is_parent_of(&known.company, company) && !apart(&known.company))
        {
            parent.company = company.clone();
            parent.name.clone_from(&party.name);
            continue;
        }
        let shared = || party.country.as_ref().map(|country| from_country(&party.name, country));
        let name = match registry.find(company.as_str()) {
            Some(known) => known.name.clone(),
            None => shared()
                .filter(|shared| shared.slug == *company)
                .map_or_else(|| party.name.clone(), |shared| shared.name),
        };
        let short = parties
            .iter_mut()
            .find(|known| known.role == party.role && begins(&known.company, company) && !apart(&known.company));
        if let Some(short) = short {
            (short.company, short.name) = (company.clone(), name);
            continue;
        }
        parties.push(DealParty { company: company.clone(), name, role: party.role, flow: None });
    }
}

/// The capacity as one figure: totals without their parts, the low end of a range. `None` where nothing is disclosed, or
/// where the sum is past all measure.
fn megawatts(capacity: &[Value<Capacity>]) -> Option<Megawatts> {
    let mut wholes = capacity.iter().filter(|value| !value.figure.part).map(|value| value.figure.mw.get());
    let first = wholes.next()?;
    wholes.try_fold(first, Decimal::checked_add).and_then(Megawatts::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::sample::{at, billions, claim, megawatts, ranked, registry},
        model::{Direction, Rank},
    };

    fn record(claims: &[SourcedClaim]) -> Deal {
        let deal = derive(claims, &registry(), &Rates::default()).unwrap();
        let mut turned = claims.to_vec();
        turned.reverse();
        assert_eq!(derive(&turned, &registry(), &Rates::default()), Some(deal.clone()), "the order does not matter");
        deal
    }

    fn rent(number: u128, day: &str, provider: &str) -> SourcedClaim {
        claim(number, day, Kind::Compute, &[("Corvid AI", Role::Buyer), (provider, Role::Provider)])
    }

    #[test]
    fn a_filing_outweighs_newer_press_and_newer_press_outweighs_older() {
        let filing = ranked(billions(rent(1, "2026-01-10", "AWS"), 38), Rank::Primary);
        let old = billions(rent(2, "2026-01-11", "AWS"), 37);
        let new = billions(rent(3, "2026-01-12", "AWS"), 40);
        assert_eq!(record(&[filing.clone(), old.clone(), new.clone()]).amounts[0].claim, filing.id);
        assert_eq!(record(&[old, new.clone()]).amounts[0].claim, new.id);
    }

    #[test]
    fn figures_come_from_whoever_gives_them_and_parties_from_the_most_precise() {
        let with_parent = ranked(billions(rent(1, "2026-01-10", "Amazon"), 38), Rank::Trade);
        let with_power = megawatts(rent(2, "2026-01-11", "AWS"), 300);
        let deal = record(&[with_parent, with_power]);
        let providers: Vec<&str> = deal.side(Direction::Payee).map(|party| party.name.as_str()).collect();
        assert_eq!(providers, ["AWS"]);
        assert_eq!(deal.committed_usd, Some(Decimal::from(38_000_000_000_i64)));
        assert_eq!(deal.mw.map(Megawatts::get), Some(Decimal::from(300)));
        assert_eq!((deal.publishers, deal.articles), (2, 2));
        assert_eq!(deal.headline, "Corvid AI rents compute from AWS");
    }

    #[test]
    fn a_partnership_gives_way_to_what_it_is_about() {
        let vague = ranked(
            claim(1, "2026-01-10", Kind::Partnership, &[("Corvid AI", Role::Partner), ("AWS", Role::Partner)]),
            Rank::Primary,
        );
        let precise = rent(2, "2026-01-11", "AWS");
        assert_eq!(record(&[vague, precise]).kind, Kind::Compute);
    }

    #[test]
    fn a_rumour_takes_nothing_back_a_cancellation_does_and_a_party_revives() {
        let stage = |number, day, status| at(rent(number, day, "AWS"), status);
        let signed = stage(1, "2026-01-10", Status::Signed);
        let rumour = stage(2, "2026-01-20", Status::Rumored);
        let cancelled = stage(3, "2026-02-10", Status::Cancelled);
        let revived = stage(4, "2026-05-10", Status::Announced);
        assert_eq!(record(&[signed.clone(), rumour.clone()]).status, Status::Signed);
        assert_eq!(record(&[signed.clone(), rumour.clone(), cancelled.clone()]).status, Status::Cancelled);
        let whole = record(&[signed, rumour, cancelled, revived]);
        assert_eq!(whole.status, Status::Announced);
        let steps: Vec<Status> = whole.history.iter().map(|step| step.status).collect();
        assert_eq!(steps, [Status::Signed, Status::Cancelled, Status::Announced]);
    }

    #[test]
    fn a_summary_of_several_outlets_counts_them_all_and_one_outlet_twice_counts_once() {
        let mut summary = rent(1, "2026-01-10", "AWS");
        summary.publishers = vec!["Rack & Grid".to_owned(), "The Vale Post".to_owned()];
        let mut again = rent(2, "2026-01-11", "AWS");
        again.publishers = vec!["rack & grid".to_owned()];
        let deal = record(&[summary, again]);
        assert_eq!((deal.publishers, deal.articles), (2, 2));
    }
}
