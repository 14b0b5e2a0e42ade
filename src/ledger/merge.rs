//! Which claims tell of one deal.
//!
//! Two steps, both free of order: [`compare`] weighs two claims by what they say, and [`cluster`] groups claims whose
//! comparisons hold together. Given all claims that are connected by comparisons, the result is the same however the
//! claims came in; [`crate::db::deals`] sees to it that they are given.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use rust_decimal::Decimal;

use super::{convert::Rates, places, resolve::group};
use crate::model::{Currency, Direction, Kind, Megawatts, Registry, Slug, SourcedClaim, Status};

/// Claims further apart than this are never compared: the longest stretch from a first report to a closing that the
/// archive knows is well under two years.
pub const WINDOW: Duration = Duration::days(600);

/// What two claims are to each other.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// They tell of one deal; the score, from 0 to 1, orders such pairs.
    Same(f32),
    /// They may: for an editor to decide, with the reasons for it and against it.
    Doubtful(f32, Vec<&'static str>),
    /// They do not.
    Different,
}

/// How the parties on one side of two deals agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// At least one is the same.
    Shared,
    /// One of the two claims names nobody here.
    Open,
    /// Both name somebody, and nobody twice.
    Apart,
}

/// What [`compare`] needs of a claim, worked out once.
#[derive(Debug)]
pub struct Profile<'a> {
    /// The claim.
    pub source: &'a SourcedClaim,
    payers: BTreeSet<Slug>,
    payees: BTreeSet<Slug>,
    all: BTreeSet<Slug>,
    money: Figures,
    power: Figures,
}

impl<'a> Profile<'a> {
    /// Prepares a claim for comparison.
    pub fn of(source: &'a SourcedClaim, registry: &Registry, rates: &Rates) -> Self {
        let claim = &source.claim;
        let day = source.published.date_naive();
        let side = |wanted: Option<Direction>| {
            claim
                .parties
                .iter()
                .zip(&source.companies)
                .filter(|(party, _)| wanted.is_none() || party.role.direction(claim.kind) == wanted)
                .map(|(_, company)| group(company, registry))
                .collect()
        };
        Self {
            source,
            payers: side(Some(Direction::Payer)),
            payees: side(Some(Direction::Payee)),
            all: side(None),
            money: Figures::of(claim.amounts.iter().map(|amount| {
                let figure = |value| match rates.usd(value, amount.currency, day) {
                    Some(value) => Figure { value, unit: Unit::Dollars(amount.currency) },
                    None => Figure { value, unit: Unit::Native(amount.currency) },
                };
                (figure(amount.value), amount.value_max.map(figure), amount.part)
            })),
            power: Figures::of(claim.capacity.iter().map(|power| {
                let figure = |mw: Megawatts| Figure { value: mw.get(), unit: Unit::Megawatts };
                (figure(power.mw), power.mw_max.map(figure), power.part)
            })),
        }
    }
}

impl Profile<'_> {
    /// How many parties two claims have in common, subsidiaries counted as their owners.
    pub fn shared(&self, other: &Self) -> usize {
        self.all.intersection(&other.all).count()
    }

    /// Whether a sum or a capacity is the same in both.
    pub fn figures_agree(&self, other: &Self) -> bool {
        self.money.agree(&other.money) || self.power.agree(&other.power)
    }
}

fn side(a: &BTreeSet<Slug>, b: &BTreeSet<Slug>) -> Side {
    if a.is_empty() || b.is_empty() {
        Side::Open
    } else if a.intersection(b).next().is_some() {
        Side::Shared
    } else {
        Side::Apart
    }
}

/// A deal's figures of one kind, as they compare.
#[derive(Debug, Default)]
struct Figures {
    /// What another article may give as the figure: the main one, which stands first, the other end of its range, and
    /// the sum of what is stated side by side.
    wholes: Vec<Figure>,
}

