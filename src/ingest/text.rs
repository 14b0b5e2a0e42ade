//! Markup to what a reader sees. Pure.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use scraper::{Html, Node};

use super::overgrown::is_overgrown;

/// The plain text of a piece of HTML: a paragraph a line, list items and table rows on lines of their own, the cells of
/// a row apart by a tab; scripts, styles and what only machines read left out.
pub fn text_of_html(fragment: &str) -> String {
    if !fragment.contains('<') {
        return tidy(&decode_entities(fragment));
    }
    if is_overgrown(fragment) {
        return tidy(&decode_entities(&ANY_TAG.replace_all(fragment, "\n")));
    }
    text_of_tree(Html::parse_fragment(fragment).tree.root())
}

/// The same of a part of a parsed document.
pub fn text_of_tree(root: ego_tree::NodeRef<'_, Node>) -> String {
    use ego_tree::iter::Edge;
    let mut out = Lines::default();
    let mut hidden = 0_usize;
    let mut preformatted = 0_usize;
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) if hidden == 0 => {
                    if preformatted > 0 {
                        out.preformatted(text);
                    } else {
                        out.words(text);
                    }
                }
                Node::Element(element) => {
                    let name = element.name();
                    if HIDDEN.contains(&name) || element.attr("hidden").is_some() {
                        hidden += 1;
                    } else if hidden > 0 {
                    } else if name == "pre" {
                        preformatted += 1;
                        out.line();
                    } else if name == "td" || name == "th" {
                        out.cell();
                    } else if name == "br" || name == "hr" || is_block(name) {
                        out.line();
                    }
                }
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    let name = element.name();
                    if HIDDEN.contains(&name) || element.attr("hidden").is_some() {
                        hidden = hidden.saturating_sub(1);
                    } else if hidden > 0 {
                    } else if name == "pre" {
                        preformatted = preformatted.saturating_sub(1);
                        out.line();
                    } else if is_block(name) {
                        out.line();
                    }
                }
            }
        }
    }
    out.finish()
}

/// Never shown, or no text of the article.
const HIDDEN: [&str; 15] = [
    "script", "style", "noscript", "template", "svg", "iframe", "object", "head", "select", "button", "textarea",
    "math", "canvas", "audio", "video",
];

/// Elements that begin and end a line.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "main"
            | "header"
            | "footer"
            | "aside"
            | "nav"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "table"
            | "caption"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "blockquote"
            | "figure"
            | "figcaption"
            | "address"
            | "form"
            | "fieldset"
            | "details"
            | "summary"
            | "center"
            | "body"
            | "html"
    )
}

/// Text as it grows: white space folded, lines without anything dropped.
#[derive(Default)]
struct Lines {
    text: String,
    /// What stands before the next word.
    gap: Gap,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Cell,
    Line,
}

impl Lines {
    fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn line(&mut self) {
        self.widen(Gap::Line);
    }

    fn cell(&mut self) {
        self.widen(Gap::Cell);
    }

    fn words(&mut self, text: &str) {
        let text = text.trim_matches('\u{feff}');
        if text.starts_with(is_space) {
            self.widen(Gap::Space);
        }
        for word in text.split(is_space).filter(|word| !word.is_empty()) {
            self.push(word);
            self.gap = Gap::Space;
        }
        if !text.ends_with(is_space) && self.gap == Gap::Space && text.contains(|c| !is_space(c)) {
            self.gap = Gap::None;
        }
    }

