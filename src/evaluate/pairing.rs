//! Which found deal tells which labelled one, and in what two deals agree.

use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use super::GoldDeal;
use crate::model::{Amount, Capacity, Claim, Kind, Megawatts, Party, Role, Status};

/// What pairs up with what, and what is left.
pub(super) struct Paired<'a> {
    pub pairs: Vec<(&'a GoldDeal, &'a Claim)>,
    pub missed: Vec<&'a GoldDeal>,
    pub extra: Vec<&'a Claim>,
}

/// Pairs labels and claims one to one, the most similar first; among equals, in the order of the lists.
pub(super) fn pair_up<'a>(gold: &'a [GoldDeal], found: &'a [Claim]) -> Paired<'a> {
    let mut scored: Vec<(f64, usize, usize)> = Vec::new();
    for (i, label) in gold.iter().enumerate() {
        for (j, claim) in found.iter().enumerate() {
            if let Some(score) = similarity(label, claim) {
                scored.push((score, i, j));
            }
        }
    }
    let (mut used_gold, mut used_found) = (vec![false; gold.len()], vec![false; found.len()]);
    let mut pairs = Vec::new();
    for (i, j) in one_to_one(scored) {
        (used_gold[i], used_found[j]) = (true, true);
        pairs.push((&gold[i], &found[j]));
    }
    Paired {
        pairs,
        missed: gold.iter().zip(used_gold).filter(|(_, used)| !used).map(|(label, _)| label).collect(),
        extra: found.iter().zip(used_found).filter(|(_, used)| !used).map(|(claim, _)| claim).collect(),
    }
}

/// Pairs one to one, by how well each pair fits, the best first; among equals, in their order.
pub(crate) fn one_to_one(mut fits: Vec<(f64, usize, usize)>) -> Vec<(usize, usize)> {
    fits.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, i, j) in fits {
        if pairs.iter().all(|(first, second)| *first != i && *second != j) {
            pairs.push((i, j));
        }
    }
    pairs
}

/// How well two deals fit, more than 0; `None` where they cannot be one.
pub(super) fn similarity(label: &GoldDeal, claim: &Claim) -> Option<f64> {
    let shared = names_shared(label, claim);
    if !label.parties.is_empty() && shared == 0 {
        return None;
    }
    let money = matched(&label.amounts, &claim.amounts, same_sum);
    let power = matched(&label.capacity, &claim.capacity, same_power);
    let kind = same_kind(label, claim);
    let fits = if label.amounts.is_empty() && label.capacity.is_empty() {
        kind && shared >= label.parties.len().min(2)
    } else {
        money + power > 0
    };
    let whole = label.parties.len().max(claim.parties.len()).max(1);
    // In the reference scorer's order of operations: floating-point sums depend on it.
    fits.then(|| {
        1.0 + (2 * shared) as f64 / whole as f64
            + money as f64
            + power as f64
            + f64::from(u8::from(kind))
            + 0.5 * f64::from(u8::from(same_status(label, claim)))
    })
}

/// Whether a pair agrees in its parties' names, amounts, power, kind and status.
pub(super) fn agree(label: &GoldDeal, claim: &Claim) -> bool {
    let all = |hits: usize, gold: usize, found: usize| hits == gold && gold == found;
    all(names_shared(label, claim), label.parties.len(), claim.parties.len())
        && all(matched(&label.amounts, &claim.amounts, same_sum), label.amounts.len(), claim.amounts.len())
        && all(matched(&label.capacity, &claim.capacity, same_power), label.capacity.len(), claim.capacity.len())
        && same_kind(label, claim)
        && same_status(label, claim)
}

/// How much of a pair agrees, part by part.
pub(super) struct Hits {
    pub parties: usize,
    pub amounts: usize,
    pub capacity: usize,
}

impl Hits {
    pub(super) fn of(label: &GoldDeal, claim: &Claim) -> Self {
        Self {
            parties: matched(&label.parties, &claim.parties, |gold, found| {
                same_name(&gold.name, &found.name) && role_class(gold.role) == role_class(found.role)
            }),
            amounts: matched(&label.amounts, &claim.amounts, |gold, found| {
                same_sum(gold, found) && gold.qualifier == found.qualifier
            }),
            capacity: matched(&label.capacity, &claim.capacity, same_power),
        }
    }
}

