//! The learned part: which of the drafts that the rules made are deals, which of them are one, of what kind, who plays
//! which role, which figures are theirs and how far they have come.
//!
//! The rules propose; what they found is only one observation among others here. Every decision is one [`Question`]
//! with a fixed list of answers, put to a [`Judge`]: the weights when an article is read, a teacher who knows the labels
//! when they are learned.

mod around;
mod beside;
mod court;
mod deal;
mod features;
mod figure;
mod keep;
mod kind;
mod model;
mod packed;
mod propose;
mod review;
mod role;
mod same;
mod settle;
mod sides;
mod split;
mod status;
mod sums;

use rust_decimal::Decimal;
use strum::VariantArray;

pub use features::Features;
pub use model::{MOST, Model, UNIT};
pub use packed::pack;

use super::{
    assemble::{Draft, Scene},
    lexicon::FrameKind,
    quantity::{Figure, Measure},
};
use crate::model::{Currency, Kind, Role, Status};
use court::{Cast, Court, Reviewed, Wanted};

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum Question {
    /// Whether a draft is worth a closer look: no, yes.
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
    /// Whether what was made of a draft is a deal of this article, when it is known who takes part: no, yes.
    Deal,
}

impl Question {
    /// How many answers it has.
    pub fn answers(self) -> usize {
        match self {
            Self::Keep | Self::Same | Self::Figure | Self::Deal => 2,
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
            Self::Deal => "deal",
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
    /// Whether it is worth a closer look only where no other tells the deal.
    pub spare: bool,
    /// What the rules took it for.
    pub kind: Option<Kind>,
    /// Whom the rules made parties.
    pub parties: Vec<&'a str>,
    /// Who else stands in its sentences.
    pub names: Vec<&'a str>,
    /// Who stands close by.
    pub near: Vec<&'a str>,
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

    /// Is shown what was made of them before the last question; each with the number of its first draft.
    fn settled(&mut self, _: &[(usize, Proposal<'_>)]) {}

    /// Scores each answer, in hundredths; the highest of those allowed counts.
    fn answer(&mut self, asked: &Asked<'_>, features: &Features) -> Vec<i32>;

    /// Whether the observations are to be kept as words.
    fn spells(&self) -> bool {
        false
    }
}

/// Drafts below this are not looked at any further. Far below zero, as the last question is put when more is known.
const KEEP: i32 = -50;

/// Deals below this are left out in the end. Negative: what is missed weighs more than what is too much.
const DEAL: i32 = -100;

/// Decides on the drafts of an article.
pub(super) fn decide(scene: &Scene, drafts: Vec<Draft>, judge: &mut dyn Judge) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = drafts;
    drafts.extend(propose::proposals(scene, &drafts));
    let full = drafts.len();
    drafts.extend(propose::spares(scene, &drafts));
    // Only who learns looks at them.
    if judge.spells() {
        let proposals =
            drafts.iter().enumerate().map(|(at, draft)| Proposal { spare: at >= full, ..proposal(scene, draft) });
        judge.proposed(&proposals.collect::<Vec<_>>());
    }
    let mut court = Court { scene, judge };
    let verdicts = keep::verdicts(scene, &drafts);
    let mut kept: Vec<(usize, Draft)> = Vec::new();
    for (number, draft) in drafts.iter().enumerate() {
        let features = keep::features(scene, &drafts, (number, number >= full), &verdicts, court.judge.spells());
        let scores = court.ask(Question::Keep, number, &[0, 1], About::Draft, &features);
        let margin = scores[1] - scores[0];
        if margin > KEEP {
            kept.push((number, Draft { margin: Some(margin), ..draft.clone() }));
        }
    }
    // A draft that is alone has no other to be held against; who learns is shown all the same what it looks like.
    let mut kept = if kept.len() > 1 || court.judge.spells() {
        let views = court.views(&kept);
        court.join(kept, &views, &verdicts)
    } else {
        kept
    };
    let reach = if kept.len() == 1 { usize::MAX } else { 2 };
    let kinds = court.kinds(&mut kept);
    let casts: Vec<Cast> = kinds.into_iter().enumerate().map(|(at, kind)| court.cast(&kept, at, kind, reach)).collect();
    let reviewed: Vec<Reviewed> = (0..kept.len()).map(|at| court.review(&kept, &casts, at)).collect();
    let mut sure = Vec::with_capacity(kept.len());
    for ((_, draft), reviewed) in kept.iter_mut().zip(reviewed) {
        draft.parties = reviewed.parties;
        sure.push(reviewed.sure);
    }
    let wanted = court.wanted(&kept);
    let dealt = court.dealt(&kept, &verdicts, &sure, &wanted);
    let (mut kept, wanted) = survivors(kept, wanted, &dealt);
    court.figures(&mut kept, &wanted);
    for (number, draft) in &mut kept {
        court.status(*number, draft);
    }
    let mut drafts: Vec<Draft> = kept.into_iter().map(|(_, draft)| draft).collect();
    drafts.retain(|draft| !draft.parties.is_empty() && !settle::denied(scene, draft));
    let mut drafts: Vec<Draft> =
        settle::reunite(scene, drafts).into_iter().flat_map(|draft| split::split(scene, draft)).collect();
    drafts.sort_by_key(|draft| draft.frames.iter().map(|frame| frame.trigger).min());
    drafts
}

/// Those of the drafts that are deals, with what they want.
fn survivors(kept: Vec<(usize, Draft)>, wanted: Vec<Wanted>, margins: &[i32]) -> (Vec<(usize, Draft)>, Vec<Wanted>) {
    let mut place = vec![None; kept.len()];
    let mut left = Vec::new();
    for (at, (number, mut draft)) in kept.into_iter().enumerate() {
        if margins[at] > DEAL {
            place[at] = Some(left.len());
            draft.margin = Some(margins[at]);
            left.push((number, draft));
        }
    }
    let wanted =
        wanted.into_iter().filter_map(|(figure, owner, margin)| Some((figure, place[owner]?, margin))).collect();
    (left, wanted)
}

fn proposal<'a>(scene: &Scene<'a>, draft: &Draft) -> Proposal<'a> {
    let name = |entity: usize| scene.names.entities[entity].name.as_str();
    let parties: Vec<usize> = draft.parties.iter().map(|(entity, _)| *entity).collect();
    let own = around::surroundings(scene, draft, 0);
    let near = around::surroundings(scene, draft, 2);
    Proposal {
        spare: false,
        kind: if let FrameKind::Deal(kind) = draft.kind { Some(kind) } else { None },
        parties: parties.iter().map(|entity| name(*entity)).collect(),
        names: around::entities(scene, draft, &own)
            .into_iter()
            .filter(|entity| !parties.contains(entity))
            .map(name)
            .collect(),
        near: around::entities(scene, draft, &near).into_iter().map(name).collect(),
        figures: draft.figures.iter().map(|figure| Seen::of(&scene.figures[*figure])).collect(),
        others: around::figures(scene, draft, &own)
            .into_iter()
            .filter(|figure| !draft.figures.contains(figure))
            .map(|figure| Seen::of(&scene.figures[figure]))
            .collect(),
    }
}
