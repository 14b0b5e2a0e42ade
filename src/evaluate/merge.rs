//! How well the ledger merges: labelled deals, of which each names its record, held against the records made of them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{Figures, GoldDeal, pairing::pair_up};
use crate::{
    extract,
    ledger::{
        convert::Rates,
        derive::derive,
        merge::{Profile, Verdict, cluster, compare},
        resolve::stands_for,
        umbrella::{Node, Told, best},
    },
    model::{Article, Claim, Rank, Registry, SourcedClaim},
};

/// An article with its labelled deals.
#[derive(Debug, Clone)]
pub struct Reported {
    /// Its name in the file.
    pub id: String,
    /// The article.
    pub article: Article,
    /// How far it is trusted.
    pub rank: Rank,
    /// Its deals.
    pub deals: Vec<Record>,
}

/// A labelled deal with the record that it belongs to.
#[derive(Debug, Clone)]
pub struct Record {
    /// What the article says, as a perfect reader would claim it: of several spellings of a party the first.
    pub claim: Claim,
    /// The same as the extractor is scored by.
    pub gold: GoldDeal,
    /// The name of its record.
    pub record: String,
    /// The record that this one is a part of.
    pub part_of: Option<String>,
}

/// Whose claims are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claims {
    /// The labels, so that merging alone is measured.
    Labels,
    /// What the extractor reads in the articles.
    Extractor,
}

/// How the records that were made stand to the labelled ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// How many claims were merged; labels that no claim tells are counted among them.
    pub claims: usize,
    /// How many records the labels name.
    pub records: usize,
    /// How many records were made.
    pub clusters: usize,
    /// B-cubed: for each claim, how much of its made record is of its labelled one, and how much of its labelled record is
    /// in its made one, averaged over the claims.
    pub b_cubed: Figures,
    /// Pairs of labelled records that are near to each other: two parties in common, or one and a figure.
    pub near_misses: usize,
    /// Pairs of labelled records of which claims rest in one made record, near or not: `first + second`.
    pub wrong: Vec<String>,
    /// Labelled records that lie in several made ones, with the claims of each and why they stay apart.
    pub split: Vec<String>,
    /// Pairs that were left to an editor.
    pub proposals: usize,
    /// The links between records, found and labelled.
    pub umbrellas: Figures,
    /// Links that were missed or are wrong.
    pub wrong_links: Vec<String>,
}

/// An item of the count: a claim that was merged, or a label that no claim tells.
struct Item {
    label: String,
    /// The record that was made of it; `None` for a label that no claim tells.
    cluster: Option<usize>,
}

