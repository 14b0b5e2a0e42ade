//! The learned part: which of the drafts that the rules made are deals, which of them are one, of what kind, who plays
//! which role, which figures are theirs and how far they have come.
//!
//! The rules propose; what they found is only one observation among others here. Every decision is one [`Question`]
//! with a fixed list of answers, put to a [`Judge`]: the weights when an article is read, a teacher who knows the labels
//! when they are learned.

mod around;
mod features;
mod figure;
mod keep;
mod kind;
mod model;
mod role;
mod same;
mod sides;
mod status;

use rust_decimal::Decimal;
use strum::VariantArray;

pub use features::{Features, hash};
pub use model::Model;

use super::{
    assemble::{Draft, Scene, is_of_the_union},
    lexicon::{FrameKind, FrameRole},
    quantity::{Figure, Measure},
};
use crate::model::{Currency, Kind, Qualifier, Role, Status};

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum Question {
    /// Whether a draft is a deal of this article: no, yes.
    Keep,
    /// Whether two drafts are one deal: no, yes.
    Same,
    /// What is transacted: the kinds in their order.
    Kind,
    /// What a name does in a deal: nothing, then the roles in their order.
    Role,
    /// The same once more, when it is known what all others do.
    Review,
    /// Whether a figure is a deal's: no, yes.
    Figure,
    /// How far a deal has come: the stages in their order.
    Status,
}

impl Question {
    /// How many answers it has.
    pub fn answers(self) -> usize {
        match self {
            Self::Keep | Self::Same | Self::Figure => 2,
            Self::Kind => Kind::VARIANTS.len(),
            Self::Role | Self::Review => Role::VARIANTS.len() + 1,
            Self::Status => Status::VARIANTS.len(),
        }
    }

    /// What its observations begin with in the file of weights.
    fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Same => "same",
            Self::Kind => "kind",
            Self::Role => "role",
            Self::Review => "review",
            Self::Figure => "figure",
            Self::Status => "status",
        }
    }
}

/// A question about a draft, with what a teacher needs to know the answer.
#[derive(Debug)]
pub struct Asked<'a> {
    /// What is asked.
    pub question: Question,
    /// The draft, by its number among the proposals.
    pub draft: usize,
    /// The answers that may be given.
    pub allowed: &'a [usize],
    /// The other draft, the name or the figure that the question is about.
    pub about: About<'a>,
}

/// What else a question is about.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// Nothing but the draft.
    Draft,
    /// Another draft.
    Other(usize),
    /// A name.
    Name(&'a str),
    /// A figure.
    Figure(&'a Seen),
}

/// A draft as it was proposed, for whoever has to find out which labelled deal it tells.
#[derive(Debug)]
pub struct Proposal<'a> {
    /// What the rules took it for.
    pub kind: Option<Kind>,
    /// Whom the rules made parties.
    pub parties: Vec<&'a str>,
    /// Who else stands in its sentences.
    pub names: Vec<&'a str>,
    /// The figures that the rules gave it.
    pub figures: Vec<Seen>,
    /// The other figures of its sentences.
    pub others: Vec<Seen>,
}

/// A sum or an amount of power.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// The figure, or the low end of a range, in the currency's unit or in megawatts.
    pub value: Decimal,
    /// The high end of a range.
    pub value_max: Option<Decimal>,
    /// Of money, its currency; power has none.
    pub currency: Option<Currency>,
}

impl Seen {
    fn of(figure: &Figure) -> Self {
        let currency = if let Measure::Money(currency) = figure.measure { Some(currency) } else { None };
        Self { value: figure.value, value_max: figure.value_max, currency }
    }
}

