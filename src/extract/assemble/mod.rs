//! From frames to claims: one record for each deal of the article.

mod attach;
mod decide;
mod draft;
mod entry;
mod output;
mod programme;
mod roles;
mod signals;
mod statement;
mod status;
mod terms;

use std::ops::Range;

use super::{
    clause,
    frame::{self, Frame, Relation},
    judge::{self, Judge},
    lexicon::Lexicon,
    party::{Mention, Names},
    quantity::Figure,
    row,
    text::{Part, Text},
};
use crate::model::{Article, Claim, Whole};
use signals::Signals;

pub(super) use decide::{is_of_the_union, keeps, shadowed};
pub(super) use draft::{Draft, equal};
pub(super) use status::hearsay;

/// What has more drafts is a dump, not an article: the rules decide alone, which costs less for each.
const MOST: usize = 150;

/// What assembly looks at.
pub struct Scene<'a> {
    pub article: &'a Article,
    pub text: &'a Text,
    pub lexicon: &'a Lexicon,
    pub names: &'a Names,
    pub figures: &'a [Figure],
    pub signals: Vec<Signals>,
    /// Each sentence's items.
    pub items: Vec<Vec<clause::Item>>,
    /// How each sentence's names stand to its verbs and nouns; empty where the rules decide alone.
    pub relations: Vec<Vec<Relation>>,
}

/// The deals that an article tells, and for each figure whether a deal took it.
pub fn assemble(
    article: &Article,
    text: &Text,
    lexicon: &Lexicon,
    names: &Names,
    figures: &[Figure],
    judge: Option<&mut dyn Judge>,
) -> (Vec<Claim>, Vec<bool>) {
    let mut items = Vec::with_capacity(text.sentences.len());
    let mut frames: Vec<Frame> = Vec::new();
    let mut all_signals = Vec::with_capacity(text.sentences.len());
    for (index, sentence) in text.sentences.iter().enumerate() {
        let row = clause::items(text, lexicon, names, figures, index);
        all_signals.push(signals::read(article, text, lexicon, sentence));
        if sentence.part != Part::Boilerplate {
            frames.extend(frame::find(lexicon, names, figures, &row, index));
        }
        items.push(row);
    }
    let (told, rows) = row::find(text, lexicon, names, figures);
    // A sentence that tells a pair's deal itself needs no more than its own words.
    let told = told
        .into_iter()
        .filter(|t| rows[t.sentence] || !frames.iter().any(|f| f.sentence == t.sentence && f.parties.len() > 1));
    let told: Vec<Frame> = told.collect();
    frames.retain(|f| !rows[f.sentence]);
    frames.extend(told);
    frames.sort_by_key(|f| (f.sentence, f.trigger));
    // A question tells nothing.
    let asked = |f: &Frame| {
        let sentence = &text.sentences[f.sentence];
        sentence.part == Part::Body && (f.trigger..sentence.tokens.end).any(|at| text.is(at, "?"))
    };
    frames.retain(|f| !all_signals[f.sentence].other && !asked(f));
    let relations = if judge.is_some() {
        items.iter().map(|row| frame::relations(lexicon, names, figures, row)).collect()
    } else {
        Vec::new()
    };
    let scene = Scene { article, text, lexicon, names, figures, signals: all_signals, items, relations };
    let entries = entry::frames(&scene, lexicon, &frames);
    frames.extend(entries);
    frames.sort_by_key(|f| f.trigger);
    let mut drafts = draft::merge(&scene, frames);
    attach::figures(&scene, &mut drafts);
    let drafts = draft::settle(&scene, lexicon, drafts);
    let drafts = match judge {
        Some(judge) if drafts.len() <= MOST => judge::decide(&scene, drafts, judge),
        _ => decide::standing(&scene, drafts),
    };
    let mut taken = vec![false; figures.len()];
    let mut claims = Vec::new();
    let many = drafts.len() > 3;
    for draft in &drafts {
        if let Some(mut claim) = output::claim(&scene, lexicon, draft, many) {
            let sentences = programme::sentences(&scene, draft, &drafts);
            claim.part_of = programme::whole(&scene, lexicon, &sentences, &claim.parties);
            claim.programme = programme::own_name(&scene, lexicon, &sentences, claim.part_of.as_ref());
            for figure in &draft.figures {
                taken[*figure] = true;
            }
            claims.push(claim);
        }
    }
    (claims, taken)
}

/// What an article says as a whole of the larger deal to which its own belongs, and of the name of its own.
pub fn belonging(
    article: &Article,
    text: &Text,
    lexicon: &Lexicon,
    names: &Names,
    figures: &[Figure],
) -> (Option<Whole>, Option<String>) {
    let (signals, items, relations) = (Vec::new(), Vec::new(), Vec::new());
    programme::of_article(&Scene { article, text, lexicon, names, figures, signals, items, relations }, lexicon)
}

impl Scene<'_> {
    /// The mentions of a sentence.
    pub(super) fn mentions(&self, sentence: usize) -> &[Mention] {
        let all = &self.names.mentions;
        &all[all.partition_point(|m| m.sentence < sentence)..all.partition_point(|m| m.sentence <= sentence)]
    }

    /// The figures of a sentence, by their numbers.
    pub(super) fn figures_of(&self, sentence: usize) -> Range<usize> {
        let all = self.figures;
        all.partition_point(|f| f.sentence < sentence)..all.partition_point(|f| f.sentence <= sentence)
    }

    /// Whether a sentence is the headline.
    pub(super) fn is_title(&self, sentence: usize) -> bool {
        self.text.sentences[sentence].part == Part::Title
    }

    /// Whether a sentence belongs to the first paragraph of the body.
    pub(super) fn is_lead(&self, sentence: usize) -> bool {
        let first = self.text.sentences.iter().find(|s| s.part != Part::Title).map(|s| s.paragraph);
        Some(self.text.sentences[sentence].paragraph) == first
    }
}

/// The drafts of an article.
type Drafts = Vec<Draft>;
