//! What a draft is, and whether it stands at all.

use super::{Scene, draft::Draft};
use crate::{
    extract::{
        clause::What,
        frame::Standing,
        lexicon::{FrameKind, FrameRole},
    },
    model::{Category, Kind, Role, Use},
};

/// Whether a text may call one deal by both kinds.
pub(super) fn compatible(a: Kind, b: Kind) -> bool {
    use Kind::{Acquisition, Build, Chips, Compute, Equity, JointVenture, Lease, Partnership, Power};
    let either = |x: Kind, y: Kind| match (x, y) {
        (Partnership, other) => matches!(other, Compute | Power | JointVenture | Chips | Equity | Build),
        (JointVenture, other) => matches!(other, Build | Acquisition),
        (Lease, other) => other == Compute,
        _ => false,
    };
    either(a, b) || either(b, a)
}

/// The kind of a draft that no verb settled, by what its sentences speak of and by the parties' trades.
pub(super) fn kind(scene: &Scene, mut draft: Draft) -> Option<Draft> {
    let mut classes: Vec<&str> = Vec::new();
    let from = draft.sentences.first().copied()?;
    let to = (from + 2).min(scene.items.len());
    for sentence in from..to {
        for item in &scene.items[sentence] {
            if let What::Noun(nouns) = &item.what {
                classes.extend(nouns.iter().copied());
            }
        }
    }
    let has = |names: &[&str]| classes.iter().any(|c| names.contains(c));
    if draft.kind == FrameKind::Spend {
        let tokens = &scene.text.sentences[from].tokens;
        let somewhere = scene.names.places.iter().any(|(place, _)| tokens.contains(&place.start));
        let site = has(&["site", "plant", "hall", "cloudeal", "compute"]);
        if !(site || somewhere) || draft.figures.is_empty() {
            return None;
        }
        draft.kind = FrameKind::Deal(Kind::Build);
        return Some(draft);
    }
    let trade = |list: &[Category]| {
        draft.parties.iter().any(|(e, _)| scene.names.entities[*e].category.is_some_and(|c| list.contains(&c)))
    };
    let kind = if has(&["talks"]) && has(&["stake", "round", "capital"]) {
        Kind::Equity
    } else if has(&["talks"]) && has(&["purchase", "merger"]) {
        Kind::Acquisition
    } else if has(&["cloudeal", "compute"]) {
        Kind::Compute
    } else if has(&["ppa"])
        || has(&["power", "plant"]) && trade(&[Category::Utility, Category::Nuclear, Category::Energy])
    {
        Kind::Power
    } else if has(&["hall"]) {
        Kind::Lease
    } else if has(&["chips", "supplydeal"]) {
        Kind::Chips
    } else if trade(&[Category::Utility, Category::Nuclear, Category::Energy]) {
        Kind::Power
    } else if trade(&[Category::GpuCloud, Category::DataCenter, Category::Miner])
        || trade(&[Category::Hyperscaler]) && trade(&[Category::AiLab])
    {
        Kind::Compute
    } else {
        Kind::Partnership
    };
    draft.kind = FrameKind::Deal(kind);
    let told = has(&["cloudeal", "ppa", "hall", "supplydeal"]);
    if draft.figures.is_empty() && draft.frames.iter().all(|f| f.standing == Standing::Weak) {
        return None;
    }
    if draft.parties.len() < 2 && (draft.figures.is_empty() || !told) {
        return None;
    }
    Some(draft)
}

