//! Whether two claims tell of one deal.

use chrono::Duration;
use rust_decimal::Decimal;

use super::{
    WINDOW,
    figures::Relation,
    grounds::{against_figures, by_figures, by_stages, is_share, without_figures},
    name::shared,
    pair::{Pair, Side},
    profile::Profile,
};
use crate::model::{Kind, SourcedClaim, Status};

/// What two claims are to each other.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// They tell of one deal; the score, from 0 to 1, orders such pairs.
    Same(f32, Vec<&'static str>),
    /// They may: for an editor to decide, with the reasons for it and against it.
    Doubtful(f32, Vec<&'static str>),
    /// They tell of two deals, as far as can be seen; what others say of both may outweigh it.
    Apart(&'static str),
    /// They tell of two deals, whatever others say.
    Never(&'static str),
    /// Nothing speaks for their being one.
    Different,
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
    let (left, right) = (a.source, b.source);
    // What one article tells apart is apart.
    if left.article == right.article {
        return Verdict::Never("one article tells both");
    }
    let Some(pair) = Pair::of(a, b) else { return Verdict::Different };
    if a.series.is_some()
        && b.series.is_some()
        && a.series != b.series
        && (pair.both_sides() || pair.payees == Side::Shared)
    {
        return Verdict::Never("they are rounds of different letters");
    }
    // What was told as done before cannot be done weeks later.
    let (earlier, later) = pair.in_time();
    let done = earlier.claim.status == Status::Completed && later.claim.status == Status::Completed;
    let after = later.claim.announced_on.is_some_and(|day| day - earlier.published.date_naive() > Duration::days(14));
    if done && after && matches!(pair.kind(), Some(Kind::Equity | Kind::Debt)) && (pair.both_sides() || pair.exact) {
        return Verdict::Never("one was done before the other was");
    }
    if let Some(verdict) = told_as_a_stage(&pair) {
        return verdict;
    }
    if let Some(reason) = contradiction(&pair) {
        return if pair.both_sides() || pair.exact { Verdict::Apart(reason) } else { Verdict::Different };
    }
    if !pair.one_kind {
        return across_kinds(&pair);
    }
    once_only(&pair)
        .or_else(|| by_figures(&pair))
        .or_else(|| by_stages(&pair))
        .or_else(|| against_figures(&pair))
        .or_else(|| without_figures(&pair))
        .unwrap_or(Verdict::Different)
}

/// The later one says that it is a stage of the deal that was made known in the earlier one's month.
fn told_as_a_stage(pair: &Pair<'_>) -> Option<Verdict> {
    let (earlier, _) = pair.in_time();
    let of_later = if std::ptr::eq(earlier, pair.a.source) { pair.b.stage_of } else { pair.a.stage_of }?;
    let from = of_later - Duration::days(7);
    let to = of_later + Duration::days(38);
    let days = [Some(earlier.published.date_naive()), earlier.claim.announced_on];
    let dated = days.into_iter().flatten().any(|day| from <= day && day < to);
    let score = if pair.exact { 0.75 } else { 0.5 };
    (dated && pair.both_sides() && !pair.places_differ() && !is_share(pair))
        .then(|| Verdict::Same(score, vec!["the parties agree", "the text names the deal by its month"]))
}

/// What shows that two claims cannot be of one deal, whatever else agrees.
fn contradiction(pair: &Pair<'_>) -> Option<&'static str> {
    let (earlier, later) = pair.in_time();
    if goes_back(pair, earlier, later) {
        return Some("what is done is not announced again");
    }
    // Two contracts of the same two, each with a town of its own.
    let one_stage = earlier.claim.status == later.claim.status;
    if pair.both_sides() && one_stage && pair.apart > Duration::days(30) && pair.towns_differ() {
        return Some("the towns differ, weeks from each other");
    }
    // A round and a loan are closed once: two closings far from each other are two.
    let (first, second) = (&earlier.claim, &later.claim);
    let dated = first.announced_on.zip(second.announced_on);
    let closings = first.status == Status::Completed && second.status == Status::Completed;
    if closings && matches!(pair.kind(), Some(Kind::Equity | Kind::Debt | Kind::Land)) {
        let far = dated.is_some_and(|(x, y)| (y - x).abs() > Duration::days(45));
        return far.then_some("both are closed, weeks from each other");
    }
    None
}

/// Whether the later claim would take the deal back to a stage before the one that was reached weeks ago: what is done
/// is not announced again, so that it is another deal. A cancellation is a step forward. A look back, which dates nothing,
/// may use the words of an earlier stage.
fn goes_back(pair: &Pair<'_>, earlier: &SourcedClaim, later: &SourcedClaim) -> bool {
    let looks_back = later.claim.announced_on.is_none() && pair.money == Relation::Same;
    pair.apart > Duration::days(21)
        && match earlier.claim.status {
            Status::Completed => {
                later.claim.status == Status::Rumored || later.claim.status == Status::Announced && !looks_back
            }
            Status::Signed => later.claim.status == Status::Rumored,
            Status::Cancelled => later.claim.status < Status::Cancelled && !looks_back,
            _ => false,
        }
}

/// Claims of different kinds.
fn across_kinds(pair: &Pair<'_>) -> Verdict {
    let (left, right) = (&pair.a.source.claim, &pair.b.source.claim);
    let two = pair.shared >= 2 && pair.within;
    if pair.places_differ() && !pair.within_days(10) {
        return Verdict::Different;
    }
    let agree = pair.money == Relation::Same || pair.power == Relation::Same;
    let kindred = kinds_agree(left.kind, right.kind);
    if two && kindred && agree && !pair.differs() && pair.within_days(45) {
        return Verdict::Same(0.8, vec!["the parties and a figure agree", "told as another kind of deal"]);
    }
    // The same sum and the same power, or the same place, of the same parties in the same days: one deal, seen from two
    // sides.
    let twice = pair.money == Relation::Same && (pair.power == Relation::Same || pair.placed());
    if pair.within && twice && pair.within_days(10) {
        return Verdict::Same(0.7, vec!["the sum and the power or the place agree", "told as another kind of deal"]);
    }
    if two && agree && !pair.differs() && (kindred && pair.within_days(300) || pair.within_days(10)) {
        let certain = kindred && pair.money == Relation::Same && pair.within_days(10);
        let reasons = vec!["the parties and a figure agree", "told as another kind of deal"];
        return if certain { Verdict::Same(0.65, reasons) } else { Verdict::Doubtful(0.5, reasons) };
    }
    if !two || !kindred || !pair.within_days(21) {
        return Verdict::Different;
    }
    if pair.differs() {
        return Verdict::Different;
    }
    let bare = pair.a.is_bare() || pair.b.is_bare();
    let plain = left.kind == Kind::Partnership || right.kind == Kind::Partnership;
    if plain && bare {
        Verdict::Same(0.5, vec!["the parties and the time agree", "one calls it a partnership only"])
    } else {
        Verdict::Doubtful(0.45, vec!["the same parties at the same time", "told as another kind of deal"])
    }
}

/// What happens once: a company is bought by the same buyer once, and lists once. Its price may change until it is done.
fn once_only(pair: &Pair<'_>) -> Option<Verdict> {
    let alike = |limit: i64| {
        pair.a.money.ratio(&pair.b.money).is_none_or(|ratio| ratio <= Decimal::from(limit))
            || pair.money == Relation::Same
            || pair.money == Relation::Unknown
    };
    match pair.kind()? {
        Kind::Acquisition => {
            let target = shared(&pair.a.targets, &pair.b.targets) > 0;
            let buyers = pair.payers;
            if !target || buyers == Side::Apart {
                return None;
            }
            let close = if buyers == Side::Shared { WINDOW } else { Duration::days(45) };
            if pair.apart > close {
                return None;
            }
            Some(if alike(2) {
                let score = if pair.money == Relation::Same { 0.95 } else { 0.75 };
                Verdict::Same(score, vec!["the same buyer and the same target"])
            } else {
                Verdict::Doubtful(0.5, vec!["the same buyer and the same target", "the prices are far from each other"])
            })
        }
        Kind::Ipo => {
            let issuer = pair.payees == Side::Shared && pair.within_days(200);
            issuer.then(|| {
                if alike(3) {
                    Verdict::Same(0.75, vec!["the same issuer within months"])
                } else {
                    Verdict::Doubtful(0.5, vec!["the same issuer within months", "the sums are far from each other"])
                }
            })
        }
        _ => None,
    }
}
