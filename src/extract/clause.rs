//! A sentence as a row of items: names, figures, verbs, nouns, prepositions and signs.

use std::ops::Range;

use super::{
    lexicon::{Form, Lexicon, Senses, Slot},
    party::Names,
    quantity::Figure,
    text::{Text, TokenKind},
};

/// What an item is in its clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A mention, by its index.
    Name(usize),
    /// A figure, by its index.
    Figure(usize),
    /// A verb of these classes.
    Verb(&'static [(&'static str, Form)]),
    /// A noun of these classes.
    Noun(&'static [&'static str]),
    /// A preposition.
    Slot(Slot),
    /// "and", "or", "&".
    And,
    /// A comma.
    Comma,
    /// A sign that ends a clause.
    Break,
    /// A word that begins a subordinate clause.
    Barrier,
    /// A relative pronoun.
    Relative,
    /// An auxiliary verb; whether it is a form of "be".
    Auxiliary(bool),
    /// A month, a weekday, a year: "in September X raised" leaves X its own master.
    Time,
    /// "not", "never".
    Not,
    /// A word that may stand between a subject and its verb, or that passes its subject on.
    Glue,
    /// Any other word.
    Word,
}

/// A piece of a sentence.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is.
    pub what: What,
    /// Its tokens.
    pub tokens: Range<usize>,
}

/// Cuts a sentence into items.
pub fn items(text: &Text, lexicon: &Lexicon, names: &Names, figures: &[Figure], sentence: usize) -> Vec<Item> {
    let range = text.sentences[sentence].tokens.clone();
    let mut items: Vec<Item> = Vec::with_capacity(range.len());
    let mut mention = names.mentions.partition_point(|m| m.tokens.start < range.start);
    let mut figure = figures.partition_point(|f| f.tokens.start < range.start);
    let mut at = range.start;
    while at < range.end {
        while names.mentions.get(mention).is_some_and(|m| m.tokens.start < at) {
            mention += 1;
        }
        while figures.get(figure).is_some_and(|f| f.tokens.start < at) {
            figure += 1;
        }
        let (what, end) = if let Some(m) = names.mentions.get(mention).filter(|m| m.tokens.start == at) {
            let mut end = m.tokens.end;
            if m.possessive && matches!(text.word(end), "'" | "’") {
                end += if text.lower(end + 1) == "s" { 2 } else { 1 };
            }
            if leads_group(text, m.tokens.end) {
                // "A KKR-led consortium" acts as KKR does.
                (What::Name(mention), m.tokens.end + 3)
            } else if adjectival(text, m.tokens.end) {
                // "Blackstone-backed" describes what follows, and makes nobody a party.
                (What::Word, m.tokens.end + 2)
            } else {
                (What::Name(mention), end)
            }
        } else if let Some(f) = figures.get(figure).filter(|f| f.tokens.start == at) {
            (What::Figure(figure), f.tokens.end)
        } else {
            word(text, lexicon, &items, at, range.end)
        };
        let end = end.clamp(at + 1, range.end.max(at + 1));
        items.push(Item { what, tokens: at..end });
        at = end;
    }
    items
}

/// Whether "-led consortium" follows a name.
fn leads_group(text: &Text, end: usize) -> bool {
    adjectival(text, end)
        && text.lower(end + 1) == "led"
        && matches!(
            text.lower(end + 2),
            "consortium" | "group" | "syndicate" | "club" | "team" | "consortia" | "vehicle"
        )
}

/// Whether a hyphen and a lower-case word stand directly after a token's end.
fn adjectival(text: &Text, end: usize) -> bool {
    text.is_hyphen(end)
        && text.joined(end)
        && text.joined(end + 1)
        && text.tokens.get(end + 1).is_some_and(|t| t.kind == TokenKind::Word && !t.capital)
}

