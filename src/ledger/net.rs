//! A programme and the contracts inside it, counted once.
//!
//! The rule, which every total follows: **a dollar counts where it is told most closely.** The parts of an umbrella
//! count in full, and the umbrella counts with what they do not fill: nothing, where they fill it. Together they come to
//! the larger of what the umbrella says and what its parts add up to, and never to both. Firm sums of parts fill the
//! firm sum of the umbrella, and what is left of them its ceiling; power fills power. The rule holds at every level of
//! an umbrella inside an umbrella.
//!
//! Deals that totals leave out unless they are asked in, take nothing from those that count: a rumoured part leaves its
//! announced umbrella whole, and adds to it only what goes beyond. So does a cancelled part, and so does a rumoured
//! umbrella around parts that count.
//!
//! What remains of each deal is a figure of its own, so that totals by month, kind, country or company are plain sums of
//! it, and every way of dividing them adds up to the same.

use std::collections::HashMap;

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use crate::model::Status;

/// A deal as umbrellas see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its id.
    pub id: Uuid,
    /// The umbrella that it is a part of.
    pub part_of: Option<Uuid>,
    /// Its stage.
    pub status: Status,
    /// What it says.
    pub gross: Figures,
}

/// A deal's dollars and megawatts; `None` where nothing is disclosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Firm dollars.
    pub committed: Option<Decimal>,
    /// Dollars that hang on conditions, and ceilings.
    pub potential: Option<Decimal>,
    /// Megawatts.
    pub mw: Option<Decimal>,
}

/// Sums without gaps.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    committed: Decimal,
    potential: Decimal,
    mw: Decimal,
}

impl Sums {
    fn of(figures: Figures) -> Self {
        Self {
            committed: figures.committed.unwrap_or_default(),
            potential: figures.potential.unwrap_or_default(),
            mw: figures.mw.unwrap_or_default(),
        }
    }

    fn add(&mut self, other: Self) {
        self.committed += other.committed;
        self.potential += other.potential;
        self.mw += other.mw;
    }

    /// What these leave of an umbrella's own.
    fn remainder(self, own: Self) -> Self {
        let beyond = (self.committed - own.committed).max(Decimal::ZERO);
        Self {
            committed: (own.committed - self.committed).max(Decimal::ZERO),
            potential: (own.potential - self.potential - beyond).max(Decimal::ZERO),
            mw: (own.mw - self.mw).max(Decimal::ZERO),
        }
    }

    fn dollars(self) -> Decimal {
        self.committed + self.potential
    }
}

/// In which order deals are counted: those that count at all, then rumours, then what was cancelled.
fn class(status: Status) -> usize {
    match status {
        status if status.counts() => 0,
        Status::Rumored => 1,
        _ => 2,
    }
}

