//! Which figures stand beside a name, which names beside a figure, and whose they are: where a sentence tells several deals,
//! that is what tells them apart.

use std::ops::Range;

use super::super::{
    assemble::{Draft, Scene},
    clause::{Item, What},
};
use super::{around, features::Features, role::Case};

/// Notes whose the nearest figures on both sides of a name are.
pub(super) fn figures(
    scene: &Scene,
    case: &Case<'_>,
    tokens: &Range<usize>,
    sentence: usize,
    rule: &str,
    features: &mut Features,
) {
    let own = &case.drafts[case.at].1;
    let whose = |item: &Item| {
        let What::Figure(figure) = item.what else { return None };
        let counts = scene.figures[figure].is_money() || scene.figures[figure].is_power();
        if !counts {
            return None;
        }
        let others = || case.drafts.iter().enumerate().filter(|(at, _)| *at != case.at);
        Some(match own.figures.contains(&figure) {
            true if others().any(|(_, (_, other))| other.figures.contains(&figure)) => "both",
            true => "own",
            false if others().any(|(_, (_, other))| other.figures.contains(&figure)) => "other",
            false => "free",
        })
    };
    let names = |item: &Item| matches!(item.what, What::Name(_));
    let [left, right] = sides(&scene.items[sentence], tokens, whose, names);
    let kind = case.kind.as_str();
    features.note("figleft", &[left.0, left.1, kind]);
    features.note("figright", &[right.0, right.1, kind]);
    features.note("figs", &[left.0, right.0, rule]);
    features.note("figsn", &[left.0, left.1, right.0, right.1]);
}

/// Notes what the nearest names on both sides of a figure do in its draft.
pub(super) fn names(
    scene: &Scene,
    drafts: &[(usize, Draft)],
    at: usize,
    figure: usize,
    [measure, rule, kind]: [&str; 3],
    features: &mut Features,
) {
    let figure = &scene.figures[figure];
    let whose = |item: &Item| {
        let What::Name(mention) = item.what else { return None };
        let entities = &scene.names.mentions[mention].entities;
        let party = |draft: &Draft| {
            draft.parties.iter().find(|(known, _)| entities.contains(known)).map(|(_, role)| role.name())
        };
        let elsewhere = drafts.iter().enumerate().any(|(other, (_, draft))| other != at && party(draft).is_some());
        Some(party(&drafts[at].1).unwrap_or(if elsewhere { "theirs" } else { "nobody" }))
    };
    let others = |item: &Item| matches!(item.what, What::Figure(_));
    let [left, right] = sides(&scene.items[figure.sentence], &figure.tokens, whose, others);
    features.note("nameleft", &[left.0, left.1, measure]);
    features.note("nameright", &[right.0, right.1, measure]);
    features.note("names", &[left.0, right.0, rule]);
    features.note("namesk", &[left.0, right.0, kind]);
}

/// The nearest item on each side of some tokens that `whose` knows, and how many of the `between` stand before it.
fn sides<'a>(
    items: &[Item],
    tokens: &Range<usize>,
    whose: impl Fn(&Item) -> Option<&'a str>,
    between: impl Fn(&Item) -> bool,
) -> [(&'a str, &'static str); 2] {
    let look = |side: &mut dyn Iterator<Item = &Item>| {
        let mut passed = 0;
        for item in side.take(40) {
            if let Some(found) = whose(item) {
                return (found, around::count(passed.min(2)));
            }
            passed += usize::from(between(item));
        }
        ("none", "0")
    };
    let first = items.partition_point(|item| item.tokens.end <= tokens.start);
    let next = items.partition_point(|item| item.tokens.start < tokens.end);
    [look(&mut items[..first].iter().rev()), look(&mut items[next..].iter())]
}