/// Whether two deals are of one kind, as far as the score tells kinds apart.
pub(super) fn same_kind(label: &GoldDeal, claim: &Claim) -> bool {
    let class = |kind| if kind == Kind::Lease { Kind::Compute } else { kind };
    class(label.kind) == class(claim.kind)
}

/// Whether two deals have come equally far, as far as the score tells stages apart.
pub(super) fn same_status(label: &GoldDeal, claim: &Claim) -> bool {
    let class = |status| if status == Status::Signed { Status::Announced } else { status };
    class(label.status) == class(claim.status)
}

fn role_class(role: Role) -> Role {
    match role {
        Role::Tenant => Role::Buyer,
        Role::Landlord => Role::Provider,
        other => other,
    }
}

fn names_shared(label: &GoldDeal, claim: &Claim) -> usize {
    matched(&label.parties, &claim.parties, |gold: &Party, found: &Party| same_name(&gold.name, &found.name))
}

/// How many items of the label pair up one to one with found ones: each takes the first that is left.
fn matched<T>(gold: &[T], found: &[T], same: impl Fn(&T, &T) -> bool) -> usize {
    let mut left: Vec<&T> = found.iter().collect();
    let mut hits = 0;
    for wanted in gold {
        if let Some(at) = left.iter().position(|candidate| same(wanted, candidate)) {
            left.remove(at);
            hits += 1;
        }
    }
    hits
}

fn same_sum(a: &Amount, b: &Amount) -> bool {
    close(a.value, b.value) && both_close(a.value_max, b.value_max) && a.currency == b.currency
}

fn same_power(a: &Capacity, b: &Capacity) -> bool {
    close(a.mw.get(), b.mw.get()) && both_close(a.mw_max.map(Megawatts::get), b.mw_max.map(Megawatts::get))
}

fn both_close(a: Option<Decimal>, b: Option<Decimal>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => close(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// Within one per cent of the larger.
pub(crate) fn close(a: Decimal, b: Decimal) -> bool {
    let limit = a.abs().max(b.abs()).checked_mul(Decimal::new(1, 2));
    a.checked_sub(b).zip(limit).is_some_and(|(difference, limit)| difference.abs() <= limit)
}

/// Whether a found name is one of a label's spellings.
pub(crate) fn same_name(gold: &str, found: &str) -> bool {
    let found = normal(found);
    gold.split('|').any(|spelling| normal(spelling) == found)
}

/// A name without what spellings of one company differ in: case, "the", a possessive ending, legal forms at the end,
/// punctuation.
pub(super) fn normal(name: &str) -> String {
    // White space as in the reference scorer, which counts the ASCII separators too; letters and digits likewise, which
    // leaves out combining marks.
    static POSSESSIVE: LazyLock<Regex> = LazyLock::new(|| pattern("[’']s$"));
    static ARTICLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^the[\s\x1c-\x1f]+"));
    static SUFFIX: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)[,.]?[\s\x1c-\x1f]+(inc|corp|corporation|co|company|llc|ltd|limited|plc|se|sa|ag|nv|n\.v|lp|holdings|group)\.?$",
        )
    });
    static REST: LazyLock<Regex> = LazyLock::new(|| pattern(r"[^\p{L}\p{N}_]+"));

    let is_space = |c: char| c.is_whitespace() || matches!(c, '\x1c'..='\x1f');
    let name = POSSESSIVE.replace(name.trim_matches(is_space), "");
    let name = folded(&name).replace('&', " and ");
    let mut name = ARTICLE.replace(&name, "").into_owned();
    while let Some(suffix) = SUFFIX.find(&name) {
        name.truncate(suffix.start());
    }
    REST.replace_all(&name, " ").trim_matches(is_space).to_owned()
}

fn pattern(regex: &str) -> Regex {
    Regex::new(regex).expect("a fixed pattern")
}

/// Unicode case folding, letter by letter: lower, upper, lower again, so that `ẞ`, `ß` and `SS` meet.
fn folded(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        // The dotless i has no other case of its own.
        .flat_map(|c| if c == 'ı' { vec![c] } else { c.to_uppercase().collect() })
        .flat_map(|c| if c == 'ı' { vec![c] } else { c.to_lowercase().collect() })
        .collect()
}
