//! What the words around a figure say of it: how exact it is, whether it is yearly, and what it is used for.

use rust_decimal::Decimal;

use super::{Figure, Measure};
use crate::extract::text::TokenKind;
use crate::{
    extract::{
        lexicon::{Lexicon, Side},
        text::Text,
    },
    model::{Qualifier, Use},
};

/// Fills in what stands around a figure, between the figures before and after it.
pub(super) fn fill(
    text: &Text,
    lexicon: &Lexicon,
    figure: &mut Figure,
    previous: Option<&Figure>,
    before: usize,
    after: usize,
) {
    let (start, end) = (figure.tokens.start, figure.tokens.end);
    let limit = end.max(after);
    if figure.qualifier != Qualifier::Range
        && let Some(qualifier) = qualifier_before(text, lexicon, before, start)
    {
        figure.qualifier = qualifier;
    }
    let mut next = end;
    if text.is(next, "+") && text.joined(next) {
        figure.qualifier = Qualifier::AtLeast;
        next += 1;
        figure.tokens.end = next;
    } else if text.is_hyphen(next) && text.lower(next + 1) == "plus" {
        figure.qualifier = Qualifier::AtLeast;
        next += 2;
    } else if text.lower(next) == "plus"
        && !text.tokens.get(next + 1).is_some_and(|t| t.kind != TokenKind::Word)
        && lexicon.qualifiers.longest(text, next + 1, limit).is_none()
    {
        figure.qualifier = Qualifier::AtLeast;
        next += 1;
    } else if let Some((length, qualifiers)) = lexicon.after.longest(text, next, limit)
        // "… $7 billion and up to $9 billion"
        && text.lower(next + length) != "to"
    {
        figure.qualifier = qualifiers[0];
        next += length;
    }
    // "Could rise to €75 billion and 5 GW": the bound of the first is that of the second.
    if figure.qualifier == Qualifier::Exact
        && let Some(other) = previous
        && other.qualifier == Qualifier::UpTo
        && other.is_money() != figure.is_money()
        && other.tokens.end + 1 == start
        && text.lower(start - 1) == "and"
    {
        figure.qualifier = Qualifier::UpTo;
    }
    figure.annual = lexicon.annual.longest(text, next, limit).is_some()
        || start > before && matches!(text.lower(start - 1), "annual" | "yearly" | "annually");
    // "$2 billion each" and "two halls of 24 MW each" are sums and loads of their own; "$30,000 each" and "4 MW each"
    // are what one piece costs and draws.
    let each = matches!(text.lower(next), "each" | "apiece");
    figure.per_unit = if each && matches!(text.lower(next + 1), "year" | "fiscal" | "calendar") {
        false
    } else if each {
        figure.is_money() && figure.value < Decimal::from(10_000_000)
            || figure.is_power() && figure.value < Decimal::from(20)
    } else {
        figure.is_money() && lexicon.per_unit.longest(text, next, limit).is_some()
    };
    figure.contingent = (before.max(start.saturating_sub(14))..start).any(|at| {
        lexicon.contingent.longest(text, at, start).is_some()
            && !(at..start).any(|t| matches!(text.word(t), ";" | ".") || text.lower(t) == "and" && t + 2 < start)
    }) || (next..limit.min(next + 12))
        .take_while(|at| !matches!(text.word(*at), ";" | "."))
        .any(|at| lexicon.contingent.longest(text, at, limit).is_some());
    figure.conversion = converts(text, figure, previous);
    figure.usage = match figure.measure {
        Measure::Money(_) | Measure::Power if figure.per_unit => Use::Other,
        // Nobody reports a deal of less: prices of shares, homes and tickets.
        Measure::Money(_) if figure.value < Decimal::from(50_000) => Use::Other,
        Measure::Money(_) | Measure::Power if figure.conversion => Use::Context,
        Measure::Money(_) | Measure::Power => usage(text, lexicon, before, start, next, limit),
        _ => Use::Deal,
    };
}

