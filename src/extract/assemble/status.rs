//! How far a draft's deal has come.

use super::{Scene, draft::Draft};
use crate::{
    extract::{
        clause::What,
        frame::Frame,
        lexicon::{Form, FrameKind},
    },
    model::{Kind, Status},
};

/// How far a deal has come.
pub(super) fn status(scene: &Scene, draft: &Draft) -> Status {
    let FrameKind::Deal(kind) = draft.kind else { return Status::Announced };
    let mut best = None;
    let mut rumored = false;
    let mut cancelled = false;
    let mut wishes = false;
    let sentences: Vec<usize> = draft.sentences.iter().copied().collect();
    for sentence in &sentences {
        let signals = &scene.signals[*sentence];
        let frames: Vec<_> = draft.frames.iter().filter(|f| f.sentence == *sentence).collect();
        rumored |= signals.hedges.iter().any(|at| frames.iter().any(|frame| hedged(scene, *at, frame)));
        for (at, status) in &signals.status {
            let reach = if *status == Status::Cancelled { 10 } else { 2 };
            let near = frames.iter().any(|f| *at + 8 >= f.tokens.start && *at <= f.tokens.end + reach);
            match status {
                Status::Cancelled => cancelled |= near || frames.is_empty(),
                Status::Rumored if is_wish(scene, *at) => wishes |= near,
                Status::Rumored => rumored |= near,
                Status::Completed => {
                    let own = frames.iter().any(|f| {
                        matches!(f.kind, FrameKind::Deal(_)) && *at + 3 >= f.tokens.start && *at <= f.trigger + 1
                    });
                    if own && can_complete(scene, kind, *at) {
                        best = best.max(Some(Status::Completed));
                    }
                }
                other => {
                    if near {
                        best = best.max(Some(*other));
                    }
                }
            }
        }
    }
    if cancelled
        || draft
            .frames
            .iter()
            .any(|f| f.drops && matches!(f.form, Some(Form::Past | Form::Present | Form::Participle | Form::Ing)))
    {
        return Status::Cancelled;
    }
    if rumored || wishes && best.is_none() {
        return Status::Rumored;
    }
    let round = |f: &Frame| {
        f.form.is_none()
            && f.kind == FrameKind::Deal(Kind::Equity)
            && scene.items[f.sentence]
                .iter()
                .any(|i| matches!(&i.what, What::Noun(classes) if classes.contains(&"round")))
    };
    best.unwrap_or(match kind {
        Kind::Land => Status::Completed,
        Kind::Equity if draft.frames.iter().any(round) => Status::Completed,
        _ if matches!(kind, Kind::Acquisition | Kind::Equity | Kind::Debt)
            && draft.frames.iter().any(|f| {
                let offers = matches!(scene.text.lower(f.trigger), "launched" | "offered" | "proposed" | "announced");
                f.form == Some(Form::Past) && f.kind == draft.kind && !(offers && kind == Kind::Debt)
            }) =>
        {
            Status::Completed
        }
        _ => Status::Announced,
    })
}

/// Whether a sentence says that the deal or its agreement has ended.
pub(super) fn ended(scene: &Scene, sentence: usize) -> bool {
    let text = scene.text;
    let from = text.sentences[sentence].tokens.start;
    scene.signals[sentence].status.iter().any(|(at, status)| {
        *status == Status::Cancelled
            && matches!(
                text.lower(*at),
                "terminated" | "termination" | "called" | "lapsed" | "collapsed" | "fell" | "scrapped" | "abandoned" | "torn"
            )
            && scene.items[sentence].iter().any(|item| {
                let near = item.tokens.start.abs_diff(*at) <= 8;
                let deal = matches!(&item.what, What::Noun(classes)
                    if classes.iter().any(|c| matches!(*c, "deal" | "purchase" | "merger" | "sale" | "bidding" | "hall" | "ppa" | "supplydeal" | "cloudeal")));
                let definite = (from.max(item.tokens.start.saturating_sub(3))..item.tokens.start)
                    .any(|b| matches!(text.lower(b), "the" | "this" | "its" | "their" | "that"));
                near && deal && definite
            })
    })
}

/// Whether a hedge speaks of a frame: an attribution does in its whole sentence, "reportedly" only where no other
/// trigger stands between.
fn hedged(scene: &Scene, at: usize, frame: &Frame) -> bool {
    if !matches!(scene.text.lower(at), "reportedly" | "reported" | "explored") {
        return true;
    }
    let (low, high) = (at.min(frame.trigger), at.max(frame.trigger));
    !scene.items[frame.sentence]
        .iter()
        .any(|item| matches!(item.what, What::Verb(_)) && item.tokens.start > low && item.tokens.start < high)
}

/// Whether the text has a deal from hearsay ("is reportedly raising", "explored a purchase"), which stays a rumour although
/// another sentence asserts it.
pub(in crate::extract) fn hearsay(scene: &Scene, draft: &Draft) -> bool {
    let mut verbs =
        draft.frames.iter().filter(|frame| matches!(frame.kind, FrameKind::Deal(_)) && frame.form.is_some());
    verbs.any(|frame| {
        scene.signals[frame.sentence].status.iter().any(|(at, status)| {
            let itself = *at == frame.trigger && !is_wish(scene, *at);
            let before = *at < frame.trigger && *at + 2 >= frame.trigger && scene.text.lower(*at) == "reportedly";
            *status == Status::Rumored && (itself || before)
        })
    })
}

/// "Seeks to raise" is a party's own word where it also filed or announced.
fn is_wish(scene: &Scene, at: usize) -> bool {
    matches!(scene.text.lower(at), "seeks" | "seeking" | "looking" | "potential" | "possible")
}

fn can_complete(scene: &Scene, kind: Kind, at: usize) -> bool {
    let word = scene.text.lower(at);
    let closing = matches!(
        word,
        "closed"
            | "has"
            | "completed"
            | "completes"
            | "wraps"
            | "wrapped"
            | "finalized"
            | "finalised"
            | "closing"
            | "have"
            | "completion"
    );
    match kind {
        Kind::Equity | Kind::Debt | Kind::Acquisition | Kind::Land | Kind::Ipo => true,
        Kind::Chips => matches!(word, "bought" | "has" | "purchased" | "took" | "sold"),
        Kind::JointVenture => closing,
        Kind::Build => {
            closing
                || matches!(word, "opened" | "inaugurated" | "energized" | "energised" | "came" | "went" | "switched")
        }
        _ => false,
    }
}