/// Corrects a kind by what the whole draft shows.
pub(super) fn refine(scene: &Scene, draft: &mut Draft) {
    let trade = |draft: &Draft, role: Role, list: &[Category]| {
        draft.parties.iter().any(|(e, r)| {
            *r == FrameRole::Is(role) && scene.names.entities[*e].category.is_some_and(|c| list.contains(&c))
        })
    };
    // A utility provides power, no computing; an unknown one tells by its name.
    let electric = [Category::Utility, Category::Nuclear, Category::Energy];
    let named = draft.parties.iter().any(|(e, r)| {
        let entity = &scene.names.entities[*e];
        *r == FrameRole::Is(Role::Provider)
            && entity.category.is_none()
            && entity.name.to_lowercase().split_whitespace().any(|word| {
                matches!(
                    word,
                    "energy"
                        | "generation"
                        | "electric"
                        | "solar"
                        | "wind"
                        | "hydro"
                        | "nuclear"
                        | "renewables"
                        | "tidal"
                )
            })
    });
    if matches!(draft.kind, FrameKind::Deal(Kind::Compute | Kind::Lease))
        && (named || trade(draft, Role::Provider, &electric) || trade(draft, Role::Landlord, &electric))
    {
        draft.kind = FrameKind::Deal(Kind::Power);
        for (_, role) in &mut draft.parties {
            match *role {
                FrameRole::Is(Role::Provider | Role::Landlord) => *role = FrameRole::Is(Role::Supplier),
                FrameRole::Is(Role::Tenant) => *role = FrameRole::Is(Role::Buyer),
                _ => {}
            }
        }
    }
    // A reactor built by a nuclear company for somebody who computes is that one's power.
    let electric = [Category::Utility, Category::Nuclear];
    let computing = [Category::Hyperscaler, Category::AiLab, Category::GpuCloud];
    let is = |e: usize, list: &[Category]| scene.names.entities[e].category.is_some_and(|c| list.contains(&c));
    if matches!(draft.kind, FrameKind::Deal(Kind::Build | Kind::Chips))
        && draft.parties.len() >= 2
        && draft.figures.iter().any(|f| scene.figures[*f].is_power())
        && !draft.figures.iter().any(|f| scene.figures[*f].is_money())
        && draft.parties.iter().any(|(e, _)| is(*e, &electric))
        && draft.parties.iter().any(|(e, _)| is(*e, &computing))
    {
        draft.kind = FrameKind::Deal(Kind::Power);
        draft.parties.retain(|(e, _)| is(*e, &electric) || is(*e, &computing));
        for (entity, role) in &mut draft.parties {
            *role = FrameRole::Is(if is(*entity, &electric) { Role::Supplier } else { Role::Buyer });
        }
    }
    // Who rents out chips sells their use.
    let sold =
        draft.frames.iter().any(|f| matches!(scene.text.lower(f.trigger), "sold" | "sell" | "sells" | "selling"));
    if draft.kind == FrameKind::Deal(Kind::Chips)
        && !sold
        && trade(draft, Role::Supplier, &[Category::GpuCloud, Category::Hyperscaler, Category::Miner])
    {
        draft.kind = FrameKind::Deal(Kind::Compute);
        for (_, role) in &mut draft.parties {
            if *role == FrameRole::Is(Role::Supplier) {
                *role = FrameRole::Is(Role::Provider);
            }
        }
    }
    // Money for a place, with nobody who receives it, is a building programme.
    if draft.kind == FrameKind::Deal(Kind::Equity)
        && draft.parties.iter().all(|(_, r)| *r == FrameRole::Is(Role::Investor))
        && !draft.frames.iter().any(|frame| {
            scene.items[frame.sentence].iter().any(
                |item| matches!(&item.what, What::Noun(nouns) if nouns.iter().any(|n| matches!(*n, "round" | "stake"))),
            )
        })
        && draft.frames.iter().any(|frame| {
            let tokens = &scene.text.sentences[frame.sentence].tokens;
            scene.names.places.iter().any(|(place, _)| tokens.contains(&place.start))
        })
    {
        draft.kind = FrameKind::Deal(Kind::Build);
        for (_, role) in &mut draft.parties {
            *role = FrameRole::Is(Role::Owner);
        }
    }
    // A memorandum under which somebody spends a stated sum is a building programme.
    if draft.kind == FrameKind::Deal(Kind::Partnership) && !draft.figures.is_empty() {
        let spender =
            draft.frames.iter().find(|f| f.kind == FrameKind::Spend).and_then(|f| f.parties.first()).map(|p| p.0);
        if let Some(spender) = spender {
            draft.kind = FrameKind::Deal(Kind::Build);
            draft.parties = vec![(spender, FrameRole::Is(Role::Owner))];
        }
    }
    // A government that signs for a building is not its owner.
    let public = |e: usize| scene.names.entities[e].category == Some(Category::Government);
    if draft.kind == FrameKind::Deal(Kind::Build)
        && draft.parties.iter().any(|(e, r)| !public(*e) && *r == FrameRole::Is(Role::Owner))
        && draft.frames.iter().any(|f| f.kind == FrameKind::Deal(Kind::Partnership))
    {
        draft.parties.retain(|(e, r)| !public(*e) || *r != FrameRole::Is(Role::Owner));
    }
    // A memorandum to build something, without any figure, is no more than an agreement.
    let agreed = draft.frames.iter().any(|f| f.kind == FrameKind::Deal(Kind::Partnership));
    if draft.kind == FrameKind::Deal(Kind::Build) && agreed && draft.figures.is_empty() && draft.parties.len() > 1 {
        draft.kind = FrameKind::Deal(Kind::Partnership);
        for (_, role) in &mut draft.parties {
            *role = FrameRole::Is(Role::Partner);
        }
    }
    // Who brings the chips to another's building works for it.
    if draft.kind == FrameKind::Deal(Kind::Build) && draft.parties.len() > 1 {
        let brings =
            |e: usize| matches!(scene.names.entities[e].category, Some(Category::Chipmaker | Category::Hardware));
        let owner = |(e, r): &(usize, FrameRole)| *r == FrameRole::Is(Role::Owner) && !brings(*e);
        if draft.parties.iter().any(owner) {
            for (entity, role) in &mut draft.parties {
                if *role == FrameRole::Is(Role::Owner) && brings(*entity) {
                    *role = FrameRole::Is(Role::Contractor);
                }
            }
        }
    }
    // Among banks the one that is no lender by trade borrows.
    if draft.kind == FrameKind::Deal(Kind::Debt)
        && draft.parties.len() > 1
        && !draft.parties.iter().any(|(_, r)| *r == FrameRole::Is(Role::Borrower))
    {
        let lends = |e: usize| {
            let own = &scene.names.entities[e];
            matches!(
                own.category,
                Some(Category::Bank | Category::Investor | Category::SovereignFund | Category::Government)
            )
        };
        let mut others = draft.parties.iter_mut().filter(|(e, r)| *r == FrameRole::Is(Role::Lender) && !lends(*e));
        if let (Some((_, role)), None) = (others.next(), others.next()) {
            *role = FrameRole::Is(Role::Borrower);
        }
    }
    // One who is called the developer builds for the others.
    if draft.kind == FrameKind::Deal(Kind::Build) && draft.parties.len() > 1 {
        for (entity, role) in &mut draft.parties {
            if *role == FrameRole::Is(Role::Owner) && scene.names.entities[*entity].is_called("developer") {
                *role = FrameRole::Is(Role::Developer);
            }
        }
    }
}

