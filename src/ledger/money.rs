//! What of a deal's money is firm and what is not, who pays and who is paid, and how much of it is whose.

use rust_decimal::Decimal;

use crate::model::{Amount, Basis, Certainty, DealParty, Direction, Flow, Kind, Qualifier, Role, Slug, Value};

/// A deal's money as two sums in dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// The firm part. `None`: nothing firm is disclosed.
    pub committed: Option<Decimal>,
    /// What hangs on conditions, and ceilings. `None`: nothing of that kind is disclosed.
    pub potential: Option<Decimal>,
}

/// More than any deal can be worth: a hundred trillion dollars, about what the world makes in a year. A sum above it is
/// a misprint, and enters no total.
const ABSURD: Decimal = Decimal::from_parts(276_447_232, 23_283, 0, false, 0);

/// Adds up a deal's amounts: parts are contained in their total and left out; a range counts with its low end; a
/// ceiling ("up to") never enters the firm sum; an annual sum enters times the stated duration, else not at all; an
/// amount without a dollar figure is left out, never zero.
pub fn sums(amounts: &[Value<Amount>], duration_months: Option<u32>) -> Sums {
    let mut sums = Sums::default();
    for amount in amounts.iter().filter(|amount| !amount.figure.part) {
        let usd = amount.usd.and_then(|usd| whole(usd, amount.figure.basis, duration_months));
        let Some(usd) = usd.filter(|usd| *usd <= ABSURD) else { continue };
        let firm = amount.figure.certainty == Certainty::Firm && amount.figure.qualifier != Qualifier::UpTo;
        let sum = if firm { &mut sums.committed } else { &mut sums.potential };
        *sum = Some(sum.unwrap_or_default() + usd);
    }
    sums
}

/// The whole of a sum that may be annual.
fn whole(usd: Decimal, basis: Basis, duration_months: Option<u32>) -> Option<Decimal> {
    match basis {
        Basis::Total => Some(usd),
        Basis::Annual => usd.checked_mul(Decimal::from(duration_months?))?.checked_div(Decimal::from(12)),
    }
}

/// Gives each party its share: those of one side share equally, to the cent, the first taking what does not divide, so
/// that the shares of a side add up to the deal. The target of an acquisition is paid only where no seller is named.
///
/// `named` are the parties of the claim that the sums come from: only they share, where it names any on that side, so
/// that a name added by another source takes nothing from them.
pub fn share(parties: &mut [DealParty], kind: Kind, sums: Sums, named: &[Slug]) {
    let sold = parties.iter().any(|party| party.role == Role::Seller);
    for direction in [Direction::Payer, Direction::Payee] {
        let flows = |role: Role| {
            role.direction(kind) == Some(direction) && !(sold && role == Role::Target && kind == Kind::Acquisition)
        };
        let side: Vec<usize> = (0..parties.len()).filter(|at| flows(parties[*at].role)).collect();
        let mut members: Vec<usize> = side.iter().copied().filter(|at| named.contains(&parties[*at].company)).collect();
        if members.is_empty() {
            members.clone_from(&side);
        }
        for at in side {
            parties[at].flow = Some(Flow { direction, committed_usd: None, potential_usd: None });
        }
        let committed = split(sums.committed, members.len());
        let potential = split(sums.potential, members.len());
        for (member, at) in members.into_iter().enumerate() {
            let flow = Flow { direction, committed_usd: committed(member), potential_usd: potential(member) };
            parties[at].flow = Some(flow);
        }
    }
}