fn word(text: &Text, lexicon: &Lexicon, before: &[Item], at: usize, end: usize) -> (What, usize) {
    let token = text.tokens[at];
    if let Some(short) = contraction(text, at, end) {
        return short;
    }
    if token.kind == TokenKind::Sign {
        // A short insertion in brackets stands beside the clause.
        if text.is(at, "(")
            && let Some(close) = (at + 1..end.min(at + 14)).find(|t| text.is(*t, ")"))
        {
            return (What::Word, close + 1);
        }
        let what = match text.word(at) {
            "," => What::Comma,
            ":" if text.joined(at) && text.joined(at + 1) => What::Word,
            "?" | ";" | ":" | "—" | "–" | "(" | ")" | "•" | "→" | "|" => What::Break,
            "-" if token.spaced => What::Break,
            "&" => What::And,
            _ => What::Word,
        };
        return (what, at + 1);
    }
    if token.kind == TokenKind::Number {
        let percent = match text.lower(at + 1) {
            "%" | "percent" | "pct" => 2,
            "per" if text.lower(at + 2) == "cent" => 3,
            _ => 0,
        };
        let year = text.word(at).len() == 4 && matches!(text.word(at).as_bytes(), [b'1', b'9', ..] | [b'2', b'0', ..]);
        let share = text.lower(at + percent + 1);
        let revenue = text.lower(at + percent) == "of"
            && matches!(
                share,
                "revenue" | "revenues" | "sales" | "profit" | "profits" | "proceeds" | "demand" | "income"
            );
        return if percent > 0 && revenue {
            (What::Word, at + 1)
        } else if percent > 0 && at + percent <= end {
            // Half and more of a company is the company.
            let most = text.word(at).parse::<f64>().is_ok_and(|share| share >= 50.0);
            let after = text.lower(at + percent);
            let told = matches!(after, "of" | "in" | "stake" | "holding" | "share" | "interest" | "shareholding");
            let held = usize::from(most && told && after != "of" && after != "in");
            (What::Noun(if most && told { &["majority"] } else { &["percent"] }), at + percent + held)
        } else if year {
            (What::Time, at + 1)
        } else {
            (What::Word, at + 1)
        };
    }
    let known = text.known(at);
    if !lexicon.clausal.has(known) {
        return (What::Word, at + 1);
    }
    let lower = text.lower(at);
    if matches!(lower, "not" | "never" | "cannot" | "neither" | "no") {
        return (What::Not, at + 1);
    }
    if matches!(lower, "and" | "or") {
        return (What::And, at + 1);
    }
    // "Puts the value at": no money is put anywhere.
    if matches!(lower, "put" | "puts" | "putting")
        && (at + 1..end.min(at + 8))
            .find(|t| matches!(text.lower(*t), "at" | "in" | "into" | "to" | "up" | "towards" | "behind" | ","))
            .is_some_and(|t| text.lower(t) == "at")
    {
        return (What::Word, at + 1);
    }
    // "All of X" is X.
    if matches!(lower, "all" | "whole") && text.lower(at + 1) == "of" && at + 1 < end {
        return (What::Word, at + 2);
    }
    // "The chip designer" is somebody, no chip.
    if let Some((length, _)) = lexicon.describers.longest(text, at, end).filter(|(length, _)| *length > 1)
        && lexicon.grammar.longest(text, at, end).is_none_or(|(other, _)| other < length)
    {
        return (What::Word, at + length);
    }
    let compound = at > 0 && text.joined(at) && text.is_hyphen(at - 1) && text.joined(at - 1);
    for (length, senses) in lexicon.grammar.all(text, at, end) {
        // Within "back-office" or "GPU-backed" neither half is a word of its own.
        if compound || adjectival(text, at + length) {
            continue;
        }
        // In "put up to $5bn" the "up" belongs to the figure.
        if length > 1 && text.lower(at + length - 1) == "up" && text.lower(at + length) == "to" {
            continue;
        }
        if let Some(what) = sense(text, before, at, length, &senses[0]) {
            return (what, at + length);
        }
        break;
    }
    if lower == "as" && text.tokens.get(at + 1).is_some_and(|t| t.capital) {
        return (What::Barrier, at + 1);
    }
    let dated = token.capital && (lexicon.months.has(known) || lexicon.weekdays.has(known));
    if dated && lower != "may"
        || matches!(lower, "week" | "month" | "year" | "today" | "yesterday" | "quarter" | "summit")
    {
        return (What::Time, at + 1);
    }
    if lexicon.relatives.has(known) {
        // "Said on Tuesday that": what is said begins, with a subject of its own.
        let said = lower == "that" && introduces_speech(text, lexicon, before);
        return (if said { What::Barrier } else { What::Relative }, at + 1);
    }
    if lexicon.auxiliaries.has(known) {
        return (What::Auxiliary(matches!(lower, "is" | "are" | "was" | "were" | "be" | "been" | "being")), at + 1);
    }
    if let Some(slot) = lexicon.prepositions.get(known).copied() {
        return (What::Slot(slot), at + 1);
    }
    if lexicon.barriers.has(known) {
        return (What::Barrier, at + 1);
    }
    if lexicon.adverbs.has(known) || lexicon.control.has(known) {
        return (What::Glue, at + 1);
    }
    (What::Word, at + 1)
}

/// "It'll", "they've", "isn't": the auxiliary or the negation that an apostrophe shortens.
fn contraction(text: &Text, at: usize, end: usize) -> Option<(What, usize)> {
    let apostrophe = |at: usize| {
        at < end && text.joined(at) && text.tokens[at].kind == TokenKind::Sign && matches!(text.word(at), "'" | "’")
    };
    if apostrophe(at) && at + 1 < end && text.joined(at + 1) {
        return match text.lower(at + 1) {
            "ll" | "d" | "ve" => Some((What::Auxiliary(false), at + 2)),
            "re" | "m" => Some((What::Auxiliary(true), at + 2)),
            "s" if matches!(
                text.lower(at.wrapping_sub(1)),
                "it" | "that" | "there" | "he" | "she" | "what" | "who"
            ) =>
            {
                Some((What::Auxiliary(true), at + 2))
            }
            _ => None,
        };
    }
    let negated = apostrophe(at + 1) && at + 2 < end && text.lower(at + 2) == "t" && text.joined(at + 2);
    (negated && text.lower(at).ends_with('n')).then_some((What::Not, at + 3))
}