/// A figure with what it counts.
#[derive(Debug, Clone, Copy)]
struct Figure {
    value: Decimal,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Dollars, converted from this currency.
    Dollars(Currency),
    /// A currency without a rate on the day: such sums compare among themselves only.
    Native(Currency),
    Megawatts,
}

impl Figures {
    fn of(stated: impl Iterator<Item = (Figure, Option<Figure>, bool)>) -> Self {
        let stated: Vec<_> = stated.collect();
        let mut wholes = Vec::new();
        if let Some((main, high, _)) = stated.first() {
            wholes.push(*main);
            wholes.extend(*high);
            let beside: Vec<Figure> = stated
                .iter()
                .filter(|(figure, _, part)| !part && figure.unit == main.unit)
                .map(|(figure, ..)| *figure)
                .collect();
            if beside.len() > 1 {
                let sum = beside.iter().try_fold(Decimal::ZERO, |sum, figure| sum.checked_add(figure.value));
                wholes.extend(sum.map(|value| Figure { value, unit: main.unit }));
            }
        }
        Self { wholes }
    }

    fn is_empty(&self) -> bool {
        self.wholes.is_empty()
    }

    fn agree(&self, other: &Self) -> bool {
        self.wholes.iter().any(|x| other.wholes.iter().any(|y| near(*x, *y)))
    }
}

/// Whether two figures are one. Outlets round, hence not to the last digit; they convert at different rates, hence
/// more widely where they speak of different currencies.
fn near(a: Figure, b: Figure) -> bool {
    let per_mille = match (a.unit, b.unit) {
        (x, y) if x == y => 15,
        (Unit::Dollars(_), Unit::Dollars(_)) => 60,
        _ => return false,
    };
    let (low, high) = (a.value.min(b.value), a.value.max(b.value));
    // A figure that overflows here is a misprint, and near to nothing.
    let apart = (high - low).checked_mul(Decimal::ONE_THOUSAND);
    let allowed = high.checked_mul(Decimal::from(per_mille));
    matches!((apart, allowed), (Some(apart), Some(allowed)) if apart <= allowed)
}

/// Whether reports of one deal may give it these two kinds: a lease of capacity is compute to one newsroom and a lease
/// to another, and a headline's "partnership" is anything to the next.
fn kinds_agree(a: Kind, b: Kind) -> bool {
    use Kind::{Acquisition, Build, Chips, Compute, Debt, Equity, JointVenture, Lease, Partnership, Power};
    a == b
        || matches!(
            if a < b { (a, b) } else { (b, a) },
            (Compute, Chips | Lease | Build)
                | (Chips, Power)
                | (Equity, Acquisition | JointVenture | Debt)
                | (JointVenture, Build)
                | (Build, Power | Lease)
                | (_, Partnership)
        )
}