/// Whoever answers.
pub trait Judge {
    /// Is shown all drafts before the first question.
    fn proposed(&mut self, _: &[Proposal<'_>]) {}

    /// Scores each answer; the highest of those allowed counts.
    fn answer(&mut self, asked: &Asked<'_>, features: &Features) -> Vec<i32>;

    /// Whether the observations are to be kept as words.
    fn spells(&self) -> bool {
        false
    }
}

/// Drafts below this are left out. Negative: what is missed weighs more than what is too much.
const KEEP: i32 = -10;

/// How many drafts back one is looked for that tells the same deal.
const LOOK_BACK: usize = 40;

/// Decides on the drafts of an article.
pub(super) fn decide(scene: &Scene, drafts: Vec<Draft>, judge: &mut dyn Judge) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = drafts;
    drafts.extend(keep::proposals(scene, &drafts));
    judge.proposed(&drafts.iter().map(|draft| proposal(scene, draft)).collect::<Vec<_>>());
    let mut court = Court { scene, judge };
    let verdicts = keep::verdicts(scene, &drafts);
    let mut kept: Vec<(usize, Draft)> = Vec::new();
    for (number, draft) in drafts.iter().enumerate() {
        let features = keep::features(scene, &drafts, number, &verdicts, court.judge.spells());
        let scores = court.ask(Question::Keep, number, &[0, 1], About::Draft, features);
        let margin = scores[1] - scores[0];
        if margin > KEEP {
            kept.push((number, Draft { margin: Some(margin), ..draft.clone() }));
        }
    }
    let mut kept = court.join(kept, &verdicts);
    let alone = kept.len() == 1;
    for (number, draft) in &mut kept {
        court.kind(*number, draft);
        court.roles(*number, draft, alone);
    }
    court.figures(&mut kept);
    for (number, draft) in &mut kept {
        court.status(*number, draft);
    }
    let mut drafts: Vec<Draft> = kept.into_iter().map(|(_, draft)| draft).collect();
    drafts.retain(|draft| !draft.parties.is_empty());
    let mut drafts = reunite(scene, drafts);
    drafts.sort_by_key(|draft| draft.frames.iter().map(|frame| frame.trigger).min());
    drafts
}

/// Puts drafts together that can only be one deal now that their parties and figures are known: one has no party that the
/// other has not, in the same role, and no figure that speaks against the other's ("100 MW", and later "up to 1 GW").
fn reunite(scene: &Scene, drafts: Vec<Draft>) -> Vec<Draft> {
    let mut whole: Vec<Draft> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        match whole.iter_mut().find(|other| completes(scene, other, &draft)) {
            Some(other) => other.absorb(draft),
            None => whole.push(draft),
        }
    }
    whole
}

/// Whether two drafts tell of one deal what the other leaves out.
fn completes(scene: &Scene, a: &Draft, b: &Draft) -> bool {
    let within = |a: &Draft, b: &Draft| a.parties.iter().all(|party| b.parties.contains(party));
    let fixed = |draft: &Draft, of: fn(&Figure) -> bool| {
        let mut own = draft.figures.iter().map(|figure| &scene.figures[*figure]).filter(|figure| of(figure));
        own.any(|figure| !figure.contingent && figure.qualifier != Qualifier::UpTo)
    };
    a.kind == b.kind
        && a.status == b.status
        && !(a.apart || b.apart)
        && a.parties.len().min(b.parties.len()) > 1
        && (within(a, b) || within(b, a))
        && !(fixed(a, Figure::is_money) && fixed(b, Figure::is_money))
        && !(fixed(a, Figure::is_power) && fixed(b, Figure::is_power))
}

fn proposal<'a>(scene: &Scene<'a>, draft: &Draft) -> Proposal<'a> {
    let name = |entity: usize| scene.names.entities[entity].name.as_str();
    let parties: Vec<usize> = draft.parties.iter().map(|(entity, _)| *entity).collect();
    let own = around::surroundings(scene, draft, 0);
    Proposal {
        kind: if let FrameKind::Deal(kind) = draft.kind { Some(kind) } else { None },
        parties: parties.iter().map(|entity| name(*entity)).collect(),
        names: around::entities(scene, draft, &own)
            .into_iter()
            .filter(|entity| !parties.contains(entity))
            .map(name)
            .collect(),
        figures: draft.figures.iter().map(|figure| Seen::of(&scene.figures[*figure])).collect(),
        others: around::figures(scene, draft, &own)
            .into_iter()
            .filter(|figure| !draft.figures.contains(figure))
            .map(|figure| Seen::of(&scene.figures[figure]))
            .collect(),
    }
}