/// Whether a verb of saying stands before, with at most its time, place and hearer between.
fn introduces_speech(text: &Text, lexicon: &Lexicon, before: &[Item]) -> bool {
    for item in before.iter().rev().take(6) {
        if lexicon.saying.has(text.known(item.tokens.start)) {
            return true;
        }
        let passes = matches!(item.what, What::Time | What::Name(_) | What::Glue | What::Word)
            || matches!(item.what, What::Slot(slot) if slot != Slot::Of);
        if !passes {
            return false;
        }
    }
    false
}

/// Whether something may follow at a token that a verb before it is done to: not a preposition, a sign or the end.
fn has_object(text: &Text, at: usize) -> bool {
    text.tokens.get(at).is_some_and(|token| token.kind != TokenKind::Sign)
        && !matches!(
            text.lower(at),
            "from" | "by" | "with" | "for" | "to" | "at" | "on" | "in" | "led" | "and" | "or" | "as" | "that" | "which"
        )
}

/// Which of its senses a phrase has here.
fn sense(text: &Text, before: &[Item], at: usize, length: usize, senses: &Senses) -> Option<What> {
    let Senses { verbs, nouns } = *senses;
    if verbs.is_empty() {
        return (!nouns.is_empty()).then_some(What::Noun(nouns));
    }
    let form = verbs[0].1;
    let previous = before.last();
    let word = before
        .iter()
        .rev()
        .take(64)
        .map(|p| text.lower(p.tokens.end - 1))
        .find(|word| !(word.len() > 4 && word.ends_with("ly")))
        .unwrap_or("");
    let infinitive = word == "to";
    let auxiliary = matches!(previous.map(|p| &p.what), Some(What::Auxiliary(_) | What::Glue | What::Not));
    let named = match previous.map(|p| &p.what) {
        Some(What::Name(_)) => !matches!(word, "its" | "s" | "'" | "’"),
        _ => false,
    };
    let determined = matches!(
        word,
        "the"
            | "a"
            | "an"
            | "its"
            | "their"
            | "his"
            | "her"
            | "this"
            | "that"
            | "these"
            | "those"
            | "any"
            | "each"
            | "every"
            | "some"
            | "no"
            | "new"
            | "more"
            | "first"
            | "second"
            | "third"
            | "largest"
            | "big"
            | "large"
            | "s"
            | "’"
            | "'"
            | "our"
            | "such"
            | "of"
            | "another"
            | "previous"
            | "own"
    ) || matches!(previous.map(|p| &p.what), Some(What::Figure(_)));
    let preposed = matches!(previous.map(|p| &p.what), Some(What::Slot(slot)) if *slot != Slot::To);
    let verbal = match form {
        // "The proposed purchase": what passes its subject on does so to a verb only after an auxiliary.
        Form::Base
            if !nouns.is_empty()
                && matches!(previous.map(|p| &p.what), Some(What::Glue))
                && !before
                    .iter()
                    .rev()
                    .find(|p| p.what != What::Glue)
                    .is_some_and(|p| matches!(p.what, What::Auxiliary(_) | What::Not | What::Slot(Slot::To))) =>
        {
            false
        }
        Form::Base => infinitive || auxiliary || named && nouns.is_empty() || word == "and" && nouns.is_empty(),
        // "Islamic financing", "venture funding": what is described is a thing.
        Form::Ing if !nouns.is_empty() && matches!(previous.map(|p| &p.what), Some(What::Word | What::Noun(_))) => {
            false
        }
        // "X funding of $5m", "Acme financing for Y": the same after a name, where no object follows.
        Form::Ing
            if !nouns.is_empty()
                && named
                && matches!(
                    text.lower(at + length),
                    "of" | "from" | "for" | "deal" | "package" | "round" | "facility"
                ) =>
        {
            false
        }
        // "$5m in funding from X", "a round of funding": a thing where a preposition stands before and nothing behind that it
        // could be done to.
        Form::Ing if !nouns.is_empty() && preposed && !has_object(text, at + length) => false,
        Form::Ing => !determined || word == "of",
        Form::Present | Form::Past | Form::Participle => {
            !(determined
                || preposed
                || form == Form::Present && auxiliary && matches!(previous.map(|p| &p.what), Some(What::Auxiliary(_))))
                && (nouns.is_empty() || named || auxiliary || infinitive || word == "and" && form != Form::Present)
        }
    };
    // "the planned sale", "a proposed campus": a participle before a noun only describes it.
    if verbal {
        let opens_noun = form == Form::Past && at + length < text.tokens.len() && determined;
        if !opens_noun {
            return Some(What::Verb(verbs));
        }
    }
    (!nouns.is_empty()).then_some(What::Noun(nouns))
}