/// The revenue that a lease brings its landlord is its value where no other is told.
fn rent(scene: &Scene, draft: &mut Draft) {
    if !matches!(draft.kind, FrameKind::Deal(Kind::Lease | Kind::Compute))
        || draft.background
        || draft.figures.iter().any(|f| scene.figures[*f].is_money())
    {
        return;
    }
    let found = scene.figures.iter().position(|figure| {
        let tokens = scene.text.sentences[figure.sentence].tokens.clone();
        figure.is_money()
            && !figure.per_unit
            && figure.usage == Use::Revenue
            && draft.sentences.iter().any(|s| (*s..=*s + 2).contains(&figure.sentence))
            && tokens.clone().any(|at| matches!(scene.text.lower(at), "lease" | "contract" | "agreement" | "term"))
            && tokens.clone().any(|at| {
                matches!(
                    scene.text.lower(at),
                    "bring" | "brings" | "generate" | "yield" | "represents" | "term" | "expected"
                )
            })
    });
    if let Some(figure) = found {
        draft.figures.push(figure);
        draft.sentences.insert(scene.figures[figure].sentence);
    }
}

/// What a company is said to be worth is the price of its purchase where no other is told.
pub(super) fn price(scene: &Scene, drafts: &mut [Draft]) {
    for draft in drafts {
        rent(scene, draft);
        if draft.kind != FrameKind::Deal(Kind::Acquisition)
            || draft.background
            || draft.figures.iter().any(|f| scene.figures[*f].is_money())
        {
            continue;
        }
        let found = scene.figures.iter().position(|figure| {
            figure.is_money()
                && !figure.per_unit
                && figure.usage == Use::Valuation
                && !is_of_the_union(scene, figure.sentence)
                && draft.sentences.iter().any(|told| {
                    figure.sentence == *told
                        || figure.sentence == *told + 1 && is_of_the_purchase(scene, figure.sentence)
                })
        });
        if let Some(figure) = found {
            draft.figures.push(figure);
            draft.sentences.insert(scene.figures[figure].sentence);
        }
    }
}