/// Weighs two claims. Symmetric: `compare(a, b)` is `compare(b, a)`.
pub fn compare(a: &Profile<'_>, b: &Profile<'_>) -> Verdict {
    let (left, right) = (&a.source.claim, &b.source.claim);
    // What one article tells apart is apart.
    if a.source.article == b.source.article {
        return Verdict::Different;
    }
    let apart = (a.source.published - b.source.published).abs();
    if apart > WINDOW || !kinds_agree(left.kind, right.kind) {
        return Verdict::Different;
    }

    // A different kind may turn the sides around (an investor is a partner): then only the parties as such compare, and
    // one list must hold the other.
    let one_kind = left.kind == right.kind;
    if !one_kind && !(a.all.len().min(b.all.len()) >= 2 && (a.all.is_subset(&b.all) || b.all.is_subset(&a.all))) {
        return Verdict::Different;
    }
    let (payers, payees) =
        if one_kind { (side(&a.payers, &b.payers), side(&a.payees, &b.payees)) } else { (Side::Shared, Side::Shared) };
    let shared = a.all.intersection(&b.all).count();
    if shared == 0 {
        return Verdict::Different;
    }

    let money = a.money.agree(&b.money);
    let power = a.power.agree(&b.power);
    let figures = money || power;
    let money_differs = !money && !a.money.is_empty() && !b.money.is_empty();
    let power_differs = !power && !a.power.is_empty() && !b.power.is_empty();
    let both_disclose = !(a.money.is_empty() && a.power.is_empty() || b.money.is_empty() && b.power.is_empty());
    if goes_back(a.source, b.source) {
        return Verdict::Different;
    }
    let places_differ = places::differ(&left.places, &right.places);
    let both_sides = payers == Side::Shared && payees == Side::Shared;
    // Kinds of which one side is commonly all that is told: who builds, who raises, who lists.
    let one_sided = one_kind
        && matches!(
            left.kind,
            Kind::Build | Kind::Equity | Kind::Debt | Kind::Ipo | Kind::Land | Kind::JointVenture | Kind::Partnership
        );
    let exact_parties = a.all == b.all;

    // A round and its lenders or builders are listed differently from outlet to outlet; elsewhere a different
    // counterparty is a different deal.
    let lists_vary = apart <= Duration::days(21)
        && match left.kind {
            Kind::Equity | Kind::Debt => payees == Side::Shared,
            Kind::Build => payers == Side::Shared,
            _ => false,
        };
    if (payers == Side::Apart || payees == Side::Apart) && !(one_kind && lists_vary && figures) {
        return Verdict::Different;
    }
    if places_differ && !(both_sides && figures && apart <= Duration::days(10)) {
        return Verdict::Different;
    }

    if figures {
        // With the parties of both sides and a figure, the stages of one deal may lie far apart.
        let limit = if !one_kind {
            Duration::days(45)
        } else if both_sides || (exact_parties && shared >= 2) {
            WINDOW
        } else if money_differs || power_differs {
            Duration::days(30)
        } else {
            Duration::days(300)
        };
        if apart > limit {
            return Verdict::Different;
        }
        let mut score: f32 = 0.6;
        score += if both_sides || exact_parties { 0.2 } else { 0.0 };
        score += if one_kind { 0.1 } else { 0.0 };
        score += if money_differs || power_differs { -0.1 } else { 0.1 };
        let contested = (money_differs || power_differs) && !both_sides && !exact_parties;
        return if contested {
            Verdict::Doubtful(score, vec!["a figure agrees", "another differs"])
        } else {
            Verdict::Same(score)
        };
    }

    if money_differs || power_differs {
        // The same two at the same time with other figures: a rise, a correction, or another deal.
        return if (both_sides || (one_sided && exact_parties)) && one_kind && apart <= Duration::days(21) {
            Verdict::Doubtful(0.4, vec!["the same parties within three weeks", "the figures differ"])
        } else {
            Verdict::Different
        };
    }

    // No figure to compare: the parties and the time must carry it.
    if both_disclose && (!one_kind || apart > Duration::days(14)) {
        return Verdict::Different;
    }
    let cancels = left.status == Status::Cancelled || right.status == Status::Cancelled;
    let near_in_time = Duration::days(if cancels { 400 } else { 21 });
    if both_sides && apart <= near_in_time {
        return if one_kind || left.kind == Kind::Partnership || right.kind == Kind::Partnership {
            Verdict::Same(if one_kind { 0.6 } else { 0.5 })
        } else {
            Verdict::Doubtful(0.45, vec!["the same parties at the same time", "told as another kind of deal"])
        };
    }
    if one_kind && one_sided && exact_parties && apart <= near_in_time {
        return if left.places.is_empty() == right.places.is_empty() {
            Verdict::Same(0.5)
        } else {
            Verdict::Doubtful(0.4, vec!["the same party at the same time", "only one says where"])
        };
    }
    if one_kind && payers != Side::Apart && payees != Side::Apart && apart <= Duration::days(14) {
        return Verdict::Doubtful(0.3, vec!["a party and the time agree", "one names nobody on the other side"]);
    }
    Verdict::Different
}

