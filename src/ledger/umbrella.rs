//! Which deal belongs to which larger one.
//!
//! [`Node::of`] says what of a deal matters for it, [`best`] which of some deals it belongs to. Who may hold whom is a strict
//! order of the deals, so that links never go round in a circle, whatever is decided for each deal by itself.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use uuid::Uuid;

use super::{
    keys::{Probe, key, pairs},
    resolve::group,
    trust::by_trust,
};
use crate::model::{
    Bond, Category, Deal, Direction, Kind, Override, Registry, Slug, SourcedClaim, Whole, Word, places,
};

/// Deals further apart than this are not linked, a named programme apart.
pub const WINDOW: TimeDelta = TimeDelta::days(600);

/// What claims say of their deal's place under others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// The names under which it is told, in their order; a party that is a venture gives its name.
    pub programmes: Vec<String>,
    /// What it is said to belong to, or to add to.
    pub whole: Option<Whole>,
    /// What an editor says instead.
    pub placed: Option<Placed>,
}

/// What an editor says of a deal's place under others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It belongs to none.
    Alone,
    /// It belongs to the deal that holds this claim.
    Under {
        /// A claim of the whole.
        claim: Uuid,
        /// How.
        bond: Bond,
    },
}

impl Placed {
    /// What the words that hold for a deal's fields say of its place.
    pub fn of(words: &[&Override]) -> Option<Self> {
        words.iter().find_map(|word| match word.word {
            Word::Alone => Some(Self::Alone),
            Word::Under(bond) => Some(Self::Under { claim: word.other?, bond }),
            _ => None,
        })
    }
}

impl Told {
    /// What these claims say, and no editor; of several wholes the most trusted that has a name, else the most trusted.
    pub fn of(claims: &[SourcedClaim], registry: &Registry) -> Self {
        let all: Vec<&SourcedClaim> = claims.iter().collect();
        let order = by_trust(&all);
        let wholes = || order.iter().filter_map(|claim| claim.claim.part_of.as_ref());
        let whole = wholes().find(|whole| whole.name.is_some()).or_else(|| wholes().next()).cloned();
        let ventures = claims
            .iter()
            .flat_map(|claim| &claim.companies)
            .filter_map(|company| registry.find(company.as_str()).filter(|known| known.category == Category::Venture));
        // Every company has a "Series B".
        let own =
            claims.iter().filter_map(|claim| claim.claim.programme.clone()).filter(|name| !name.starts_with("Series "));
        let of_whole = whole.as_ref().and_then(|whole| whole.name.clone());
        let programmes: BTreeSet<String> = ventures
            .map(|venture| venture.name.clone())
            .chain(own)
            .filter(|name| Some(name) != of_whole.as_ref())
            .collect();
        Self { programmes: programmes.into_iter().collect(), whole, placed: None }
    }
}

/// The telling words of a programme's name: "the UK-US Tech Prosperity Deal" is `uk us tech prosperity`.
fn words(name: &str) -> BTreeSet<String> {
    const GENERIC: [&str; 22] = [
        "the",
        "of",
        "and",
        "for",
        "ai",
        "data",
        "center",
        "centre",
        "project",
        "programme",
        "program",
        "initiative",
        "deal",
        "plan",
        "pact",
        "summit",
        "framework",
        "partnership",
        "campus",
        "agreement",
        "fund",
        "a",
    ];
    let slug = Slug::of(name);
    let all: BTreeSet<String> = slug.as_str().split('-').map(ToOwned::to_owned).collect();
    let telling: BTreeSet<String> = all.iter().filter(|word| !GENERIC.contains(&word.as_str())).cloned().collect();
    if telling.is_empty() { all } else { telling }
}

/// What of a deal matters for its place under others.
#[derive(Debug, Clone)]
pub struct Node {
    kind: Kind,
    day: NaiveDate,
    /// The parties as their topmost owners, all and by the side of the money.
    all: BTreeSet<Slug>,
    payers: BTreeSet<Slug>,
    payees: BTreeSet<Slug>,
    usd: Option<Decimal>,
    places: Vec<String>,
    /// The telling words of the names under which it is told, and whether such a name is a party's: then it is the
    /// programme itself.
    names: Vec<(BTreeSet<String>, bool)>,
    whole: Option<Whole>,
    rank: Precedence,
}

/// The order of who may hold whom: the smaller holds the greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Precedence {
    day: i64,
    first_seen: DateTime<Utc>,
    headline: String,
    usd: Option<Decimal>,
    publishers: usize,
    /// How many deals lie between it and the one whose place it shares, because an editor has put it under that one.
    below: usize,
}