/// Whether a sentence tells what buyer and bought are worth as one: "combined they are valued at" is no price.
pub(in crate::extract) fn is_of_the_union(scene: &Scene, sentence: usize) -> bool {
    let tokens = scene.text.sentences[sentence].tokens.clone();
    let any = |words: &[&str]| tokens.clone().any(|at| words.contains(&scene.text.lower(at)));
    any(&["combined", "merged", "together"])
        && any(&["valued", "valuation", "worth", "capitalisation", "capitalization"])
}

/// Whether a sentence speaks of what is bought as such: a value of "the combined group" is no price.
fn is_of_the_purchase(scene: &Scene, sentence: usize) -> bool {
    let mut tokens = scene.text.sentences[sentence].tokens.clone();
    tokens.any(|at| {
        matches!(scene.text.lower(at), "enterprise" | "equity" | "transaction" | "deal" | "purchase" | "debt")
    })
}

/// The drafts that the rules by themselves take for deals.
pub(super) fn standing(scene: &Scene, mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.retain(|draft| keeps(scene, draft));
    let shadows: Vec<bool> = drafts.iter().map(|draft| shadowed(scene, draft, &drafts)).collect();
    drafts.into_iter().zip(shadows).filter_map(|(draft, shadow)| (!shadow).then_some(draft)).collect()
}

/// Whether a draft has no figure, and another one beside it tells it better.
pub fn shadowed(scene: &Scene, draft: &Draft, drafts: &[Draft]) -> bool {
    let measured = |d: &Draft| d.figures.iter().any(|f| scene.figures[*f].is_money() || scene.figures[*f].is_power());
    if measured(draft) {
        return false;
    }
    drafts.iter().any(|other| {
        let within = draft.parties.iter().all(|(e, _)| other.parties.iter().any(|(known, _)| known == e));
        let close = draft.sentences.iter().any(|s| other.sentences.iter().any(|t| s.abs_diff(*t) <= 1));
        let lesser = draft.kind == FrameKind::Deal(Kind::Build) && draft.parties.len() == 1;
        // An agreement that says no more is the frame of the deal that its parties made.
        let framework =
            draft.kind == FrameKind::Deal(Kind::Partnership) && other.kind != draft.kind && !other.background && within;
        framework || !other.background && measured(other) && within && close && (lesser || draft.parties.len() > 1)
    })
}

/// Whether a draft is, by the rules alone, a deal of this article.
pub fn keeps(scene: &Scene, draft: &Draft) -> bool {
    if draft.background || draft.parties.is_empty() || draft.frames.iter().all(|f| f.standing == Standing::Support) {
        return false;
    }
    let figures = draft.figures.iter().any(|f| scene.figures[*f].is_money() || scene.figures[*f].is_power());
    let headline = draft.sentences.iter().any(|s| scene.is_title(*s) || scene.is_lead(*s));
    // A capitalised word that stands only once, and nowhere as a company, is nobody.
    let mentioned = |e: usize| scene.names.mentions.iter().filter(|m| !m.pronoun && m.entities.contains(&e)).count();
    let somebody = draft.parties.iter().any(|(e, _)| {
        let entity = &scene.names.entities[*e];
        entity.known || entity.formal || mentioned(*e) > 1
    });
    // A list's entry tells by its form that its head is somebody.
    let entry =
        draft.frames.iter().any(|f| f.form.is_none() && f.trigger == scene.text.sentences[f.sentence].tokens.start);
    if !somebody && !(figures && (headline || entry) && draft.parties.len() > 1) {
        return false;
    }
    let weak = draft.frames.iter().all(|f| f.standing == Standing::Weak);
    let FrameKind::Deal(kind) = draft.kind else { return false };
    let known = |e: usize| scene.names.entities[e].known || scene.names.entities[e].formal;
    if weak && !headline && draft.parties.len() < 2 && !draft.parties.iter().any(|(e, _)| known(*e)) {
        return false;
    }
    match kind {
        Kind::Ipo => figures || headline,
        Kind::Partnership => draft.parties.len() > 1,
        Kind::Build | Kind::Land => figures || headline && !weak,
        _ if weak => figures,
        _ => figures || draft.parties.len() > 1,
    }
}
