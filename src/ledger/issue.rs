//! What an issue of the digest tells: what changed in the ledger over a period, and what of that a subscriber's filter leaves.
//!
//! An issue is chosen once, of everything, and frozen; what each subscriber reads is a view of it. Everything in a view, its
//! totals and its chart included, comes from the frozen issue, so that it says the same whenever it is read.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use strum::VariantArray;
use uuid::Uuid;

use super::{
    filter::{Facts, searched_text},
    net::{Figures, Member, net},
    quiet::{Patience, quiet_since},
};
use crate::model::{Bond, Deal, DealFilter, Direction, Megawatts, Period, Status};

/// How many periods before its own an issue remembers, for comparison.
pub const TRAIL: usize = 12;

/// What changed over a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    /// The period.
    pub period: Period,
    /// What it tells, a deal once.
    pub entries: Vec<Entry>,
    /// The deals that were new in the periods before.
    pub trail: Vec<Past>,
}

/// A deal that an issue tells of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub deal: Uuid,
    /// Its name in its address.
    pub slug: String,
    /// Why it is told of.
    pub news: News,
    /// The record at the period's end; of one that was removed, the last.
    pub record: Deal,
    /// The record before the period; `None` where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Deal>,
}

/// Why a deal is told of. The order is that of the issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// It is new.
    New,
    /// It has come further: rumour, announcement, signature, completion.
    Advanced,
    /// Its sum or its power is another.
    Changed,
    /// It was called off.
    Cancelled,
    /// It is new, and not confirmed by a party.
    Rumoured,
    /// Nobody has spoken of it for long.
    Quiet,
    /// An editor corrected what the ledger said.
    Corrected,
    /// It is no longer in the ledger.
    Removed,
}

/// A deal that was new in a period before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// Its id.
    pub deal: Uuid,
    /// When its period began.
    pub from: DateTime<Utc>,
    /// What a filter looks at.
    pub facts: Facts,
    /// What a search looks in.
    pub text: String,
    /// Dollars that hang on conditions.
    pub potential: Option<Decimal>,
    /// The deal that it is a part of.
    pub part_of: Option<Uuid>,
}

/// A deal that changed over a period.
#[derive(Debug, Clone)]
pub struct Touched {
    /// Its id.
    pub deal: Uuid,
    /// The record before the period.
    pub before: Option<Deal>,
    /// The record at its end.
    pub after: Option<Deal>,
    /// Whether an editor had a hand in it.
    pub edited: bool,
    /// Whether it went into another deal, so that nothing is lost with it.
    pub merged: bool,
}

/// Chooses what an issue tells. `touched` are the deals that changed over the period, `open` those that may have gone quiet
/// in it, with their records at its end; `earlier` those that were new in the [`TRAIL`] periods before, with the time and
/// the record.
pub fn choose(
    period: Period,
    touched: Vec<Touched>,
    open: Vec<(Uuid, Deal)>,
    earlier: Vec<(Uuid, DateTime<Utc>, Deal)>,
    patience: Patience,
) -> Issue {
    let told: HashSet<Uuid> = touched.iter().map(|touched| touched.deal).collect();
    let mut entries: Vec<Entry> = touched.into_iter().filter_map(entry).collect();
    let quiet = open.into_iter().filter(|(id, deal)| !told.contains(id) && went_quiet(deal, &period, patience));
    entries.extend(quiet.map(|(id, deal)| Entry::new(id, News::Quiet, deal, None)));
    entries.sort_by(|a, b| {
        a.news.cmp(&b.news).then_with(|| size(&b.record).cmp(&size(&a.record))).then_with(|| {
            let key = |entry: &Entry| (entry.record.headline.clone(), entry.deal);
            key(a).cmp(&key(b))
        })
    });
    let trail = earlier.into_iter().map(|(id, at, deal)| Past::new(id, &period, at, &deal)).collect();
    Issue { period, entries, trail }
}

/// What a larger deal is: firm dollars first, then those that hang on conditions, then power.
fn size(deal: &Deal) -> (Option<Decimal>, Option<Decimal>, Option<Decimal>) {
    (deal.committed_usd, deal.potential_usd, deal.mw.map(Megawatts::get))
}

