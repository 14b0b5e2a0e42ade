//! What a deal is called, and what larger deal the text says that it belongs to.

use std::{collections::BTreeSet, ops::Range};

use chrono::{Datelike, NaiveDate};

use super::{Draft, Scene};
use crate::{
    extract::{
        lexicon::{Gazette, Lexicon},
        text::{Part, TokenKind},
    },
    model::{Bond, Category, Party, Whole},
};

/// How many words may stand between "part of" and what follows it.
const REACH: usize = 9;

/// The sentences that may say it of a draft: its own, and those behind them that tell no other deal ("It is part of …").
/// The only deal of an article may be spoken of anywhere.
pub(super) fn sentences(scene: &Scene, draft: &Draft, all: &[Draft]) -> BTreeSet<usize> {
    let body = |sentence: &usize| {
        scene.text.sentences.get(*sentence).is_some_and(|s| matches!(s.part, Part::Body | Part::Item))
    };
    if all.len() == 1 {
        let own = draft.sentences.iter().copied();
        return own.chain((0..scene.text.sentences.len()).filter(body)).collect();
    }
    let others: BTreeSet<usize> =
        all.iter().filter(|other| !std::ptr::eq(*other, draft)).flat_map(|other| other.sentences.clone()).collect();
    let mut own = draft.sentences.clone();
    let behind = draft.sentences.iter().map(|sentence| sentence + 1);
    own.extend(behind.filter(|sentence| body(sentence) && !others.contains(sentence)));
    own
}

/// What an article says as a whole: the larger deal to which its own belongs, and the name of its own.
pub(in crate::extract) fn of_article(scene: &Scene, lexicon: &Lexicon) -> (Option<Whole>, Option<String>) {
    let all: BTreeSet<usize> =
        (0..scene.text.sentences.len()).filter(|at| scene.text.sentences[*at].part != Part::Boilerplate).collect();
    let whole = whole(scene, lexicon, &all, &[]);
    let name = own_name(scene, lexicon, &all, whole.as_ref());
    (whole, name)
}

/// The larger or the earlier deal that these sentences say it belongs to; one with a name before one without, the first
/// of equals. A party of the deal itself is none.
pub(super) fn whole(scene: &Scene, lexicon: &Lexicon, sentences: &BTreeSet<usize>, parties: &[Party]) -> Option<Whole> {
    let said = larger(scene, lexicon, sentences, parties);
    if said.as_ref().is_some_and(|whole| whole.name.is_some() || whole.month.is_some()) {
        return said;
    }
    match (said, earlier(scene, lexicon, sentences)) {
        // "The remainder of its pledge": the month is said elsewhere.
        (Some(said), Some(earlier)) => Some(Whole { month: earlier.month, ..said }),
        (said, earlier) => said.or(earlier),
    }
}

/// The earlier deal that these sentences speak of by its month: "the contract that it signed with AWS in November".
fn earlier(scene: &Scene, lexicon: &Lexicon, sentences: &BTreeSet<usize>) -> Option<Whole> {
    let text = scene.text;
    let published = scene.article.published?;
    // One such word anywhere is enough: a second contract must not be taken for the first.
    let increment = sentences.iter().any(|sentence| {
        let tokens = text.sentences[*sentence].tokens.clone();
        tokens.clone().any(|t| lexicon.increments.longest(text, t, tokens.end).is_some())
    });
    sentences.iter().find_map(|sentence| {
        let tokens = text.sentences[*sentence].tokens.clone();
        tokens.clone().find_map(|at| {
            let (length, _) = noun(lexicon, scene, at, tokens.end)?;
            let definite = (at.saturating_sub(4).max(tokens.start)..at)
                .any(|t| matches!(text.lower(t), "the" | "its" | "their" | "'" | "’"));
            if !definite {
                return None;
            }
            let behind = at + length;
            let end = tokens.end.min(behind + REACH + 2);
            let reached = (behind..end).find(|t| lexicon.reached.longest(text, *t, end).is_some())?;
            // Another figure or the end of the clause in between, and it speaks of something else.
            let plain = |t: usize| text.tokens[t].kind != TokenKind::Number && !matches!(text.word(t), ";" | ":" | "(");
            let dated = (reached..end)
                .take_while(|t| plain(*t))
                .find(|t| text.tokens[*t].capital && lexicon.months.get(text.known(*t)).is_some())?;
            let month = month(scene, lexicon, dated..tokens.end)?;
            let own_month = month.year() == published.year() && month.month() == published.month();
            (!own_month && month < published).then(|| Whole {
                bond: if increment { Bond::Addition } else { Bond::Stage },
                text: text.slice(at..dated + 1).to_owned(),
                name: None,
                month: Some(month),
            })
        })
    })
}

