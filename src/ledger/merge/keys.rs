//! Under which keys a claim is found, and under which it looks for others.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{WINDOW, name::Name, profile::Profile};
use crate::{
    ledger::keys::{Probe, key, pairs},
    model::{Kind, Status},
};

/// How a claim is found, and how it finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Under these it is found.
    pub own: BTreeSet<i64>,
    /// Under these it finds: every claim that [`super::compare`] takes for the same deal, or doubts about, is among those
    /// that are found under one of them.
    pub probes: BTreeSet<Probe>,
}

fn stems(names: &[Name]) -> Vec<String> {
    names.iter().map(Name::stem).collect::<BTreeSet<_>>().into_iter().collect()
}

impl Keys {
    /// The keys of a claim.
    pub fn of(profile: &Profile<'_>) -> Self {
        let mut keys = Self { own: BTreeSet::new(), probes: BTreeSet::new() };
        let claim = &profile.source.claim;
        let all = stems(&profile.all);
        let bare = profile.is_bare();
        let cells: BTreeSet<(&'static str, i32)> = profile.money.cells().chain(profile.power.cells()).collect();
        // Two parties in common: at the time; with a figure, however far; a rumour and what came of it; and whatever one
        // of the two gives no figure for.
        let each: Vec<String> = profile.all.iter().map(Name::stem).collect();
        for pair in pairs(&each).iter().map(i64::to_string).collect::<BTreeSet<_>>() {
            let any = key(&["pair", &pair]);
            let (rumour, silent) = (key(&["rumour", &pair]), key(&["silent", &pair]));
            keys.both(any, 21);
            keys.own.extend((claim.status == Status::Rumored).then_some(rumour));
            keys.own.extend(bare.then_some(silent));
            keys.probes.insert(Probe::around(if claim.status == Status::Rumored { any } else { rumour }, 120));
            keys.probes.insert(Probe::around(if bare { any } else { silent }, 400));
            for (unit, cell) in &cells {
                keys.cells(&["pair", &pair, unit], *cell, WINDOW.num_days());
            }
            // The figure of a plan is not that of what came of it.
            if matches!(claim.kind, Kind::Equity | Kind::Debt) {
                keys.both(key(&["plan", &pair, claim.kind.as_str()]), 60);
            }
            // A stage looks for its deal, and what may be its deal for the stage.
            let stage = key(&["stage", &pair]);
            keys.own.extend(profile.stage_of.map(|_| stage));
            keys.probes.insert(Probe { key: stage, back: TimeDelta::zero(), ahead: WINDOW });
            if profile.stage_of.is_some() {
                keys.probes.insert(Probe { key: any, back: WINDOW, ahead: TimeDelta::zero() });
            }
        }
        // With one party in common, claims months apart are one deal only where one of them names nobody on the other side.
        let open = profile.leaves_a_side_open();
        let kind = claim.kind.as_str();
        for stem in &all {
            // A party and a figure.
            for (unit, cell) in &cells {
                keys.cells(&["figure", stem, unit], *cell, 21);
                let at = |cell: i32| key(&["figure", kind, stem, unit, &cell.to_string()]);
                keys.told(at(*cell), (cell - 1..=cell + 1).map(at), open, 300);
            }
            // A party and a place.
            for place in &profile.places {
                let place = key(&["place", kind, stem, place.as_str()]);
                keys.told(place, [place], open, 60);
            }
        }
        // One party alone: what is told of it at the time, and its last stage later.
        if let [stem] = each.as_slice() {
            let last = matches!(claim.status, Status::Completed | Status::Cancelled);
            let (alone, alone_bare) = (key(&["alone", stem, kind]), key(&["alone", stem, kind, "bare"]));
            let (ended, ended_bare) = (key(&["ended", stem, kind]), key(&["ended", stem, kind, "bare"]));
            keys.both(alone, 21);
            keys.own.extend(bare.then_some(alone_bare));
            keys.own.extend(last.then_some(ended));
            keys.own.extend((bare && last).then_some(ended_bare));
            keys.probes.insert(Probe::around(if bare { ended } else { ended_bare }, 400));
            if last {
                keys.probes.insert(Probe::around(if bare { alone } else { alone_bare }, 400));
            }
        }
        match claim.kind {
            // A target has one buyer, and few more bid for it; a listing has one issuer.
            Kind::Acquisition => {
                for stem in stems(&profile.targets) {
                    keys.both(key(&["target", &stem]), WINDOW.num_days());
                }
            }
            Kind::Ipo => stems(&profile.payees).iter().for_each(|stem| keys.both(key(&["issuer", stem]), 200)),
            // A round of which one names no investor, and whose sum changes.
            Kind::Equity | Kind::Debt => {
                for stem in stems(&profile.payees) {
                    let raise = key(&["raise", &stem, kind]);
                    keys.told(raise, [raise], profile.payers.is_empty(), 120);
                }
            }
            _ => {}
        }
        keys
    }

    /// Found in the cell of a figure, and looks into the cells beside it too.
    fn cells(&mut self, words: &[&str], cell: i32, days: i64) {
        let at = |cell: i32| key(&[words, &[&cell.to_string()]].concat());
        self.own.insert(at(cell));
        self.probes.extend((cell - 1..=cell + 1).map(|cell| Probe::around(at(cell), days)));
    }

    /// Found as a claim that tells this, and as one that leaves a side `open` where it does. One that leaves a side open
    /// looks for all that tell it, and one that names both sides only for those that leave one open.
    fn told(&mut self, own: i64, near: impl IntoIterator<Item = i64>, open: bool, days: i64) {
        let left_open = |told: i64| key(&["open", &told.to_string()]);
        self.own.insert(own);
        self.own.extend(open.then(|| left_open(own)));
        let sought = near.into_iter().map(|told| if open { told } else { left_open(told) });
        self.probes.extend(sought.map(|key| Probe::around(key, days)));
    }

    fn both(&mut self, key: i64, days: i64) {
        self.own.insert(key);
        self.probes.insert(Probe::around(key, days));
    }
}
