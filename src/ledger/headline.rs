//! A deal in the ledger's own words.

use crate::model::{Deal, DealParty, Direction, Kind, Role};

/// One line that says who does what with whom, without figures and free of the stage: those stand beside it.
pub fn headline(deal: &Deal) -> String {
    let with_role = |role: Role| names(deal.parties.iter().filter(|party| party.role == role));
    let side = |direction: Direction| names(deal.side(direction));
    let (payer, payee) = (side(Direction::Payer), side(Direction::Payee));
    let place = deal.places.first().map(|place| format!(" in {place}")).unwrap_or_default();
    let clause = |verb: &str, alone: &str| match (&payer, &payee) {
        (Some(payer), Some(payee)) => format!("{payer} {verb} {payee}"),
        (Some(payer), None) => format!(
            "{payer} {}",
            verb.split_whitespace()
                .next()
                .map_or(verb, |_| verb.trim_end_matches(" from").trim_end_matches(" in").trim_end_matches(" to"))
        ),
        (None, Some(payee)) => format!("{payee} {alone}"),
        (None, None) => alone.to_owned(),
    };
    match deal.kind {
        Kind::Compute => clause("rents compute from", "rents out compute"),
        Kind::Chips => clause("buys hardware from", "sells hardware"),
        Kind::Equity => clause("invests in", "raises equity"),
        Kind::Debt => match (with_role(Role::Borrower), with_role(Role::Lender)) {
            (Some(borrower), Some(lender)) => format!("{borrower} borrows from {lender}"),
            (Some(borrower), None) => format!("{borrower} borrows"),
            (None, Some(lender)) => format!("{lender} lends"),
            (None, None) => "A loan".to_owned(),
        },
        Kind::Acquisition => {
            let target = with_role(Role::Target);
            let seller = with_role(Role::Seller);
            let buyer = with_role(Role::Acquirer);
            match (buyer, target, seller) {
                (Some(buyer), Some(target), Some(seller)) => format!("{buyer} buys {target} from {seller}"),
                (Some(buyer), Some(target), None) => format!("{buyer} buys {target}"),
                (Some(buyer), None, Some(seller)) => format!("{buyer} buys assets from {seller}"),
                (Some(buyer), None, None) => format!("{buyer} makes an acquisition"),
                (None, Some(target), _) => format!("{target} is sold"),
                (None, None, _) => "An acquisition".to_owned(),
            }
        }
        Kind::JointVenture => match (with_role(Role::Partner), with_role(Role::Venture)) {
            (Some(partners), Some(venture)) => format!("{partners} set up {venture}"),
            (Some(partners), None) => format!("{partners} set up a joint venture"),
            (None, Some(venture)) => format!("{venture}, a joint venture"),
            (None, None) => "A joint venture".to_owned(),
        },
        Kind::Build => {
            let builder = with_role(Role::Owner).or_else(|| with_role(Role::Developer));
            format!("{} builds{place}", builder.or(payer).or(payee).unwrap_or_else(|| "Somebody".to_owned()))
        }
        Kind::Land => match (&payer, &payee) {
            (Some(payer), Some(payee)) => format!("{payer} buys land from {payee}{place}"),
            (Some(payer), None) => format!("{payer} buys land{place}"),
            (None, Some(payee)) => format!("{payee} sells land{place}"),
            (None, None) => format!("A sale of land{place}"),
        },
        Kind::Power => clause("buys power from", "sells power"),
        Kind::Lease => clause("leases from", "lets capacity"),
        Kind::Ipo => format!("{} goes public", payee.or(payer).unwrap_or_else(|| "A company".to_owned())),
        Kind::Partnership => {
            format!("{} in partnership", names(deal.parties.iter()).unwrap_or_else(|| "Companies".to_owned()))
        }
    }
}

/// Up to three names as an enumeration; of more, two and how many others.
fn names<'a>(parties: impl Iterator<Item = &'a DealParty>) -> Option<String> {
    let names: Vec<&str> = parties.map(|party| party.name.as_str()).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        [one, two] => Some(format!("{one} and {two}")),
        [one, two, three] => Some(format!("{one}, {two} and {three}")),
        [one, two, rest @ ..] => Some(format!("{one}, {two} and {} others", rest.len())),
    }
}