/// The larger deal, as phrases for it say.
fn larger(scene: &Scene, lexicon: &Lexicon, sentences: &BTreeSet<usize>, parties: &[Party]) -> Option<Whole> {
    let mut unnamed = None;
    let (title, body): (Vec<usize>, Vec<usize>) = sentences.iter().partition(|sentence| scene.is_title(**sentence));
    for sentence in body.into_iter().chain(title) {
        let tokens = scene.text.sentences[sentence].tokens.clone();
        let mut at = tokens.start;
        while at < tokens.end {
            let Some((length, [(bond, weak), ..])) = lexicon.bonds.longest(scene.text, at, tokens.end) else {
                at += 1;
                continue;
            };
            let own = |name: &str| parties.iter().any(|party| party.name == name);
            if let Some(object) = object(scene, lexicon, sentence, at + length..tokens.end, *weak)
                && !object.name.as_deref().is_some_and(own)
            {
                let whole = Whole {
                    bond: *bond,
                    text: scene.text.slice(at..object.end).to_owned(),
                    name: object.name,
                    month: month(scene, lexicon, object.end..tokens.end),
                };
                if whole.name.is_some() {
                    return Some(whole);
                }
                // One with a date is found more surely.
                if unnamed.as_ref().is_none_or(|known: &Whole| known.month.is_none() && whole.month.is_some()) {
                    unnamed = Some(whole);
                }
            }
            at += length;
        }
    }
    unnamed
}

/// The name under which these sentences tell the deal, unless it is that of the whole to which it belongs.
pub(super) fn own_name(
    scene: &Scene,
    lexicon: &Lexicon,
    sentences: &BTreeSet<usize>,
    whole: Option<&Whole>,
) -> Option<String> {
    let of_whole = whole.and_then(|whole| whole.name.as_deref());
    sentences.iter().find_map(|sentence| {
        let tokens = scene.text.sentences[*sentence].tokens.clone();
        tokens.clone().find_map(|at| {
            // A funding round is known by its letter.
            if scene.text.word(at) == "Series" && in_run(scene, at + 1) && scene.text.word(at + 1).len() == 1 {
                return Some(scene.text.slice(at..at + 2).to_owned());
            }
            let named = lexicon
                .namings
                .longest(scene.text, at, tokens.end)
                .map(|(length, _)| run(scene, at + length..tokens.end))
                .filter(|run| is_name(scene, lexicon, *sentence, run, true));
            let joins = |at: usize| in_run(scene, at) || scene.text.is_hyphen(at) && scene.text.joined(at);
            let starts = !at.checked_sub(1).is_some_and(|before| tokens.contains(&before) && joins(before));
            let run = named.or_else(|| {
                let run = starts.then(|| run(scene, at..tokens.end)).filter(|run| !run.is_empty())?;
                let last = run.end - 1;
                let framework = lexicon.frameworks.longest(scene.text, run.end, tokens.end).is_some()
                    || run.len() > 1 && lexicon.frameworks.has_word(scene.text.known(last));
                is_name(scene, lexicon, *sentence, &run, framework).then_some(run)
            })?;
            let name = scene.text.slice(run).to_owned();
            (Some(name.as_str()) != of_whole).then_some(name)
        })
    })
}

struct Object {
    name: Option<String>,
    /// One past its last token.
    end: usize,
}