    fn preformatted(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.line();
            }
            self.words(line);
        }
    }

    fn push(&mut self, word: &str) {
        if !self.text.is_empty() {
            match self.gap {
                Gap::None => {}
                Gap::Space => self.text.push(' '),
                Gap::Cell => self.text.push('\t'),
                Gap::Line => self.text.push('\n'),
            }
        }
        self.gap = Gap::None;
        // Invisible marks for hyphenation and joining would split words that are searched for.
        self.text.extend(word.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\0')));
    }

    fn finish(self) -> String {
        self.text
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{a0}'
}

/// Plain text with its lines kept: white space folded, empty lines dropped.
pub fn tidy(text: &str) -> String {
    let mut lines = Lines::default();
    lines.preformatted(text);
    lines.finish()
}

/// A title as a reader sees it, on one line: inline markup such as `<b>` resolved, entities resolved, and all else left
/// standing as text, so that `<script>alert(1)</script>` is read and never run.
pub fn plain_title(markup: &str) -> String {
    let text = BREAK.replace_all(markup, " ");
    let text = INLINE_TAG.replace_all(&text, "");
    tidy(&decode_entities(&text)).replace(['\n', '\t'], " ")
}

static BREAK: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)<(?:br|/p|/div)\b[^<>]*>"));
static INLINE_TAG: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix) </? (?: a|abbr|acronym|b|big|bdi|bdo|cite|code|data|del|dfn|div|em|font|h[1-6]|i|img|ins|kbd|mark|nobr|p|q|s
            |samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr ) (?: \s [^<>]* )? /? >",
    )
});
static ANY_TAG: LazyLock<Regex> = LazyLock::new(|| regex(r"<[^<>]*>"));
static ENTITY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"&(?:#([0-9]{1,8})|#[xX]([0-9a-fA-F]{1,6})|[A-Za-z][A-Za-z0-9]{1,30});"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

/// Resolves HTML's entities, once; what is none stays as it is. Numbers that mean a character in windows-1252 but none
/// in Unicode are read as browsers read them.
pub fn decode_entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    ENTITY
        .replace_all(text, |found: &Captures<'_>| {
            let number = found.get(1).map(|n| (n, 10)).or_else(|| found.get(2).map(|n| (n, 16)));
            match number {
                Some((digits, radix)) => u32::from_str_radix(digits.as_str(), radix)
                    .ok()
                    .and_then(numbered)
                    .map_or_else(|| found[0].to_owned(), String::from),
                None => html_escape::decode_html_entities(&found[0]).into_owned(),
            }
        })
        .into_owned()
}

fn numbered(code: u32) -> Option<char> {
    match u8::try_from(code) {
        Ok(byte @ 0x80..=0x9F) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next(),
        Ok(0) => None,
        _ => char::from_u32(code),
    }
}

#[cfg(test)]
mod tests {
    use super::{decode_entities, plain_title, text_of_html};

    #[test]
    fn paragraphs_items_and_rows_stand_on_their_own_lines() {
        let html = "<p>One <b>bold</b>, <i>two</i>.</p>\n<ul><li>A</li><li>B<br>C</li></ul>\
                    <table><tr><th>MW</th><td>300</td></tr><tr><td>x<td>y</table><script>z()</script>tail";
        assert_eq!(text_of_html(html), "One bold, two.\nA\nB\nC\nMW\t300\nx\ty\ntail");
    }

    #[test]
    fn words_that_touch_in_the_markup_touch_in_the_text() {
        assert_eq!(text_of_html("<span>$5</span><span> billion</span><sup>2</sup>"), "$5 billion2");
        assert_eq!(text_of_html("a&nbsp;b &amp; c<b> d</b>e"), "a b & c de");
    }

    #[test]
    fn a_title_resolves_inline_markup_and_keeps_the_rest_as_text() {
        assert_eq!(plain_title("R&amp;D <b>up</b> <script>alert(1)</script>"), "R&D up <script>alert(1)</script>");
        assert_eq!(plain_title("AT&T&#8217;s\n 3 < 4 &#150; yes<br/>no"), "AT&T’s 3 < 4 – yes no");
        assert_eq!(plain_title("&lt;b&gt; stays"), "<b> stays");
    }

    #[test]
    fn unknown_entities_stay_as_they_are() {
        assert_eq!(decode_entities("&foo; &#xZZ; &#0; &eacute;&#x1F600; &"), "&foo; &#xZZ; &#0; é😀 &");
    }

    #[test]
    fn a_tower_of_elements_is_read_without_climbing_it() {
        assert_eq!(text_of_html(&format!("{}deep", "<div>".repeat(300_000))), "deep");
    }
}
