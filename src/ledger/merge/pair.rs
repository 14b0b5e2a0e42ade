//! Two claims beside each other.

use chrono::Duration;

use super::{
    WINDOW,
    figures::Relation,
    name::{Name, shared},
    profile::Profile,
};
use crate::model::{Kind, SourcedClaim, Status, places};

/// How the parties on one side of two deals agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
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

/// Everything that two claims are weighed by.
pub(super) struct Pair<'a> {
    pub(super) a: &'a Profile<'a>,
    pub(super) b: &'a Profile<'a>,
    pub(super) apart: Duration,
    pub(super) one_kind: bool,
    pub(super) payers: Side,
    pub(super) payees: Side,
    pub(super) shared: usize,
    /// One list of parties holds the other.
    pub(super) within: bool,
    pub(super) exact: bool,
    pub(super) money: Relation,
    pub(super) power: Relation,
}

impl<'a> Pair<'a> {
    /// `None` where they have nobody in common, or lie too far apart.
    pub(super) fn of(a: &'a Profile<'a>, b: &'a Profile<'a>) -> Option<Self> {
        let apart = (a.source.published - b.source.published).abs();
        let common = shared(&a.all, &b.all);
        if apart > WINDOW || common == 0 {
            return None;
        }
        // A different kind may turn the sides around (an investor is a partner): then only the parties as such compare.
        let one_kind = a.source.claim.kind == b.source.claim.kind;
        Some(Self {
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
        })
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.one_kind.then_some(self.a.source.claim.kind)
    }

    /// A party on each side; nobody deals with himself.
    pub(super) fn both_sides(&self) -> bool {
        self.one_kind && self.shared >= 2 && self.payers == Side::Shared && self.payees == Side::Shared
    }

    /// One of the two names nobody on one side. Where neither does, a single party in common stands on both sides (a
    /// company and its namesake among its investors), which says little.
    pub(super) fn is_open(&self) -> bool {
        self.a.leaves_a_side_open() || self.b.leaves_a_side_open()
    }

    pub(super) fn within_days(&self, days: i64) -> bool {
        self.apart <= Duration::days(days)
    }

    pub(super) fn has(&self, status: Status) -> bool {
        self.a.source.claim.status == status || self.b.source.claim.status == status
    }

    pub(super) fn differs(&self) -> bool {
        self.money == Relation::Differ || self.power == Relation::Differ
    }

    /// Whether one place is named in both.
    pub(super) fn placed(&self) -> bool {
        self.a.places.iter().any(|place| self.b.places.contains(place))
    }

    pub(super) fn places_differ(&self) -> bool {
        places::differ(&self.a.source.claim.places, &self.b.source.claim.places)
    }

    /// Whether each names a town, which the gazetteer does not know, and neither the other's.
    pub(super) fn towns_differ(&self) -> bool {
        let town = |claim: &SourcedClaim| claim.claim.places.iter().any(|place| !places::is_known(place));
        !self.placed() && town(self.a.source) && town(self.b.source)
    }

    /// The claim that appeared first, of two that appeared at once the one that tells the earlier stage, and the other.
    pub(super) fn in_time(&self) -> (&SourcedClaim, &SourcedClaim) {
        let (a, b) = (self.a.source, self.b.source);
        let when = |claim: &SourcedClaim| (claim.published, claim.claim.status);
        let settled = when(a).cmp(&when(b)).then_with(|| (&a.content, a.id).cmp(&(&b.content, b.id)));
        if settled.is_le() { (a, b) } else { (b, a) }
    }

    /// Kinds of which one side is commonly all that is told: who builds, who raises, who lists.
    pub(super) fn is_one_sided(&self) -> bool {
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
