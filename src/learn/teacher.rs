//! Whoever knows the labels, and answers from them.

use std::sync::Mutex;

use rust_decimal::Decimal;
use strum::VariantArray;

use super::{
    Example,
    spelling::{Spelling, locked},
};
use crate::{
    evaluate::{GoldDeal, close, one_to_one, same_name},
    extract::judge::{About, Asked, Features, Judge, Model, Proposal, Question, Seen},
    model::{Kind, Megawatts, Role, Status},
};

/// Which labelled deal a draft tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// This one.
    Deal(usize),
    /// One on which readers may differ: nothing is learned from it.
    Optional,
    /// None.
    Nothing,
}

/// Answers each question from an article's labels, and keeps the questions.
pub struct Teacher<'a> {
    gold: &'a [GoldDeal],
    /// Whoever decides in the teacher's stead, if anybody: what is learned then is what to do after its mistakes.
    pupil: Option<&'a Model>,
    spelling: &'a Mutex<Spelling>,
    told: Vec<Told>,
    /// The drafts that are to be left alone although they tell a deal: another that is no spare tells it.
    spared: Vec<bool>,
    /// Of what was made of the drafts, by the number of the first, whether it tells a deal better than all others.
    settled: Vec<(usize, Told)>,
    examples: Vec<Example>,
}

impl<'a> Teacher<'a> {
    pub fn new(gold: &'a [GoldDeal], pupil: Option<&'a Model>, spelling: &'a Mutex<Spelling>) -> Self {
        let (told, spared, settled, examples) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { gold, pupil, spelling, told, spared, settled, examples }
    }

    pub fn into_examples(self) -> Vec<Example> {
        self.examples
    }

    fn deal(&self, draft: usize) -> Option<&'a GoldDeal> {
        match self.told.get(draft) {
            Some(Told::Deal(deal)) => self.gold.get(*deal),
            _ => None,
        }
    }
}

