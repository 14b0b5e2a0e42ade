use super::{Part, Text};
use crate::extract::lexicon::Lexicon;

fn text(lines: &str) -> Text {
    Text::new(lines.to_owned(), true, Lexicon::shipped())
}

/// What heads each line.
fn headings(lines: &str) -> Vec<Option<String>> {
    let text = text(lines);
    let told = |at: usize| text.slice(text.sentences[at].tokens.clone()).to_owned();
    text.sentences.iter().map(|sentence| sentence.heading.map(told)).collect()
}

#[test]
fn a_short_line_heads_the_list_below_it_until_the_next_one() {
    let lines = "What they own\nTarn Cloud's stakes:\n- $40m of Fell\n- $90m of Ghyll\nHalls under way\nBeck digs.\nIt digs deep.";
    let stakes = Some("Tarn Cloud's stakes:".to_owned());
    let halls = Some("Halls under way".to_owned());
    assert_eq!(headings(lines), [None, None, stakes.clone(), stakes, None, halls.clone(), halls]);
}

#[test]
fn a_line_with_a_full_stop_or_a_figure_heads_nothing() {
    let lines = "What they own\nTarn Cloud digs.\n- $40m of Fell\nTarn Cloud 250 MW\n- $90m of Ghyll";
    assert_eq!(headings(lines), vec![None; 5]);
}

#[test]
fn a_single_link_is_set_apart_and_the_end_of_the_article_for_good() {
    let lines =
        "Tarn rents a hall\nRelated: Fell buys Ghyll\nTarn rents it for ten years.\nAbout Tarn\nTarn rents halls.";
    let parts: Vec<Part> = text(lines).sentences.iter().map(|sentence| sentence.part).collect();
    assert_eq!(parts, [Part::Title, Part::Boilerplate, Part::Body, Part::Boilerplate, Part::Boilerplate]);
}