/// The strongest qualifier of those that stand in a row before a figure.
fn qualifier_before(text: &Text, lexicon: &Lexicon, before: usize, start: usize) -> Option<Qualifier> {
    let mut at = start;
    let mut best: Option<Qualifier> = None;
    let mut article = false;
    for _ in 0..5 {
        // "A maximum consideration of": a noun and "of", before which the bound stands.
        if at >= before + 3
            && matches!(text.lower(at - 1), "of" | "at")
            && text.tokens[at - 2].kind == TokenKind::Word
            && let Some(qualifier) = bound(text.lower(at - 3))
        {
            best = best.max(Some(qualifier));
            at -= 3;
            continue;
        }
        if let Some((from, qualifiers)) =
            lexicon.qualifiers.ending_at(text, before, at).filter(|(from, _)| !otherwise(text, before, *from, at))
        {
            // "under a $5bn contract" says nothing of the sum; "up to a $5bn" would.
            if article && at - from < 2 {
                break;
            }
            // The order of the enum is the order of strength for these three.
            best = best.max(Some(qualifiers[0]));
            at = from;
        } else if at > before && lexicon.fillers.has(text.known(at - 1)) {
            article |= matches!(text.lower(at - 1), "a" | "an" | "the");
            at -= 1;
        } else {
            break;
        }
    }
    best
}

/// The qualifier that an adjective gives to the figure of the noun after it.
fn bound(word: &str) -> Option<Qualifier> {
    match word {
        "maximum" => Some(Qualifier::UpTo),
        "minimum" => Some(Qualifier::AtLeast),
        "estimated" | "approximate" => Some(Qualifier::About),
        _ => None,
    }
}

/// Whether the words of a qualifier belong to a verb instead: "adding up to", "talks about", "hand over".
fn otherwise(text: &Text, before: usize, from: usize, at: usize) -> bool {
    let Some(verb) = from.checked_sub(1).filter(|verb| *verb >= before).map(|verb| text.lower(verb)) else {
        // "C  $50.0m": a letter of a table.
        return text.lower(from) == "c" && text.tokens[from].capital;
    };
    match text.lower(from) {
        // "May add up to $2bn" is a bound, "the sites add up to 5 GW" a sum.
        "up" if at == from + 2 => {
            let may =
                from.checked_sub(2).is_some_and(|modal| matches!(text.lower(modal), "may" | "could" | "might" | "can"));
            matches!(verb, "add" | "adds" | "adding" | "added") && !may
        }
        "about" if at == from + 1 => {
            matches!(verb, "talks" | "talk" | "talking" | "talked" | "out" | "asked" | "spoke" | "discussions")
        }
        "over" if at == from + 1 => {
            matches!(
                verb,
                "hand" | "hands" | "handed" | "handing" | "take" | "takes" | "taking" | "took" | "turn" | "turned"
            )
        }
        "c" => text.tokens[from].capital,
        _ => false,
    }
}

/// Whether a sum in brackets repeats the one right before them in another currency.
fn converts(text: &Text, figure: &Figure, previous: Option<&Figure>) -> bool {
    let Some(previous) = previous else { return false };
    let (Measure::Money(a), Measure::Money(b)) = (&previous.measure, &figure.measure) else { return false };
    if a == b || figure.tokens.start - previous.tokens.end > 5 {
        return false;
    }
    let first = previous.tokens.end;
    // "5.1 billion dollars, about 7 trillion won"
    let apposed = text.is(first, ",")
        && matches!(
            text.lower(first + 1),
            "about" | "around" | "roughly" | "some" | "equivalent" | "or" | "approximately"
        );
    apposed
        || (first..figure.tokens.start).any(|at| matches!(text.word(at), "(" | "[" | "/" | "≈" | "=" | "or" | "i.e."))
}

/// "The order would be worth", "in a deal valued at": what is valued is a deal, no company.
fn prices(text: &Text, lexicon: &Lexicon, before: usize, cue: usize) -> bool {
    // Who "values" something values a company; and what stood in the sentence before is not what is valued here.
    if matches!(text.lower(cue), "values" | "valuing") {
        return false;
    }
    let before = (before..cue).rev().find(|at| matches!(text.word(*at), "." | "!" | "?")).map_or(before, |at| at + 1);
    // "It is worth": the thing told before.
    if cue == before + 2 && matches!(text.lower(before), "it" | "that" | "this") {
        return true;
    }
    (before.max(cue.saturating_sub(16))..cue).any(|at| {
        lexicon.grammar.all(text, at, cue).any(|(_, senses)| {
            senses[0].nouns.iter().any(|class| {
                matches!(
                    *class,
                    "compute"
                        | "chips"
                        | "power"
                        | "land"
                        | "plant"
                        | "venture"
                        | "stake"
                        | "deal"
                        | "supplydeal"
                        | "cloudeal"
                        | "ppa"
                        | "purchase"
                        | "sale"
                        | "investment"
                        | "site"
                        | "hall"
                        | "debt"
                        | "partnership"
                        | "merger"
                        | "round"
                        | "plan"
                        | "listing"
                        | "phase"
                )
            })
        })
    })
}

