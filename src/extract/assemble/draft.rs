//! Drafts: frames that tell the same deal, put together.

use std::collections::BTreeSet;

use super::{Scene, decide, roles, statement, status};
use crate::{
    extract::{
        frame::{Frame, Standing},
        lexicon::{Form, FrameKind, FrameRole, Lexicon},
        text::Part,
    },
    model::{Kind, Role, Status},
};

/// A deal in the making.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What is transacted, as far as it is known.
    pub kind: FrameKind,
    /// Who takes part.
    pub parties: Vec<(usize, FrameRole)>,
    /// Its figures.
    pub figures: Vec<usize>,
    /// The frames that tell it.
    pub frames: Vec<Frame>,
    /// Its sentences, those without a frame included.
    pub sentences: BTreeSet<usize>,
    /// How far it has come.
    pub status: Status,
    /// Whether the text tells it as history.
    pub background: bool,
    /// Whether it is a second deal of the same parties and kind, which stays by itself.
    pub apart: bool,
    /// By how much the weights, in hundredths, speak for its being a deal; `None` where the rules decided.
    pub margin: Option<i32>,
}

impl Draft {
    pub fn of(frame: Frame) -> Self {
        Self {
            kind: frame.kind,
            parties: frame.parties.clone(),
            figures: Vec::new(),
            sentences: BTreeSet::from([frame.sentence]),
            frames: vec![frame],
            status: Status::Announced,
            background: false,
            apart: false,
            margin: None,
        }
    }

    fn has(&self, entity: usize) -> bool {
        self.parties.iter().any(|(known, _)| *known == entity)
    }

    fn in_role(&self, role: FrameRole) -> impl Iterator<Item = usize> {
        self.parties.iter().filter(move |(_, r)| *r == role).map(|(entity, _)| *entity)
    }

    pub fn absorb(&mut self, other: Self) {
        // The more telling of two kinds counts: a listing over the money that it raises, a venture over its building.
        let rank = |kind: FrameKind| match kind {
            FrameKind::Deal(Kind::Partnership) => 1,
            FrameKind::Deal(Kind::Ipo | Kind::JointVenture | Kind::Debt) => 3,
            FrameKind::Deal(_) => 2,
            FrameKind::Generic | FrameKind::Spend => 0,
        };
        if rank(other.kind) > rank(self.kind) {
            self.kind = other.kind;
            let own = std::mem::replace(&mut self.parties, other.parties);
            self.add_parties(own);
        } else {
            self.add_parties(other.parties);
        }
        for figure in other.figures {
            if !self.figures.contains(&figure) {
                self.figures.push(figure);
            }
        }
        self.figures.sort_unstable();
        self.frames.extend(other.frames);
        self.sentences.extend(other.sentences);
        self.background &= other.background;
        self.margin = self.margin.max(other.margin);
    }

    fn add_parties(&mut self, parties: Vec<(usize, FrameRole)>) {
        for (entity, role) in parties {
            match self.parties.iter_mut().find(|(known, _)| *known == entity) {
                Some((_, known)) => {
                    if *known == FrameRole::Auto {
                        *known = role;
                    }
                }
                None => self.parties.push((entity, role)),
            }
        }
    }
}

/// Puts frames together: first those of one sentence, then over the article.
pub(super) fn merge(scene: &Scene, frames: Vec<Frame>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for frame in frames {
        let background = is_background(scene, &frame);
        let mut draft = Draft::of(frame);
        draft.background = background;
        drafts.push(draft);
    }
    drafts
}

/// Whether the headline says that something was turned down or given up.
fn refused(scene: &Scene) -> bool {
    (0..scene.items.len())
        .take_while(|s| scene.is_title(*s))
        .any(|s| scene.signals[s].status.iter().any(|(_, status)| *status == Status::Cancelled))
}

