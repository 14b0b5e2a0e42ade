//! Which deal a figure belongs to.

use super::{Draft, Drafts, Scene};
use crate::{
    extract::{
        clause::What,
        frame::{Frame, Standing},
        lexicon::{FrameKind, FrameRole},
        party::Mention,
        quantity::{Figure, Measure},
    },
    model::{Kind, Role, Use},
};

/// Gives every figure of a deal to a draft.
pub(super) fn figures(scene: &Scene, drafts: &mut Drafts) {
    // What the frames tell, by sentence; the drafts that figures open are put behind.
    let mut told: Vec<(usize, usize)> = drafts.iter().enumerate().map(|(at, d)| (d.frames[0].sentence, at)).collect();
    told.sort_unstable();
    let mut speaks: Option<(usize, bool)> = None;
    for (index, figure) in scene.figures.iter().enumerate() {
        if figure.usage != Use::Deal
            || !matches!(figure.measure, Measure::Money(_) | Measure::Power | Measure::Chips(_))
        {
            continue;
        }
        if let Some(draft) = by_clause(scene, figure, drafts, &told) {
            if let Some(second) = second_loan(scene, index, &drafts[draft]) {
                drafts.push(second);
                continue;
            }
            drafts[draft].figures.push(index);
            continue;
        }
        let known = speaks.filter(|(sentence, _)| *sentence == figure.sentence);
        let (_, spoken) =
            *speaks.insert(known.unwrap_or_else(|| (figure.sentence, speaks_of_a_deal(scene, figure.sentence))));
        if let Some(draft) = by_reference(scene, figure, drafts, spoken) {
            if let Some(build) = own_building(scene, figure, &drafts[draft]) {
                drafts.push(build);
                let last = drafts.len() - 1;
                drafts[last].figures.push(index);
                continue;
            }
            drafts[draft].figures.push(index);
            drafts[draft].sentences.insert(figure.sentence);
        }
    }
}

/// The draft whose frame covers the figure, or stands closest to it in its sentence.
fn by_clause(scene: &Scene, figure: &Figure, drafts: &Drafts, told: &[(usize, usize)]) -> Option<usize> {
    let at = figure.tokens.start;
    let first = told.partition_point(|(sentence, _)| *sentence < figure.sentence);
    let here = told[first..].iter().take_while(|(sentence, _)| *sentence == figure.sentence).map(|(_, index)| *index);
    let opened = (told.len()..drafts.len()).filter(|index| drafts[*index].frames[0].sentence == figure.sentence);
    let here = here.chain(opened).map(|index| (index, &drafts[index]));
    here.filter_map(|(index, draft)| {
        let frame = &draft.frames[0];
        let covers = frame.tokens.start <= at && at < frame.tokens.end;
        // In "X's $950M raise" the figure belongs to the noun.
        let inside = frame.form.is_none() && frame.tokens.start <= at && at < frame.trigger;
        let distance = match (inside, at >= frame.trigger) {
            (true, _) => 0,
            (false, true) => at - frame.trigger,
            (false, false) => frame.trigger - at + 2,
        };
        let open = !matches!(frame.kind, FrameKind::Deal(_));
        let wrong = figure.is_power() && matches!(frame.kind, FrameKind::Deal(Kind::Equity | Kind::Debt | Kind::Ipo));
        // "A data center that will cost $1 billion"
        let priced = frame.trigger < at
            && at - frame.trigger < 12
            && (frame.trigger..at).any(|t| matches!(scene.text.lower(t), "cost" | "costs" | "costing" | "worth"));
        let loose = frame.standing == Standing::Weak && frame.form.is_none() && !covers && !priced;
        (!wrong && !loose).then_some(((!covers, open && !covers, distance, index), index))
    })
    .min()
    .map(|(_, index)| index)
}