/// What each of these deals adds to a total, in their order, where all deals of their umbrellas are among them. A deal
/// without umbrella and parts adds what it says. An umbrella that is not among them, or that would be inside itself,
/// counts as none.
pub fn net(members: &[Member]) -> Vec<Figures> {
    let at: HashMap<Uuid, usize> = members.iter().enumerate().map(|(at, member)| (member.id, at)).collect();
    let above: Vec<Option<usize>> = (0..members.len()).map(|own| umbrella(members, &at, own)).collect();
    let depth = |own: usize| std::iter::successors(above[own], |umbrella| above[*umbrella]).count();
    let top = |own: usize| std::iter::successors(Some(own), |inner| above[*inner]).last().unwrap_or(own);
    // Parts before their umbrellas.
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|own| std::cmp::Reverse(depth(*own)));

    let mut net: Vec<Figures> = members.iter().map(|member| member.gross).collect();
    let mut before: Vec<Sums> = vec![Sums::default(); members.len()];
    for counted in 0..3 {
        // What remains of each when deals up to this class are counted, and what each umbrella comes to as a whole.
        let mut own = vec![Sums::default(); members.len()];
        let mut inside = vec![Sums::default(); members.len()];
        let mut whole = vec![Sums::default(); members.len()];
        let mut of_class = vec![Sums::default(); members.len()];
        for &member in &order {
            let says = if class(members[member].status) <= counted {
                Sums::of(members[member].gross)
            } else {
                Sums::default()
            };
            own[member] = inside[member].remainder(says);
            whole[member] = inside[member];
            whole[member].add(own[member]);
            if let Some(umbrella) = above[member] {
                inside[umbrella].add(whole[member]);
            }
            if class(members[member].status) == counted {
                of_class[top(member)].add(own[member]);
            }
        }
        for member in 0..members.len() {
            if class(members[member].status) != counted {
                continue;
            }
            let top = top(member);
            // Those that count take what remains of them; the others share what they add to those before them.
            let share = |more: Decimal, all: Decimal| {
                if counted == 0 || more >= all { None } else { Some(more.max(Decimal::ZERO).checked_div(all)?) }
            };
            let money = share(whole[top].dollars() - before[top].dollars(), of_class[top].dollars());
            let power = share(whole[top].mw - before[top].mw, of_class[top].mw);
            let part = |value: Decimal, share: Option<Decimal>| match share {
                None => value.normalize(),
                Some(share) => cents(value * share),
            };
            let gross = members[member].gross;
            net[member] = Figures {
                committed: gross.committed.map(|_| part(own[member].committed, money)),
                potential: gross.potential.map(|_| part(own[member].potential, money)),
                mw: gross.mw.map(|_| part(own[member].mw, power)),
            };
        }
        before = whole;
    }
    net
}

/// The place of a deal's umbrella; `None` where following umbrellas leads back to the deal.
fn umbrella(members: &[Member], at: &HashMap<Uuid, usize>, own: usize) -> Option<usize> {
    let next = |deal: usize| members[deal].part_of.and_then(|id| at.get(&id).copied());
    let first = next(own)?;
    let mut seen = vec![own];
    let mut deal = Some(first);
    while let Some(umbrella) = deal {
        if seen.contains(&umbrella) {
            // Only those that stand in the circle are taken out of it, not those that lead into it.
            return (umbrella != own).then_some(first);
        }
        seen.push(umbrella);
        deal = next(umbrella);
    }
    Some(first)
}