/// "… would value the start-up at", "taking the total there to": cues with somebody between them and the figure.
fn split_cue(text: &Text, before: usize, start: usize) -> Option<Use> {
    let mut last = start.checked_sub(1).filter(|l| *l >= before)?;
    while last > before
        && matches!(
            text.lower(last),
            "about" | "around" | "roughly" | "nearly" | "over" | "than" | "more" | "some" | "almost" | "up"
        )
    {
        last -= 1;
    }
    let word = text.lower(last);
    // "… to $38 billion from $33 billion": what it was before.
    if word == "from"
        && last <= before + 1
        && before > 0
        && text.tokens[before - 1].kind == TokenKind::Word
        && last == before
    {
        return Some(Use::Comparison);
    }
    let near = |test: fn(&str) -> bool| (before.max(last.saturating_sub(9))..last).any(|at| test(text.lower(at)));
    if word == "at" && near(|w| matches!(w, "value" | "values" | "valuing" | "valued")) {
        return Some(Use::Valuation);
    }
    (word == "to" && near(|w| w == "total")).then_some(Use::Context)
}

/// What a figure is used for, by the nearest cue in its clause.
fn usage(text: &Text, lexicon: &Lexicon, before: usize, start: usize, end: usize, limit: usize) -> Use {
    // Cues before: the nearest one wins; commas and other signs end the clause.
    let mut found: Option<(usize, Use)> = None;
    let mut at = start;
    // "… raised its capital-spending forecast, to $66 billion": only a forecast reaches over a comma.
    let mut crossed = false;
    while at > before && start - at < 12 {
        at -= 1;
        if at + 1 < start && matches!(text.word(at), ";" | ":" | "." | "(" | "—" | "•") {
            break;
        }
        crossed |= text.is(at, ",");
        for (length, meanings) in lexicon.uses.all(text, at, start) {
            let distance = start.saturating_sub(at + length);
            if let Some((usage, _)) = meanings.iter().find(|(_, side)| *side == Side::Before)
                && (!crossed || *usage == Use::Forecast)
                && found.is_none_or(|(best, _)| distance < best)
            {
                // "Values the group at": a company, whatever deal stands before.
                let company = length == 2 && text.lower(at + 1) == "at" && text.lower(at) != "valued";
                let usage = if *usage == Use::Valuation && !company && prices(text, lexicon, before, at) {
                    Use::Deal
                } else {
                    *usage
                };
                found = Some((distance, usage));
            }
        }
    }
    let mut after = false;
    for skip in 0..3 {
        let at = end + skip;
        // A preposition brings in something else: "$5bn at a valuation of …".
        let turns = matches!(text.lower(at), "at" | "with" | "on" | "by" | "to" | "from" | "and");
        if at >= limit || matches!(text.word(at), "," | ";" | "." | "(") || turns {
            break;
        }
        for (_, meanings) in lexicon.uses.all(text, at, limit) {
            if let Some((usage, _)) = meanings.iter().find(|(_, side)| *side == Side::After)
                && (found.is_none_or(|(best, _)| skip <= best) && !after)
            {
                found = Some((skip, *usage));
                after = true;
            }
        }
    }
    // "Raised $830 million in debt": debt that is taken up now is a deal.
    let borrowed = matches!(text.lower(end), "in" | "of")
        && (before.max(start.saturating_sub(5))..start).any(|at| {
            matches!(
                text.lower(at),
                "raise"
                    | "raised"
                    | "raises"
                    | "raising"
                    | "secured"
                    | "secures"
                    | "secure"
                    | "securing"
                    | "obtained"
                    | "obtains"
                    | "borrow"
                    | "borrowed"
                    | "closed"
                    | "closes"
                    | "arranged"
                    | "issue"
                    | "issued"
            )
        });
    if borrowed && found.is_some_and(|(_, usage)| usage == Use::Context) {
        return Use::Deal;
    }
    found.map(|(_, usage)| usage).or_else(|| split_cue(text, before, start)).unwrap_or(Use::Deal)
}