/// "$3 billion of convertible notes and $1.25 billion of senior notes": two loans of one borrower.
fn second_loan(scene: &Scene, figure: usize, draft: &Draft) -> Option<Draft> {
    if draft.kind != FrameKind::Deal(Kind::Debt) {
        return None;
    }
    let loan = |figure: usize| {
        let figure = &scene.figures[figure];
        let end = figure.tokens.end;
        let item = scene.items[figure.sentence].iter().find(|item| {
            item.tokens.start > end
                && item.tokens.start <= end + 4
                && matches!(&item.what, What::Noun(classes) if classes.contains(&"debt"))
        })?;
        matches!(scene.text.lower(end), "of" | "in" | "worth")
            .then(|| item.tokens.clone().map(|at| scene.text.lower(at)).collect::<Vec<_>>())
    };
    let own = loan(figure)?;
    let sentence = scene.figures[figure].sentence;
    let before = *draft.figures.iter().rev().find(|f| scene.figures[**f].sentence == sentence)?;
    let joined =
        (scene.figures[before].tokens.end..scene.figures[figure].tokens.start).any(|at| scene.text.lower(at) == "and");
    if !joined || loan(before).is_none_or(|known| known == own) {
        return None;
    }
    let mut second = draft.clone();
    second.figures = vec![figure];
    second.apart = true;
    Some(second)
}

/// In a sentence that tells no deal itself: "The deal is worth …", "The project carried a price tag of …".
fn by_reference(scene: &Scene, figure: &Figure, drafts: &Drafts, spoken: bool) -> Option<usize> {
    let near = continues(scene, figure, drafts);
    if !spoken && !is_tranche(scene, figure) && !goes_on(scene, figure) && !near {
        return None;
    }
    let only_near = !spoken && !is_tranche(scene, figure) && !goes_on(scene, figure);
    // "Separately", "in a separate agreement": another deal.
    let range = scene.text.sentences[figure.sentence].tokens.clone();
    if range.clone().take(4).any(|at| matches!(scene.text.lower(at), "separately" | "separate")) {
        return None;
    }
    if !is_tranche(scene, figure) && !scene.signals[figure.sentence].history.is_empty() {
        return None;
    }
    // A sentence about somebody else tells of something else.
    let range = &scene.text.sentences[figure.sentence].tokens;
    let subject = mentions(scene, figure.sentence).first().filter(|m| m.tokens.start < figure.tokens.start);
    let stranger = |d: &Draft| {
        subject.is_some_and(|m| {
            m.tokens.start <= range.start + 1
                && !m.entities.iter().any(|e| d.parties.iter().any(|(known, _)| known == e))
        })
    };
    let single = drafts.iter().filter(|d| !d.background).count() == 1;
    drafts
        .iter()
        .enumerate()
        .filter(|(_, d)| !d.background && d.frames[0].sentence < figure.sentence)
        .filter(|(_, d)| figure.sentence - d.frames[0].sentence <= if single { 8 } else { 3 })
        .filter(|(_, d)| !stranger(d))
        // What a company that is bought has already is not what is bought now.
        .filter(|(_, d)| !(only_near && figure.is_power() && d.kind == FrameKind::Deal(Kind::Acquisition)))
        .filter(|(_, d)| {
            !(figure.is_power()
                && matches!(d.kind, FrameKind::Deal(Kind::Equity | Kind::Debt | Kind::Ipo | Kind::Land)))
        })
        .max_by_key(|(index, d)| {
            (
                d.kind != FrameKind::Deal(Kind::Partnership),
                d.frames[0].sentence,
                matches!(d.kind, FrameKind::Deal(_)),
                usize::MAX - index,
            )
        })
        .map(|(index, _)| index)
}

/// The mentions of a sentence.
fn mentions<'a>(scene: &'a Scene, sentence: usize) -> &'a [Mention] {
    let from = scene.names.mentions.partition_point(|m| m.sentence < sentence);
    let to = scene.names.mentions.partition_point(|m| m.sentence <= sentence);
    &scene.names.mentions[from..to]
}

/// Whether a sentence says "the deal", "this project", "its price".
fn speaks_of_a_deal(scene: &Scene, sentence: usize) -> bool {
    scene.items[sentence].iter().any(|item| {
        let What::Noun(classes) = &item.what else { return false };
        let deal = classes.iter().any(|class| {
            matches!(
                *class,
                "price"
                    | "plan"
                    | "deal"
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
                    | "plant"
                    | "land"
                    | "venture"
                    | "merger"
            )
        });
        let from = item.tokens.start.saturating_sub(4);
        if classes.contains(&"price") && item.tokens.start == scene.text.sentences[sentence].tokens.start {
            return true;
        }
        let definite = (from..item.tokens.start).any(|at| {
            matches!(scene.text.lower(at), "the" | "this" | "that" | "its" | "their" | "these" | "both" | "each")
        });
        deal && definite
    })
}

