//! What speaks for two claims of one kind being one deal, and what against: figures, stages, the parties and the time.

use chrono::Duration;
use rust_decimal::Decimal;

use super::{
    WINDOW,
    compare::Verdict,
    figures::Relation,
    name::shared,
    pair::{Pair, Side},
};
use crate::model::{Kind, Status};

/// What tells a further contract of the same two from another report of the first.
pub(super) const AGAIN: &str = "another differs, weeks later";
/// Why an option that is exercised is the deal that granted it, though the figures differ.
pub(super) const OPTION: &str = "the figure is that of an option";

/// A figure agrees.
pub(super) fn by_figures(pair: &Pair<'_>) -> Option<Verdict> {
    use Relation::{Option as Exercised, Rounded, Same};
    let both_sides = pair.both_sides();
    let kind = pair.kind()?;
    let agree = pair.money == Same || pair.power == Same;
    let optional = pair.money == Exercised || pair.power == Exercised;
    let rough = pair.money == Rounded || pair.power == Rounded;
    if !agree && !optional && !rough {
        return None;
    }
    // A round and its lenders or builders are listed differently from outlet to outlet; elsewhere a different
    // counterparty is a different deal. Who buys land under cover is named later.
    let lists_vary = pair.within_days(21)
        && match kind {
            Kind::Equity | Kind::Debt | Kind::Acquisition => pair.payees == Side::Shared,
            Kind::Build => pair.payers == Side::Shared,
            _ => false,
        };
    if (pair.payers == Side::Apart || pair.payees == Side::Apart) && !(lists_vary && agree) {
        return None;
    }
    if pair.places_differ() && !(both_sides && agree && pair.within_days(10)) {
        return Some(if both_sides { Verdict::Apart("the places differ") } else { Verdict::Different });
    }
    let contested = pair.differs();
    // With the parties of both sides and a figure, the stages of one deal may lie far apart.
    let certain = both_sides || pair.exact && pair.shared >= 2;
    let limit = if certain {
        WINDOW
    } else if pair.is_open() {
        Duration::days(300)
    } else {
        Duration::days(21)
    };
    // The power may be the same again, at another price, in another contract.
    if agree && contested && (!pair.within_days(45) || pair.towns_differ()) {
        let alike = (both_sides || pair.exact) && pair.apart <= limit;
        return by_stages(pair)
            .or_else(|| alike.then(|| Verdict::Doubtful(0.5, vec!["the parties and a figure agree", AGAIN])));
    }
    if agree {
        let limit = if contested && !certain { limit.min(Duration::days(30)) } else { limit };
        if pair.apart > limit {
            return Some(Verdict::Different);
        }
        let mut score: f32 = 0.7;
        score += if both_sides || pair.exact { 0.2 } else { 0.0 };
        // A round sum fits more deals than one: those that are close to each other, or told in the same days, come first.
        score += match (contested, rough) {
            (true, _) => -0.1,
            (false, true) if pair.within_days(45) => 0.05,
            (false, true) => -0.3,
            (false, false) => 0.1,
        };
        score -= pair.apart.num_days() as f32 / 10_000.0;
        let reasons =
            if contested { vec!["a figure agrees", "another differs"] } else { vec!["the parties and a figure agree"] };
        return Some(if contested && !both_sides && !pair.exact {
            Verdict::Doubtful(score, reasons)
        } else {
            Verdict::Same(score, reasons)
        });
    }
    if contested || !(both_sides || pair.exact) {
        return None;
    }
    if optional && (pair.shared >= 2 || pair.within_days(300)) {
        return Some(Verdict::Same(0.6, vec!["the parties agree", OPTION]));
    }
    pair.within_days(30).then(|| Verdict::Same(0.65, vec!["the parties agree", "a figure is the other's, rounded"]))
}