struct Court<'a, 'b> {
    scene: &'a Scene<'a>,
    judge: &'b mut dyn Judge,
}

impl Court<'_, '_> {
    fn ask(
        &mut self,
        question: Question,
        draft: usize,
        allowed: &[usize],
        about: About<'_>,
        mut features: Features,
    ) -> Vec<i32> {
        features.settle();
        self.judge.answer(&Asked { question, draft, allowed, about }, &features)
    }

    /// Puts drafts of one deal together: each joins those that came before it and, on average, most look like it.
    fn join(&mut self, drafts: Vec<(usize, Draft)>, verdicts: &[&'static str]) -> Vec<(usize, Draft)> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (at, (number, draft)) in drafts.iter().enumerate() {
            let mut sums = vec![(0, 0); groups.len()];
            for (group, members) in groups.iter().enumerate() {
                for member in members.iter().filter(|member| **member + LOOK_BACK >= at) {
                    let (other, known) = &drafts[*member];
                    let features = same::features(
                        self.scene,
                        (known, verdicts[*other]),
                        (draft, verdicts[*number]),
                        self.judge.spells(),
                    );
                    let about = About::Other(*other);
                    let scores = self.ask(Question::Same, *number, &[0, 1], about, features);
                    sums[group].0 += scores[1] - scores[0];
                    sums[group].1 += 1;
                }
            }
            let best = sums
                .iter()
                .enumerate()
                .filter(|(_, (_, members))| *members > 0)
                .map(|(group, (sum, members))| (sum / members, group))
                .max_by_key(|(mean, group)| (*mean, std::cmp::Reverse(*group)));
            match best {
                Some((mean, group)) if mean > 0 => groups[group].push(at),
                _ => groups.push(vec![at]),
            }
        }
        let mut drafts: Vec<Option<(usize, Draft)>> = drafts.into_iter().map(Some).collect();
        let mut joined = Vec::with_capacity(groups.len());
        for group in groups {
            let mut members = group.into_iter().filter_map(|member| drafts[member].take());
            let Some((number, mut draft)) = members.next() else { continue };
            members.for_each(|(_, other)| draft.absorb(other));
            joined.push((number, draft));
        }
        joined
    }

    fn kind(&mut self, number: usize, draft: &mut Draft) {
        let features = kind::features(self.scene, draft, self.judge.spells());
        let allowed: Vec<usize> = (0..Kind::VARIANTS.len()).collect();
        let scores = self.ask(Question::Kind, number, &allowed, About::Draft, features);
        draft.kind = FrameKind::Deal(Kind::VARIANTS[best(&scores, &allowed)]);
    }

