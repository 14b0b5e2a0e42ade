//! Whether two claims tell of one deal.

use chrono::Duration;
use rust_decimal::Decimal;

use super::{
    WINDOW,
    figures::Relation,
    name::{Name, shared},
    profile::Profile,
};
use crate::model::{Kind, SourcedClaim, Status, places};

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

/// What tells a further contract of the same two from another report of the first.
pub(super) const AGAIN: &str = "another differs, weeks later";
/// Why an option that is exercised is the deal that granted it, though the figures differ.
pub(super) const OPTION: &str = "the figure is that of an option";

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

fn side(a: &[Name], b: &[Name]) -> Side {
    if a.is_empty() || b.is_empty() {
        Side::Open
    } else if shared(a, b) > 0 {
        Side::Shared
    } else {
        Side::Apart
    }
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

/// Everything that two claims are weighed by.
struct Pair<'a> {
    a: &'a Profile<'a>,
    b: &'a Profile<'a>,
    apart: Duration,
    one_kind: bool,
    payers: Side,
    payees: Side,
    shared: usize,
    /// One list of parties holds the other.
    within: bool,
    exact: bool,
    money: Relation,
    power: Relation,
}

impl Pair<'_> {
    fn kind(&self) -> Option<Kind> {
        self.one_kind.then_some(self.a.source.claim.kind)
    }

    /// A party on each side; nobody deals with himself.
    fn both_sides(&self) -> bool {
        self.one_kind && self.shared >= 2 && self.payers == Side::Shared && self.payees == Side::Shared
    }

    /// One of the two names nobody on one side. Where neither does, a single party in common stands on both sides (a
    /// company and its namesake among its investors), which says little.
    fn is_open(&self) -> bool {
        self.a.leaves_a_side_open() || self.b.leaves_a_side_open()
    }

    fn within_days(&self, days: i64) -> bool {
        self.apart <= Duration::days(days)
    }

    fn has(&self, status: Status) -> bool {
        self.a.source.claim.status == status || self.b.source.claim.status == status
    }

    fn differs(&self) -> bool {
        self.money == Relation::Differ || self.power == Relation::Differ
    }

    /// Whether one place is named in both.
    fn placed(&self) -> bool {
        self.a.places.iter().any(|place| self.b.places.contains(place))
    }

    fn places_differ(&self) -> bool {
        places::differ(&self.a.source.claim.places, &self.b.source.claim.places)
    }

    /// Whether each names a town, which the gazetteer does not know, and neither the other's.
    fn towns_differ(&self) -> bool {
        let town = |claim: &SourcedClaim| claim.claim.places.iter().any(|place| !places::is_known(place));
        !self.placed() && town(self.a.source) && town(self.b.source)
    }

    /// The claim that appeared first, of two that appeared at once the one that tells the earlier stage, and the other.
    fn in_time(&self) -> (&SourcedClaim, &SourcedClaim) {
        let (a, b) = (self.a.source, self.b.source);
        let when = |claim: &SourcedClaim| (claim.published, claim.claim.status);
        let settled = when(a).cmp(&when(b)).then_with(|| (&a.content, a.id).cmp(&(&b.content, b.id)));
        if settled.is_le() { (a, b) } else { (b, a) }
    }

    /// Kinds of which one side is commonly all that is told: who builds, who raises, who lists.
    fn is_one_sided(&self) -> bool {
        matches!(
            self.kind(),
            Some(
                Kind::Build
                    | Kind::Equity
                    | Kind::Debt
                    | Kind::Ipo
                    | Kind::Land
                    | Kind::JointVenture
                    | Kind::Partnership
            )
        )
    }
}

/// Weighs two claims. Symmetric: `compare(a, b)` is `compare(b, a)`.
pub fn compare(a: &Profile<'_>, b: &Profile<'_>) -> Verdict {
    let (left, right) = (a.source, b.source);
    // What one article tells apart is apart.
    if left.article == right.article {
        return Verdict::Never("one article tells both");
    }
    let apart = (left.published - right.published).abs();
    let common = shared(&a.all, &b.all);
    if apart > WINDOW || common == 0 {
        return Verdict::Different;
    }
    // A different kind may turn the sides around (an investor is a partner): then only the parties as such compare.
    let one_kind = left.claim.kind == right.claim.kind;
    let pair = Pair {
        a,
        b,
        apart,
        one_kind,
        payers: if one_kind { side(&a.payers, &b.payers) } else { Side::Open },
        payees: if one_kind { side(&a.payees, &b.payees) } else { Side::Open },
        shared: common,
        within: common == a.all.len().min(b.all.len()),
        exact: common == a.all.len() && common == b.all.len(),
        money: a.money.relation(&b.money),
        power: a.power.relation(&b.power),
    };
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
    if !one_kind {
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

/// A figure agrees.
fn by_figures(pair: &Pair<'_>) -> Option<Verdict> {
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
fn by_stages(pair: &Pair<'_>) -> Option<Verdict> {
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
fn against_figures(pair: &Pair<'_>) -> Option<Verdict> {
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
fn is_share(pair: &Pair<'_>) -> bool {
    let raised = matches!(pair.kind(), Some(Kind::Equity | Kind::Debt)) && pair.both_sides();
    let (few, many) = if pair.a.payers.len() < pair.b.payers.len() { (pair.a, pair.b) } else { (pair.b, pair.a) };
    let among = few.payers.len() < many.payers.len() && shared(&few.payers, &many.payers) == few.payers.len();
    raised && among && few.money.is_less_than(&many.money)
}

/// No figure to compare: the parties and the time must carry it.
fn without_figures(pair: &Pair<'_>) -> Option<Verdict> {
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