/// Whether the later claim would take the deal back to a stage before the one that was reached weeks ago: what is done
/// is not announced again, so that it is another deal. A cancellation is a step forward.
fn goes_back(a: &SourcedClaim, b: &SourcedClaim) -> bool {
    let (earlier, later) = if a.published <= b.published { (a, b) } else { (b, a) };
    let patience = Duration::days(21);
    later.published - earlier.published > patience
        && match earlier.claim.status {
            Status::Completed => matches!(later.claim.status, Status::Rumored | Status::Announced),
            Status::Signed => later.claim.status == Status::Rumored,
            _ => false,
        }
}

/// Groups claims into deals: the surest pairs first, and never two groups of which more pairs speak against than for,
/// or that hold two claims of one article. Returns indices into `profiles`, each group in ascending order of its
/// members' ids, the groups in the order of their first member's id.
pub fn cluster(profiles: &[Profile<'_>]) -> Vec<Vec<usize>> {
    let key = |at: usize| {
        let source = profiles[at].source;
        (source.published, &source.content, &source.publishers, source.id)
    };
    let mut same: BTreeMap<(usize, usize), f32> = BTreeMap::new();
    for i in 0..profiles.len() {
        for j in 0..i {
            if let Verdict::Same(score) = compare(&profiles[i], &profiles[j]) {
                same.insert(if key(i) < key(j) { (i, j) } else { (j, i) }, score);
            }
        }
    }
    let mut pairs: Vec<(f32, usize, usize)> = same.iter().map(|((i, j), score)| (*score, *i, *j)).collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (key(a.1), key(a.2)).cmp(&(key(b.1), key(b.2)))));

    let mut group_of: Vec<usize> = (0..profiles.len()).collect();
    let mut groups: Vec<Vec<usize>> = group_of.iter().map(|at| vec![*at]).collect();
    for (_, first, second) in pairs {
        let (to, from) = (group_of[first], group_of[second]);
        if to == from {
            continue;
        }
        let mut for_it = 0;
        let mut against = 0;
        let mut one_article = false;
        for &x in &groups[to] {
            for &y in &groups[from] {
                one_article |= profiles[x].source.article == profiles[y].source.article;
                let pair = if key(x) < key(y) { (x, y) } else { (y, x) };
                if same.contains_key(&pair) { for_it += 1 } else { against += 1 }
            }
        }
        if one_article || against > for_it {
            continue;
        }
        let moved = std::mem::take(&mut groups[from]);
        for &member in &moved {
            group_of[member] = to;
        }
        groups[to].extend(moved);
    }
    groups.retain(|group| !group.is_empty());
    let id = |at: usize| profiles[at].source.id;
    for group in &mut groups {
        group.sort_by_key(|at| id(*at));
    }
    groups.sort_by_key(|group| id(group[0]));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::sample::{at, billions, claim, in_place, megawatts, registry},
        model::Role,
    };

    const BUYER: Role = Role::Buyer;
    const PROVIDER: Role = Role::Provider;

    fn rent(number: u128, day: &str, buyer: &str, provider: &str) -> SourcedClaim {
        claim(number, day, Kind::Compute, &[(buyer, BUYER), (provider, PROVIDER)])
    }

    fn verdict(a: &SourcedClaim, b: &SourcedClaim) -> Verdict {
        let (registry, rates) = (registry(), Rates::default());
        let (a, b) = (Profile::of(a, &registry, &rates), Profile::of(b, &registry, &rates));
        let there = compare(&a, &b);
        assert_eq!(there, compare(&b, &a), "a comparison has no direction");
        there
    }

    fn is_same(a: &SourcedClaim, b: &SourcedClaim) -> bool {
        matches!(verdict(a, b), Verdict::Same(_))
    }

    #[test]
    fn the_same_parties_and_figure_are_one_deal_through_all_its_stages() {
        let rumour = at(billions(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 38), Status::Rumored);
        let signed = at(billions(rent(2, "2026-06-01", "Corvid AI", "AWS"), 38), Status::Signed);
        assert!(is_same(&rumour, &signed));
    }

    #[test]
    fn another_counterparty_another_place_or_another_time_is_another_deal() {
        let first = billions(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 38);
        assert_eq!(verdict(&first, &billions(rent(2, "2026-01-10", "Corvid AI", "Northlake"), 38)), Verdict::Different);
        assert_eq!(verdict(&first, &billions(rent(2, "2028-01-10", "Corvid AI", "Amazon"), 38)), Verdict::Different);
        let build = |number, place| {
            in_place(billions(claim(number, "2026-01-10", Kind::Build, &[("AWS", Role::Owner)]), 10), place)
        };
        assert_eq!(verdict(&build(1, "Ohio"), &build(2, "Mississippi")), Verdict::Different);
        assert!(is_same(&build(1, "Ohio"), &build(2, "United States")));
    }

    #[test]
    fn the_same_two_with_other_figures_at_the_same_time_are_for_an_editor() {
        let first = billions(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 38);
        let second = billions(rent(2, "2026-01-12", "Corvid AI", "Amazon"), 12);
        assert!(matches!(verdict(&first, &second), Verdict::Doubtful(..)));
    }

    #[test]
    fn sums_without_a_rate_compare_in_their_own_currency_and_misprints_with_nothing() {
        let taiwan = |number, value: &str| {
            let mut claim = billions(rent(number, "2026-01-10", "Corvid AI", "Amazon"), 1);
            claim.claim.amounts[0].currency = Currency::from_code("TWD").unwrap();
            claim.claim.amounts[0].value = value.parse().unwrap();
            claim
        };
        assert!(is_same(&taiwan(1, "10000000000"), &taiwan(2, "10000000000")));
        assert!(!is_same(&taiwan(1, "10000000000"), &taiwan(2, "90000000000")));
        assert!(!is_same(&taiwan(1, "10000000000"), &taiwan(2, "79000000000000000000000000000")));
    }

    #[test]
    fn what_is_done_is_not_announced_again() {
        let done =
            at(billions(claim(1, "2026-01-10", Kind::Equity, &[("Corvid AI", Role::Investee)]), 30), Status::Completed);
        let talks =
            at(billions(claim(2, "2026-04-10", Kind::Equity, &[("Corvid AI", Role::Investee)]), 30), Status::Rumored);
        assert_eq!(verdict(&done, &talks), Verdict::Different);
    }

    #[test]
    fn a_report_without_figures_joins_the_one_of_the_same_week_only() {
        let told = megawatts(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 300);
        assert!(is_same(&told, &rent(2, "2026-01-14", "Corvid AI", "Amazon")));
        assert_eq!(verdict(&told, &rent(2, "2026-03-14", "Corvid AI", "Amazon")), Verdict::Different);
    }

    #[test]
    fn two_deals_of_one_article_stay_apart_though_a_third_resembles_both() {
        let mut one = billions(rent(1, "2026-01-10", "Corvid AI", "Amazon"), 38);
        let mut other = billions(rent(2, "2026-01-10", "Corvid AI", "Amazon"), 38);
        other.article = one.article;
        one.id = uuid::Uuid::from_u128(11);
        other.id = uuid::Uuid::from_u128(12);
        let third = billions(rent(3, "2026-01-11", "Corvid AI", "Amazon"), 38);
        let (registry, rates) = (registry(), Rates::default());
        let profiles: Vec<_> = [&one, &other, &third].map(|claim| Profile::of(claim, &registry, &rates)).into();
        assert_eq!(cluster(&profiles).len(), 2);
    }
}