impl Node {
    /// What matters of a deal, of which its claims say this.
    pub fn of(deal: &Deal, told: &Told, registry: &Registry) -> Self {
        let day = deal.day();
        let owners = |direction: Option<Direction>| {
            let all = deal
                .parties
                .iter()
                .filter(|party| direction.is_none() || party.flow.as_ref().map(|flow| flow.direction) == direction);
            all.map(|party| group(&party.company, registry)).collect()
        };
        let usd = deal.committed_usd.into_iter().chain(deal.potential_usd).max();
        Self {
            kind: deal.kind,
            day,
            all: owners(None),
            payers: owners(Some(Direction::Payer)),
            payees: owners(Some(Direction::Payee)),
            usd,
            places: deal.places.clone(),
            names: told.programmes.iter().map(|name| (words(name), is_party(deal, name))).collect(),
            whole: told.whole.clone(),
            rank: Precedence {
                day: head_start(deal, told, usd, day),
                first_seen: deal.first_seen,
                headline: deal.headline.clone(),
                usd,
                publishers: deal.publishers,
                below: 0,
            },
        }
    }

    /// The same, in the order of who may hold whom after a deal under which an editor has put it: then nothing that holds
    /// that one comes to lie under it.
    #[must_use]
    pub fn put_under(mut self, whole: &Self) -> Self {
        if whole.rank >= self.rank {
            self.rank = Precedence { below: whole.rank.below + 1, ..whole.rank.clone() };
        }
        self
    }
}

fn is_party(deal: &Deal, name: &str) -> bool {
    deal.parties.iter().any(|party| party.name == name)
}

/// The day of a deal, moved forward by how likely it is to hold others: what is larger, has a name or is a framework by its
/// kind may be announced some weeks after the first deal inside it. In days.
fn head_start(deal: &Deal, told: &Told, usd: Option<Decimal>, day: NaiveDate) -> i64 {
    let millions = usd.and_then(|usd| (usd / Decimal::from(1_000_000)).to_u64());
    // Without a sum, a megawatt counts as ten million dollars.
    let size = millions.or_else(|| deal.mw?.get().to_u64()?.checked_mul(10)).and_then(u64::checked_ilog2).unwrap_or(0);
    let framework = matches!(deal.kind, Kind::Partnership | Kind::JointVenture) || !told.programmes.is_empty();
    let days = day.signed_duration_since(NaiveDate::default()).num_days();
    days - 10 * i64::from(size) - if framework { 60 } else { 0 }
}

impl Node {
    /// The keys under which a deal is found, and those under which it finds every deal to which it may belong or that may
    /// belong to it.
    pub fn keys(&self) -> (BTreeSet<i64>, BTreeSet<Probe>) {
        let (mut own, mut probes) = (BTreeSet::new(), BTreeSet::new());
        let stems: Vec<String> = self.all.iter().map(ToString::to_string).collect();
        for pair in pairs(&stems) {
            own.insert(pair);
            probes.insert(Probe::around(pair, WINDOW.num_days()));
        }
        let said = self.whole.as_ref().and_then(|whole| whole.name.as_deref()).map(words);
        for word in self.names.iter().map(|(name, _)| name).chain(&said).flatten() {
            let word = key(&["word", word]);
            own.insert(word);
            probes.insert(Probe::around(word, 2_000));
        }
        // What is told of a place is "the Aragon programme" to those who say so: whichever of both comes first.
        own.extend(said.iter().flatten().map(|word| key(&["said", word])));
        for word in self.places.iter().flat_map(|place| words(place)) {
            own.insert(key(&["word", &word]));
            probes.insert(Probe::around(key(&["said", &word]), 2_000));
        }
        let raises = |stem: &Slug| key(&["raises", stem.as_str()]);
        let spends = |stem: &Slug| key(&["spends", stem.as_str()]);
        if self.kind == Kind::Debt {
            own.extend(self.payees.iter().map(raises));
            probes.extend(self.payees.iter().map(|stem| Probe::around(spends(stem), 14)));
        }
        if self.pays_for() {
            own.extend(self.builders().iter().map(spends));
            probes.extend(self.builders().iter().map(|stem| Probe::around(raises(stem), 14)));
        }
        // Few say that they belong to something without a name: they look for it, and are found by what may be it.
        let unnamed = self.whole.as_ref().filter(|whole| whole.name.is_none());
        for stem in &stems {
            let (says, any, alone) =
                (key(&["says", stem]), key(&["any", stem]), key(&["alone", stem, self.kind.as_str()]));
            own.insert(any);
            own.extend((stems.len() == 1).then_some(alone));
            own.extend(unnamed.is_some().then_some(says));
            probes.insert(Probe { key: says, back: TimeDelta::days(60), ahead: WINDOW });
            if let Some(said) = unnamed {
                probes.insert(Probe { key: alone, back: WINDOW, ahead: TimeDelta::days(60) });
                probes.extend(said.month.map(|month| {
                    let back = (self.day - month).num_days();
                    Probe { key: any, back: TimeDelta::days(back + 8), ahead: TimeDelta::days(40 - back) }
                }));
            }
        }
        (own, probes)
    }

