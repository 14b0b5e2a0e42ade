//! What a file or an answer is, told by its content. Pure.

use super::decode;

/// The kinds of input that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
pub enum Input {
    /// RSS, RDF, Atom or JSON Feed.
    #[strum(serialize = "a feed")]
    Feed,
    /// A web page, or a piece of one.
    #[strum(serialize = "a web page")]
    Html,
    /// Articles as JSON, which [`Articles`](super::articles::Articles) reads: an object a line, objects over any number
    /// of lines, or a list of them.
    #[strum(serialize = "articles")]
    ArticleLines,
    /// Text; the first line is its title.
    #[strum(serialize = "plain text")]
    PlainText,
}

/// How much of a document is looked at.
const LOOK: usize = 64 * 1024;

/// Tells what it is. Never fails: what looks like nothing else is plain text. An XML document that is no feed counts as
/// one, so that [`feed::parse`](super::feed::parse) can say what is wrong with it.
pub fn sniff(bytes: &[u8]) -> Input {
    let text = decode::decode(&bytes[..bytes.len().min(LOOK)], None);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.starts_with('{') {
        return if is_json_feed(text) { Input::Feed } else { Input::ArticleLines };
    }
    if is_html(text) {
        return Input::Html;
    }
    if text.starts_with('<') {
        return match first_element(text).as_deref() {
            Some("rss" | "feed" | "rdf" | "channel" | "item" | "entry" | "urlset") => Input::Feed,
            Some("title" | "link") if text.contains("<item>") => Input::Feed,
            _ if text.starts_with("<?xml") => Input::Feed,
            _ => Input::Html,
        };
    }
    // A broken first line does not make the lines behind it text.
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(5);
    if lines.any(|line| line.starts_with("{\"") && serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok()) {
        return Input::ArticleLines;
    }
    // A program's complaint, and the feed behind it.
    if let Some("rss" | "feed" | "rdf") = first_element(text).as_deref() {
        return Input::Feed;
    }
    Input::PlainText
}

/// What a document is that would be taken for text, where it is none: by the bytes with which files of its kind begin,
/// or because too much of it is no character that anybody writes.
pub(super) fn binary(bytes: &[u8], text: &str) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 9] = [
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"%PDF-", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive or an office document"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"\xd0\xcf\x11\xe0", "an office document"),
        (b"\x7fELF", "a program"),
        (b"SQLite format 3\0", "a database"),
    ];
    if let Some((_, kind)) = KINDS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(kind);
    }
    let odd = |c: char| (c.is_control() && !c.is_whitespace() && c != '\u{1b}') || c == '\u{fffd}';
    let (mut all, mut oddities) = (0, 0);
    for c in text.chars().take(HEAD) {
        all += 1;
        oddities += usize::from(odd(c));
    }
    (oddities > 1 && oddities * 20 > all).then_some("binary data")
}

/// How much of an object is looked at, in characters.
pub(super) const HEAD: usize = 4096;

/// A JSON Feed names its version; one that forgot has items and no text of its own.
pub(super) fn is_json_feed(text: &str) -> bool {
    let head: String = text.chars().take(HEAD).collect();
    head.contains("jsonfeed.org/version")
        || (head.contains("\"items\"") && !head.contains("\"text\"") && !head.contains("\"html\""))
}

/// Whether a document begins like a web page: its doctype or its first element says so.
pub(super) fn is_html(text: &str) -> bool {
    let start: String = text.chars().take(256).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html")
        || first_element(text).is_some_and(|name| matches!(name.as_str(), "html" | "head" | "body"))
}

/// The name of the first element, in lower case and without its prefix, behind declarations, comments and the doctype.
fn first_element(text: &str) -> Option<String> {
    let mut rest = text;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        let skip = if rest.starts_with("!--") {
            "-->"
        } else if rest.starts_with(['?', '!']) {
            ">"
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
            let name = rest[..end].chars().take(64).collect::<String>().to_ascii_lowercase();
            return Some(name.split_once(':').map_or(name.clone(), |(_, name)| name.to_owned()));
        };
        rest = &rest[rest.find(skip)? + skip.len()..];
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, sniff};

    #[test]
    fn input_is_told_apart_by_its_content() {
        for (text, expected) in [
            ("<?xml version='1.0'?><!-- hi --><rss version='2.0'>", Input::Feed),
            ("\u{feff}\n<rdf:RDF xmlns='x'>", Input::Feed),
            ("<feed xmlns='http://www.w3.org/2005/Atom'/>", Input::Feed),
            ("{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": []}", Input::Feed),
            ("<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html>", Input::Html),
            ("<!DOCTYPE HTML><title>x</title>", Input::Html),
            ("<p>A paragraph", Input::Html),
            ("{\"id\": \"a\", \"text\": \"items\"}\n{\"id\": \"b\"}", Input::ArticleLines),
            ("{\n  \"title\": \"one\",\n  \"text\": \"article\"\n}", Input::ArticleLines),
            ("not json\n{\"id\": \"b\", \"text\": \"x\"}", Input::ArticleLines),
            ("Warning: line 3\n<?xml version='1.0'?><rss version='2.0'>", Input::Feed),
            ("<a:feed xmlns:a='http://www.w3.org/2005/Atom'/>", Input::Feed),
            ("Orion buys Harbour\n\nIt paid $5 { million }.", Input::PlainText),
            ("", Input::PlainText),
        ] {
            assert_eq!(sniff(text.as_bytes()), expected, "{text}");
        }
    }
}
