//! A settled draft as the contract's claim.

use rust_decimal::Decimal;

use super::{Scene, draft::Draft, terms};
use crate::{
    extract::{
        frame::Standing,
        lexicon::{FrameKind, FrameRole, Lexicon},
        quantity::{Figure, Measure},
    },
    model::{Amount, Basis, Capacity, Certainty, Chips, Claim, Currency, Evidence, Kind, Megawatts, Party, Qualifier},
};

/// `many` says that the article tells of many deals.
pub(super) fn claim(scene: &Scene, lexicon: &Lexicon, draft: &Draft, many: bool) -> Option<Claim> {
    let FrameKind::Deal(kind) = draft.kind else { return None };
    let parties: Vec<Party> = draft
        .parties
        .iter()
        .filter_map(|(entity, role)| {
            let FrameRole::Is(role) = role else { return None };
            let entity = &scene.names.entities[*entity];
            let (country, category) = entity.told;
            Some(Party { name: entity.name.clone(), role: *role, country: country.map(str::to_owned), category })
        })
        .collect();
    if parties.is_empty() {
        return None;
    }
    let evidence = evidence(scene, draft);
    Some(Claim {
        kind,
        status: draft.status,
        parties,
        amounts: amounts(scene, draft),
        capacity: capacity(scene, draft),
        chips: chips(scene, draft),
        duration_months: duration(scene, draft, kind),
        announced_on: terms::announced(scene, lexicon, draft, many),
        places: places(scene, lexicon, draft),
        confidence: confidence(scene, draft),
        evidence,
        programme: None,
        part_of: None,
    })
}

/// The figures of one sort, the headline's last, so that the body's wording counts.
fn chosen<'a>(scene: &'a Scene, draft: &Draft, wanted: impl Fn(&Figure) -> bool) -> Vec<&'a Figure> {
    let figures = draft.figures.iter().map(|index| &scene.figures[*index]).filter(|figure| wanted(figure));
    let (title, body): (Vec<&Figure>, Vec<&Figure>) = figures.partition(|figure| scene.is_title(figure.sentence));
    let mut chosen: Vec<&Figure> = Vec::new();
    for figure in body.into_iter().chain(title) {
        let known = chosen.iter().any(|other| {
            let tolerance = if scene.is_title(figure.sentence) { Decimal::new(6, 2) } else { Decimal::new(5, 3) };
            other.measure == figure.measure && near(other.value, figure.value, tolerance)
        });
        if !known || !scene.is_title(figure.sentence) && comes_on_top(scene, figure) {
            chosen.push(figure);
        }
    }
    chosen
}

/// Whether a figure is one more of the same size: "a data centre of 20 MW in Pohang and another of 20 MW in Jeolla", "an
/// accordion of up to €670 million".
fn comes_on_top(scene: &Scene, figure: &Figure) -> bool {
    let before = |most: usize| {
        let first = scene.text.sentences[figure.sentence].tokens.start;
        (figure.tokens.start.saturating_sub(most).max(first)..figure.tokens.start).map(|token| scene.text.lower(token))
    };
    before(3).any(|word| matches!(word, "another" | "further"))
        || before(6).any(|word| matches!(word, "accordion" | "greenshoe" | "additional"))
}

fn near(a: Decimal, b: Decimal, tolerance: Decimal) -> bool {
    let Some(limit) = a.max(b).checked_mul(tolerance) else { return a == b };
    a.checked_sub(b).is_some_and(|difference| difference.abs() <= limit)
}

fn amounts(scene: &Scene, draft: &Draft) -> Vec<Amount> {
    terms::parts(scene, chosen(scene, draft, Figure::is_money))
        .into_iter()
        .map(|(figure, part)| Amount {
            value: figure.value,
            value_max: figure.value_max,
            currency: if let Measure::Money(currency) = figure.measure { currency } else { Currency::USD },
            qualifier: figure.qualifier,
            basis: if figure.annual { Basis::Annual } else { Basis::Total },
            certainty: if figure.contingent { Certainty::Contingent } else { Certainty::Firm },
            part,
        })
        .collect()
}

fn capacity(scene: &Scene, draft: &Draft) -> Vec<Capacity> {
    terms::parts(scene, chosen(scene, draft, Figure::is_power))
        .into_iter()
        .filter_map(|(figure, part)| {
            Some(Capacity {
                mw: Megawatts::new(figure.value)?,
                mw_max: figure.value_max.and_then(Megawatts::new),
                qualifier: figure.qualifier,
                part,
            })
        })
        .collect()
}

