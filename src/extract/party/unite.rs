//! One company under two spellings: which of the names that a text has are the same somebody's.

use std::collections::HashMap;

use super::{Entity, Names};
use crate::extract::{
    lexicon::{Gazette, Lexicon},
    text::Text,
};

/// "TCS" is Tata Consultancy Services where the text has both, and "P&M" is Pell & Marrow.
pub(super) fn acronym(entities: &[Entity], words: &[String]) -> Option<usize> {
    // The sign stands for itself or for an "and".
    let initials: Vec<char> = match words {
        [word] if word.chars().all(char::is_uppercase) => word.chars().collect(),
        _ if words.len() > 2 && words.iter().any(|w| w == "&") && words.iter().all(|w| w.chars().count() == 1) => {
            words.iter().filter_map(|w| w.chars().next()).filter(|c| *c != '&').collect()
        }
        _ => return None,
    };
    if initials.len() < 2 {
        return None;
    }
    let joined = words.len() > 1;
    entities.iter().position(|entity| {
        let own = entity.words.iter().filter(|w| !joined || !matches!(w.as_str(), "&" | "and"));
        own.clone().count() == initials.len()
            && (!joined || entity.words.len() > initials.len() && entity.words != words)
            && own.zip(&initials).all(|(whole, initial)| whole.starts_with(*initial))
    })
}

/// Puts a second name of somebody to the first: "Northbank Group (NBG)", "Grupo Arbolada", later "Arbolada".
pub(super) fn unite(text: &Text, lexicon: &Lexicon, names: &mut Names) {
    let mut same: HashMap<usize, usize> = HashMap::new();
    by_form(lexicon, &names.entities, &mut same);
    by_bracket(text, names, &mut same);
    by_statement(text, names, &mut same);
    // A chain ends where somebody has no longer name; more than a few links would be a circle.
    for entity in names.mentions.iter_mut().flat_map(|m| m.entities.iter_mut()) {
        for _ in 0..4 {
            match same.get(entity) {
                Some(whole) => *entity = *whole,
                None => break,
            }
        }
    }
}

/// The names whose form shows that they are short for another of the text.
fn by_form(lexicon: &Lexicon, entities: &[Entity], same: &mut HashMap<usize, usize>) {
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, entity) in entities.iter().enumerate() {
        let list = if entity.known { &mut known } else { &mut by_name };
        list.entry(entity.words.join(" ").to_lowercase()).or_insert(index);
    }
    let company = |word: &str| lexicon.company_words.has(lexicon.word(&word.to_lowercase()));
    for (index, entity) in entities.iter().enumerate().filter(|(_, e)| !e.known && !e.words.is_empty()) {
        let own = entity.words.join(" ").to_lowercase();
        // "Larkmoor" of the registry, written "LarkMoor".
        if let Some(whole) = known.get(&own) {
            same.insert(index, *whole);
            continue;
        }
        let mut shorts: Vec<String> = Vec::new();
        let words = &entity.words;
        let rest = |from: usize| words[from..].join(" ").to_lowercase();
        let last = words.last().map_or("", String::as_str);
        // "The city of Arnby", later "Arnby".
        if words.len() > 2 && words[1] == "of" && is_local(&words[0].to_lowercase()) {
            shorts.push(rest(2));
        }
        if words.len() == 2 && !company(last) {
            let generic = words[0].chars().count() == 1
                || is_group(&words[0])
                || lexicon.given_names.has(lexicon.word(&words[0].to_lowercase()));
            if generic {
                shorts.push(rest(1));
            }
        }
        if words.len() > 1 && matches!(words[0].as_str(), "PT" | "CV" | "UAB" | "SIA" | "OOO" | "PJSC" | "JSC") {
            shorts.push(rest(1));
        }
        // "W. B. Harker Companies", later "Harker".
        let initials = words.iter().take_while(|w| w.chars().count() == 1 && w.as_str() != "&").count();
        if initials > 0 && initials < words.len() {
            shorts.push(words[initials].to_lowercase());
            shorts.push(rest(initials));
        }
        // "Lisbon Arvela Cloud", later "Arvela Cloud" or "Arvela".
        if words.len() > 2 && lexicon.gazette(&words[0]) == Some(Gazette::Place) && company(last) {
            shorts.push(rest(1));
            if words.len() == 3 && !company(&words[1]) && lexicon.gazette(&words[1]).is_none() {
                shorts.push(words[1].to_lowercase());
            }
        }
        // "Clear Rack Holdings", written "ClearRack".
        if words.len() > 1 && words[0].chars().count() > 2 && words[1].chars().count() > 2 {
            shorts.push(words[..2].concat().to_lowercase());
        }
        // "The Harkers" are the Harker family.
        if let [word] = words.as_slice()
            && let Some(one) = own.strip_suffix('s').filter(|one| one.chars().count() > 3)
            && !word.ends_with("ss")
            && let Some(whole) = by_name.get(one).filter(|whole| **whole != index)
            && !entity.formal
        {
            same.insert(index, *whole);
        }
        for short in shorts {
            if let Some(other) = by_name.get(&short).filter(|other| **other != index)
                && same.get(&index) != Some(other)
            {
                same.entry(*other).or_insert(index);
            }
        }
        // "Quillon Semi" is Quillon Semiconductor, "Orrin Tech" is Orrin Technologies.
        if words.len() > 1 && matches!(last, "Semi" | "Tech" | "Infra" | "Pharma" | "Telecom") {
            let start = last.to_lowercase();
            let longer = entities.iter().position(|e| {
                !e.known
                    && e.words.len() == words.len()
                    && e.words[..words.len() - 1] == words[..words.len() - 1]
                    && e.words[words.len() - 1].to_lowercase().starts_with(&start)
                    && e.words[words.len() - 1].len() > last.len()
            });
            if let Some(longer) = longer {
                same.insert(index, longer);
            }
        }
    }
}

