//! Under which keys a claim is found, and under which it looks for others.

use std::collections::BTreeSet;

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
        // Two parties in common.
        for pair in pairs(&all) {
            keys.both(pair, WINDOW.num_days());
        }
        for stem in &all {
            // A party and a figure.
            for (unit, cell) in profile.money.cells().chain(profile.power.cells()) {
                let at = |cell: i32| key(&["figure", stem, unit, &cell.to_string()]);
                keys.own.insert(at(cell));
                keys.probes.extend((cell - 1..=cell + 1).map(|cell| Probe::around(at(cell), 300)));
            }
            // A party and a place.
            for place in &profile.places {
                keys.both(key(&["place", stem, place.as_str()]), 60);
            }
        }
        // One party alone: what is told of it at the time, and its last stage later.
        if let [stem] = all.as_slice() {
            let (bare, last) = (profile.is_bare(), matches!(claim.status, Status::Completed | Status::Cancelled));
            let kind = claim.kind.as_str();
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
            // Whoever buys it, and what it lists for.
            Kind::Acquisition => {
                stems(&profile.targets).iter().for_each(|stem| keys.both(key(&["target", stem]), 45));
            }
            Kind::Ipo => stems(&profile.payees).iter().for_each(|stem| keys.both(key(&["issuer", stem]), 200)),
            // A round of which one names no investor, and whose sum changes.
            Kind::Equity | Kind::Debt => {
                let kind = claim.kind.as_str();
                stems(&profile.payees).iter().for_each(|stem| keys.both(key(&["raise", stem, kind]), 120));
            }
            _ => {}
        }
        keys
    }

    fn both(&mut self, key: i64, days: i64) {
        self.own.insert(key);
        self.probes.insert(Probe::around(key, days));
    }
}