/// What stands behind "part of": a name, a noun for a deal, or a noun with its name.
fn object(scene: &Scene, lexicon: &Lexicon, sentence: usize, tokens: Range<usize>, weak: bool) -> Option<Object> {
    let text = scene.text;
    let end = tokens.end.min(tokens.start + REACH);
    let mut at = tokens.start;
    let mut definite = false;
    while at < end {
        let token = text.tokens[at];
        // "In addition to three plants approved last August".
        let dated = token.capital && lexicon.months.get(text.known(at)).is_some();
        if dated && !weak && (tokens.start..at).any(|t| lexicon.reached.longest(text, t, at).is_some()) {
            return Some(Object { name: None, end: at });
        }
        if in_run(scene, at) {
            let run = run(scene, at..tokens.end);
            let behind = run.end;
            // "Microsoft's contract", "the companies' contract": an owner, unless a programme has sites.
            let held = run.len() > 1 && lexicon.frameworks.has_word(text.known(run.end - 1));
            if matches!(text.word(behind), "'" | "’") && !held {
                definite = true;
                at = behind + 1 + usize::from(text.lower(behind + 1) == "s" && text.joined(behind + 1));
                continue;
            }
            let noun = noun(lexicon, scene, behind, tokens.end);
            let framework = noun.is_some_and(|(_, framework)| framework)
                || run.len() > 1 && lexicon.frameworks.has_word(text.known(run.end - 1));
            if is_name(scene, lexicon, sentence, &run, framework) {
                let end = noun.map_or(run.end, |(length, _)| run.end + length);
                return Some(Object { name: Some(text.slice(run).to_owned()), end });
            }
            if weak {
                return None;
            }
            at = behind;
            continue;
        }
        if let Some((length, framework)) = noun(lexicon, scene, at, tokens.end) {
            // "Under the agreement" is this very deal; "under a framework agreement" may be too.
            if weak || !definite && !framework {
                return None;
            }
            // "One of the pledges gathered at the Paris summit": the name stands further on.
            let next = (at + length..end + 4).find(|next| *next < tokens.end && in_run(scene, *next));
            let name = next.and_then(|next| {
                let run = run(scene, next..tokens.end);
                let held = lexicon.frameworks.longest(text, run.end, tokens.end).map(|(length, ..)| length);
                let framework = held.is_some() || lexicon.frameworks.has_word(text.known(run.end - 1));
                is_name(scene, lexicon, sentence, &run, framework)
                    .then(|| (text.slice(run.clone()).to_owned(), run.end + held.unwrap_or(0)))
            });
            return Some(match name {
                Some((name, end)) => Object { name: Some(name), end },
                None => Object { name: None, end: at + length },
            });
        }
        match token.kind {
            // "The first drawdown under its $6 billion framework".
            TokenKind::Sign if definite && !weak && matches!(text.word(at), "$" | "€" | "£") => {
                return Some(Object { name: None, end: at + 1 });
            }
            TokenKind::Sign if !text.is_hyphen(at) => return None,
            // "The first tranche of the 900 MW foreseen".
            TokenKind::Number if definite && !weak => return Some(Object { name: None, end: at + 1 }),
            TokenKind::Number => return None,
            _ => {}
        }
        match text.lower(at) {
            "the" | "its" | "their" | "that" | "this" | "those" | "these" | "his" | "her" => definite = true,
            // Only its own words may stand before a noun, and nothing at all before what needs a name.
            "of" | "and" | "or" | "to" | "by" | "with" | "for" | "which" | "who" | "is" | "are" | "was" | "will"
            | "has" | "have" => return None,
            _ if weak && !matches!(text.lower(at), "a" | "an") && at > tokens.start + 2 => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The noun for a deal that begins at a token: how many tokens it covers, and whether it holds many.
fn noun(lexicon: &Lexicon, scene: &Scene, at: usize, end: usize) -> Option<(usize, bool)> {
    let of = |framework: bool| {
        let nouns = if framework { &lexicon.frameworks } else { &lexicon.agreements };
        nouns.longest(scene.text, at, end).map(|(length, ..)| (length, framework))
    };
    of(true).max(of(false))
}

/// Whether a token may stand in a name: a capital, or what joins two of them.
fn in_run(scene: &Scene, at: usize) -> bool {
    scene.text.tokens.get(at).is_some_and(|token| token.capital && token.kind == TokenKind::Word)
}

/// The capitalised words from a token on; hyphens and numbers between or after them belong to them.
fn run(scene: &Scene, tokens: Range<usize>) -> Range<usize> {
    let text = scene.text;
    let mut end = tokens.start;
    let mut at = tokens.start;
    while at < tokens.end {
        if in_run(scene, at) {
            end = at + 1;
        } else if !(text.is_hyphen(at) && text.joined(at) && in_run(scene, at + 1)
            || at > tokens.start && text.tokens[at].kind == TokenKind::Number && !text.word(at).contains(['.', ',']))
        {
            break;
        }
        at += 1;
    }
    tokens.start..end
}

/// Whether capitalised words are a programme's name: one that stands with such a noun, or a venture's. A company, a
/// place, a month and a newspaper are none.
fn is_name(scene: &Scene, lexicon: &Lexicon, sentence: usize, run: &Range<usize>, framework: bool) -> bool {
    let text = scene.text;
    // "MW" and "The" name nothing.
    let telling = |at: usize| {
        text.word(at).len() > 2 && text.word(at).contains(char::is_lowercase) && !lexicon.function.has(text.known(at))
    };
    if run.is_empty() || run.len() > 7 || !run.clone().any(telling) {
        return false;
    }
    let mention = scene
        .mentions(sentence)
        .iter()
        .find(|mention| mention.tokens.start < run.end && mention.tokens.end > run.start);
    let entities: Vec<_> = mention.iter().flat_map(|m| &m.entities).map(|e| &scene.names.entities[*e]).collect();
    if entities.iter().any(|entity| entity.category == Some(Category::Venture)) {
        return true;
    }
    let covers = mention.is_some_and(|mention| mention.tokens.end >= run.end && mention.tokens.start <= run.start);
    if covers && entities.iter().any(|entity| entity.known || entity.formal) {
        return false;
    }
    let plain = |at: usize| {
        lexicon.months.get(text.known(at)).is_some()
            || lexicon.weekdays.get(text.known(at)).is_some()
            || lexicon.function.has(text.known(at))
            || lexicon.is_common(text.known(at))
            || matches!(
                lexicon.gazette(text.word(at)),
                Some(Gazette::Publication | Gazette::Product | Gazette::Nationality)
            )
    };
    // A single place or people is no name, "Paris summit" apart; the first word of a sentence may be any word.
    let placed = lexicon.gazette(text.slice(run.clone())).is_some();
    let summit = matches!(text.lower(run.end), "summit" | "pact" | "programme" | "program" | "initiative" | "accord");
    let opens = run.start == text.sentences[sentence].tokens.start && run.len() == 1;
    framework && !opens && (!placed || summit) && !run.clone().all(plain)
}

/// The month in which the whole was made known: "it signed in March", "of September 2025", "announced last October".
fn month(scene: &Scene, lexicon: &Lexicon, tokens: Range<usize>) -> Option<NaiveDate> {
    let published = scene.article.published?;
    let text = scene.text;
    tokens.clone().take(12).find_map(|at| {
        let month = text.tokens[at].capital.then(|| lexicon.months.get(text.known(at)).copied()).flatten()?;
        let year = text
            .word(at + 1)
            .parse::<i32>()
            .ok()
            .filter(|year| (1990..2100).contains(year) && tokens.contains(&(at + 1)));
        let year = year.unwrap_or(published.year() - i32::from(month > published.month()));
        NaiveDate::from_ymd_opt(year, month, 1)
    })
}

#[cfg(test)]
mod tests {
    use crate::{
        extract::read,
        model::{Article, Bond, Claim, Registry},
    };

    fn only(text: &str) -> Claim {
        let published = "2026-05-12".parse().ok();
        let article = Article { title: String::new(), text: text.to_owned(), published, publisher: None };
        let mut claims = read(&article, Registry::shipped()).claims;
        assert_eq!(claims.len(), 1, "{text}: {claims:#?}");
        claims.remove(0)
    }

    fn whole(text: &str) -> Option<(Bond, Option<String>, Option<String>)> {
        only(text).part_of.map(|whole| (whole.bond, whole.name, whole.month.map(|month| month.to_string())))
    }

    #[test]
    fn a_programme_to_which_a_deal_belongs_is_known_by_its_name() {
        let named = |name: &str| Some((Bond::Part, Some(name.to_owned()), None));
        let text = "Tarn Cloud signed a $2 billion contract to rent computing capacity to Veldmark AI, as part of the Stargate programme.";
        assert_eq!(whole(text), named("Stargate"));
        let text =
            "Tarn Cloud will build a $2 billion data center in Ohio. The project belongs to the Meadowlark Initiative.";
        assert_eq!(whole(text), named("Meadowlark Initiative"));
    }

    #[test]
    fn a_contract_without_a_name_is_known_by_its_month() {
        let text = "Veldmark AI agreed to rent another $3 billion of computing capacity from Tarn Cloud, on top of the contract that the two signed in March.";
        assert_eq!(whole(text), Some((Bond::Addition, None, Some("2026-03-01".to_owned()))));
    }

    #[test]
    fn an_earlier_deal_is_known_by_the_month_in_which_it_was_reached() {
        let in_march = |bond| Some((bond, None, Some("2026-03-01".to_owned())));
        let text = "Veldmark AI is adding $3 billion to the contract that it signed with Tarn Cloud in March for computing capacity.";
        assert_eq!(whole(text), in_march(Bond::Addition));
        let text = "Veldmark AI has closed the purchase of Tarn Cloud for $3 billion, which completes the deal announced in March.";
        assert_eq!(whole(text), in_march(Bond::Stage));
        let text = "Veldmark AI agreed to rent $3 billion of computing capacity from Tarn Cloud under the contract announced in May.";
        assert_eq!(whole(text), None);
    }

    #[test]
    fn the_deal_itself_is_no_part_of_itself_nor_of_its_partys_group() {
        for text in [
            "Under the agreement signed on Monday, Tarn Cloud will rent $2 billion of computing capacity to Veldmark AI.",
            "Tarn Cloud, part of Amazon, signed a $2 billion contract to rent computing capacity to Veldmark AI.",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn a_deal_is_known_by_its_own_name_too() {
        let text = "Tarn Cloud will build a $2 billion data center in Ohio under the name of Cedar Reach.";
        assert_eq!(only(text).programme.as_deref(), Some("Cedar Reach"));
    }
}