/// Whether a frame tells history: a past year or "previously" in its clause, or a relative clause with a date.
fn is_background(scene: &Scene, frame: &Frame) -> bool {
    let signals = &scene.signals[frame.sentence];
    // "…, which bought X", "…, which owns X": an aside about somebody.
    if frame.relative && matches!(frame.form, Some(Form::Past)) && !scene.is_lead(frame.sentence) {
        return true;
    }
    // "Will spend $90 billion this year" is guidance.
    let spends = scene.text.lower(frame.trigger).starts_with("spen");
    if signals.guidance && spends && !scene.is_title(frame.sentence) {
        return true;
    }
    // "It had proposed a campus": what a council turned down now.
    if refused(scene) && frame.kind == FrameKind::Deal(Kind::Build) && scene.text.lower(frame.trigger) == "proposed" {
        return false;
    }
    // What is still to come is no history, whatever year stands beside it.
    if scene.is_title(frame.sentence) {
        return false;
    }
    // "Founded in 2021, it has raised": the perfect tells news.
    let perfect = frame.trigger > 1
        && (frame.trigger - 2..frame.trigger).any(|at| matches!(scene.text.lower(at), "has" | "have"))
        && !frame.relative;
    if perfect {
        return false;
    }
    if frame.form == Some(Form::Base) {
        // "In 2024 it agreed to buy": the past stands between who acts and the verb.
        let to = scene.text.lower(frame.trigger.saturating_sub(1)) == "to";
        let body = scene.text.sentences[frame.sentence].part == Part::Body && !scene.is_lead(frame.sentence);
        let between = |at: &usize| *at >= frame.tokens.start && *at < frame.trigger;
        return to && (signals.history.iter().any(between) || body && signals.months.iter().any(between));
    }
    // "It leased 61 MW during the quarter" sums up many deals.
    if signals.quarter && frame.parties.len() < 2 {
        return true;
    }
    let past = matches!(frame.form, None | Some(Form::Past | Form::Participle));
    let body = scene.text.sentences[frame.sentence].part == Part::Body && !scene.is_lead(frame.sentence);
    if past && body && signals.months.iter().any(|at| *at + 6 >= frame.tokens.start && *at <= frame.tokens.end) {
        return true;
    }
    signals.history.iter().any(|at| *at + 6 >= frame.tokens.start && *at <= frame.tokens.end)
}

/// Merges drafts that tell one deal, after each got its figures.
pub(super) fn settle(scene: &Scene, lexicon: &Lexicon, drafts: Vec<Draft>) -> Vec<Draft> {
    let mut settled: Vec<Draft> = Vec::new();
    // Deals of a stated kind first, each in the order of the text; then agreements and spending that need one.
    let (stated, open): (Vec<Draft>, Vec<Draft>) =
        drafts.into_iter().partition(|d| matches!(d.kind, FrameKind::Deal(_)));
    for draft in stated {
        if let Some(index) = commissioned(scene, &settled, &draft) {
            let builder = draft.parties[0].0;
            settled[index].parties.push((builder, FrameRole::Is(Role::Developer)));
            settled[index].sentences.extend(draft.sentences);
            continue;
        }
        place(scene, &mut settled, draft);
    }
    let mut left = Vec::new();
    for draft in open {
        match home(scene, &settled, &draft) {
            Some(index) => settled[index].absorb(draft),
            None => left.push(draft),
        }
    }
    for draft in left {
        let Some(mut draft) = decide::kind(scene, draft) else { continue };
        roles::roles(scene, &mut draft);
        place(scene, &mut settled, draft);
    }
    // A second round: what one merge made complete can take in another.
    let mut again: Vec<Draft> = Vec::new();
    for draft in settled {
        place(scene, &mut again, draft);
    }
    statement::apply(scene, lexicon, &mut again);
    decide::price(scene, &mut again);
    for draft in &mut again {
        roles::roles(scene, draft);
        decide::refine(scene, draft);
        draft.status = status::status(scene, draft);
    }
    // What became of the only deal may be told far from it: "The agreement was terminated".
    let ended = (0..scene.items.len()).any(|s| status::ended(scene, s));
    let refused = refused(scene);
    let only = |drafts: &[Draft], build: bool| {
        let counts = |d: &&Draft| !d.background && (!build || d.kind == FrameKind::Deal(Kind::Build));
        drafts.iter().filter(counts).count() == 1
    };
    let (single, single_build) = (only(&again, false), only(&again, true));
    for draft in again.iter_mut().filter(|d| !d.background) {
        let build = draft.kind == FrameKind::Deal(Kind::Build);
        if matches!(draft.status, Status::Announced | Status::Signed)
            && (ended && single || refused && build && single_build)
        {
            draft.status = Status::Cancelled;
        }
    }
    again.sort_by_key(|d| d.frames.iter().map(|f| f.trigger).min());
    again
}

