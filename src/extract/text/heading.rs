//! Lines that head what follows them.

use super::{Part, Sentence, Text, TokenKind};

/// How many words a heading may have, and over how many paragraphs it may stand.
const HEADING: [usize; 2] = [16, 30];

/// The sentences, each with what heads it: a line that ends in a colon, or without a full stop and tells no figure.
pub(super) fn found(text: &Text, mut sentences: Vec<Sentence>) -> Vec<Sentence> {
    let [words, paragraphs] = HEADING;
    let mut heading: Option<usize> = None;
    for at in 0..sentences.len() {
        let own = &sentences[at];
        let paragraph = own.paragraph;
        let alone = at.checked_sub(1).is_none_or(|before| sentences[before].paragraph != paragraph)
            && sentences.get(at + 1).is_some_and(|next| next.paragraph != paragraph);
        let tokens = own.tokens.clone();
        let heads = alone
            && own.part == Part::Body
            && tokens.len() <= words
            && match text.word(tokens.end - 1) {
                ":" => true,
                "." | "!" | "?" | "," | ";" => false,
                _ => tokens.clone().all(|at| text.tokens[at].kind != TokenKind::Number && !text.is(at, "|")),
            };
        sentences[at].heading = heading.filter(|head| !heads && paragraph - sentences[*head].paragraph <= paragraphs);
        if heads {
            heading = Some(at);
        }
    }
    sentences
}
