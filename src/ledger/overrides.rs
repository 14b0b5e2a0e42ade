//! An editor's word goes before what claims say, and holds until it is revoked.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::model::{Override, SourcedClaim, Word};

/// The words that hold, in the order in which they were said: those that no standing word revokes. A word that revokes
/// can be revoked itself.
pub fn standing(words: &[Override]) -> Vec<&Override> {
    let mut order: Vec<&Override> = words.iter().collect();
    order.sort_by_key(|word| (word.made_at, word.id));
    let mut revoked: BTreeSet<Uuid> = BTreeSet::new();
    // Nobody revokes what is said later: from the end, each is known to hold or not when it is reached.
    for word in order.iter().rev() {
        if let Word::Revoke(other) = word.word
            && !revoked.contains(&word.id)
        {
            revoked.insert(other);
        }
    }
    order.retain(|word| !revoked.contains(&word.id) && !matches!(word.word, Word::Revoke(_)));
    order
}

/// Of the words about fields of the deal that holds these claims, the one that holds for each field: the last.
pub fn on_fields<'a>(standing: &[&'a Override], claims: &[SourcedClaim]) -> Vec<&'a Override> {
    let mut last: BTreeMap<&'static str, &Override> = BTreeMap::new();
    for word in standing {
        let on_deal = !matches!(word.word, Word::Same | Word::Apart);
        if on_deal && claims.iter().any(|claim| claim.id == word.claim) {
            last.insert(word.word.about(), word);
        }
    }
    last.into_values().collect()
}

/// The groups of claims as editors want them: joined or parted one word after another. Of two that are to part, the other
/// leaves alone. Each group and the groups as a whole stay in the order of their claims' ids.
pub fn regroup(mut groups: Vec<Vec<usize>>, claims: &[SourcedClaim], standing: &[&Override]) -> Vec<Vec<usize>> {
    let place = |id: Uuid| claims.iter().position(|claim| claim.id == id);
    for word in standing {
        let Some((first, second)) = place(word.claim).zip(word.other.and_then(place)) else { continue };
        let group_of = |groups: &[Vec<usize>], claim: usize| groups.iter().position(|group| group.contains(&claim));
        let (Some(to), Some(from)) = (group_of(&groups, first), group_of(&groups, second)) else { continue };
        match word.word {
            Word::Same if to != from => {
                let moved = std::mem::take(&mut groups[from]);
                groups[to].extend(moved);
                groups.retain(|group| !group.is_empty());
            }
            Word::Apart if to == from && first != second => {
                groups[to].retain(|claim| *claim != second);
                groups.push(vec![second]);
            }
            _ => {}
        }
    }
    for group in &mut groups {
        group.sort_by_key(|at| claims[*at].id);
    }
    groups.sort_by_key(|group| claims[group[0]].id);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::sample::claim,
        model::{Kind, Role},
    };

    fn word(id: u128, (claim, other): (u128, Option<u128>), word: Word) -> Override {
        Override {
            id: Uuid::from_u128(id),
            claim: Uuid::from_u128(claim),
            other: other.map(Uuid::from_u128),
            deal: None,
            word,
            editor: "Ada".to_owned(),
            reason: String::new(),
            made_at: chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(id as i64),
        }
    }

    #[test]
    fn a_revoked_word_does_not_hold_until_its_revocation_is_revoked() {
        let said = word(1, (1, None), Word::Kind(Kind::Build));
        let undone = word(2, (1, None), Word::Revoke(Uuid::from_u128(1)));
        let redone = word(3, (1, None), Word::Revoke(Uuid::from_u128(2)));
        assert_eq!(standing(&[undone.clone(), said.clone()]), Vec::<&Override>::new());
        assert_eq!(standing(&[redone, undone, said.clone()]), [&said]);
    }

    #[test]
    fn claims_are_joined_and_parted_one_word_after_another() {
        let claims: Vec<SourcedClaim> =
            (1..=4).map(|n| claim(n, "2026-01-10", Kind::Compute, &[("Corvid AI", Role::Buyer)])).collect();
        let groups = vec![vec![0, 1], vec![2], vec![3]];
        let join = word(1, (1, Some(3)), Word::Same);
        let part = word(2, (1, Some(2)), Word::Apart);
        let unknown = word(3, (1, Some(99)), Word::Same);
        assert_eq!(regroup(groups, &claims, &[&join, &part, &unknown]), [vec![0, 2], vec![1], vec![3]]);
    }
}