/// Splits a sum into `count` shares, of which the first takes the remainder.
pub(super) fn split(sum: Option<Decimal>, count: usize) -> impl Fn(usize) -> Option<Decimal> {
    let count = Decimal::from(count.max(1));
    let even = sum.map(|sum| (sum / count).round_dp_with_strategy(2, rust_decimal::RoundingStrategy::ToZero));
    move |member| {
        let (sum, even) = (sum?, even?);
        Some(if member == 0 { sum - even * (count - Decimal::ONE) } else { even }.normalize())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::model::Currency;

    fn amount(value: i64, qualifier: Qualifier, basis: Basis, certainty: Certainty, part: bool) -> Value<Amount> {
        let value = Decimal::from(value);
        let figure = Amount { value, value_max: None, currency: Currency::USD, qualifier, basis, certainty, part };
        Value { figure, usd: Some(value), rate: None, claim: Uuid::nil() }
    }

    fn party(name: &str, role: Role) -> DealParty {
        DealParty { company: Slug::of(name), name: name.to_owned(), role, flow: None }
    }

    #[test]
    fn a_ceiling_a_part_and_a_condition_stay_out_of_the_firm_sum() {
        let amounts = [
            amount(5, Qualifier::Exact, Basis::Total, Certainty::Firm, false),
            amount(2, Qualifier::Exact, Basis::Total, Certainty::Firm, true),
            amount(20, Qualifier::UpTo, Basis::Total, Certainty::Contingent, false),
            amount(7, Qualifier::UpTo, Basis::Total, Certainty::Firm, false),
        ];
        let expected = Sums { committed: Some(Decimal::from(5)), potential: Some(Decimal::from(27)) };
        assert_eq!(sums(&amounts, None), expected);
    }

    #[test]
    fn an_annual_sum_needs_a_duration() {
        let annual = [amount(6, Qualifier::Exact, Basis::Annual, Certainty::Firm, false)];
        assert_eq!(sums(&annual, None), Sums::default());
        assert_eq!(sums(&annual, Some(30)).committed, Some(Decimal::from(15)));
    }

    #[test]
    fn a_target_is_paid_only_where_no_seller_is_named() {
        let sum = Sums { committed: Some(Decimal::from(10)), potential: None };
        let mut alone = [party("A", Role::Acquirer), party("T", Role::Target)];
        share(&mut alone, Kind::Acquisition, sum, &[]);
        assert_eq!(alone[1].flow.as_ref().unwrap().committed_usd, Some(Decimal::from(10)));
        let mut sold = [party("A", Role::Acquirer), party("T", Role::Target), party("S", Role::Seller)];
        share(&mut sold, Kind::Acquisition, sum, &[]);
        assert!(sold[1].flow.is_none());
    }

    #[test]
    fn a_sum_that_no_deal_can_be_worth_enters_no_total() {
        let amounts = [
            amount(5, Qualifier::Exact, Basis::Total, Certainty::Firm, false),
            amount(100_000_000_000_001, Qualifier::Exact, Basis::Total, Certainty::Firm, false),
        ];
        assert_eq!(sums(&amounts, None).committed, Some(Decimal::from(5)));
        assert_eq!(ABSURD, Decimal::from(100_000_000_000_000_i64));
    }

    #[test]
    fn a_name_that_another_source_adds_takes_nothing_from_those_of_the_figures_source() {
        let sum = Sums { committed: Some(Decimal::from(10)), potential: None };
        let mut parties = [party("A", Role::Investor), party("B", Role::Investor)];
        share(&mut parties, Kind::Equity, sum, &[Slug::of("A")]);
        let shares: Vec<_> = parties.iter().map(|party| party.flow.as_ref().unwrap().committed_usd).collect();
        assert_eq!(shares, [Some(Decimal::from(10)), None]);
    }

    proptest! {
        #[test]
        fn the_shares_of_a_side_add_up_to_the_deal(cents in 0_i64..1_000_000_000_000, payers in 1_usize..9) {
            let whole = Decimal::new(cents, 2);
            let mut parties: Vec<DealParty> = (0..payers).map(|n| party(&format!("P{n}"), Role::Investor)).collect();
            share(&mut parties, Kind::Equity, Sums { committed: Some(whole), potential: None }, &[]);
            let total: Decimal = parties.iter().filter_map(|p| p.flow.as_ref()?.committed_usd).sum();
            prop_assert_eq!(total, whole);
        }
    }
}