fn entry(Touched { deal, before, after, edited, merged }: Touched) -> Option<Entry> {
    match (before, after) {
        (None, None) => None,
        (None, Some(after)) => {
            let news = if after.status == Status::Rumored { News::Rumoured } else { News::New };
            Some(Entry::new(deal, news, after, None))
        }
        (Some(_), None) if merged => None,
        (Some(before), None) => Some(Entry::new(deal, News::Removed, before, None)),
        (Some(before), Some(after)) => {
            let figures = figures(&before) != figures(&after);
            let news = match (before.status, after.status) {
                _ if edited && (figures || essence(&before) != essence(&after)) => News::Corrected,
                (old, Status::Cancelled) if old != Status::Cancelled => News::Cancelled,
                (old, new) if new > old => News::Advanced,
                (old, new) if figures || new != old => News::Changed,
                _ => return None,
            };
            Some(Entry::new(deal, news, after, Some(before)))
        }
    }
}

/// The figures as their sources state them, so that a new exchange rate is no news.
fn figures(deal: &Deal) -> (Vec<&crate::model::Amount>, Vec<&crate::model::Capacity>) {
    (deal.amounts.iter().map(|v| &v.figure).collect(), deal.capacity.iter().map(|v| &v.figure).collect())
}

/// What else a reader would want corrected.
fn essence(deal: &Deal) -> (Status, crate::model::Kind, Vec<(&str, crate::model::Role)>, &[String]) {
    let parties = deal.parties.iter().map(|party| (party.company.as_str(), party.role)).collect();
    (deal.status, deal.kind, parties, &deal.places)
}

/// Whether a deal says something else than another record of it that a reader has seen.
pub fn differs(seen: &Deal, now: &Deal) -> bool {
    figures(seen) != figures(now) || essence(seen) != essence(now)
}

/// Whether a promise that was open all along went quiet within a period.
fn went_quiet(deal: &Deal, period: &Period, patience: Patience) -> bool {
    let quiet_by = |day: Option<NaiveDate>| day.and_then(|day| quiet_since(deal, day, patience)).is_some();
    quiet_by(Some(period.last_day())) && !quiet_by(period.first_day().pred_opt())
}

impl Entry {
    fn new(deal: Uuid, news: News, record: Deal, before: Option<Deal>) -> Self {
        // What each source says is not for an issue, and takes room.
        let slim = |deal: Deal| Deal { accounts: Vec::new(), ..deal };
        let slug = crate::model::Slug::of(&record.headline).to_string();
        Self { deal, slug, news, record: slim(record), before: before.map(slim) }
    }

    /// Whether it is new, be it a rumour.
    pub fn is_new(&self) -> bool {
        matches!(self.news, News::New | News::Rumoured)
    }
}

impl Past {
    fn new(deal: Uuid, period: &Period, at: DateTime<Utc>, record: &Deal) -> Self {
        let length = period.until - period.from;
        let back = (1..).take(TRAIL).map(|n| period.from - length * n).find(|from| *from <= at);
        let facts = Facts::of(record);
        let text = searched_text(record, &facts.countries);
        let from = back.unwrap_or(period.from);
        Self { deal, from, text, facts, potential: record.potential_usd, part_of: part_of(record) }
    }
}

fn part_of(deal: &Deal) -> Option<Uuid> {
    deal.umbrella.as_ref().filter(|over| over.bond == Bond::Part).map(|over| over.deal)
}

/// What the deals of a period add up to, each dollar of a programme and its contracts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many.
    pub deals: usize,
    /// How many of them disclose a sum.
    pub disclosed: usize,
    /// Firm dollars.
    pub committed: Decimal,
    /// Dollars that hang on conditions.
    pub potential: Decimal,
    /// Megawatts.
    pub mw: Decimal,
}

/// Who pays whom, over all new deals of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Slug and name of who pays.
    pub payer: (String, String),
    /// Slug and name of who is paid.
    pub payee: (String, String),
    /// Firm dollars.
    pub committed: Decimal,
}

/// What a subscriber reads of an issue.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The issue.
    pub issue: &'a Issue,
    /// What the filter leaves, in the order of the issue.
    pub entries: Vec<&'a Entry>,
    /// The new deals of the period that count.
    pub sum: Sum,
    /// Those of the periods before, the earliest first, each with its beginning; none for what comes at once.
    pub before: Vec<(DateTime<Utc>, Sum)>,
    /// Between whom most money goes, at most five.
    pub pairs: Vec<Pair>,
}

impl Issue {
    /// Every deal that it knows of, with what a search looks in.
    pub fn texts(&self) -> Vec<(Uuid, String)> {
        let entries = self.entries.iter().map(|entry| {
            let facts = Facts::of(&entry.record);
            (entry.deal, searched_text(&entry.record, &facts.countries))
        });
        entries.chain(self.trail.iter().map(|past| (past.deal, past.text.clone()))).collect()
    }