/// Merges what the articles say, and holds it against their labels. Optional labels are not counted.
pub fn merge(articles: &[Reported], claims: Claims, registry: &Registry, rates: &Rates) -> Outcome {
    let mut sourced: Vec<(SourcedClaim, Option<&Record>, String)> = Vec::new();
    let mut missed: Vec<&Record> = Vec::new();
    for (number, reported) in articles.iter().enumerate() {
        let read = extract::read(&reported.article, registry).claims;
        let found: Vec<(Claim, Option<&Record>)> = match claims {
            Claims::Labels => labels(reported, &read, registry),
            Claims::Extractor => {
                let gold: Vec<GoldDeal> = reported.deals.iter().map(|deal| deal.gold.clone()).collect();
                let paired = pair_up(&gold, &read);
                let record = |label: &GoldDeal| {
                    gold.iter().position(|deal| std::ptr::eq(deal, label)).and_then(|at| reported.deals.get(at))
                };
                missed.extend(paired.missed.iter().filter(|label| !label.optional).filter_map(|label| record(label)));
                let pairs = paired.pairs.iter().map(|(label, claim)| ((*claim).clone(), record(label)));
                pairs.chain(paired.extra.iter().map(|claim| ((*claim).clone(), None))).collect()
            }
        };
        for (ordinal, (claim, record)) in found.into_iter().enumerate() {
            if record.is_some_and(|record| record.gold.optional) {
                continue;
            }
            let label =
                record.map_or_else(|| format!("extra {}.{ordinal}", reported.id), |record| record.record.clone());
            sourced.push((source(reported, number, ordinal, claim, registry), record, label));
        }
    }

    let all: Vec<SourcedClaim> = sourced.iter().map(|(claim, ..)| claim.clone()).collect();
    let profiles: Vec<Profile<'_>> = all.iter().map(|claim| Profile::of(claim, registry, rates)).collect();
    let groups = cluster(&profiles);
    let cluster_of: BTreeMap<usize, usize> =
        groups.iter().enumerate().flat_map(|(group, members)| members.iter().map(move |at| (*at, group))).collect();
    let mut items: Vec<Item> = sourced
        .iter()
        .enumerate()
        .map(|(at, (_, _, label))| Item { label: label.clone(), cluster: cluster_of.get(&at).copied() })
        .collect();
    items.extend(missed.iter().map(|record| Item { label: record.record.clone(), cluster: None }));

    let mut labels_of: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for item in &items {
        if let Some(cluster) = item.cluster {
            labels_of.entry(cluster).or_default().insert(&item.label);
        }
    }
    let wrong: BTreeSet<String> = labels_of
        .values()
        .flat_map(|labels| {
            let labels: Vec<&&str> = labels.iter().filter(|label| !label.starts_with("extra ")).collect();
            (0..labels.len())
                .flat_map(move |i| {
                    (0..i).map({
                        let labels = labels.clone();
                        move |j| format!("{} + {}", labels[j], labels[i])
                    })
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let near: BTreeSet<(&str, &str)> = pairs(&sourced)
        .filter(|(i, j)| is_near(&profiles[*i], &profiles[*j]))
        .map(|(i, j)| (sourced[i].2.as_str().min(&sourced[j].2), sourced[i].2.as_str().max(&sourced[j].2)))
        .collect();
    let proposals = (0..all.len())
        .flat_map(|i| (0..i).map(move |j| (i, j)))
        .filter(|(i, j)| {
            cluster_of[i] != cluster_of[j] && matches!(compare(&profiles[*i], &profiles[*j]), Verdict::Doubtful(..))
        })
        .count();
    let (umbrellas, wrong_links) = links(&sourced, &groups, articles, registry, rates);
    let records: BTreeSet<&str> =
        items.iter().map(|item| item.label.as_str()).filter(|label| !label.starts_with("extra ")).collect();
    Outcome {
        claims: items.len(),
        records: records.len(),
        clusters: groups.len(),
        b_cubed: b_cubed(&items),
        near_misses: near.len(),
        wrong: wrong.into_iter().collect(),
        split: split(&sourced, &cluster_of, &profiles),
        proposals,
        umbrellas,
        wrong_links,
    }
}

/// The labels of an article as claims. What they belong to is not labelled in words: it is taken from the claim of the
/// extractor that shares most parties, or from the article where it tells one deal only.
fn labels<'a>(reported: &'a Reported, read: &[Claim], registry: &Registry) -> Vec<(Claim, Option<&'a Record>)> {
    reported
        .deals
        .iter()
        .map(|deal| {
            let mut claim = deal.claim.clone();
            let shared = |other: &Claim| {
                other.parties.iter().filter(|party| claim.parties.iter().any(|own| own.name == party.name)).count()
            };
            if let Some(said) = read.iter().filter(|other| shared(other) > 0).max_by_key(|other| shared(other)) {
                claim.part_of.clone_from(&said.part_of);
                claim.programme.clone_from(&said.programme);
            } else if reported.deals.len() == 1 {
                (claim.part_of, claim.programme) = extract::belonging(&reported.article, registry);
            }
            (claim, Some(deal))
        })
        .collect()
}

fn source(reported: &Reported, number: usize, ordinal: usize, claim: Claim, registry: &Registry) -> SourcedClaim {
    let id = (number as u128 + 1) << 32 | (ordinal as u128 + 1);
    let published: DateTime<Utc> =
        reported.article.published.unwrap_or_default().and_hms_opt(9, 0, 0).unwrap_or_default().and_utc();
    SourcedClaim {
        id: Uuid::from_u128(id),
        article: Uuid::from_u128(number as u128 + 1),
        content: (reported.id.clone().into_bytes(), i32::try_from(ordinal).unwrap_or(i32::MAX)),
        publishers: vec![reported.article.publisher.clone().unwrap_or_else(|| reported.id.clone())],
        rank: reported.rank,
        published,
        companies: claim.parties.iter().map(|party| stands_for(party, registry).slug).collect(),
        claim,
    }
}

/// All pairs of claims of different labelled records.
fn pairs<'a>(sourced: &'a [(SourcedClaim, Option<&Record>, String)]) -> impl Iterator<Item = (usize, usize)> + 'a {
    (0..sourced.len())
        .flat_map(|i| (0..i).map(move |j| (i, j)))
        .filter(|(i, j)| sourced[*i].1.is_some() && sourced[*j].1.is_some() && sourced[*i].2 != sourced[*j].2)
}

fn is_near(a: &Profile<'_>, b: &Profile<'_>) -> bool {
    match a.shared(b) {
        0 => false,
        1 => a.figures_agree(b),
        _ => true,
    }
}

fn b_cubed(items: &[Item]) -> Figures {
    let together = |a: &Item, b: &Item| std::ptr::eq(a, b) || a.cluster.is_some() && a.cluster == b.cluster;
    let (mut precision, mut recall) = (0.0, 0.0);
    for item in items {
        let made = items.iter().filter(|other| together(item, other)).count();
        let labelled = items.iter().filter(|other| other.label == item.label).count();
        let both = items.iter().filter(|other| together(item, other) && other.label == item.label).count();
        precision += both as f64 / made as f64;
        recall += both as f64 / labelled as f64;
    }
    let count = items.len().max(1) as f64;
    figures(precision / count, recall / count)
}

fn figures(precision: f64, recall: f64) -> Figures {
    let sum = precision + recall;
    let f1 = if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum };
    Figures { precision: super::rounded(precision), recall: super::rounded(recall), f1: super::rounded(f1) }
}