/// "X will develop the campuses": the building of another that was told right before, and that X puts up.
fn commissioned(scene: &Scene, settled: &[Draft], draft: &Draft) -> Option<usize> {
    let ([(builder, FrameRole::Is(Role::Owner))], [frame]) = (&draft.parties[..], &draft.frames[..]) else {
        return None;
    };
    let builds = matches!(
        scene.text.lower(frame.trigger),
        "build" | "builds" | "develop" | "develops" | "construct" | "constructs" | "building" | "developing"
    ) && frame.form.is_some();
    let definite = (frame.trigger + 1..frame.trigger + 4)
        .any(|at| matches!(scene.text.lower(at), "the" | "those" | "these" | "both" | "them"));
    if draft.kind != FrameKind::Deal(Kind::Build) || !builds || !definite || !draft.figures.is_empty() {
        return None;
    }
    let sentence = frame.sentence;
    settled.iter().rposition(|known| {
        known.kind == FrameKind::Deal(Kind::Build)
            && !known.background
            && !known.figures.is_empty()
            && !known.has(*builder)
            && known.sentences.iter().any(|s| *s <= sentence && sentence - s <= 2)
    })
}

fn place(scene: &Scene, settled: &mut Vec<Draft>, draft: Draft) {
    let best = settled
        .iter()
        .enumerate()
        .filter_map(|(index, known)| Some((kinship(scene, known, &draft)?, index)))
        .max_by_key(|(score, index)| (*score, std::cmp::Reverse(*index)));
    match best {
        Some((_, index)) => settled[index].absorb(draft),
        None => settled.push(draft),
    }
}

/// How close two drafts of a stated kind are; `None` where they are different deals.
fn kinship(scene: &Scene, a: &Draft, b: &Draft) -> Option<u32> {
    if a.background != b.background || a.apart || b.apart {
        return None;
    }
    let (FrameKind::Deal(ka), FrameKind::Deal(kb)) = (a.kind, b.kind) else { return None };
    let floats = matches!((ka, kb), (Kind::Ipo, Kind::Equity) | (Kind::Equity, Kind::Ipo))
        && a.parties.len() == 1
        && b.parties.len() == 1
        && a.sentences.iter().any(|s| b.sentences.iter().any(|t| s.abs_diff(*t) <= 1));
    let same_sum = a.figures.iter().any(|f| b.figures.iter().any(|g| equal(scene, *f, *g)));
    let together = a.sentences.intersection(&b.sentences).next().is_some();
    let alone = |d: &Draft| d.parties.len() == 1;
    let borrows = (same_sum || together && (alone(a) || alone(b)))
        && matches!((ka, kb), (Kind::Debt, Kind::Equity) | (Kind::Equity, Kind::Debt));
    if ka != kb && !decide::compatible(ka, kb) && !floats && !borrows {
        return None;
    }
    let shared = b.parties.iter().filter(|(entity, _)| a.has(*entity)).count();
    // The headline stands close to the whole first paragraph.
    let lead = |s: usize, t: usize| scene.is_title(s) && scene.is_lead(t);
    let close =
        a.sentences.iter().any(|s| b.sentences.iter().any(|t| s.abs_diff(*t) <= 1 || lead(*s, *t) || lead(*t, *s)));
    let same_figure = a.figures.iter().any(|f| b.figures.iter().any(|g| equal(scene, *f, *g)));
    if ka == kb && conflicts(a, b, ka) && !(same_figure && shared > 0) {
        return None;
    }
    if shared == 0 {
        let open = |d: &Draft| match ka {
            Kind::Equity => d.in_role(FrameRole::Is(Role::Investee)).next().is_none(),
            Kind::Debt => d.in_role(FrameRole::Is(Role::Borrower)).next().is_none(),
            _ => false,
        };
        let together = ka == Kind::JointVenture && ka == kb && a.sentences.intersection(&b.sentences).next().is_some();
        let complete = together || ka == kb && close && (complements(a, b) || open(a) != open(b));
        return (complete || ka == kb && same_figure && close).then_some(1);
    }
    // An agreement and a building of one party are two things unless they have the same parties.
    if ka != kb && !floats && shared < a.parties.len().min(b.parties.len()) {
        return None;
    }
    if ka == Kind::Build && kb == ka && shared < a.parties.len().min(b.parties.len()) {
        return None;
    }
    // A builder may build two things: different money and different power make two deals.
    if ka == Kind::Build && differ(scene, a, b) && !same_figure {
        return None;
    }
    Some(10 * u32::try_from(shared).unwrap_or(9) + u32::from(close) + 5 * u32::from(same_figure))
}

/// Whether both have figures of one measure and none in common.
fn differ(scene: &Scene, a: &Draft, b: &Draft) -> bool {
    let money = |d: &Draft| d.figures.iter().copied().filter(|f| scene.figures[*f].is_money()).collect::<Vec<_>>();
    let (ma, mb) = (money(a), money(b));
    !ma.is_empty()
        && !mb.is_empty()
        && !ma.iter().any(|f| mb.iter().any(|g| equal(scene, *f, *g)))
        && a.sentences.intersection(&b.sentences).next().is_none()
        && !a.sentences.iter().any(|s| b.sentences.iter().any(|t| s.abs_diff(*t) <= 2))
}