/// A word before "of" and the name of a place that is governed.
fn is_local(word: &str) -> bool {
    matches!(
        word,
        "city"
            | "town"
            | "municipality"
            | "county"
            | "canton"
            | "commune"
            | "village"
            | "parish"
            | "borough"
            | "township"
            | "province"
    )
}

/// A word that only says that what follows names a firm, or where it sits.
fn is_group(word: &str) -> bool {
    matches!(
        word,
        "Grupo"
            | "Groupe"
            | "Gruppo"
            | "Grup"
            | "Deutsche"
            | "Nordic"
            | "Baltic"
            | "Minera"
            | "Constructora"
            | "Inmobiliaria"
            | "Cementos"
            | "Empresas"
    )
}

/// The names in brackets after another: `Northbank Group (NBG)`, `Pell Systems, Inc. ("Pell")`.
fn by_bracket(text: &Text, names: &Names, same: &mut HashMap<usize, usize>) {
    let single: HashMap<&str, usize> = names
        .entities
        .iter()
        .enumerate()
        .filter(|(_, e)| !e.known && e.words.len() == 1)
        .map(|(index, e)| (e.words[0].as_str(), index))
        .collect();
    for mention in &names.mentions {
        let Some(entity) = mention.entities.first().filter(|_| mention.entities.len() == 1) else { continue };
        let open = mention.tokens.end + usize::from(text.is(mention.tokens.end, "."));
        if !text.is(open, "(") {
            continue;
        }
        let mut at = open + 1;
        let mut quoted = false;
        // "(the “Company”)", "(NASDAQ: ABCD)", "(SBG)"
        for _ in 0..4 {
            let sign = matches!(text.word(at), "“" | "\"" | "‘" | ":") || text.lower(at) == "the";
            let exchange = text.is(at + 1, ":");
            if !(sign || exchange) {
                break;
            }
            quoted |= !exchange && text.lower(at) != "the";
            at += 1;
        }
        let Some(short) = single.get(text.word(at)).filter(|short| *short != entity) else { continue };
        let closed = matches!(text.word(at + 1), ")" | "”" | "\"" | "’" | ",");
        // The legal form may have given a letter: "Pell Marrow Private Limited (PMPL)".
        let short_for = |whole: &str| {
            let mut letters = whole.chars().map(|c| c.to_ascii_uppercase());
            text.word(at).chars().all(|c| c.is_uppercase() && letters.any(|l| l == c))
        };
        let initials = short_for(&names.entities[*entity].name) || short_for(text.slice(mention.tokens.clone()));
        if closed && (quoted || initials) {
            same.insert(*short, *entity);
        }
    }
}

/// The names that the text itself says are another's: "Pell Marrow Intermediate, known as Pellmar".
fn by_statement(text: &Text, names: &Names, same: &mut HashMap<usize, usize>) {
    for pair in names.mentions.windows(2) {
        let ([first], [second]) = (pair[0].entities.as_slice(), pair[1].entities.as_slice()) else { continue };
        let between = pair[0].tokens.end..pair[1].tokens.start;
        let called = between.len() < 6
            && pair[0].sentence == pair[1].sentence
            && matches!(text.lower(between.end - 1), "as")
            && between.clone().any(|at| matches!(text.lower(at), "known" | "trading" | "business" | "trades"))
            && between.clone().all(|at| {
                matches!(
                    text.lower(at),
                    "," | "("
                        | "which"
                        | "is"
                        | "better"
                        | "best"
                        | "also"
                        | "known"
                        | "as"
                        | "trading"
                        | "trades"
                        | "doing"
                        | "business"
                        | "formerly"
                        | "now"
                        | "commonly"
                )
            });
        if called && first != second && !names.entities[*second].known {
            same.insert(*second, *first);
        }
    }
}
