//! A deal in the ledger's own words.

use crate::model::{Deal, DealParty, Direction, Kind, Role};

/// One line that says who does what with whom, without figures and free of the stage: those stand beside it.
pub fn headline(deal: &Deal) -> String {
    let of = |role: Role| Names::of(deal.parties.iter().filter(|party| party.role == role));
    let payer = Names::of(deal.side(Direction::Payer));
    let payee = Names::of(deal.side(Direction::Payee));
    let place = deal.places.first().map(|place| format!(" in {place}")).unwrap_or_default();
    match deal.kind {
        Kind::Compute => clause(payer, ["rents", "rent"], "compute", "from", payee, ["rents out", "rent out"]),
        Kind::Chips => clause(payer, ["buys", "buy"], "hardware", "from", payee, ["sells", "sell"]),
        Kind::Power => clause(payer, ["buys", "buy"], "power", "from", payee, ["sells", "sell"]),
        Kind::Lease => clause(payer, ["leases", "lease"], "capacity", "from", payee, ["lets", "let"]),
        Kind::Land => clause(payer, ["buys", "buy"], "land", "from", payee, ["sells", "sell"]) + &place,
        Kind::Equity => match (payer, payee) {
            (Some(payer), Some(payee)) => format!("{payer} {} in {payee}", payer.agrees(["invests", "invest"])),
            (Some(payer), None) => format!("{payer} {}", payer.agrees(["invests", "invest"])),
            (None, Some(payee)) => format!("{payee} {} equity", payee.agrees(["raises", "raise"])),
            (None, None) => "A funding round".to_owned(),
        },
        Kind::Debt => match (payee, payer) {
            (Some(borrower), Some(lender)) => {
                format!("{borrower} {} from {lender}", borrower.agrees(["borrows", "borrow"]))
            }
            (Some(borrower), None) => format!("{borrower} {}", borrower.agrees(["borrows", "borrow"])),
            (None, Some(lender)) => format!("{lender} {}", lender.agrees(["lends", "lend"])),
            (None, None) => "A loan".to_owned(),
        },
        Kind::Acquisition => {
            let seller = of(Role::Seller).map(|seller| format!(" from {seller}")).unwrap_or_default();
            match (of(Role::Acquirer), of(Role::Target)) {
                (Some(buyer), Some(target)) => format!("{buyer} {} {target}{seller}", buyer.agrees(["buys", "buy"])),
                (Some(buyer), None) => format!("{buyer} {} assets{seller}", buyer.agrees(["buys", "buy"])),
                (None, Some(target)) => format!("{target} {} sold{seller}", target.agrees(["is", "are"])),
                (None, None) => format!("An acquisition{seller}"),
            }
        }
        Kind::JointVenture => match (of(Role::Partner), of(Role::Venture)) {
            (Some(partners), Some(venture)) => {
                format!("{partners} {} up {venture}", partners.agrees(["sets", "set"]))
            }
            (Some(partners), None) => format!("{partners} {} up a joint venture", partners.agrees(["sets", "set"])),
            (None, Some(venture)) => format!("{venture}, a joint venture"),
            (None, None) => "A joint venture".to_owned(),
        },
        Kind::Build => match of(Role::Owner).or_else(|| of(Role::Developer)).or(payer).or(payee) {
            Some(builder) => format!("{builder} {}{place}", builder.agrees(["builds", "build"])),
            None => format!("A building project{place}"),
        },
        Kind::Ipo => match payee.or(payer) {
            Some(issuer) => format!("{issuer} {} public", issuer.agrees(["goes", "go"])),
            None => "A listing".to_owned(),
        },
        Kind::Partnership => match Names::of(deal.parties.iter()) {
            Some(partners) => format!("{partners} in partnership"),
            None => "A partnership".to_owned(),
        },
    }
}

/// "A rents compute from B", "A rents compute", "B rents out compute".
fn clause(
    payer: Option<Names>,
    pays: [&str; 2],
    what: &str,
    from: &str,
    payee: Option<Names>,
    gives: [&str; 2],
) -> String {
    match (payer, payee) {
        (Some(payer), Some(payee)) => format!("{payer} {} {what} {from} {payee}", payer.agrees(pays)),
        (Some(payer), None) => format!("{payer} {} {what}", payer.agrees(pays)),
        (None, Some(payee)) => format!("{payee} {} {what}", payee.agrees(gives)),
        (None, None) => format!("A deal over {what}"),
    }
}

/// Names as an enumeration.
struct Names {
    text: String,
    many: bool,
}

impl Names {
    /// Up to three names; of more, two and how many others. `None` for none.
    fn of<'a>(parties: impl Iterator<Item = &'a DealParty>) -> Option<Self> {
        let names: Vec<&str> = parties.map(|party| party.name.as_str()).collect();
        let text = match names.as_slice() {
            [] => return None,
            [one] => (*one).to_owned(),
            [one, two] => format!("{one} and {two}"),
            [one, two, three] => format!("{one}, {two} and {three}"),
            [one, two, rest @ ..] => format!("{one}, {two} and {} others", rest.len()),
        };
        Some(Self { text, many: names.len() > 1 })
    }

    /// The form of a verb that goes with them: for one, for many.
    fn agrees<'a>(&self, [one, many]: [&'a str; 2]) -> &'a str {
        if self.many { many } else { one }
    }
}

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
