//! How well the extractor reads, and the ledger merges: deals held against labelled articles. Pure.
//!
//! The rules are those of the extraction contract, and the figures are the reference scorer's to the last digit:
//! [`pairing`] says which found deal tells which labelled one, and this module counts. [`merge`] does the same for records, and
//! [`archive`] for the records of the archive that ships with the program.

pub mod archive;
mod locate;
pub mod merge;
mod pairing;

pub(crate) use pairing::{close, one_to_one, same_name};

use serde::{Deserialize, Serialize};

use crate::{
    extract::Reading,
    model::{Amount, Article, Capacity, Claim, Kind, Party, Status},
};

/// An article with the deals that a careful reader finds in it.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldArticle {
    /// Its name in the file.
    pub id: String,
    /// The article.
    pub article: Article,
    /// Its deals; empty where it tells none.
    pub deals: Vec<GoldDeal>,
}

/// A labelled deal. Other keys of the label are not scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoldDeal {
    /// What is transacted.
    pub kind: Kind,
    /// How far it has come.
    pub status: Status,
    /// Who takes part; a name may list spellings that count as one, split by `|`.
    pub parties: Vec<Party>,
    /// The sums.
    #[serde(default)]
    pub amounts: Vec<Amount>,
    /// The power.
    #[serde(default)]
    pub capacity: Vec<Capacity>,
    /// Whether finding it earns nothing and missing it costs nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// What is counted; the counts of several articles add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    lenient: Tally,
    strict: Tally,
    parties: Tally,
    amounts: Tally,
    capacity: Tally,
    kinds: Share,
    statuses: Share,
    /// Deals found in articles that tell none, and how many such articles there are.
    false_deals: Share,
    evidence: Share,
    articles: usize,
}

/// How many things were found, how many there are, and how many of the found ones are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Tally {
    hit: usize,
    gold: usize,
    found: usize,
}

/// Some of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Share {
    part: usize,
    of: usize,
}

/// The score table, rounded to four places, with the reference scorer's names.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scores {
    /// Deals that pair up.
    pub deals_lenient: Figures,
    /// Deals that agree in everything.
    pub deals_strict: Figures,
    /// Parties in their role.
    pub parties_with_role: Figures,
    /// Amounts with currency and qualifier.
    pub amounts: Figures,
    /// Power.
    pub capacity: Figures,
    /// The share of pairs of one kind; `None` without pairs, and so for the following.
    pub kind_accuracy: Option<f64>,
    /// The share of pairs of one status.
    pub status_accuracy: Option<f64>,
    /// Deals found, on average, in an article that tells none.
    pub false_deals_an_article: Option<f64>,
    /// The share of found deals with evidence that is exactly the slice of the article at its offsets.
    pub evidence: Option<f64>,
    /// How many articles were read.
    pub articles: usize,
}

/// How many of the found are right, how many of the right are found, and both in one figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    /// How many of the found are right.
    pub precision: f64,
    /// How many of the right are found.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

/// A place where the extractor and the label disagree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The article's name.
    pub article: String,
    /// In which way.
    pub what: Disagreement,
    /// The labelled deal.
    pub gold: Option<GoldDeal>,
    /// The found deal.
    pub found: Option<Claim>,
    /// Where the text speaks of it.
    pub sentence: Option<String>,
}

/// In which way the extractor and the label disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Disagreement {
    /// Both know the deal and differ in a part of it.
    Differs,
    /// The label knows it alone.
    Missed,
    /// The extractor knows it alone.
    Extra,
}