/// Whether two figures say the same.
pub fn equal(scene: &Scene, a: usize, b: usize) -> bool {
    let (a, b) = (&scene.figures[a], &scene.figures[b]);
    a.measure == b.measure && a.value == b.value && a.value_max == b.value_max
}

/// Whether a role that both fill is filled by different parties.
fn conflicts(a: &Draft, b: &Draft, kind: Kind) -> bool {
    kind.roles()
        .iter()
        .filter(|role| !matches!(role, Role::Partner | Role::Investor | Role::Lender | Role::Seller))
        .any(|role| {
            let role = FrameRole::Is(*role);
            let (ra, rb): (Vec<usize>, Vec<usize>) = (a.in_role(role).collect(), b.in_role(role).collect());
            !ra.is_empty() && !rb.is_empty() && !ra.iter().any(|e| rb.contains(e))
        })
}

/// Whether two drafts fill different roles of one deal.
fn complements(a: &Draft, b: &Draft) -> bool {
    let roles = |d: &Draft| d.parties.iter().map(|(_, role)| *role).collect::<Vec<_>>();
    let (ra, rb) = (roles(a), roles(b));
    !ra.is_empty() && !rb.is_empty() && !ra.iter().any(|r| rb.contains(r))
}

/// The draft to which an agreement without substance, or money without an object, belongs.
fn home(scene: &Scene, settled: &[Draft], draft: &Draft) -> Option<usize> {
    let sentence = *draft.sentences.first()?;
    settled
        .iter()
        .enumerate()
        .filter(|(_, known)| known.background == draft.background && !known.apart)
        .filter_map(|(index, known)| {
            let distance = known.sentences.iter().map(|s| s.abs_diff(sentence)).min()?;
            let shared = draft.parties.iter().filter(|(e, _)| known.has(*e)).count();
            let strange = draft.parties.iter().filter(|(e, _)| !known.has(*e)).count();
            // A guarantor and those who only "invested" belong to the deal told beside them.
            let backs = distance <= 1 && draft.parties.iter().all(|(_, r)| *r == FrameRole::Is(Role::Backer));
            let bought_in =
                draft.kind == FrameKind::Generic && draft.frames.iter().all(|f| f.standing == Standing::Weak);
            let joins = (draft.kind == FrameKind::Spend || bought_in)
                && draft.figures.is_empty()
                && distance <= 2
                && known.kind == FrameKind::Deal(Kind::Equity)
                && known.in_role(FrameRole::Is(Role::Investee)).next().is_some_and(|e| !draft.has(e));
            // Who builds or runs "them" takes part in the building told right before.
            let serves = distance <= 2
                && known.kind == FrameKind::Deal(Kind::Build)
                && draft.frames.iter().all(|f| f.standing == Standing::Support)
                && draft
                    .parties
                    .iter()
                    .all(|(e, r)| matches!(r, FrameRole::Is(Role::Developer | Role::Operator)) && !known.has(*e));
            if backs || joins || serves {
                return Some((distance, usize::MAX - shared, index));
            }
            let leads = distance == 0
                && draft.frames.iter().all(|f| f.standing == Standing::Support)
                && matches!(known.kind, FrameKind::Deal(Kind::Equity | Kind::Debt));
            if leads {
                return Some((distance, usize::MAX - shared, index));
            }
            // Another party with money of its own makes a deal of its own.
            if strange > 0
                && shared > 0
                && known.parties.len() > 1
                && !draft.figures.is_empty()
                && !known.figures.is_empty()
            {
                return None;
            }
            let fits = shared > 0 && (distance == 0 || strange == 0 || known.parties.len() < 2);
            let spend = draft.kind == FrameKind::Spend;
            let same = draft.figures.iter().any(|f| known.figures.iter().any(|g| equal(scene, *f, *g)));
            let kind_fits = !spend
                || same
                || matches!(
                    known.kind,
                    FrameKind::Deal(
                        Kind::Build | Kind::JointVenture | Kind::Compute | Kind::Power | Kind::Land | Kind::Partnership
                    )
                );
            (fits && kind_fits && distance <= 6).then_some((distance, usize::MAX - shared, index))
        })
        .min()
        .map(|(_, _, index)| index)
        .filter(|_| !scene.text.sentences.is_empty())
}