fn chips(scene: &Scene, draft: &Draft) -> Vec<Chips> {
    chosen(scene, draft, |figure| matches!(figure.measure, Measure::Chips(_)))
        .into_iter()
        .map(|figure| Chips {
            count: u64::try_from(figure.value).ok(),
            model: if let Measure::Chips(model) = &figure.measure { model.clone() } else { None },
            qualifier: if figure.qualifier == Qualifier::Range { Qualifier::About } else { figure.qualifier },
        })
        .collect()
}

fn duration(scene: &Scene, draft: &Draft, kind: Kind) -> Option<u32> {
    if matches!(kind, Kind::Equity | Kind::Acquisition | Kind::Ipo | Kind::Land) {
        return None;
    }
    scene
        .figures
        .iter()
        .filter(|figure| figure.measure == Measure::Duration && figure.value_max.is_none())
        .find(|figure| draft.frames.iter().any(|frame| frame.sentence == figure.sentence))
        .and_then(|figure| u32::try_from(figure.value).ok())
}

/// Three places at most, each once.
fn note<'a>(places: &mut Vec<String>, names: impl Iterator<Item = &'a String>) {
    for name in names {
        if places.len() < 3 && !places.contains(name) {
            places.push(name.clone());
        }
    }
}

fn places(scene: &Scene, lexicon: &Lexicon, draft: &Draft) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for frame in &draft.frames {
        let sentence = &scene.text.sentences[frame.sentence].tokens;
        let first = scene.names.places.partition_point(|(tokens, _)| tokens.start < sentence.start);
        let named = scene.names.places[first..].iter().take_while(|(tokens, _)| tokens.start < sentence.end);
        note(&mut places, named.map(|(_, name)| name));
    }
    // "India could get a data centre": what a state may do for itself, its country may have done to it.
    if !places.is_empty() {
        return places;
    }
    for frame in &draft.frames {
        let entities =
            scene.names.mentions.iter().filter(|mention| mention.sentence == frame.sentence).flat_map(|m| &m.entities);
        let names = entities.map(|entity| &scene.names.entities[*entity].name);
        note(&mut places, names.filter(|name| lexicon.states.contains(*name)));
    }
    places
}

/// The sentences that tell the deal, the body's before the headline.
fn evidence(scene: &Scene, draft: &Draft) -> Vec<Evidence> {
    let body = draft.sentences.iter().filter(|s| !scene.is_title(**s));
    let title = draft.sentences.iter().filter(|s| scene.is_title(**s));
    body.chain(title)
        .take(4)
        .map(|sentence| {
            let tokens = scene.text.sentences[*sentence].tokens.clone();
            let (start, end) = (scene.text.tokens[tokens.start].start, scene.text.tokens[tokens.end - 1].end);
            Evidence {
                start: scene.text.chars(start),
                end: scene.text.chars(end),
                text: scene.text.source()[start..end].to_owned(),
            }
        })
        .collect()
}

/// How sure the extractor is. The weights come from a regression, so that their sum tells a chance; where the rules decided
/// alone, known names, a headline, several frames and a figure each add to it.
fn confidence(scene: &Scene, draft: &Draft) -> f64 {
    if let Some(margin) = draft.margin {
        let chance = 1.0 / (1.0 + (-f64::from(margin) / 100.0).exp());
        return (chance * 100.0).round().clamp(5.0, 98.0) / 100.0;
    }
    let known = draft.parties.iter().filter(|(e, _)| scene.names.entities[*e].known).count();
    let formal = draft.parties.iter().filter(|(e, _)| scene.names.entities[*e].formal).count();
    let share = |n: usize| n as f64 / draft.parties.len().max(1) as f64;
    let mut score = 0.35 + 0.15 * share(known) + 0.1 * share(formal);
    score += if draft.sentences.iter().any(|s| scene.is_title(*s)) { 0.15 } else { 0.0 };
    score += if draft.figures.is_empty() { 0.0 } else { 0.1 };
    score += if draft.frames.len() > 1 { 0.1 } else { 0.0 };
    score += if draft.frames.iter().any(|f| f.standing == Standing::Plain) { 0.05 } else { -0.1 };
    (score * 100.0).round().clamp(5.0, 98.0) / 100.0
}
