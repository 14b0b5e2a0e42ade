//! Entries: a line of a list or a table that tells a deal without a verb, by its head, its figures and its nouns.

use super::Scene;
use crate::{
    extract::{
        clause::What,
        frame::{Frame, Standing},
        lexicon::{Form, FrameKind, FrameRole, Lexicon, Slot},
        quantity::Measure,
        text::Part,
    },
    model::{Kind, Role, Use},
};

/// What an entry's head says: who stands in it, where what is told of them begins, and in which sentence.
struct Head {
    names: Vec<usize>,
    sentence: usize,
    from: usize,
}

/// The frames of the entries in which no verb tells a deal.
pub(super) fn frames(scene: &Scene, lexicon: &Lexicon, told: &[Frame]) -> Vec<Frame> {
    let sentences = &scene.text.sentences;
    let mut found = Vec::new();
    let mut columns: Vec<Option<Role>> = Vec::new();
    for first in 0..sentences.len() {
        if sentences[first].part != Part::Body
            || first > 0 && sentences[first - 1].paragraph == sentences[first].paragraph
        {
            continue;
        }
        let row = is_row(scene, first);
        if let Some(header) = row.then(|| header(scene, lexicon, first)).flatten() {
            columns = header;
            continue;
        }
        if !row && !columns.is_empty() && first > 0 && !is_row(scene, first - 1) {
            columns.clear();
        }
        let head = if row { row_head(scene, first) } else { head(scene, first) };
        let Some(head) = head else { continue };
        let named = |f: &Frame| {
            let items = if head.from > 0 || row { first } else { head.sentence - 1 };
            head.names.iter().any(|at| {
                let What::Name(mention) = scene.items[items][*at].what else { return false };
                scene.names.mentions[mention].entities.iter().any(|e| f.parties.iter().any(|(known, _)| known == e))
            })
        };
        let here = |f: &&Frame| f.sentence == first || f.sentence == head.sentence;
        if told.iter().filter(here).any(|f| {
            f.standing == Standing::Plain && if row { f.form.is_some() } else { named(f) || f.form == Some(Form::Base) }
        }) {
            continue;
        }
        found.extend(frame(scene, &head, if row { &columns } else { &[] }));
    }
    found
}

/// Whether a line is a table's row.
fn is_row(scene: &Scene, sentence: usize) -> bool {
    scene.text.sentences[sentence].tokens.clone().filter(|at| scene.text.is(*at, "|")).count() >= 2
}

/// The roles that a table's header gives to its columns.
fn header(scene: &Scene, lexicon: &Lexicon, sentence: usize) -> Option<Vec<Option<Role>>> {
    let tokens = scene.text.sentences[sentence].tokens.clone();
    let figures = scene.figures.iter().any(|f| f.sentence == sentence);
    let mut columns = vec![None];
    for at in tokens.clone() {
        if scene.text.is(at, "|") {
            columns.push(None);
        } else if let Some((_, roles)) = lexicon.roles.longest(scene.text, at, tokens.end) {
            let last = columns.len() - 1;
            columns[last] = Some(roles[0]);
        }
    }
    (!figures && columns.iter().any(Option::is_some)).then_some(columns)
}

/// The names of a row.
fn row_head(scene: &Scene, sentence: usize) -> Option<Head> {
    let names: Vec<usize> = scene.items[sentence]
        .iter()
        .enumerate()
        .filter(|(_, i)| matches!(i.what, What::Name(_)))
        .map(|(n, _)| n)
        .collect();
    (!names.is_empty() && names.len() <= 4).then_some(Head { names, sentence, from: 0 })
}

/// The head of a list's item: one or two names, closed by a colon, a dash or a full stop.
fn head(scene: &Scene, first: usize) -> Option<Head> {
    let items = &scene.items[first];
    let mut names: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < items.len() && at < 10 {
        let word = scene.text.word(items[at].tokens.start);
        match &items[at].what {
            What::Name(mention) => {
                if scene.names.mentions[*mention].possessive || scene.names.mentions[*mention].pronoun {
                    return None;
                }
                names.push(at);
            }
            What::And if !names.is_empty() => {}
            What::Break if matches!(word, "→" | "–") && names.len() == 1 && next_is_name(scene, first, at) => {}
            What::Break if !names.is_empty() => {
                return Some(Head { names, sentence: first, from: at + 1 });
            }
            What::Word if word == "/" || word == "×" || word == "+" => {
                if !names.is_empty() && !next_is_name(scene, first, at) {
                    return Some(Head { names, sentence: first, from: at + 1 });
                }
            }
            // Bullets, numbers and brackets.
            What::Word | What::Time
                if !scene.text.tokens[items[at].tokens.start].capital
                    && !word.chars().next().is_some_and(char::is_alphabetic) => {}
            What::Comma | What::Break if names.is_empty() => {}
            _ => return None,
        }
        at += 1;
    }
    let next = first + 1;
    let goes_on = next < scene.items.len()
        && scene.text.sentences[next].paragraph == scene.text.sentences[first].paragraph
        && at >= items.len();
    (goes_on && !names.is_empty()).then_some(Head { names, sentence: next, from: 0 })
}

fn next_is_name(scene: &Scene, sentence: usize, at: usize) -> bool {
    matches!(scene.items[sentence].get(at + 1).map(|i| &i.what), Some(What::Name(_)))
}

