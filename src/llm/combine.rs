//! The rules' answer and the checked answer of the model as one. Pure.

use super::{check::Checked, doubt::SURE};
use crate::{
    extract::Reading,
    model::{Claim, Megawatts, Quantity, QuantityType, Slug, Use},
};

/// The model's deals instead of the rules'. Where it was asked in doubt, the rules' sure deals stay, and where some of
/// its deals were refused, all of the rules' that it does not tell too. Where all of its deals were refused, the rules'
/// answer stands.
pub(super) fn combine(rules: Reading, checked: Checked, in_doubt: bool) -> Reading {
    let Checked { mut claims, refused } = checked;
    if claims.is_empty() && !refused.is_empty() {
        return rules;
    }
    let Reading { claims: ours, mut quantities } = rules;
    if in_doubt {
        let told = claims.clone();
        let kept = ours.into_iter().filter(|claim| claim.confidence >= SURE || !refused.is_empty());
        claims.extend(kept.filter(|claim| !told.iter().any(|other| same_deal(claim, other))));
    }
    claims.sort_by_key(|claim| claim.evidence.iter().map(|evidence| evidence.start).min());
    for quantity in &mut quantities {
        let held = claims.iter().any(|claim| holds(claim, quantity));
        quantity.usage = match (held, quantity.usage) {
            (true, _) => Use::Deal,
            (false, Use::Deal) => Use::Context,
            (false, other) => other,
        };
    }
    Reading { claims, quantities }
}

/// Whether a figure is one of a deal's.
pub(super) fn holds(claim: &Claim, quantity: &Quantity) -> bool {
    match quantity.measures {
        QuantityType::Money => claim.amounts.iter().any(|amount| {
            (amount.value, amount.value_max, Some(amount.currency))
                == (quantity.value, quantity.value_max, quantity.currency)
        }),
        QuantityType::Power => claim.capacity.iter().any(|capacity| {
            (capacity.mw.get(), capacity.mw_max.map(Megawatts::get)) == (quantity.value, quantity.value_max)
        }),
        QuantityType::Chips => {
            claim.chips.iter().any(|chips| chips.count.is_some_and(|count| quantity.value == count.into()))
        }
        QuantityType::Duration => claim.duration_months.is_some_and(|months| quantity.value == months.into()),
    }
}

/// Whether two claims of one article tell one deal: they share a party and a figure, or the kind and all the parties of
/// the shorter list.
fn same_deal(a: &Claim, b: &Claim) -> bool {
    let names = |claim: &Claim| -> Vec<Slug> { claim.parties.iter().map(|party| Slug::of(&party.name)).collect() };
    let (ours, theirs) = (names(a), names(b));
    let shared = ours.iter().filter(|name| theirs.contains(name)).count();
    let money = a.amounts.iter().any(|x| b.amounts.iter().any(|y| (x.value, x.currency) == (y.value, y.currency)));
    let power = a.capacity.iter().any(|x| b.capacity.iter().any(|y| x.mw == y.mw));
    shared > 0 && (money || power || a.kind == b.kind && shared == ours.len().min(theirs.len()))
}
