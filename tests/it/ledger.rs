//! The ledger's decisions on the facts of the archive: what is one deal, and what is not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use wattline::{
    ledger::{
        convert::Rates,
        derive::derive,
        merge::{Profile, cluster},
        umbrella::{Node, Told, best},
    },
    model::Registry,
};

use crate::support::archive::{facts, facts_with_words};

#[test]
fn the_facts_of_the_archive_merge_as_their_labels_say() {
    let facts = facts();
    let claims: Vec<_> = facts.iter().enumerate().map(|(number, fact)| fact.sourced(number)).collect();
    let profiles: Vec<Profile<'_>> =
        claims.iter().map(|claim| Profile::of(claim, Registry::shipped(), Rates::shipped())).collect();
    let groups = cluster(&profiles);

    // The label: a fact and those that it continues are one deal.
    let at: HashMap<&str, usize> = facts.iter().enumerate().map(|(n, fact)| (fact.id.as_str(), n)).collect();
    let label: Vec<usize> = (0..facts.len())
        .map(|own| {
            let mut root = own;
            while let Some(earlier) = facts[root].updates.as_deref().and_then(|id| at.get(id)) {
                root = *earlier;
            }
            root
        })
        .collect();
    let mut wrong = BTreeSet::new();
    for group in &groups {
        for x in group {
            for y in group {
                if x < y && label[*x] != label[*y] {
                    wrong.insert(format!("{} + {}", facts[*x].id, facts[*y].id));
                }
            }
        }
    }
    let group_of: BTreeMap<usize, usize> =
        groups.iter().enumerate().flat_map(|(g, members)| members.iter().map(move |m| (*m, g))).collect();
    let apart: BTreeSet<String> = facts
        .iter()
        .enumerate()
        .filter_map(|(n, fact)| Some((n, fact, *at.get(fact.updates.as_deref()?)?)))
        .filter(|(n, _, earlier)| group_of[n] != group_of[earlier])
        .map(|(_, fact, earlier)| format!("{} / {}", facts[earlier].id, fact.id))
        .collect();
    println!("{} wrongly merged: {wrong:#?}\n{} left apart: {apart:#?}", wrong.len(), apart.len());
    // Of 64,261 pairs. Three of the wrong ones are a rumour and what it came to, which the labels keep as two with a link.
    // Those left apart come on top of an earlier deal, or change what one party does in it.
    assert!(wrong.len() <= 5, "{wrong:#?}");
    assert!(apart.len() <= 16, "{apart:#?}");
}

#[test]
fn the_facts_of_the_archive_belong_to_one_another_as_their_labels_say() {
    let registry = Registry::shipped();
    let facts = facts_with_words();
    let nodes: Vec<Node> = facts
        .iter()
        .enumerate()
        .map(|(number, fact)| {
            let claims = [fact.sourced(number)];
            Node::of(&derive(&claims, registry, Rates::shipped()).unwrap(), &Told::of(&claims, registry), registry)
        })
        .collect();
    let (mut right, mut wrong, mut missed) = (0, Vec::new(), Vec::new());
    for (fact, node) in facts.iter().zip(&nodes) {
        let found = best(node, &nodes).map(|(at, link)| (facts[at].id.as_str(), link));
        let (label, told) = (fact.part_of.as_deref(), found.as_ref().map(|(id, _)| *id));
        // A fact that continues another is the same deal at a later stage, which is a matter of merging.
        if fact.updates.is_some() {
            continue;
        }
        if told.is_some() && told == label {
            right += 1;
        } else {
            wrong.extend(
                found.map(|(id, link)| {
                    format!("{} -> {id} {:?} {:?}; label {label:?}", fact.id, link.bond, link.reasons)
                }),
            );
            missed.extend(label.map(|label| format!("{} -> {label}", fact.id)));
        }
    }
    println!("{right} right\n{} wrong: {wrong:#?}\n{} missed: {missed:#?}", wrong.len(), missed.len());
    // Three of the wrong ones name a larger whole than the label does; of those missed, sixteen belong to two pledges that
    // the extractor does not find in their texts.
    assert!(right >= 19 && wrong.len() <= 5);
}