    /// What a filter leaves of it. `matching` are the deals in which the filter's words are, where it has any.
    pub fn view(&self, filter: &DealFilter, matching: Option<&HashSet<Uuid>>) -> View<'_> {
        let found = |id: &Uuid| filter.text.is_none() || matching.is_some_and(|matching| matching.contains(id));
        let wanted = |entry: &&Entry| {
            let fits = |deal: &Deal| Facts::of(deal).fit(filter);
            found(&entry.deal) && (fits(&entry.record) || entry.before.as_ref().is_some_and(fits))
        };
        let entries: Vec<&Entry> = self.entries.iter().filter(wanted).collect();
        let new: Vec<&Entry> =
            entries.iter().copied().filter(|entry| entry.is_new() && filter.counts(entry.record.status)).collect();
        let members: Vec<Member> = new
            .iter()
            .map(|entry| Member {
                id: entry.deal,
                part_of: part_of(&entry.record),
                status: entry.record.status,
                gross: Figures {
                    committed: entry.record.committed_usd,
                    potential: entry.record.potential_usd,
                    mw: entry.record.mw.map(Megawatts::get),
                },
            })
            .collect();
        let nets = net(&members);
        let pairs = pairs(new.iter().zip(&nets).map(|(entry, net)| (&entry.record, *net)));

        let mut periods: BTreeMap<DateTime<Utc>, Vec<Member>> = BTreeMap::new();
        if self.period.cadence != crate::model::Cadence::Instant {
            let all = std::iter::successors(Some(self.period.before()), |period| Some(period.before()));
            periods.extend(all.take(TRAIL).map(|period| (period.from, Vec::new())));
        }
        for past in &self.trail {
            if found(&past.deal) && past.facts.fit(filter) && filter.counts(past.facts.status) {
                let gross = Figures { committed: past.facts.usd, potential: past.potential, mw: past.facts.mw };
                let member = Member { id: past.deal, part_of: past.part_of, status: past.facts.status, gross };
                periods.entry(past.from).or_default().push(member);
            }
        }
        let before = periods.into_iter().map(|(from, members)| (from, sum(&members, &net(&members)))).collect();
        View { issue: self, entries, sum: sum(&members, &nets), before, pairs }
    }
}

fn sum(members: &[Member], nets: &[Figures]) -> Sum {
    let add = |figure: fn(&Figures) -> Option<Decimal>| nets.iter().filter_map(figure).sum::<Decimal>();
    let discloses = |member: &&Member| member.gross.committed.is_some() || member.gross.potential.is_some();
    Sum {
        deals: members.len(),
        disclosed: members.iter().filter(discloses).count(),
        committed: add(|figures| figures.committed),
        potential: add(|figures| figures.potential),
        mw: add(|figures| figures.mw),
    }
}

/// Each deal's firm dollars in the proportion in which payers and payees share them.
fn pairs<'a>(deals: impl Iterator<Item = (&'a Deal, Figures)>) -> Vec<Pair> {
    let mut sums: HashMap<(&str, &str), Pair> = HashMap::new();
    for (deal, net) in deals {
        let (Some(gross), Some(net)) = (deal.committed_usd.filter(|sum| !sum.is_zero()), net.committed) else {
            continue;
        };
        let share = |party: &crate::model::DealParty| party.flow.as_ref().and_then(|flow| flow.committed_usd);
        for payer in deal.side(Direction::Payer) {
            for payee in deal.side(Direction::Payee) {
                let (Some(pays), Some(paid)) = (share(payer), share(payee)) else { continue };
                // In two steps, so that no product of two sums overflows.
                let between = (net * (pays / gross) * (paid / gross)).round_dp(2);
                let name = |party: &crate::model::DealParty| (party.company.to_string(), party.name.clone());
                let key = (payer.company.as_str(), payee.company.as_str());
                sums.entry(key)
                    .or_insert_with(|| Pair { payer: name(payer), payee: name(payee), committed: Decimal::ZERO })
                    .committed += between;
            }
        }
    }
    let mut pairs: Vec<Pair> = sums.into_values().filter(|pair| !pair.committed.is_zero()).collect();
    pairs.sort_by(|a, b| b.committed.cmp(&a.committed).then_with(|| (&a.payer, &a.payee).cmp(&(&b.payer, &b.payee))));
    pairs.truncate(5);
    pairs
}

/// What was wrong in an issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// The deal.
    pub deal: Uuid,
    /// Its name in its address.
    pub slug: String,
    /// What the issue, or the last correction of it, said.
    pub was: Deal,
    /// What is right; `None`: the ledger takes all of it back.
    pub now: Option<Deal>,
}