    fn roles(&mut self, number: usize, draft: &mut Draft, alone: bool) {
        let FrameKind::Deal(kind) = draft.kind else { return };
        let mut allowed = vec![0];
        allowed.extend(
            (0..Role::VARIANTS.len())
                .filter(|at| kind.roles().contains(&Role::VARIANTS[*at]) || Role::VARIANTS[*at] == Role::Backer)
                .map(|at| at + 1),
        );
        let mut parties: Vec<(usize, FrameRole)> = Vec::new();
        let near = around::surroundings(self.scene, draft, if alone { usize::MAX } else { 2 });
        let candidates = around::entities(self.scene, draft, &near);
        let mut first = Vec::with_capacity(candidates.len());
        let spells = self.judge.spells();
        for entity in &candidates {
            let features = role::features(self.scene, draft, kind, *entity, &near, (Question::Role, &parties), spells);
            let name = &self.scene.names.entities[*entity].name;
            let scores = self.ask(Question::Role, number, &allowed, About::Name(name), features);
            let answer = best(&scores, &allowed);
            if answer > 0 {
                parties.push((*entity, FrameRole::Is(Role::VARIANTS[answer - 1])));
            }
            first.push(role::First::of(&scores, &allowed));
        }
        let before = std::mem::take(&mut parties);
        let mut refused: Vec<(usize, Vec<i32>)> = Vec::new();
        for (entity, first) in candidates.iter().zip(&first) {
            let others: Vec<(usize, FrameRole)> = before.iter().copied().filter(|(other, _)| other != entity).collect();
            let mut features =
                role::features(self.scene, draft, kind, *entity, &near, (Question::Review, &others), spells);
            role::review(self.scene, draft, kind, *entity, *first, &others, &mut features);
            let name = &self.scene.names.entities[*entity].name;
            let scores = self.ask(Question::Review, number, &allowed, About::Name(name), features);
            let answer = best(&scores, &allowed);
            if answer > 0 {
                parties.push((*entity, FrameRole::Is(Role::VARIANTS[answer - 1])));
            } else {
                refused.push((*entity, scores));
            }
        }
        sides::join(draft, &refused, &mut parties);
        if parties.is_empty() {
            parties.clone_from(&before);
        }
        sides::fill(kind, before.iter().chain(&draft.parties), &mut parties);
        // In the order of the rules, then in that of the text.
        parties.sort_by_key(|(entity, _)| {
            draft.parties.iter().position(|(known, _)| known == entity).unwrap_or(usize::MAX)
        });
        draft.parties = parties;
    }

    /// Gives each figure to the deal that wants it most.
    fn figures(&mut self, drafts: &mut [(usize, Draft)]) {
        let mut wanted: Vec<(usize, usize, i32)> = Vec::new();
        for (index, (number, draft)) in drafts.iter().enumerate() {
            let mut given: Vec<usize> = Vec::new();
            let near = around::surroundings(self.scene, draft, 2);
            for figure in around::figures(self.scene, draft, &near) {
                if draft.kind == FrameKind::Deal(Kind::Acquisition)
                    && is_of_the_union(self.scene, self.scene.figures[figure].sentence)
                {
                    continue;
                }
                let features = figure::features(self.scene, drafts, index, figure, &given, self.judge.spells());
                let seen = Seen::of(&self.scene.figures[figure]);
                let scores = self.ask(Question::Figure, *number, &[0, 1], About::Figure(&seen), features);
                if scores[1] > scores[0] {
                    given.push(figure);
                    wanted.push((figure, index, scores[1] - scores[0]));
                }
            }
        }
        for (index, (_, draft)) in drafts.iter_mut().enumerate() {
            // Counts of chips stay where the rules put them.
            draft.figures.retain(|figure| {
                let figure = &self.scene.figures[*figure];
                !figure.is_money() && !figure.is_power()
            });
            for (figure, owner, margin) in &wanted {
                let most = wanted.iter().filter(|(other, _, _)| other == figure).map(|(_, _, margin)| *margin).max();
                if *owner == index && Some(*margin) == most {
                    draft.figures.push(*figure);
                    draft.sentences.insert(self.scene.figures[*figure].sentence);
                }
            }
            draft.figures.sort_unstable();
        }
    }

    fn status(&mut self, number: usize, draft: &mut Draft) {
        let features = status::features(self.scene, draft, self.judge.spells());
        let allowed: Vec<usize> = (0..Status::VARIANTS.len()).collect();
        let scores = self.ask(Question::Status, number, &allowed, About::Draft, features);
        draft.status = Status::VARIANTS[best(&scores, &allowed)];
    }
}

/// The allowed answer with the highest score, the first of equals.
fn best(scores: &[i32], allowed: &[usize]) -> usize {
    allowed.iter().copied().max_by_key(|answer| (scores[*answer], std::cmp::Reverse(*answer))).unwrap_or(0)
}
