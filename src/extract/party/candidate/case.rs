//! What capitals mean where they stand: at the start of a sentence, in a headline, in a dateline.

use std::ops::Range;

use crate::extract::{
    lexicon::{Gazette, Lexicon},
    text::{Part, Sentence, Text, TokenKind},
};

/// Whether capitals mean nothing in a sentence: a headline in title case, a wire in capitals. A row of a table and a
/// list of names that ends in a full stop are no headlines.
pub(super) fn is_loud(text: &Text, lexicon: &Lexicon, sentence: &Sentence) -> bool {
    let tokens = &sentence.tokens;
    let cased = text.slice(tokens.clone()).contains(char::is_lowercase);
    // "TALKED ABOUT" heads a section; "2. TORRENTE DIGITAL." is an item's name.
    let start = tokens.start;
    let item = text.tokens[start].kind != TokenKind::Word
        || start > 1 && text.is(start - 1, ".") && text.tokens[start - 2].kind == TokenKind::Number;
    let word = |at: usize| text.tokens[at].kind == TokenKind::Word && text.word(at).len() > 3;
    if !cased && !item && tokens.clone().any(word) {
        return true;
    }
    if !title_case(text, tokens) {
        return sentence.part == Part::Title && short_title(text, lexicon, tokens);
    }
    if !cased {
        return true;
    }
    let bars = tokens.clone().filter(|at| text.tokens[*at].spaced && matches!(text.word(*at), "|" | "—" | "–" | "→"));
    let lower = tokens.clone().filter(|at| {
        let token = &text.tokens[*at];
        token.kind == TokenKind::Word && !token.capital && token.spaced && text.word(*at).len() > 3
    });
    let lower = lower.count();
    let last = tokens.clone().rev().find(|at| !matches!(text.word(*at), "*" | "_" | "”" | "\""));
    let stop = lower > 1 || lower > 0 && last.is_some_and(|at| text.is(at, "."));
    let item = lower == 0
        && text.tokens[tokens.start].kind != TokenKind::Word
        && tokens.len() > 2
        && last.is_some_and(|at| text.is(at, "."));
    sentence.part == Part::Title || !(stop || item || bars.count() > 1)
}

/// Whether most longer words of a sentence are capitalised, so that capitals mean nothing.
fn title_case(text: &Text, tokens: &Range<usize>) -> bool {
    let long = tokens.clone().filter(|at| text.tokens[*at].kind == TokenKind::Word && text.word(*at).len() > 3);
    let (capital, all) = long.fold((0, 0), |(c, n), at| (c + usize::from(text.tokens[at].capital), n + 1));
    all >= 4 && capital * 10 >= all * 8
}

/// "Oracle Takes Hall": a headline too short to be counted out, in which an everyday word is capitalised and none of the longer
/// ones is not.
fn short_title(text: &Text, lexicon: &Lexicon, tokens: &Range<usize>) -> bool {
    let long = |at: &usize| text.tokens[*at].kind == TokenKind::Word && text.word(*at).len() > 3;
    let small = tokens.clone().filter(long).any(|at| !text.tokens[at].capital);
    let everyday = tokens.clone().skip(1).filter(long).any(|at| {
        lexicon.english.has(text.known(at)) && !text.is(at - 1, ":") && lexicon.gazetted(text, at..at + 1).is_none()
    });
    !small && everyday
}

/// Whether a token opens its sentence, a quotation or a list item.
pub(super) fn opens(text: &Text, sentence: &Range<usize>, at: usize) -> bool {
    at == sentence.start
        || matches!(text.word(at - 1), "“" | "\"" | "•" | "-" | "*" | ":" | "‘" | "—" | "–") && !text.joined(at - 1)
        || at == sentence.start + 1 && text.tokens[at - 1].kind == TokenKind::Sign
        || matches!(text.word(at - 1), ":" | "•") && text.tokens[at].spaced
}

/// The end of "BALTIMORE (Sept. 20, 2024) —" or "Mumbai, November 20:" at the start of a paragraph.
pub(super) fn dateline_end(text: &Text, lexicon: &Lexicon, tokens: &Range<usize>) -> usize {
    let limit = tokens.end.min(tokens.start + 16);
    for at in tokens.start + 1..limit {
        match text.word(at) {
            "—" | "–" | "-" | "--" if text.tokens[at].spaced || text.is(at, "--") => {
                let line = |t: usize| {
                    let word = text.word(t);
                    lexicon.months.has(text.known(t))
                        || lexicon.gazetted(text, t..t + 1) == Some(Gazette::Place)
                        || text.tokens[t].kind == TokenKind::Word
                            && word.chars().count() > 3
                            && !word.contains(char::is_lowercase)
                };
                let begins = line(tokens.start)
                    || line(tokens.start + 1) && !text.word(tokens.start).contains(char::is_lowercase)
                    || (tokens.start..at).any(|t| lexicon.months.has(text.known(t)));
                return if begins { at + 1 } else { tokens.start };
            }
            ":" => {
                let dated = (tokens.start..at).any(|t| {
                    lexicon.months.has(text.known(t)) || lexicon.gazetted(text, t..t + 1) == Some(Gazette::Place)
                });
                return if dated && at - tokens.start <= 8 { at + 1 } else { tokens.start };
            }
            "(" | ")" | "," | "." | "/" | "-" | "and" => {}
            _ if text.tokens[at].capital || text.tokens[at].kind == TokenKind::Number => {}
            _ => break,
        }
    }
    tokens.start
}