/// Holds what was read in an article against its label.
pub fn weigh(gold: &GoldArticle, reading: &Reading) -> (Counts, Vec<Difference>) {
    let text = gold.article.as_read();
    let found = &reading.claims;
    let mut paired = pairing::pair_up(&gold.deals, found);
    paired.pairs.retain(|(label, _)| !label.optional);
    paired.missed.retain(|label| !label.optional);
    let (pairs, missed, extra) = (&paired.pairs, &paired.missed, &paired.extra);

    let (gold_deals, found_deals) = (pairs.len() + missed.len(), pairs.len() + extra.len());
    let agreeing = pairs.iter().filter(|(label, claim)| pairing::agree(label, claim)).count();
    let mut counts = Counts {
        lenient: Tally { hit: pairs.len(), gold: gold_deals, found: found_deals },
        strict: Tally { hit: agreeing, gold: gold_deals, found: found_deals },
        evidence: Share { part: found.iter().filter(|claim| is_grounded(&text, claim)).count(), of: found.len() },
        articles: 1,
        ..Counts::default()
    };
    if gold.deals.is_empty() {
        counts.false_deals = Share { part: found.len(), of: 1 };
    }
    for (label, claim) in pairs {
        let hits = pairing::Hits::of(label, claim);
        counts.parties += Tally { hit: hits.parties, gold: label.parties.len(), found: claim.parties.len() };
        counts.amounts += Tally { hit: hits.amounts, gold: label.amounts.len(), found: claim.amounts.len() };
        counts.capacity += Tally { hit: hits.capacity, gold: label.capacity.len(), found: claim.capacity.len() };
        counts.kinds += Share { part: usize::from(pairing::same_kind(label, claim)), of: 1 };
        counts.statuses += Share { part: usize::from(pairing::same_status(label, claim)), of: 1 };
    }
    for label in missed {
        counts.parties += Tally { gold: label.parties.len(), ..Tally::default() };
        counts.amounts += Tally { gold: label.amounts.len(), ..Tally::default() };
        counts.capacity += Tally { gold: label.capacity.len(), ..Tally::default() };
    }
    for claim in extra {
        counts.parties += Tally { found: claim.parties.len(), ..Tally::default() };
        counts.amounts += Tally { found: claim.amounts.len(), ..Tally::default() };
        counts.capacity += Tally { found: claim.capacity.len(), ..Tally::default() };
    }

    let difference = |what, label: Option<&GoldDeal>, claim: Option<&Claim>| Difference {
        article: gold.id.clone(),
        what,
        gold: label.cloned(),
        found: claim.cloned(),
        sentence: claim
            .and_then(|claim| claim.evidence.first().map(|evidence| evidence.text.clone()))
            .or_else(|| label.and_then(|label| locate::sentence(&text, &reading.quantities, label))),
    };
    let differing = pairs.iter().filter(|(label, claim)| !pairing::agree(label, claim));
    let differences = differing
        .map(|(label, claim)| difference(Disagreement::Differs, Some(label), Some(claim)))
        .chain(missed.iter().map(|label| difference(Disagreement::Missed, Some(label), None)))
        .chain(extra.iter().map(|claim| difference(Disagreement::Extra, None, Some(claim))))
        .collect();
    (counts, differences)
}

/// Whether some evidence is exactly the slice of the text at its offsets. An end beyond the text means its end.
fn is_grounded(text: &str, claim: &Claim) -> bool {
    claim.evidence.iter().any(|evidence| {
        let length = evidence.end.saturating_sub(evidence.start);
        !evidence.text.is_empty() && text.chars().skip(evidence.start).take(length).eq(evidence.text.chars())
    })
}

impl Counts {
    /// The counts as the score table.
    pub fn scores(&self) -> Scores {
        Scores {
            deals_lenient: self.lenient.figures(),
            deals_strict: self.strict.figures(),
            parties_with_role: self.parties.figures(),
            amounts: self.amounts.figures(),
            capacity: self.capacity.figures(),
            kind_accuracy: self.kinds.ratio(),
            status_accuracy: self.statuses.ratio(),
            false_deals_an_article: self.false_deals.ratio(),
            evidence: self.evidence.ratio(),
            articles: self.articles,
        }
    }
}

impl Tally {
    fn figures(self) -> Figures {
        let ratio = |of: usize, without: f64| if of == 0 { without } else { self.hit as f64 / of as f64 };
        let precision = ratio(self.found, if self.gold == 0 { 1.0 } else { 0.0 });
        let recall = ratio(self.gold, 1.0);
        let sum = precision + recall;
        let f1 = if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum };
        Figures { precision: rounded(precision), recall: rounded(recall), f1: rounded(f1) }
    }
}

impl Share {
    fn ratio(self) -> Option<f64> {
        (self.of > 0).then(|| rounded(self.part as f64 / self.of as f64))
    }
}

/// To four places, ties to even: formatting rounds the exact binary value, which multiplying first would not.
fn rounded(figure: f64) -> f64 {
    format!("{figure:.4}").parse().unwrap_or(figure)
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.hit += other.hit;
        self.gold += other.gold;
        self.found += other.found;
    }
}

impl std::ops::AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.part += other.part;
        self.of += other.of;
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.lenient += other.lenient;
        self.strict += other.strict;
        self.parties += other.parties;
        self.amounts += other.amounts;
        self.capacity += other.capacity;
        self.kinds += other.kinds;
        self.statuses += other.statuses;
        self.false_deals += other.false_deals;
        self.evidence += other.evidence;
        self.articles += other.articles;
    }
}

#[cfg(test)]
mod tests;
