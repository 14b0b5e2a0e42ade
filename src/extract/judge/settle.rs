//! What is settled after the last question: drafts that can only be one deal, and what is denied.

use super::super::{
    assemble::{Draft, Scene},
    clause::What,
    frame::{Frame, Standing},
    quantity::Figure,
};
use crate::model::{Qualifier, Status};

/// The longest clause, in items.
const CLAUSE: usize = 60;

/// Puts drafts together that can only be one deal now that their parties and figures are known: one has no party that the
/// other has not, in the same role, and no figure that speaks against the other's ("100 MW", and later "up to 1 GW").
pub(super) fn reunite(scene: &Scene, drafts: Vec<Draft>) -> Vec<Draft> {
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

/// Whether a draft that only proposals or supporting frames tell is said not to be so: "it did not sign a contract worth $2
/// billion". What was called off is a deal that was.
pub(super) fn denied(scene: &Scene, draft: &Draft) -> bool {
    let denies = |frame: &Frame| {
        let items = &scene.items[frame.sentence];
        let figures = draft.figures.iter().map(|figure| &scene.figures[*figure]);
        let told = figures.filter(|figure| figure.sentence == frame.sentence).map(|figure| figure.tokens.start);
        let end = told.max().unwrap_or(frame.trigger);
        let before = items[..items.partition_point(|item| item.tokens.start < end)].iter().rev();
        let clause =
            before.take_while(|item| !matches!(item.what, What::Break | What::Comma | What::Barrier | What::Relative));
        clause.take(CLAUSE).any(|item| item.what == What::Not)
    };
    draft.status != Status::Cancelled
        && draft.frames.iter().all(|frame| frame.standing == Standing::Support && denies(frame))
}
