//! From an article to claims: pure, no network, clock, environment or database.
//!
//! The stages, in the order in which a text passes through them: `text` cuts it into tokens and sentences, `quantity`
//! finds the figures, `party` the names, `clause` turns a sentence into a row of items, `frame` reads from it what
//! each verb and noun says of a deal, and `assemble` puts the article's deals together. What all of them know of
//! English and of this field stands in the data files of `lexicon`.

mod assemble;
mod clause;
mod frame;
pub mod judge;
mod lexicon;
mod party;
mod quantity;
mod row;
#[cfg(test)]
mod tests;
mod text;
pub mod theme;

use crate::model::{Article, Claim, Quantity, QuantityType, Registry, Use, Whole};
use judge::{Judge, Model};
use lexicon::Lexicon;
use quantity::Measure;
use text::Text;

/// Raised whenever the same text may give other claims.
pub const VERSION: i32 = 13;

/// What an article says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The deals, in the order in which the text tells them.
    pub claims: Vec<Claim>,
    /// The figures, in the order of the text.
    pub quantities: Vec<Quantity>,
}

/// A text that is longer is no article but a dump: it is read piece by piece, so that the time stays linear.
const PIECE: usize = 100_000;

/// What is longer is no headline, whoever says so.
const HEADLINE: usize = 2_000;

/// Reads an article: which deals it tells, and what every figure in it is used for.
pub fn read(article: &Article, registry: &Registry) -> Reading {
    read_with(article, registry, Some(&mut Model::shipped()))
}

/// Reads an article, and leaves the decisions to a judge, or to the rules alone.
pub fn read_with(article: &Article, registry: &Registry, mut judge: Option<&mut dyn Judge>) -> Reading {
    if article.title.len() > HEADLINE {
        let article = Article { title: String::new(), text: article.as_read(), ..article.clone() };
        return read_with(&article, registry, judge);
    }
    if article.text.len() <= PIECE {
        return read_piece(article, registry, judge);
    }
    let mut whole = Reading::default();
    let mut offset = 0;
    let mut rest = article.text.as_str();
    let mut title = article.title.clone();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(cut(rest));
        rest = after;
        let part = Article {
            title: std::mem::take(&mut title),
            text: piece.to_owned(),
            published: article.published,
            publisher: article.publisher.clone(),
        };
        let judge = judge.as_mut().map(|judge| &mut **judge as &mut dyn Judge);
        let mut reading = read_piece(&part, registry, judge);
        for evidence in reading.claims.iter_mut().flat_map(|claim| &mut claim.evidence) {
            evidence.start += offset;
            evidence.end += offset;
        }
        for quantity in &mut reading.quantities {
            quantity.start += offset;
            quantity.end += offset;
        }
        offset += part.as_read().chars().count();
        whole.claims.append(&mut reading.claims);
        whole.quantities.append(&mut reading.quantities);
    }
    whole
}

/// Where to cut a long text: after a line, else after a blank, else between two characters.
fn cut(text: &str) -> usize {
    if text.len() <= PIECE {
        return text.len();
    }
    let end = (0..=PIECE).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let head = &text[..end];
    head.rfind('\n').or_else(|| head.rfind(' ')).filter(|at| *at > 0).map_or(end, |at| at + 1)
}

/// What an article says, whatever deals it tells, of the larger deal to which its own belongs, and of the name of its own.
pub fn belonging(article: &Article, registry: &Registry) -> (Option<Whole>, Option<String>) {
    let lexicon = Lexicon::shipped();
    let text = Text::new(article.as_read(), !article.title.is_empty(), lexicon);
    let figures = quantity::find(&text, lexicon);
    let names = party::find(&text, lexicon, registry, &figures, article.publisher.as_deref());
    assemble::belonging(article, &text, lexicon, &names, &figures)
}

fn read_piece(article: &Article, registry: &Registry, judge: Option<&mut dyn Judge>) -> Reading {
    let lexicon = Lexicon::shipped();
    let text = Text::new(article.as_read(), !article.title.is_empty(), lexicon);
    let figures = quantity::find(&text, lexicon);
    let names = party::find(&text, lexicon, registry, &figures, article.publisher.as_deref());
    let (claims, taken) = assemble::assemble(article, &text, lexicon, &names, &figures, judge);
    let quantities = figures
        .iter()
        .zip(taken)
        .map(|(figure, taken)| {
            let (start, end) = (text.tokens[figure.tokens.start].start, text.tokens[figure.tokens.end - 1].end);
            let (measures, currency) = match figure.measure {
                Measure::Money(currency) => (QuantityType::Money, Some(currency)),
                Measure::Power => (QuantityType::Power, None),
                Measure::Chips(_) => (QuantityType::Chips, None),
                Measure::Duration => (QuantityType::Duration, None),
            };
            Quantity {
                start: text.chars(start),
                end: text.chars(end),
                text: text.source()[start..end].to_owned(),
                measures,
                value: figure.value,
                value_max: figure.value_max,
                currency,
                qualifier: figure.qualifier,
                usage: match (taken, figure.usage) {
                    (true, _) => Use::Deal,
                    (false, Use::Deal) => Use::Context,
                    (false, other) => other,
                },
            }
        })
        .collect();
    Reading { claims, quantities }
}
