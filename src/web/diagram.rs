//! Who pays whom in one deal, as a small drawing: payers on the left, the paid on the right, a line for each pair. Pure.

use askama::{Template, filters::HtmlSafe};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{figure::Figure, row::Name};
use crate::model::{Deal, DealParty, Direction, Kind, Status};

/// The drawing.
#[derive(Debug, Clone, Template)]
#[template(path = "_diagram.html")]
pub struct Diagram {
    payers: Vec<End>,
    payees: Vec<End>,
    lines: Vec<Line>,
    height: usize,
    kind: Kind,
    status: Status,
    /// Whether nothing of it is firm.
    contingent: bool,
    words: String,
}
impl HtmlSafe for Diagram {}

/// A party at one end.
#[derive(Debug, Clone)]
struct End {
    name: Name,
    share: Option<Figure>,
}

/// A line between two parties, on a canvas a hundred units wide.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    from: f64,
    to: f64,
    width: f64,
}

/// The height of a party, in pixels.
const ROW: usize = 44;
/// More parties than this on one side are left to the list.
const MOST: usize = 8;

impl Diagram {
    /// Draws a deal; `None` where one of its sides is not named, or has too many parties to draw.
    pub fn of(deal: &Deal) -> Option<Self> {
        let side = |direction| deal.side(direction).collect::<Vec<_>>();
        let (payers, payees) = (side(Direction::Payer), side(Direction::Payee));
        if payers.is_empty() || payees.is_empty() || payers.len().max(payees.len()) > MOST {
            return None;
        }
        let height = payers.len().max(payees.len()) * ROW;
        let shares = |parties: &[&DealParty]| -> Vec<f64> {
            let sums: Vec<Option<Decimal>> = parties.iter().map(|party| committed(party)).collect();
            let all: Decimal = sums.iter().flatten().sum();
            let equal = 1.0 / parties.len() as f64;
            sums.iter().map(|sum| sum.and_then(|sum| sum.checked_div(all)?.to_f64()).unwrap_or(equal)).collect()
        };
        let (pays, paid) = (shares(&payers), shares(&payees));
        // The middle of a party's row, where each side is as high as the other.
        let middle = |at: usize, of: usize| height as f64 * (at as f64 + 0.5) / of as f64;
        let lines = pays.iter().enumerate().flat_map(|(from, pays)| {
            let (payers, payees) = (payers.len(), payees.len());
            paid.iter().enumerate().map(move |(to, paid)| Line {
                from: middle(from, payers),
                to: middle(to, payees),
                width: 1.0 + 9.0 * pays * paid,
            })
        });
        let lines = lines.collect();
        let several = payers.len() + payees.len() > 2;
        let ends = |parties: &[&DealParty]| -> Vec<End> {
            let share = |party: &DealParty| committed(party).filter(|_| several).map(Figure::usd);
            parties.iter().map(|party| End { name: Name::of(party), share: share(party) }).collect()
        };
        let named =
            |parties: &[&DealParty]| parties.iter().map(|party| party.name.as_str()).collect::<Vec<_>>().join(", ");
        Some(Self {
            words: format!("Money goes from {} to {}", named(&payers), named(&payees)),
            payers: ends(&payers),
            payees: ends(&payees),
            lines,
            height,
            kind: deal.kind,
            status: deal.status,
            contingent: deal.committed_usd.is_none() && deal.potential_usd.is_some(),
        })
    }
}

fn committed(party: &DealParty) -> Option<Decimal> {
    party.flow.as_ref().and_then(|flow| flow.committed_usd)
}

impl Line {
    fn path(&self) -> String {
        format!("M0 {:.1}C50 {:.1} 50 {:.1} 100 {:.1}", self.from, self.from, self.to, self.to)
    }
}