    /// Whether it is something that is paid for.
    fn pays_for(&self) -> bool {
        matches!(self.kind, Kind::Build | Kind::Acquisition | Kind::Lease | Kind::JointVenture)
    }

    /// Who has to find the money for it.
    fn builders(&self) -> &BTreeSet<Slug> {
        if self.kind == Kind::Lease { &self.payees } else { &self.payers }
    }

    /// The deal's day.
    pub fn day(&self) -> NaiveDate {
        self.day
    }
}

/// A deal's place under another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Whether it is contained or added.
    pub bond: Bond,
    /// How likely, of a thousand.
    pub score: i32,
    /// What speaks for it.
    pub reasons: Vec<&'static str>,
}

/// What a link by a programme's name scores at least.
const BY_NAME: i32 = 850;

/// Which of some deals a deal belongs to, if any: the likeliest; of equals that have the programme's name the first in the
/// order of who holds whom, of others the nearest in time. Depends neither on the order of the candidates nor on those that it does not belong to.
pub fn best<'a>(child: &Node, candidates: impl IntoIterator<Item = &'a Node>) -> Option<(usize, Link)> {
    candidates
        .into_iter()
        .enumerate()
        .filter_map(|(at, candidate)| Some((at, candidate, link(child, candidate)?)))
        .min_by(|(_, a, x), (_, b, y)| {
            let apart = |node: &Node| child.day.signed_duration_since(node.day).num_days().abs();
            let nearest = if x.score >= BY_NAME { std::cmp::Ordering::Equal } else { apart(a).cmp(&apart(b)) };
            y.score.cmp(&x.score).then(nearest).then_with(|| a.rank.cmp(&b.rank))
        })
        .map(|(at, _, link)| (at, link))
}

/// How a deal would belong to another; `None` where it does not.
pub fn link(child: &Node, whole: &Node) -> Option<Link> {
    if whole.rank >= child.rank {
        return None;
    }
    let apart = child.day.signed_duration_since(whole.day).num_days();
    by_name(child, whole).or_else(|| by_words(child, whole, apart)).or_else(|| by_circumstances(child, whole, apart))
}

/// Both carry the name of one programme, and the other is told under it.
fn by_name(child: &Node, whole: &Node) -> Option<Link> {
    let shared = child.all.intersection(&whole.all).next().is_some();
    let said = child.whole.as_ref().and_then(|whole| Some((whole.bond, words(whole.name.as_deref()?))));
    let fits = |name: &BTreeSet<String>| {
        let placed = shared && whole.places.iter().any(|place| words(place) == *name);
        let best = whole.names.iter().filter(|(own, _)| own.is_subset(name) || name.is_subset(own));
        let exact = best.map(|(own, itself)| if own == name { 40 } else { 0 } + if *itself { 60 } else { 0 }).max();
        // "The Aragon programme" is what was announced for Aragon.
        exact.or(placed.then_some(0))
    };
    if let Some((bond, name)) = said {
        let exact = fits(&name)?;
        // What is added to a contract of the same two stands beside it; what is added to a programme lies in it.
        let beside = bond == Bond::Addition && sides_shared(child, whole);
        return Some(Link {
            bond: if beside { Bond::Addition } else { Bond::Part },
            score: BY_NAME + exact + if shared { 50 } else { 0 },
            reasons: vec!["the text says that it belongs to it, by its name"],
        });
    }
    let exact = child.names.iter().filter(|(_, itself)| !itself).filter_map(|(name, _)| fits(name)).max()?;
    // What is rented, borrowed or bought for a campus is told under the name of the campus.
    let campus = whole.kind == Kind::Build && child.kind != Kind::Build && exact >= 40;
    ((exact >= 100 || campus) && shared).then(|| Link {
        bond: Bond::Part,
        score: BY_NAME,
        reasons: vec!["both are told under one name", "a party is the same"],
    })
}