fn cents(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::ToZero).normalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn member(
        id: u128,
        part_of: Option<u128>,
        status: Status,
        committed: Option<i64>,
        potential: Option<i64>,
    ) -> Member {
        Member {
            id: Uuid::from_u128(id),
            part_of: part_of.map(Uuid::from_u128),
            status,
            gross: Figures {
                committed: committed.map(Decimal::from),
                potential: potential.map(Decimal::from),
                mw: None,
            },
        }
    }

    fn committed(members: &[Member]) -> Vec<Option<i64>> {
        use rust_decimal::prelude::ToPrimitive;
        net(members).into_iter().map(|net| net.committed?.to_i64()).collect()
    }

    const SIGNED: Status = Status::Signed;

    #[test]
    fn an_umbrella_counts_with_what_its_parts_do_not_fill() {
        let programme = member(1, None, Status::Announced, Some(500), None);
        let contract = member(2, Some(1), SIGNED, Some(300), None);
        let tranche = member(3, Some(2), SIGNED, Some(40), None);
        let more = member(4, Some(1), SIGNED, Some(250), None);
        assert_eq!(committed(std::slice::from_ref(&programme)), [Some(500)]);
        assert_eq!(committed(&[programme.clone(), contract.clone()]), [Some(200), Some(300)]);
        assert_eq!(
            committed(&[tranche.clone(), programme.clone(), contract.clone()]),
            [Some(40), Some(200), Some(260)]
        );
        assert_eq!(committed(&[programme, contract, tranche, more]), [Some(0), Some(260), Some(40), Some(250)]);
    }

    #[test]
    fn firm_parts_fill_a_ceiling_and_an_undisclosed_part_nothing() {
        let framework = member(1, None, Status::Announced, None, Some(100));
        let first = member(2, Some(1), SIGNED, Some(10), None);
        let second = member(3, Some(1), SIGNED, None, None);
        let net = net(&[framework, first, second]);
        assert_eq!(net[0].potential, Some(Decimal::from(90)));
        assert_eq!(net[1].committed, Some(Decimal::from(10)));
        assert_eq!(net[2], Figures::default());
    }

    #[test]
    fn a_rumoured_or_cancelled_part_takes_nothing_and_adds_what_goes_beyond() {
        let programme = member(1, None, Status::Announced, Some(100), None);
        let signed = member(2, Some(1), SIGNED, Some(70), None);
        let rumour = member(3, Some(1), Status::Rumored, Some(40), None);
        let cancelled = member(4, Some(1), Status::Cancelled, Some(20), None);
        assert_eq!(
            committed(&[programme, signed, rumour, cancelled]),
            [Some(30), Some(70), Some(10), Some(20)],
            "with the rumour the parts come to 110, and with what was cancelled to 130"
        );
        let rumoured = member(1, None, Status::Rumored, Some(100), None);
        let part = member(2, Some(1), SIGNED, Some(70), None);
        assert_eq!(committed(&[rumoured, part]), [Some(30), Some(70)]);
    }

    #[test]
    fn what_would_be_inside_itself_stands_alone() {
        let a = member(1, Some(2), SIGNED, Some(5), None);
        let b = member(2, Some(1), SIGNED, Some(7), None);
        let c = member(3, Some(1), SIGNED, Some(2), None);
        assert_eq!(committed(&[a, b, c]), [Some(3), Some(7), Some(2)]);
    }

    fn trees() -> impl Strategy<Value = Vec<Member>> {
        let status = prop::sample::select(vec![
            Status::Rumored,
            Status::Announced,
            Status::Signed,
            Status::Completed,
            Status::Cancelled,
        ]);
        let sum = || prop::option::of(0_i64..1000);
        prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), status, sum(), sum()), 1..12).prop_map(
            |drawn| {
                drawn
                    .into_iter()
                    .enumerate()
                    .map(|(at, (umbrella, inside, status, committed, potential))| {
                        let part_of = (inside && at > 0).then(|| umbrella.index(at) as u128);
                        member(at as u128, part_of, status, committed, potential)
                    })
                    .collect()
            },
        )
    }

    proptest! {
        #[test]
        fn an_umbrella_and_its_parts_come_to_the_larger_of_both_and_never_to_their_sum(
            own in 0_i64..1000, parts in prop::collection::vec(0_i64..1000, 0..6),
        ) {
            let mut members = vec![member(0, None, Status::Announced, Some(own), None)];
            members.extend((1_u128..).zip(&parts).map(|(id, part)| member(id, Some(0), SIGNED, Some(*part), None)));
            let total: i64 = committed(&members).into_iter().flatten().sum();
            prop_assert_eq!(total, own.max(parts.iter().sum()));
        }

        #[test]
        fn no_deal_adds_more_than_it_says_and_the_order_does_not_matter(mut members in trees()) {
            let forwards = net(&members);
            for (member, net) in members.iter().zip(&forwards) {
                let says = Sums::of(member.gross);
                prop_assert!(Sums::of(*net).committed <= says.committed && Sums::of(*net).potential <= says.potential);
                prop_assert!(Sums::of(*net).dollars() >= Decimal::ZERO);
            }
            members.reverse();
            let mut backwards = net(&members);
            backwards.reverse();
            prop_assert_eq!(forwards, backwards);
        }

        #[test]
        fn deals_that_totals_leave_out_change_nothing_of_those_that_count(members in trees()) {
            let all = net(&members);
            let mut without = members.clone();
            for member in without.iter_mut().filter(|member| !member.status.counts()) {
                member.gross = Figures::default();
            }
            for (at, alone) in net(&without).into_iter().enumerate().filter(|(at, _)| members[*at].status.counts()) {
                prop_assert_eq!(alone, all[at]);
            }
        }
    }
}