/// Whether a sentence that names nobody else follows within its paragraph on one that tells a deal.
fn continues(scene: &Scene, figure: &Figure, drafts: &Drafts) -> bool {
    let sentence = figure.sentence;
    let sentences = &scene.text.sentences;
    let told = |before: usize| drafts.iter().any(|d| !d.background && d.sentences.contains(&before));
    let Some(before) = (sentence.saturating_sub(3)..sentence)
        .rev()
        .take_while(|s| sentences[*s].paragraph == sentences[sentence].paragraph && !scene.is_title(*s))
        .find(|s| told(*s))
    else {
        return false;
    };
    let known = |entity: usize| {
        drafts.iter().any(|d| !d.background && d.sentences.contains(&before) && d.parties.iter().any(|p| p.0 == entity))
    };
    mentions(scene, sentence).iter().all(|m| m.entities.iter().any(|e| known(*e)))
}

/// "Another $30 billion", "the first $10 billion", "of this, $7 billion": a part of what was told before.
fn is_tranche(scene: &Scene, figure: &Figure) -> bool {
    let text = scene.text;
    let from = text.sentences[figure.sentence].tokens.start;
    let before = (from.max(figure.tokens.start.saturating_sub(3))..figure.tokens.start).any(|at| {
        matches!(
            text.lower(at),
            "another"
                | "first"
                | "further"
                | "remaining"
                | "additional"
                | "initial"
                | "second"
                | "other"
                | "extra"
                | "full"
                | "final"
        )
    });
    // "Deployment begins with 1 gigawatt"
    let start = from.max(figure.tokens.start.saturating_sub(8));
    let begins = (start..figure.tokens.start).any(|at| {
        matches!(text.lower(at), "begin" | "begins" | "beginning" | "start" | "starts" | "starting")
            && (at + 1..figure.tokens.start).any(|to| text.lower(to) == "with")
    });
    let after = text.lower(figure.tokens.end) == "more"
        || matches!(text.lower(figure.tokens.end), "of" | "from")
            && matches!(text.lower(figure.tokens.end + 1), "that" | "this" | "it" | "which");
    before || after || begins || text.lower(from) == "of" && figure.tokens.start - from < 6
}

/// "It will have 300 MW", "Together they are to reach 500 MW": the sentence goes on about the deal of the last one.
fn goes_on(scene: &Scene, figure: &Figure) -> bool {
    let text = scene.text;
    let start = text.sentences[figure.sentence].tokens.start;
    let first = text.lower(start);
    // "The sellers are to receive …"
    let role = first == "the"
        && matches!(
            text.lower(start + 1),
            "seller"
                | "sellers"
                | "buyer"
                | "buyers"
                | "tenant"
                | "landlord"
                | "lender"
                | "lenders"
                | "borrower"
                | "investors"
        );
    role || matches!(first, "it" | "they" | "together" | "this" | "these" | "both" | "its" | "combined")
}

/// "… laid out what comes next: a $1.2 billion data center": a building of whoever paid in the deal told before, which
/// was no building itself.
fn own_building(scene: &Scene, figure: &Figure, before: &Draft) -> Option<Draft> {
    let FrameKind::Deal(kind @ (Kind::Land | Kind::Acquisition | Kind::Lease)) = before.kind else { return None };
    let noun = scene.items[figure.sentence].iter().find(|item| item.tokens.start >= figure.tokens.end)?;
    let What::Noun(classes) = &noun.what else { return None };
    if !classes.contains(&"site") || noun.tokens.start > figure.tokens.end + 1 {
        return None;
    }
    let payer = before.parties.iter().find(|(_, role)| *role == FrameRole::Is(kind.roles()[0]))?.0;
    Some(Draft::of(Frame {
        kind: FrameKind::Deal(Kind::Build),
        parties: vec![(payer, FrameRole::Is(Role::Owner))],
        sentence: figure.sentence,
        tokens: figure.tokens.start..noun.tokens.end,
        trigger: noun.tokens.start,
        form: None,
        standing: Standing::Plain,
        relative: false,
        drops: false,
    }))
}