impl Judge for Teacher<'_> {
    fn proposed(&mut self, proposals: &[Proposal<'_>]) {
        self.told = proposals
            .iter()
            .map(|proposal| {
                let best = self
                    .gold
                    .iter()
                    .enumerate()
                    .filter_map(|(deal, label)| Some((likeness(label, proposal)?, deal)))
                    .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
                match best {
                    Some((_, deal)) if self.gold[deal].optional => Told::Optional,
                    Some((_, deal)) => Told::Deal(deal),
                    None => Told::Nothing,
                }
            })
            .collect();
        let full = |told: &Told| self.told.iter().zip(proposals).any(|(other, own)| other == told && !own.spare);
        self.spared = self.told.iter().zip(proposals).map(|(told, own)| own.spare && full(told)).collect();
    }

    fn settled(&mut self, settled: &[(usize, Proposal<'_>)]) {
        let mut fits: Vec<(f64, usize, usize)> = Vec::new();
        for (at, (_, proposal)) in settled.iter().enumerate() {
            for (deal, label) in self.gold.iter().enumerate() {
                if let Some(fit) = tells(label, proposal) {
                    fits.push((fit, at, deal));
                }
            }
        }
        self.settled = settled.iter().map(|(number, _)| (*number, Told::Nothing)).collect();
        for (at, deal) in one_to_one(fits) {
            self.settled[at].1 = if self.gold[deal].optional { Told::Optional } else { Told::Deal(deal) };
        }
    }

    fn answer(&mut self, asked: &Asked<'_>, features: &Features) -> Vec<i32> {
        let told = match asked.question {
            Question::Deal => self.settled.iter().find(|(number, _)| *number == asked.draft).map(|(_, told)| *told),
            _ => self.told.get(asked.draft).copied(),
        };
        let deal = if let Some(Told::Deal(deal)) = told { self.gold.get(deal) } else { None };
        // Of what is no deal nothing is to be learned but that.
        let beside = match asked.about {
            About::Other(other) => deal.is_none() || self.deal(other).is_none(),
            _ => deal.is_none() && !matches!(asked.question, Question::Keep | Question::Deal),
        };
        let answer = match (asked.question, asked.about) {
            (Question::Keep, _) => usize::from(deal.is_some() && !self.spared[asked.draft]),
            (Question::Deal, _) => usize::from(deal.is_some()),
            (Question::Same, About::Other(other)) => usize::from(self.told.get(other) == self.told.get(asked.draft)),
            (Question::Kind, _) => {
                deal.and_then(|deal| Kind::VARIANTS.iter().position(|k| *k == deal.kind)).unwrap_or(0)
            }
            (Question::Role | Question::Review, About::Name(name)) => deal
                .and_then(|deal| deal.parties.iter().find(|party| same_name(&party.name, name)))
                .and_then(|party| Role::VARIANTS.iter().position(|role| *role == party.role))
                .map_or(0, |role| role + 1),
            (Question::Figure, About::Figure(figure)) => usize::from(deal.is_some_and(|deal| has(deal, figure))),
            (Question::Status, _) => {
                deal.and_then(|deal| Status::VARIANTS.iter().position(|s| *s == deal.status)).unwrap_or(0)
            }
            _ => 0,
        };
        let may = asked.allowed.contains(&answer);
        let answer = if may { answer } else { asked.allowed[0] };
        if may && !beside && told != Some(Told::Optional) {
            let mut spelling = locked(self.spelling);
            self.examples.push(Example {
                question: asked.question,
                observations: features.spelled().iter().map(|words| spelling.number(words)).collect(),
                allowed: asked.allowed.to_vec(),
                answer,
            });
        }
        if let Some(mut pupil) = self.pupil {
            return pupil.answer(asked, features);
        }
        let mut scores = vec![0; asked.question.answers()];
        scores[answer] = 1000;
        scores
    }

    fn spells(&self) -> bool {
        true
    }
}

/// Whether a label has a figure.
fn has(deal: &GoldDeal, figure: &Seen) -> bool {
    let max = |own: Option<Decimal>| match (own, figure.value_max) {
        (Some(a), Some(b)) => close(a, b),
        (a, b) => a.is_none() && b.is_none(),
    };
    match figure.currency {
        Some(currency) => deal
            .amounts
            .iter()
            .any(|amount| amount.currency == currency && close(amount.value, figure.value) && max(amount.value_max)),
        None => deal
            .capacity
            .iter()
            .any(|capacity| close(capacity.mw.get(), figure.value) && max(capacity.mw_max.map(Megawatts::get))),
    }
}

/// How well what was made of a draft tells a label, by the contract's own rule; `None` where it does not.
fn tells(label: &GoldDeal, proposal: &Proposal<'_>) -> Option<f64> {
    let named = |name: &str| label.parties.iter().any(|party| same_name(&party.name, name));
    let shared = proposal.parties.iter().filter(|name| named(name)).count();
    if !label.parties.is_empty() && shared == 0 {
        return None;
    }
    let figures = proposal.figures.iter().filter(|figure| has(label, figure)).count();
    let same = proposal.kind == Some(label.kind);
    let fits = if label.amounts.is_empty() && label.capacity.is_empty() {
        same && shared >= label.parties.len().min(2)
    } else {
        figures > 0
    };
    let whole = label.parties.len().max(proposal.parties.len()).max(1);
    fits.then(|| (2 * shared) as f64 / whole as f64 + figures as f64 + f64::from(u8::from(same)))
}

/// How well a draft fits a label; `None` where it does not tell that deal.
fn likeness(label: &GoldDeal, proposal: &Proposal<'_>) -> Option<f64> {
    let named = |names: &[&str]| {
        label.parties.iter().filter(|party| names.iter().any(|name| same_name(&party.name, name))).count() as f64
    };
    let counted = |figures: &[Seen]| figures.iter().filter(|figure| has(label, figure)).count() as f64;
    let (parties, names) = (named(&proposal.parties), named(&proposal.names));
    let near = named(&proposal.near);
    let (figures, others) = (counted(&proposal.figures), counted(&proposal.others));
    let kind = match proposal.kind {
        Some(kind) if kind == label.kind => 1.0,
        Some(kind) if related(kind, label.kind) => 0.5,
        None => 0.4,
        Some(_) => 0.0,
    };
    let bare = label.amounts.is_empty() && label.capacity.is_empty();
    let strangers = proposal.parties.len() as f64 - parties;
    let tells = if bare {
        parties + 0.5 * names >= label.parties.len().min(2) as f64 && kind > 0.3
    } else {
        figures > 0.0 && near > 0.0
            || others > 0.0 && parties > 0.0 && kind > 0.3
            || parties >= 2.0 && kind >= 1.0
            || parties >= 1.0 && strangers < 1.0 && kind >= 1.0
    };
    tells.then_some(2.0 * figures + parties + 0.3 * names + 0.5 * others + 2.0 * kind - 0.5 * strangers)
}

/// Whether texts call one deal by both kinds.
fn related(a: Kind, b: Kind) -> bool {
    let either = |a: Kind, b: Kind| {
        matches!(
            (a, b),
            (Kind::Compute, Kind::Lease | Kind::Partnership | Kind::Chips)
                | (Kind::Build, Kind::Power | Kind::Partnership | Kind::JointVenture | Kind::Lease | Kind::Land)
                | (Kind::Equity, Kind::Debt | Kind::Ipo | Kind::Acquisition | Kind::Partnership)
                | (Kind::Power, Kind::Partnership | Kind::Chips)
                | (Kind::Acquisition, Kind::Land | Kind::JointVenture)
                | (Kind::JointVenture, Kind::Partnership)
        )
    };
    either(a, b) || either(b, a)
}