fn split(
    sourced: &[(SourcedClaim, Option<&Record>, String)],
    cluster_of: &BTreeMap<usize, usize>,
    profiles: &[Profile<'_>],
) -> Vec<String> {
    let mut of_label: BTreeMap<&str, BTreeMap<usize, Vec<usize>>> = BTreeMap::new();
    for (at, (_, record, label)) in sourced.iter().enumerate() {
        if record.is_some() {
            of_label.entry(label).or_default().entry(cluster_of[&at]).or_default().push(at);
        }
    }
    let name = |at: &usize| {
        let (claim, ..) = &sourced[*at];
        String::from_utf8_lossy(&claim.content.0).into_owned()
    };
    of_label
        .into_iter()
        .filter(|(_, groups)| groups.len() > 1)
        .map(|(label, groups)| {
            let lists: Vec<String> =
                groups.values().map(|members| members.iter().map(name).collect::<Vec<_>>().join(" ")).collect();
            let mut firsts = groups.values().filter_map(|members| members.first());
            let why = match (firsts.next(), firsts.next()) {
                (Some(x), Some(y)) => format!("{:?}", compare(&profiles[*x], &profiles[*y])),
                _ => String::new(),
            };
            format!("{label}: {} ({why})", lists.join(" | "))
        })
        .collect()
}

/// The links between the made records, each named after the label that most of its claims have.
fn links(
    sourced: &[(SourcedClaim, Option<&Record>, String)],
    groups: &[Vec<usize>],
    articles: &[Reported],
    registry: &Registry,
    rates: &Rates,
) -> (Figures, Vec<String>) {
    let labelled: BTreeSet<(&str, &str)> = articles
        .iter()
        .flat_map(|article| &article.deals)
        .filter_map(|deal| Some((deal.record.as_str(), deal.part_of.as_deref()?)))
        .collect();
    let mut made = Vec::new();
    for group in groups {
        let claims: Vec<SourcedClaim> = group.iter().map(|at| sourced[*at].0.clone()).collect();
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for at in group {
            *votes.entry(&sourced[*at].2).or_default() += 1;
        }
        let name = votes.into_iter().max_by_key(|(_, votes)| *votes).map_or("", |(name, _)| name);
        if let Some(deal) = derive(&claims, registry, rates) {
            made.push((name, Node::of(&deal, &Told::of(&claims, registry), registry)));
        }
    }
    let nodes: Vec<Node> = made.iter().map(|(_, node)| node.clone()).collect();
    let found: BTreeMap<(&str, &str), String> = made
        .iter()
        .filter_map(|(name, node)| {
            let (at, link) = best(node, &nodes)?;
            // What comes on top of a contract is no part of it.
            (link.bond == crate::model::Bond::Part).then(|| ((*name, made[at].0), link.reasons.join("; ")))
        })
        .collect();
    let right = found.keys().filter(|link| labelled.contains(link)).count();
    let ratio = |of: usize| if of == 0 { 1.0 } else { right as f64 / of as f64 };
    let wrong = found
        .iter()
        .filter(|(link, _)| !labelled.contains(link))
        .map(|((child, whole), reasons)| format!("wrong: {child} in {whole} ({reasons})"));
    let missed = labelled
        .iter()
        .filter(|link| !found.contains_key(link))
        .map(|(child, whole)| format!("missed: {child} in {whole}"));
    (figures(ratio(found.len()), ratio(labelled.len())), wrong.chain(missed).collect())
}
