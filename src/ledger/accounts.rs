//! Who says what, where the sources of a deal disagree.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::convert::Rates;
use crate::model::{Account, Amount, Capacity, Kind, Qualifier, Said, SourcedClaim, Standing};

/// What the record takes.
#[derive(Debug)]
pub struct Chosen<'a> {
    /// Its kind.
    pub kind: Kind,
    /// The claim whose sums it takes.
    pub sum: Option<&'a SourcedClaim>,
    /// The claim whose power it takes.
    pub power: Option<&'a SourcedClaim>,
}

/// What each claim gives as the main figures, where two of them give different ones; empty where they agree. `order` has
/// the most trusted first, and so has the answer.
pub fn accounts(order: &[&SourcedClaim], chosen: &Chosen<'_>, rates: &Rates, day: NaiveDate) -> Vec<Account> {
    let sums = |claim: &SourcedClaim| {
        claim.claim.amounts.first().map(|amount| Said {
            usd: rates.usd(amount.value, amount.currency, day),
            usd_max: amount.value_max.and_then(|high| rates.usd(high, amount.currency, day)),
            figure: amount.clone(),
            standing: standing(claim, chosen.sum, chosen.kind),
        })
    };
    let power = |claim: &SourcedClaim| {
        claim.claim.capacity.first().map(|capacity| Said {
            usd: None,
            usd_max: None,
            figure: capacity.clone(),
            standing: standing(claim, chosen.power, chosen.kind),
        })
    };
    let accounts: Vec<Account> = order
        .iter()
        .map(|claim| Account {
            claim: claim.id,
            publishers: claim.publishers.clone(),
            on: claim.published.date_naive(),
            rank: claim.rank,
            amount: sums(claim),
            capacity: power(claim),
        })
        .filter(|account| account.amount.is_some() || account.capacity.is_some())
        .collect();
    let sums: Vec<_> = accounts.iter().filter_map(|account| account.amount.as_ref()).collect();
    let powers: Vec<_> = accounts.iter().filter_map(|account| account.capacity.as_ref()).collect();
    let disputed = sums.iter().any(|said| sums.iter().any(|other| sums_differ(said, other)))
        || powers.iter().any(|said| powers.iter().any(|other| powers_differ(&said.figure, &other.figure)));
    if disputed { accounts } else { Vec::new() }
}

/// Why a claim's figure stands in the record or not.
fn standing(claim: &SourcedClaim, chosen: Option<&SourcedClaim>, kind: Kind) -> Standing {
    let Some(chosen) = chosen else { return Standing::Overruled };
    if claim.id == chosen.id {
        Standing::Chosen
    } else if claim.claim.kind != kind && chosen.claim.kind == kind {
        Standing::OtherKind
    } else if claim.rank > chosen.rank {
        Standing::LessTrusted
    } else if claim.published < chosen.published {
        Standing::Older
    } else if claim.published == chosen.published {
        Standing::Tied
    } else {
        Standing::LessFull
    }
}

/// Whether two sums are not one sum told twice. Outlets round, and convert at different rates.
fn sums_differ(a: &Said<Amount>, b: &Said<Amount>) -> bool {
    if a.figure.basis != b.figure.basis {
        return true;
    }
    let high = |said: &Said<Amount>| said.figure.value_max.unwrap_or(said.figure.value);
    if a.figure.currency == b.figure.currency {
        return apart(a.figure.value, b.figure.value, 15) || apart(high(a), high(b), 15);
    }
    match (a.usd, b.usd) {
        (Some(x), Some(y)) => apart(x, y, 60) || apart(a.usd_max.unwrap_or(x), b.usd_max.unwrap_or(y), 60),
        // Without a rate nobody can say.
        _ => false,
    }
}

fn powers_differ(a: &Capacity, b: &Capacity) -> bool {
    let high = |power: &Capacity| power.mw_max.unwrap_or(power.mw).get();
    // "More than a gigawatt" and "1.2 gigawatts" are one.
    let open = |low: &Capacity, other: &Capacity| {
        low.qualifier == Qualifier::AtLeast && low.mw <= other.mw && !apart(low.mw.get(), other.mw.get(), 250)
    };
    !(open(a, b) || open(b, a)) && (apart(a.mw.get(), b.mw.get(), 15) || apart(high(a), high(b), 15))
}

/// Whether two figures lie further apart than so many thousandths of the greater.
fn apart(a: Decimal, b: Decimal, thousandths: i64) -> bool {
    let (low, high) = (a.min(b), a.max(b));
    let distance = (high - low).checked_mul(Decimal::ONE_THOUSAND);
    let allowed = high.checked_mul(Decimal::from(thousandths));
    !matches!((distance, allowed), (Some(distance), Some(allowed)) if distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::{
            derive::derive,
            sample::{billions, claim, megawatts, ranked, registry},
        },
        model::{Currency, Rank, Role},
    };

    fn rent(number: u128, day: &str) -> SourcedClaim {
        claim(number, day, Kind::Compute, &[("Corvid AI", Role::Buyer), ("AWS", Role::Provider)])
    }

    #[test]
    fn the_record_says_who_gave_which_figure_and_why_one_was_taken() {
        let filing = ranked(billions(rent(1, "2026-01-10"), 38), Rank::Primary);
        let trade = ranked(billions(rent(2, "2026-01-11"), 37), Rank::Trade);
        let blog = ranked(megawatts(rent(3, "2026-01-12"), 300), Rank::Aggregator);
        let silent = rent(4, "2026-01-13");
        let deal = derive(&[blog, silent, trade, filing], &registry(), &Rates::default()).unwrap();
        let told: Vec<_> = deal
            .accounts
            .iter()
            .map(|account| {
                let sum = account.amount.as_ref().map(|said| said.standing);
                (account.publishers.join(", "), sum, account.capacity.as_ref().map(|said| said.standing))
            })
            .collect();
        let expected = [
            ("Outlet 1".to_owned(), Some(Standing::Chosen), None),
            ("Outlet 2".to_owned(), Some(Standing::LessTrusted), None),
            ("Outlet 3".to_owned(), None, Some(Standing::Chosen)),
        ];
        assert_eq!(told, expected);
        let billions = |n: i64| Decimal::from(n * 1_000_000_000);
        assert_eq!(deal.disputed_usd(), Some((billions(37), billions(38))));
    }

    #[test]
    fn one_sum_in_two_currencies_and_rounded_is_no_dispute() {
        let mut local = billions(rent(1, "2025-10-10"), 24);
        local.claim.amounts[0].currency = Currency::from_code("AUD").unwrap();
        let mut dollars = billions(rent(2, "2025-10-10"), 0);
        dollars.claim.amounts[0].value = Decimal::from(15_600_000_000_i64);
        let deal = derive(&[local, dollars], &registry(), Rates::shipped()).unwrap();
        assert_eq!(deal.accounts, []);
    }
}
