//! What the sides of a deal ask of its parties, when each has been judged by itself.

use super::super::{assemble::Draft, lexicon::FrameRole};
use crate::model::{Kind, Role};
use strum::VariantArray;

/// By how little an answer has to lose for it to be in doubt.
const DOUBT: i32 = 100;

/// How far an answer may be behind where a side would be empty without it.
const FAR: i32 = -200;

/// "X and Y have agreed": where it is doubtful whether Y does what X does, it does. `refused` are those who were left out,
/// with the scores of the answers.
pub(super) fn join(draft: &Draft, refused: &[(usize, Vec<i32>)], parties: &mut Vec<(usize, FrameRole)>) {
    for (entity, scores) in refused {
        let with = draft.frames.iter().find_map(|frame| {
            let (_, own) = frame.parties.iter().find(|(known, _)| known == entity)?;
            let mut beside = frame.parties.iter().filter(|(other, role)| other != entity && role == own);
            beside.find_map(|(other, _)| parties.iter().find(|(known, _)| known == other))
        });
        if let Some((_, FrameRole::Is(role))) = with.copied()
            && let Some(at) = Role::VARIANTS.iter().position(|known| *known == role)
            && scores[0] - scores[at + 1] < DOUBT
        {
            parties.push((*entity, FrameRole::Is(role)));
        }
    }
}

/// Where nobody is left on a side without which there is no such deal, whoever was named there is believed after all:
/// `named` are those of the first judgement and of the rules, in the order in which they count.
pub(super) fn fill<'a>(
    kind: Kind,
    named: impl Iterator<Item = &'a (usize, FrameRole)>,
    parties: &mut Vec<(usize, FrameRole)>,
) {
    for (entity, role) in named {
        let FrameRole::Is(side) = role else { continue };
        if !needed(kind).contains(side) || parties.iter().any(|(_, other)| other == role) {
            continue;
        }
        match parties.iter().position(|(known, _)| known == entity) {
            None => parties.push((*entity, *role)),
            // One of two on the other side: that side does not need it.
            Some(at) if parties.iter().filter(|(_, other)| *other == parties[at].1).count() > 1 => {
                parties[at].1 = *role;
            }
            Some(_) => {}
        }
    }
}

/// Where a side is still empty that nearly every deal of a kind has, whoever of those left out comes closest to it takes it,
/// unless all are further behind than [`FAR`].
pub(super) fn complete(kind: Kind, refused: &[(usize, Vec<i32>)], parties: &mut Vec<(usize, FrameRole)>) {
    for side in usual(kind) {
        let role = FrameRole::Is(*side);
        let Some(at) = Role::VARIANTS.iter().position(|known| known == side) else { continue };
        if parties.iter().any(|(_, other)| *other == role) {
            continue;
        }
        let closest = refused
            .iter()
            .filter(|(entity, _)| !parties.iter().any(|(known, _)| known == entity))
            .map(|(entity, scores)| (scores[at + 1] - scores[0], *entity))
            .max_by_key(|(margin, entity)| (*margin, std::cmp::Reverse(*entity)));
        if let Some((margin, entity)) = closest
            && margin > FAR
        {
            parties.push((entity, role));
        }
    }
}

/// The sides that nearly every deal of a kind has.
fn usual(kind: Kind) -> &'static [Role] {
    match kind {
        Kind::Acquisition => &[Role::Acquirer],
        Kind::Build => &[Role::Owner],
        Kind::Chips | Kind::Power => &[Role::Buyer, Role::Supplier],
        Kind::Compute => &[Role::Buyer, Role::Provider],
        Kind::Debt => &[Role::Borrower],
        Kind::Equity => &[Role::Investee, Role::Investor],
        Kind::Ipo => &[Role::Issuer],
        Kind::Land => &[Role::Buyer, Role::Seller],
        Kind::Lease => &[Role::Tenant, Role::Landlord],
        Kind::JointVenture | Kind::Partnership => &[],
    }
}

/// Whom a deal of a kind cannot be told without.
fn needed(kind: Kind) -> &'static [Role] {
    match kind {
        Kind::Acquisition => &[Role::Target],
        Kind::Equity => &[Role::Investee],
        Kind::Debt => &[Role::Borrower],
        Kind::Compute => &[Role::Buyer, Role::Provider],
        Kind::Power => &[Role::Buyer, Role::Supplier],
        Kind::Ipo => &[Role::Issuer],
        Kind::Build => &[Role::Owner],
        Kind::Chips | Kind::JointVenture | Kind::Land | Kind::Lease | Kind::Partnership => &[],
    }
}