/// The text says that it belongs to a contract, a partnership, a programme without a name: the parties and the month tell
/// to which.
fn by_words(child: &Node, whole: &Node, apart: i64) -> Option<Link> {
    // A stage of another deal is that deal, or nothing.
    let said = child.whole.as_ref().filter(|said| said.name.is_none() && said.bond != Bond::Stage)?;
    let shared = child.all.intersection(&whole.all).count();
    if shared < child.all.len().min(whole.all.len()).clamp(1, 2) || !(-60..=600).contains(&apart) {
        return None;
    }
    let mut reasons = vec!["the text says that it belongs to a larger deal", "the parties are the same"];
    let dated = said.month.is_some_and(|month| {
        // One that is dated at the turn of a month may be told under either.
        let slack = Days::new(7);
        let end = month.checked_add_months(Months::new(1)).and_then(|end| end.checked_add_days(slack));
        month.checked_sub_days(slack).is_some_and(|from| whole.day >= from) && end.is_some_and(|end| whole.day < end)
    });
    if said.month.is_some() && !dated {
        return None;
    }
    if dated {
        reasons.push("the month is the one that the text gives");
    }
    let all = child.all.is_subset(&whole.all) || whole.all.is_subset(&child.all);
    let far = i32::try_from(apart.abs() / 6).unwrap_or(100);
    let kindred = match said.bond {
        Bond::Part => matches!(whole.kind, Kind::Partnership | Kind::JointVenture),
        Bond::Addition | Bond::Stage => child.kind == whole.kind,
    };
    let score = 600 + if dated { 150 } else { 0 } + if all { 50 } else { 0 } + if kindred { 60 } else { 0 } - far;
    // One party alone says little: only who adds to something of the same kind adds to its own last one.
    let own = said.bond == Bond::Addition && all && kindred;
    (shared >= 2 || dated || own).then_some(Link { bond: said.bond, score, reasons })
}

/// Nothing is said, but the parties, the kinds, the size and the time fit: a contract inside a partnership of the same
/// day, the loan for a project.
fn by_circumstances(child: &Node, whole: &Node, apart: i64) -> Option<Link> {
    let fits_in = match (child.usd, whole.usd) {
        (Some(part), Some(all)) => part <= all,
        _ => true,
    };
    let framework = matches!(whole.kind, Kind::Partnership | Kind::JointVenture);
    let inside = child.all.len() >= 2 && child.all.is_subset(&whole.all);
    if framework && child.kind != whole.kind && inside && fits_in && (-3..=7).contains(&apart) {
        return Some(Link {
            bond: Bond::Part,
            score: 600,
            reasons: vec!["the parties are among those of a partnership", "both were made known in one week"],
        });
    }
    // One investor's cheque in a round, one bank's share of a loan.
    let round =
        matches!(child.kind, Kind::Equity | Kind::Debt) && child.kind == whole.kind && child.payees == whole.payees;
    let among =
        !child.payers.is_empty() && child.payers.len() < whole.payers.len() && child.payers.is_subset(&whole.payers);
    let smaller = matches!((child.usd, whole.usd), (Some(part), Some(all)) if part < all);
    if round && among && smaller && !child.payees.is_empty() && (-7..=7).contains(&apart) {
        return Some(Link {
            bond: Bond::Part,
            score: 600,
            reasons: vec!["the payers are among those of a larger sum", "both were made known in one week"],
        });
    }
    let raised = child.kind == Kind::Debt && !child.payees.is_empty() && child.payees.is_subset(whole.builders());
    let placed = !child.places.is_empty() && !whole.places.is_empty() && !places::differ(&child.places, &whole.places);
    let bought = whole.kind == Kind::Acquisition && (-1..=1).contains(&apart);
    (whole.pays_for() && raised && fits_in && (placed || bought) && (-3..=10).contains(&apart)).then(|| Link {
        bond: Bond::Part,
        score: 550,
        reasons: vec!["the borrower is the one who pays for it", "the place or the day is the same"],
    })
}

fn sides_shared(a: &Node, b: &Node) -> bool {
    a.kind == b.kind
        && a.payers.intersection(&b.payers).next().is_some()
        && a.payees.intersection(&b.payees).next().is_some()
}
