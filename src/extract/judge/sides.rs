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

/// Where a side is empty that nearly every deal of a kind has, somebody takes it: whoever was `named` there by the first
/// judgement or by the rules, in the order in which they count; else, of those `refused`, whoever comes closest to it, unless
/// all are further behind than [`FAR`].
pub(super) fn fill(
    kind: Kind,
    named: &[(usize, FrameRole)],
    refused: &[(usize, Vec<i32>)],
    parties: &mut Vec<(usize, FrameRole)>,
) {
    for (at, side) in Role::VARIANTS.iter().enumerate().filter(|(_, side)| usual(kind).contains(side)) {
        let role = FrameRole::Is(*side);
        for (entity, _) in named.iter().filter(|(_, named)| *named == role) {
            if held(role, parties) {
                break;
            }
            match parties.iter().position(|(known, _)| known == entity) {
                None => parties.push((*entity, role)),
                // One of two on the other side: that side does not need it.
                Some(at) if parties.iter().filter(|(_, other)| *other == parties[at].1).count() > 1 => {
                    parties[at].1 = role;
                }
                Some(_) => {}
            }
        }
        if held(role, parties) {
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

fn held(role: FrameRole, parties: &[(usize, FrameRole)]) -> bool {
    parties.iter().any(|(_, other)| *other == role)
}

/// The sides that nearly every deal of a kind has.
fn usual(kind: Kind) -> &'static [Role] {
    match kind {
        Kind::Acquisition => &[Role::Acquirer, Role::Target],
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
