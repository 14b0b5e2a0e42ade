//! Which of several companies that share a short name is meant: the one that the text names in full elsewhere, else the one
//! whose country and trade stand beside the name.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    beside::{Beside, beside},
    candidate::{Candidate, Sort},
    fits,
};
use crate::{
    extract::{lexicon::Lexicon, text::Text},
    model::{Company, Registry, Slug},
};

/// Settles the shared names of a text, each for the whole of it. Where nothing tells who is meant, it is somebody of that
/// name, whom the registry does not know.
pub(super) fn settle(text: &Text, lexicon: &Lexicon, registry: &Registry, candidates: &mut [Candidate]) {
    let mut shared: BTreeMap<Slug, Vec<usize>> = BTreeMap::new();
    let mut in_full: BTreeSet<usize> = BTreeSet::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let Sort::Known(company) = candidate.sort else { continue };
        match spelling(text, registry, candidate) {
            Some(spelling) => shared.entry(spelling).or_default().push(at),
            None => drop(in_full.insert(company)),
        }
    }
    for (spelling, mentions) in shared {
        let all: Vec<Beside> = mentions
            .iter()
            .map(|at| &candidates[*at])
            .map(|c| beside(text, lexicon, &text.sentences[c.sentence].tokens, &c.tokens))
            .collect();
        let mut ranked: Vec<(i32, usize)> = registry
            .sharing(spelling.as_str())
            .iter()
            .map(|company| {
                let named = if in_full.contains(company) { 10 } else { 0 };
                (named + weight(&registry.companies()[*company], &all, lexicon), *company)
            })
            .collect();
        ranked.sort_by_key(|(weight, company)| (-weight, *company));
        let meant = match ranked[..] {
            [(first, company), (second, _), ..] if first > 0 && first > second => Some(company),
            _ => None,
        };
        for at in mentions {
            let candidate = &mut candidates[at];
            if let Some(company) = meant {
                candidate.sort = Sort::Known(company);
            } else {
                candidate.sort = Sort::Unknown { formal: true };
                candidate.words = candidate.tokens.clone().map(|token| text.word(token).to_owned()).collect();
                candidate.name = candidate.words.join(" ");
            }
        }
    }
}

/// The shared spelling with which a name begins, unless more of it is one company's own.
fn spelling(text: &Text, registry: &Registry, candidate: &Candidate) -> Option<Slug> {
    let tokens = &candidate.tokens;
    for end in (tokens.start + 1..=tokens.end).rev() {
        let slice = text.slice(tokens.start..end);
        if registry.find(slice).is_some() {
            return None;
        }
        if !registry.sharing(slice).is_empty() {
            return Some(Slug::of(slice));
        }
    }
    None
}

/// How much of what stands beside a name speaks for a company, less what speaks against it.
fn weight(company: &Company, beside: &[Beside], lexicon: &Lexicon) -> i32 {
    let mut weight = 0;
    for Beside { country, noun } in beside {
        if let (Some(told), Some(own)) = (country, &company.country) {
            weight += if *told == own { 1 } else { -1 };
        }
        let trades = noun.as_ref().and_then(|noun| lexicon.trades_of(noun));
        if let (Some(noun), Some(trades)) = (noun, trades)
            && trades.iter().any(|trade| *trade != "any")
        {
            weight += if fits(lexicon, noun, company.category) { 1 } else { -1 };
        }
    }
    weight
}