/// The figures differ, but the later claim tells a further stage of what was a rumour or a plan, which tend to grow and to
/// shrink.
pub(super) fn by_stages(pair: &Pair<'_>) -> Option<Verdict> {
    if !pair.differs() || pair.places_differ() {
        return None;
    }
    let (earlier, later) = pair.in_time();
    let raised = matches!(pair.kind()?, Kind::Equity | Kind::Debt);
    let round = raised && pair.payees == Side::Shared && pair.payers == Side::Open;
    if !(pair.both_sides() || round) || pair.a.adds || pair.b.adds {
        return None;
    }
    let ratio = pair.a.money.ratio(&pair.b.money)?;
    let patience = if later.claim.status == Status::Rumored { 45 } else { 120 };
    let rumour = earlier.claim.status == Status::Rumored && pair.within_days(patience) && ratio <= Decimal::from(4);
    let plan = raised
        && earlier.claim.status == Status::Announced
        && later.claim.status > Status::Announced
        && pair.within_days(60)
        && ratio <= Decimal::TWO;
    if rumour {
        Some(Verdict::Same(0.55, vec!["the parties agree", "the figure of a rumour is not the last"]))
    } else if plan {
        Some(Verdict::Same(0.5, vec!["the parties agree", "the figure was a plan's, the later one is what came of it"]))
    } else {
        None
    }
}

/// The figures differ.
pub(super) fn against_figures(pair: &Pair<'_>) -> Option<Verdict> {
    if !pair.differs() {
        return None;
    }
    if is_share(pair) {
        return Some(Verdict::Apart("one is a payer's share of the other"));
    }
    let alike = pair.both_sides() || pair.is_one_sided() && pair.exact;
    Some(if alike && pair.within_days(21) && !pair.places_differ() && !pair.a.adds && !pair.b.adds {
        // The same two at the same time with other figures: a rise, a correction, or another deal.
        Verdict::Doubtful(0.4, vec!["the same parties within three weeks", "the figures differ"])
    } else if alike {
        Verdict::Apart("the figures differ")
    } else {
        Verdict::Different
    })
}

/// Whether the smaller sum comes from some only of those who pay the larger: one investor's cheque in a round, one bank's
/// share of a loan.
pub(super) fn is_share(pair: &Pair<'_>) -> bool {
    let raised = matches!(pair.kind(), Some(Kind::Equity | Kind::Debt)) && pair.both_sides();
    let (few, many) = if pair.a.payers.len() < pair.b.payers.len() { (pair.a, pair.b) } else { (pair.b, pair.a) };
    let among = few.payers.len() < many.payers.len() && shared(&few.payers, &many.payers) == few.payers.len();
    raised && among && few.money.is_less_than(&many.money)
}

/// No figure to compare: the parties and the time must carry it.
pub(super) fn without_figures(pair: &Pair<'_>) -> Option<Verdict> {
    if pair.payers == Side::Apart || pair.payees == Side::Apart {
        return None;
    }
    let both_sides = pair.both_sides();
    if pair.places_differ() {
        return Some(if both_sides { Verdict::Apart("the places differ") } else { Verdict::Different });
    }
    let one_sided = pair.is_one_sided() && pair.exact;
    // Both give figures, one its price and the other its power.
    if !pair.a.is_bare() && !pair.b.is_bare() && !pair.within_days(14) {
        return None;
    }
    let final_stage = pair.has(Status::Cancelled) || pair.has(Status::Completed);
    let near_in_time = Duration::days(if final_stage { 400 } else { 21 });
    let days = pair.apart.num_days() as f32;
    if both_sides {
        if pair.apart <= near_in_time {
            return Some(Verdict::Same(0.6 - days / 2_000.0, vec!["the parties of both sides and the time agree"]));
        }
        // A look back: it dates nothing and gives no figure.
        let (_, later) = pair.in_time();
        let bare = if std::ptr::eq(later, pair.a.source) { pair.a.is_bare() } else { pair.b.is_bare() };
        if bare && later.claim.announced_on.is_none() && pair.within_days(400) {
            return Some(Verdict::Same(
                0.4 - days / 4_000.0,
                vec!["the parties of both sides agree", "the later one looks back"],
            ));
        }
        return None;
    }
    let placed = pair.placed();
    if one_sided && pair.apart <= near_in_time {
        return Some(if placed || pair.a.places.is_empty() == pair.b.places.is_empty() {
            Verdict::Same(0.5, vec!["the same party at the same time"])
        } else {
            Verdict::Doubtful(0.4, vec!["the same party at the same time", "only one says where"])
        });
    }
    if placed && pair.is_open() && pair.within_days(60) {
        return Some(Verdict::Same(0.45, vec!["a party and the place agree", "one names nobody on the other side"]));
    }
    None
}