/// The kind of an entry: that of the first noun which has one.
fn kind(scene: &Scene, head: &Head) -> Option<FrameKind> {
    let of = |class: &str| match class {
        "listing" => Some(Kind::Ipo),
        "round" | "stake" => Some(Kind::Equity),
        "majority" | "purchase" | "merger" | "sale" => Some(Kind::Acquisition),
        "debt" => Some(Kind::Debt),
        "venture" => Some(Kind::JointVenture),
        "ppa" | "power" | "plant" => Some(Kind::Power),
        "cloudeal" | "compute" => Some(Kind::Compute),
        "hall" => Some(Kind::Lease),
        "chips" | "supplydeal" => Some(Kind::Chips),
        "land" => Some(Kind::Land),
        "site" => Some(Kind::Build),
        _ => None,
    };
    let told = |sentence: usize, from: usize| {
        scene.items[sentence].iter().skip(from).find_map(|item| match &item.what {
            What::Noun(classes) => classes.iter().find_map(|c| of(c)).map(FrameKind::Deal),
            What::Figure(figure) if matches!(scene.figures[*figure].measure, Measure::Chips(_)) => {
                Some(FrameKind::Deal(Kind::Chips))
            }
            _ => None,
        })
    };
    // Its own line first, then what follows in it, the heading above it, and the headline.
    let sentences = &scene.text.sentences;
    let paragraph = sentences[head.sentence].paragraph;
    let rest =
        (head.sentence + 1..scene.items.len().min(head.sentence + 3)).filter(|s| sentences[*s].paragraph == paragraph);
    let heading = (head.sentence.saturating_sub(12)..head.sentence)
        .rev()
        .filter(|s| sentences[*s].paragraph != paragraph && sentences[*s].tokens.len() <= 7)
        .filter(|s| !scene.names.mentions.iter().any(|m| m.sentence == *s))
        .take(1);
    let title = (0..1).filter(|s| scene.is_title(*s));
    told(head.sentence, head.from).or_else(|| rest.chain(heading).chain(title).find_map(|s| told(s, 0)))
}

fn frame(scene: &Scene, head: &Head, columns: &[Option<Role>]) -> Option<Frame> {
    let items = &scene.items[head.sentence];
    let first = scene.text.sentences[head.sentence].paragraph;
    let measured = scene.figures.iter().any(|f| {
        f.usage == Use::Deal
            && (f.is_money() || f.is_power() || matches!(f.measure, Measure::Chips(_)))
            && f.sentence == head.sentence
    });
    // A verb of its own tells what the entry is about.
    let verbless = items.iter().skip(head.from).all(|i| !matches!(i.what, What::Auxiliary(_)));
    let kind = kind(scene, head)?;
    if !measured || !verbless && columns.is_empty() || first == 0 {
        return None;
    }
    let FrameKind::Deal(deal) = kind else { return None };
    let single = match deal {
        Kind::Equity => FrameRole::Is(Role::Investee),
        Kind::Debt => FrameRole::Is(Role::Borrower),
        Kind::Build => FrameRole::Is(Role::Owner),
        Kind::Ipo => FrameRole::Is(Role::Issuer),
        Kind::Acquisition => FrameRole::Is(Role::Acquirer),
        Kind::Land => FrameRole::Is(Role::Buyer),
        Kind::JointVenture => FrameRole::Is(Role::Partner),
        _ => FrameRole::Auto,
    };
    let other = match deal {
        Kind::Equity => FrameRole::Is(Role::Investor),
        Kind::Debt => FrameRole::Is(Role::Lender),
        Kind::Acquisition => FrameRole::Is(Role::Target),
        Kind::Build => FrameRole::Is(Role::Owner),
        _ => FrameRole::Auto,
    };
    let mut parties: Vec<(usize, FrameRole)> = Vec::new();
    let mut push = |mention: usize, role: FrameRole| {
        for entity in &scene.names.mentions[mention].entities {
            if !parties.iter().any(|(known, _)| known == entity) {
                parties.push((*entity, role));
            }
        }
    };
    let head_items = if head.from > 0 || !columns.is_empty() {
        &scene.items[head.sentence]
    } else if is_row(scene, head.sentence) {
        items
    } else {
        &scene.items[head.sentence - 1]
    };
    for (nth, at) in head.names.iter().enumerate() {
        let What::Name(mention) = head_items[*at].what else { continue };
        let column = head_items[..*at].iter().filter(|i| scene.text.is(i.tokens.start, "|")).count();
        let role = columns.get(column).copied().flatten().and_then(|role| fitting(deal, role));
        push(mention, role.map_or(if nth == 0 { single } else { other }, FrameRole::Is));
    }
    // "… from A", "led by B", "lead: C"
    let mut taking = false;
    for item in items.iter().skip(head.from) {
        let word = scene.text.lower(item.tokens.start);
        match &item.what {
            What::Slot(Slot::From | Slot::By | Slot::With) => taking = true,
            What::Slot(_) => taking = false,
            What::Name(mention) if taking && !is_row(scene, head.sentence) => push(*mention, other),
            _ if matches!(word, "lead" | "led" | "lender" | "lenders" | "investors" | "backers") => taking = true,
            _ => {}
        }
    }
    let tokens = scene.text.sentences[head.sentence].tokens.clone();
    Some(Frame {
        kind,
        parties,
        sentence: head.sentence,
        trigger: tokens.start,
        tokens,
        form: None,
        standing: Standing::Plain,
        relative: false,
        drops: false,
    })
}

/// A header's role in a kind of deal.
fn fitting(kind: Kind, role: Role) -> Option<Role> {
    let roles = kind.roles();
    match role {
        Role::Buyer if kind == Kind::Lease => Some(Role::Tenant),
        Role::Seller | Role::Supplier | Role::Provider | Role::Landlord if !roles.contains(&role) => {
            roles.get(1).copied()
        }
        _ => roles.contains(&role).then_some(role),
    }
}
