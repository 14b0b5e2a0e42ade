//! A deal as a row of a list: who pays whom for what, and how much.

use askama::{Template, filters::HtmlSafe};
use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use super::{
    figure::{Bar, Figure, StatusMark},
    format,
};
use crate::{
    db::timeline::ListedDeal,
    ledger::quiet::{Patience, quiet_since},
    model::{Deal, DealParty, Direction, Kind, Role},
};

/// A row of a list of deals.
#[derive(Debug, Clone, Template)]
#[template(path = "_deal_row.html")]
pub struct DealRow {
    /// Where the deal is.
    pub href: String,
    /// What it is, in the ledger's words.
    pub headline: String,
    /// Its day.
    pub day: NaiveDate,
    parties: Parties,
    what: String,
    kind: Kind,
    amount: Option<Figure>,
    bar: Option<Bar>,
    power: Option<Figure>,
    mark: StatusMark,
    status: &'static str,
    publishers: i64,
    /// The whole date instead of the day of the month, where no month stands above.
    pub dated: bool,
}
impl HtmlSafe for DealRow {}

impl DealRow {
    /// The row of a deal.
    pub fn new(listed: &ListedDeal) -> Self {
        let deal = &listed.deal;
        Self {
            href: deal_path(listed.id, &listed.slug),
            headline: deal.headline.clone(),
            day: deal.day(),
            parties: Parties::of(deal, 2),
            what: what(deal),
            kind: deal.kind,
            amount: Figure::of_deal(deal),
            bar: Bar::of_deal(deal),
            power: deal.mw.map(|power| Figure::megawatts(power.get())),
            mark: StatusMark::new(deal.status),
            status: deal.status.as_str(),
            publishers: i64::try_from(deal.publishers).unwrap_or(i64::MAX),
            dated: false,
        }
    }

    /// The same row with the mark of a promise that has gone quiet by a day, where it has.
    #[must_use]
    pub fn by(mut self, deal: &Deal, today: NaiveDate, patience: Patience) -> Self {
        self.mark = self.mark.quiet(quiet_since(deal, today, patience).is_some());
        self
    }

    /// The same row with its whole date.
    #[must_use]
    pub fn dated(mut self) -> Self {
        self.dated = true;
        self
    }

    /// The row in one phrase, for those who listen.
    pub fn spoken(&self) -> String {
        let figures = [self.amount.as_ref().map(Figure::text), self.power.as_ref().map(Figure::text)];
        std::iter::once(self.headline.clone()).chain(figures.into_iter().flatten()).collect::<Vec<_>>().join(", ")
    }
}

/// Where a deal is.
pub fn deal_path(id: Uuid, slug: &str) -> String {
    format!("/deals/{id}/{}", urlencoded(slug))
}

/// Where a company is.
pub fn company_path(slug: &str) -> String {
    format!("/companies/{}", urlencoded(slug))
}

/// A slug as a part of a path: letters beyond ASCII are percent-encoded, as a `Location` header needs them.
fn urlencoded(slug: &str) -> String {
    url::form_urlencoded::byte_serialize(slug.as_bytes()).collect()
}

/// The parties on both sides of the money.
#[derive(Debug, Clone)]
pub struct Parties {
    /// Who pays; of a plain agreement, all.
    pub payers: Side,
    /// Who is paid.
    pub payees: Side,
    /// Whether money goes from the ones to the others.
    pub flows: bool,
}

/// The parties of one side.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// Those that are named here.
    pub named: Vec<Name>,
    /// How many more there are.
    pub more: usize,
    /// Who they are where nobody is named: "investors".
    pub unnamed: &'static str,
}

/// A party's name with its page.
#[derive(Debug, Clone)]
pub struct Name {
    /// The name.
    pub name: String,
    /// The page.
    pub href: String,
    /// What it does in the deal.
    pub role: Role,
}

impl Name {
    /// The name of a party.
    pub fn of(party: &DealParty) -> Self {
        Self { name: party.name.clone(), href: company_path(party.company.as_str()), role: party.role }
    }
}

impl Parties {
    /// The sides of a deal, of each at most `most` by name.
    pub fn of(deal: &Deal, most: usize) -> Self {
        let side = |direction| Side::new(deal.side(direction), most);
        let (mut payers, payees) = (side(Direction::Payer), side(Direction::Payee));
        let mut flows = !payees.named.is_empty();
        if payers.named.is_empty() && payees.named.is_empty() {
            payers = Side::new(deal.parties.iter(), most);
        } else if payers.named.is_empty() {
            payers.unnamed = match deal.kind {
                Kind::Equity => "investors",
                Kind::Debt => "lenders",
                Kind::Ipo => "shareholders",
                Kind::Lease => "a tenant",
                Kind::Build => "an owner",
                _ => "a buyer",
            };
        } else if payees.named.is_empty() {
            flows = false;
        }
        Self { payers, payees, flows }
    }
}

impl Side {
    fn new<'a>(parties: impl Iterator<Item = &'a DealParty>, most: usize) -> Self {
        let mut named: Vec<Name> = parties.map(Name::of).collect();
        // One more name takes no more room than "+ 1".
        let more = if named.len() > most + 1 { named.len() - most } else { 0 };
        named.truncate(named.len() - more);
        Self { named, more, unnamed: "" }
    }
}

/// What the money is for: the thing, the chips, the place, the time.
pub fn what(deal: &Deal) -> String {
    let chips = deal.chips.iter().find_map(|chips| match (chips.count, &chips.model) {
        (Some(count), Some(model)) => Some(format!("{} {model}", format::count(i64::try_from(count).ok()?))),
        (Some(count), None) => Some(format!("{} chips", format::count(i64::try_from(count).ok()?))),
        (None, Some(model)) => Some(model.clone()),
        (None, None) => None,
    });
    let mut text = match (deal.kind, &chips) {
        (Kind::Compute | Kind::Build | Kind::Lease | Kind::Chips, Some(chips)) if deal.kind == Kind::Chips => {
            chips.clone()
        }
        (kind, chips) => {
            let thing = thing(kind, deal);
            chips.as_ref().map_or(thing.to_owned(), |chips| format!("{thing} with {chips}"))
        }
    };
    match deal.places.as_slice() {
        [] => {}
        [place] => text = format!("{text}, {place}"),
        [one, two] => text = format!("{text}, {one} and {two}"),
        [one, rest @ ..] => text = format!("{text}, {one} and {} more places", rest.len()),
    }
    if let Some(months) = deal.duration_months.filter(|months| *months > 0) {
        text = format!("{text}, {}", format::duration(months));
    }
    text
}

fn thing(kind: Kind, deal: &Deal) -> &'static str {
    match kind {
        Kind::Compute => "computing capacity",
        Kind::Chips => "chips and hardware",
        Kind::Equity => "equity",
        Kind::Debt => "loan",
        Kind::Acquisition => "takeover",
        Kind::JointVenture => "joint venture",
        Kind::Build if deal.mw.is_some() || !deal.places.is_empty() => "new capacity",
        Kind::Build => "building programme",
        Kind::Land => "land",
        Kind::Power => "electricity",
        Kind::Lease => "space let",
        Kind::Ipo => "share sale",
        Kind::Partnership => "agreement",
    }
}
