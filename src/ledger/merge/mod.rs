//! Which claims tell of one deal.
//!
//! Two steps, both free of order: [`compare`] weighs two claims by what they say, and [`cluster`] groups claims whose
//! comparisons hold together. Given all claims that are connected by comparisons, the result is the same however the
//! claims came in; [`crate::jobs::merge`] sees to it that they are given.

mod compare;
mod figures;
mod grounds;
mod keys;
mod name;
mod pair;
mod profile;
#[cfg(test)]
mod tests;

pub use compare::{Verdict, compare};
pub use keys::Keys;
pub use profile::Profile;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Duration;

use super::keys::Probe;

/// Claims further apart than this are never compared: the longest stretch from a first report to a closing that the
/// archive knows is well under two years.
pub const WINDOW: Duration = Duration::days(600);

/// What a pair that nothing speaks for costs when two groups are joined, and what one costs that is two deals.
const STRANGE: f32 = -0.05;
const CONTRADICTED: f32 = -0.6;
/// What a pair brings that tells why others contradict it.
const EXPLAINED: f32 = 1.5;

/// Groups claims into deals: the surest pairs first, and never two groups of which more speaks against than for, or that
/// hold two claims of one article. Returns indices into `profiles`, each group in ascending order of its members' ids, the
/// groups in the order of their first member's id.
pub fn cluster(profiles: &[Profile<'_>]) -> Vec<Vec<usize>> {
    let key = |at: usize| {
        let source = profiles[at].source;
        (source.published, &source.content, &source.publishers, source.id)
    };
    let ordered = |i: usize, j: usize| if key(i) < key(j) { (i, j) } else { (j, i) };
    // Of most pairs nothing is to be said.
    let mut weights: BTreeMap<(usize, usize), f32> = BTreeMap::new();
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for members in components(profiles) {
        for (at, &i) in members.iter().enumerate() {
            for &j in &members[..at] {
                let (first, second) = ordered(i, j);
                match compare(&profiles[i], &profiles[j]) {
                    Verdict::Same(score, reasons) => {
                        let weight = if reasons.contains(&grounds::OPTION) { EXPLAINED } else { score };
                        weights.insert((first, second), weight);
                        pairs.push((score, first, second));
                    }
                    Verdict::Never(_) => {
                        weights.insert((first, second), f32::NEG_INFINITY);
                    }
                    Verdict::Apart(_) => {
                        weights.insert((first, second), CONTRADICTED);
                    }
                    // An editor has to say; but what resembles both does not make them one.
                    Verdict::Doubtful(_, reasons) if reasons.contains(&grounds::AGAIN) => {
                        weights.insert((first, second), CONTRADICTED);
                    }
                    Verdict::Doubtful(..) => {
                        weights.insert((first, second), 0.0);
                    }
                    Verdict::Different => {}
                }
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (key(a.1), key(a.2)).cmp(&(key(b.1), key(b.2)))));

    let mut group_of: Vec<usize> = (0..profiles.len()).collect();
    let mut groups: Vec<Vec<usize>> = group_of.iter().map(|at| vec![*at]).collect();
    for (_, first, second) in pairs {
        let (to, from) = (group_of[first], group_of[second]);
        if to == from {
            continue;
        }
        // In thousandths: a sum of fractions would depend on the order of the members.
        let mut balance = 0_i64;
        let mut never = false;
        for &x in &groups[to] {
            for &y in &groups[from] {
                let weight = weights.get(&ordered(x, y)).copied().unwrap_or(STRANGE);
                never |= weight.is_infinite();
                balance = balance.saturating_add((f64::from(weight) * 1000.0).round() as i64);
            }
        }
        if never || balance <= 0 {
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

/// Why each claim of a group rests in it: how sure its likeliest companion is, and by what. `None` for one that nothing
/// connects directly, as where an editor has put it there.
pub fn companions(profiles: &[Profile<'_>], group: &[usize]) -> Vec<Option<(f32, Vec<&'static str>)>> {
    let likeliest = |at: &usize| {
        let others = group.iter().filter(|other| *other != at);
        others
            .filter_map(|other| match compare(&profiles[*at], &profiles[*other]) {
                Verdict::Same(score, reasons) => Some((score, reasons)),
                _ => None,
            })
            .max_by(|(a, x), (b, y)| a.total_cmp(b).then_with(|| x.cmp(y)))
    };
    group.iter().map(likeliest).collect()
}

/// Claims that hang together by pairs that tell of one deal. Only what lies in one component can become one deal, so that
/// claims of different ones need not be compared.
fn components(profiles: &[Profile<'_>]) -> Vec<Vec<usize>> {
    let keys: Vec<Keys> = profiles.iter().map(Keys::of).collect();
    let mut found_by: HashMap<i64, Vec<usize>> = HashMap::new();
    for (at, keys) in keys.iter().enumerate() {
        for key in &keys.own {
            found_by.entry(*key).or_default().push(at);
        }
    }
    let mut component: Vec<usize> = (0..profiles.len()).collect();
    let mut members: Vec<Vec<usize>> = component.iter().map(|at| vec![*at]).collect();
    for (at, keys) in keys.iter().enumerate() {
        let published = profiles[at].source.published;
        let near = |other: &usize, probe: &Probe| {
            let time = profiles[*other].source.published;
            published - probe.back <= time && time <= published + probe.ahead
        };
        let found: BTreeSet<usize> = keys
            .probes
            .iter()
            .flat_map(|probe| found_by.get(&probe.key).into_iter().flatten().filter(|other| near(other, probe)))
            .copied()
            .filter(|other| *other != at)
            .collect();
        for other in found {
            if component[at] != component[other]
                && matches!(compare(&profiles[at], &profiles[other]), Verdict::Same(..))
            {
                let (to, from) = (component[at], component[other]);
                let moved = std::mem::take(&mut members[from]);
                for &member in &moved {
                    component[member] = to;
                }
                members[to].extend(moved);
            }
        }
    }
    members.retain(|members| members.len() > 1);
    members
}
