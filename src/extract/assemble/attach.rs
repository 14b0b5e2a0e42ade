//! Which deal a figure belongs to.

use super::{Drafts, Scene};
use crate::{
    extract::{
        clause::What,
        lexicon::FrameKind,
        quantity::{Figure, Measure},
    },
    model::{Kind, Use},
};

/// Gives every figure of a deal to a draft.
pub(super) fn figures(scene: &Scene, drafts: &mut Drafts) {
    for (index, figure) in scene.figures.iter().enumerate() {
        if figure.usage != Use::Deal
            || !matches!(figure.measure, Measure::Money(_) | Measure::Power | Measure::Chips(_))
        {
            continue;
        }
        if let Some(draft) = by_clause(figure, drafts) {
            drafts[draft].figures.push(index);
        } else if let Some(draft) = by_reference(scene, figure, drafts) {
            drafts[draft].figures.push(index);
            drafts[draft].sentences.insert(figure.sentence);
        }
    }
}

/// The draft whose frame covers the figure, or stands closest to it in its sentence.
fn by_clause(figure: &Figure, drafts: &Drafts) -> Option<usize> {
    let at = figure.tokens.start;
    let here = drafts.iter().enumerate().filter(|(_, d)| d.frames[0].sentence == figure.sentence);
    here.filter_map(|(index, draft)| {
        let frame = &draft.frames[0];
        let covers = frame.tokens.start <= at && at < frame.tokens.end;
        let distance = if at >= frame.trigger { at - frame.trigger } else { (frame.trigger - at) + 2 };
        let open = !matches!(frame.kind, FrameKind::Deal(_));
        let wrong = figure.is_power() && matches!(frame.kind, FrameKind::Deal(Kind::Equity | Kind::Debt | Kind::Ipo));
        (!wrong).then_some(((!covers, open && !covers, distance, index), index))
    })
    .min()
    .map(|(_, index)| index)
}

/// In a sentence that tells no deal itself: "The deal is worth …", "The project carried a price tag of …".
fn by_reference(scene: &Scene, figure: &Figure, drafts: &Drafts) -> Option<usize> {
    let items = &scene.items[figure.sentence];
    let nouns: Vec<&str> = items
        .iter()
        .filter_map(|item| if let What::Noun(classes) = &item.what { Some(classes.clone()) } else { None })
        .flatten()
        .collect();
    let speaks = nouns.iter().any(|n| {
        matches!(
            *n,
            "deal"
                | "site"
                | "purchase"
                | "supplydeal"
                | "cloudeal"
                | "ppa"
                | "investment"
                | "round"
                | "debt"
                | "hall"
                | "partnership"
                | "power"
                | "plant"
                | "land"
                | "compute"
                | "chips"
        )
    });
    if !speaks {
        return None;
    }
    let single = drafts.iter().filter(|d| !d.background).count() == 1;
    drafts
        .iter()
        .enumerate()
        .filter(|(_, d)| !d.background && d.frames[0].sentence < figure.sentence)
        .filter(|(_, d)| figure.sentence - d.frames[0].sentence <= if single { 8 } else { 3 })
        .filter(|(_, d)| {
            !(figure.is_power() && matches!(d.kind, FrameKind::Deal(Kind::Equity | Kind::Debt | Kind::Ipo)))
        })
        .max_by_key(|(index, d)| (d.frames[0].sentence, matches!(d.kind, FrameKind::Deal(_)), usize::MAX - index))
        .map(|(index, _)| index)
}
