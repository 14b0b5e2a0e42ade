//! Articles out of what was handed in, one at a time and whatever it is. It reads no further than it must, so that a
//! program that writes a line can wait for its answer.

mod lines;

use std::{
    collections::VecDeque,
    io::{self, BufRead, Cursor},
};

use serde::de::IgnoredAny;
use serde_json::Value;

use super::{
    decode,
    input::{self, Input},
};
use crate::model::ArticleLine;
use lines::{Line, Lines, Reach, Scan};

/// How many lines are looked at before something is taken for text: a broken first line does not make the lines behind
/// it text.
const LOOK: usize = 5;

/// What an input holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Handed {
    /// An article: a line of JSON Lines, an object over several lines, or an element of a list.
    Article {
        /// The line on which it begins, from 1.
        line: u64,
        /// What it says.
        article: Box<ArticleLine>,
    },
    /// What should have been an article and is none; the others go on.
    Fault {
        /// The line on which it begins, from 1.
        line: u64,
        /// The caller's name for it, where that can be made out.
        id: Option<Value>,
        /// What is wrong.
        error: String,
    },
    /// The whole input is a feed; its bytes.
    Feed(Vec<u8>),
    /// The whole input is a web page.
    Page(String),
    /// The whole input is a text; the first line of it is the title.
    Text {
        /// The title.
        title: String,
        /// All behind it.
        text: String,
    },
    /// The whole input is nothing to read; what it is, such as `a PNG image`.
    Binary(&'static str),
}

/// Reads an input article by article. Nothing in an input is an error of the iterator: that is kept for an input that
/// cannot be read to its end.
///
/// ```
/// use wattline::ingest::articles::{Articles, Handed};
/// let mut articles = Articles::new("not json\n{\"id\": 2, \"text\": \"x\"}\n".as_bytes(), None);
/// assert!(matches!(articles.next(), Some(Ok(Handed::Fault { line: 1, .. }))));
/// assert!(matches!(articles.next(), Some(Ok(Handed::Article { line: 2, .. }))));
/// assert!(articles.next().is_none());
/// ```
pub struct Articles<'a> {
    lines: Lines<'a>,
    content_type: Option<&'a str>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing has been looked at.
    Start,
    /// Between two lines.
    Lines,
    /// Between two elements of a list.
    List,
    /// All is read.
    End,
}

impl<'a> Articles<'a> {
    /// `content_type` is that of the answer where the input came from a host, for its charset.
    pub fn new(input: impl BufRead + 'a, content_type: Option<&'a str>) -> Self {
        let lines = Lines { input: Box::new(input), ahead: VecDeque::new(), number: 0 };
        Self { lines, content_type, state: State::Start }
    }

    fn read(&mut self) -> io::Result<Option<Handed>> {
        if self.state == State::Start {
            self.state = self.begin()?;
            if self.state == State::Start {
                self.state = State::End;
                return self.whole().map(Some);
            }
        }
        match self.state {
            State::Lines => self.line(),
            State::List => self.element(),
            State::Start | State::End => Ok(None),
        }
    }

    /// How to go on; [`State::Start`] for what is one document.
    fn begin(&mut self) -> io::Result<State> {
        let Some(mut at) = self.lines.filled(0)? else { return Ok(State::End) };
        let head: Vec<u8> = self.lines.ahead.iter().flat_map(|line| line.bytes.iter().copied()).collect();
        if decode::is_wide(&head) {
            let text = decode::decode(&self.lines.rest()?, None);
            self.lines = Lines { input: Box::new(Cursor::new(text.into_bytes())), ahead: VecDeque::new(), number: 0 };
            let Some(first) = self.lines.filled(0)? else { return Ok(State::End) };
            at = first;
        }
        let first = self.lines.ahead[at].text();
        let start = begun(&first);
        if start.starts_with('{') {
            return Ok(if self.is_feed(at)? { State::Start } else { State::Lines });
        }
        if let Some(behind) = start.strip_prefix('[') {
            let behind = behind.trim_start();
            let is_list = if behind.is_empty() {
                match self.lines.filled(1)? {
                    Some(next) => self.lines.ahead[next].text().trim_start().starts_with(['{', ']']),
                    None => false,
                }
            } else {
                behind.starts_with('{') || behind.trim_end() == "]"
            };
            if is_list {
                self.lines.ahead[at].bytes = behind.as_bytes().to_vec();
                return Ok(State::List);
            }
        }
        if !start.starts_with('<') {
            for n in 0..LOOK {
                let Some(at) = self.lines.filled(n)? else { break };
                if is_object(self.lines.ahead[at].text().trim()) {
                    return Ok(State::Lines);
                }
            }
        }
        Ok(State::Start)
    }

    /// Whether the object that begins at this line is a JSON Feed.
    fn is_feed(&mut self, mut at: usize) -> io::Result<bool> {
        let mut scan = Scan::default();
        let mut head = String::new();
        loop {
            let text = self.lines.ahead[at].text();
            head += begun(&text);
            match scan.step(&text) {
                Reach::Open if head.len() < input::HEAD => {}
                _ => break,
            }
            at += 1;
            if at == self.lines.ahead.len() && !self.lines.pull()? {
                break;
            }
        }
        Ok(match serde_json::from_str::<Value>(&head) {
            Ok(object) => {
                let version = object.get("version").and_then(Value::as_str).unwrap_or_default();
                version.contains("jsonfeed.org/version")
                    || (object.get("items").is_some_and(Value::is_array)
                        && object.get("text").is_none()
                        && object.get("html").is_none())
            }
            Err(_) => input::is_json_feed(&head),
        })
    }

    /// The input as one document.
    fn whole(&mut self) -> io::Result<Handed> {
        let bytes = self.lines.rest()?;
        Ok(match input::sniff(&bytes) {
            Input::Feed => Handed::Feed(bytes),
            Input::Html => Handed::Page(decode::decode(&bytes, self.content_type)),
            Input::ArticleLines | Input::PlainText => {
                let text = decode::decode(&bytes, self.content_type);
                if let Some(kind) = input::binary(&bytes, &text) {
                    return Ok(Handed::Binary(kind));
                }
                let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').trim_end();
                let (title, text) = text.split_once('\n').unwrap_or((text, ""));
                Handed::Text { title: title.trim_end().to_owned(), text: text.to_owned() }
            }
        })
    }

    fn line(&mut self) -> io::Result<Option<Handed>> {
        while let Some(line) = self.lines.next()? {
            let text = line.text();
            let text = begun(&text);
            if text.trim().is_empty() {
                continue;
            }
            if !text.starts_with('{') {
                return Ok(Some(article(line.number, text.trim())));
            }
            let mut object = self.lines.gather(text, line.number)?;
            if let Some(behind) = object.behind {
                object.text += &behind;
            }
            return Ok(Some(article(line.number, object.text.trim())));
        }
        Ok(None)
    }

    fn element(&mut self) -> io::Result<Option<Handed>> {
        while let Some(line) = self.lines.next()? {
            let number = line.number;
            let text = line.text();
            let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if text.is_empty() {
                continue;
            }
            if let Some(behind) = text.strip_prefix(']') {
                self.state = State::End;
                let more = !behind.trim().is_empty() || self.lines.filled(0)?.is_some();
                return Ok(more.then(|| fault(number, "something stands behind the end of the list")));
            }
            if text.starts_with(['{', '[']) {
                let object = self.lines.gather(text, number)?;
                if let Some(behind) = object.behind {
                    self.lines.ahead.push_front(Line { number: object.last, bytes: behind.into_bytes() });
                }
                return Ok(Some(article(number, object.text.trim())));
            }
            // A number or a word among the articles costs itself only.
            let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
            if let Some(Ok(_)) = values.next() {
                let (value, behind) = text.split_at(values.byte_offset());
                self.lines.ahead.push_front(Line { number, bytes: behind.as_bytes().to_vec() });
                return Ok(Some(article(number, value)));
            }
            return Ok(Some(article(number, text.trim())));
        }
        self.state = State::End;
        Ok(Some(fault(self.lines.number, "the list of articles does not end")))
    }
}

impl Iterator for Articles<'_> {
    type Item = io::Result<Handed>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if read.is_err() {
            self.state = State::End;
        }
        read.transpose()
    }
}

fn fault(line: u64, error: &str) -> Handed {
    Handed::Fault { line, id: None, error: error.to_owned() }
}

/// What an object says of an article.
fn article(line: u64, text: &str) -> Handed {
    if !text.starts_with('{') {
        return fault(line, "it is no article: an object such as {\"id\": \"1\", \"text\": \"…\"} is expected");
    }
    match serde_json::from_str(text) {
        Ok(article) => Handed::Article { line, article: Box::new(article) },
        Err(error) => {
            let id = serde_json::from_str::<Value>(text).ok().and_then(|object| object.get("id").cloned());
            Handed::Fault { line, id, error: format!("it is no article ({error})") }
        }
    }
}

/// Whether a line is an object of its own.
fn is_object(line: &str) -> bool {
    line.starts_with("{\"") && serde_json::from_str::<IgnoredAny>(line).is_ok()
}

/// A line from its first character; a byte order mark is none.
fn begun(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{Articles, Handed};

    /// What was read, in short: `3:b` an article on line 3 with the id b, `3!` a fault.
    fn read(bytes: &[u8]) -> String {
        let told = Articles::new(bytes, None).map(|handed| match handed.unwrap() {
            Handed::Article { line, article } => {
                format!("{line}:{}", article.id.and_then(|id| Some(id.as_str()?.to_owned())).unwrap_or_default())
            }
            Handed::Fault { line, .. } => format!("{line}!"),
            Handed::Feed(bytes) => format!("feed {}", bytes.len()),
            Handed::Page(html) => format!("page {html}"),
            Handed::Text { title, text } => format!("text {title}|{text}"),
            Handed::Binary(kind) => kind.to_owned(),
        });
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn inputs_are_read_whatever_their_form() {
        let pretty =
            "{\n  \"id\": \"a\",\n  \"tags\": [\n    {\"x\": \"}\"},\n    {\"y\": 1}\n  ],\n  \"text\": \"x\"\n}\n";
        let feed = "{\n \"version\": \"https://jsonfeed.org/version/1.1\",\n \"items\": []\n}";
        for (input, expected) in [
            ("{\"id\":\"a\",\"text\":\"x\"}\n\n{\"id\":\"b\",\"text\":\"y\"}", "1:a 3:b"),
            ("\u{feff}{\"id\":\"a\"}\r\n{\"id\":\"b\"}\r\n", "1:a 2:b"),
            ("not json\n{\"id\":\"b\"}\n[1]\n{\"id\":\"c\"}", "1! 2:b 3! 4:c"),
            (pretty, "1:a"),
            (&format!("{pretty}{pretty}"), "1:a 9:a"),
            (&format!("[\n{pretty},\n{pretty}]"), "2:a 11:a"),
            ("[{\"id\":\"a\"}, 42, {\"id\":\"b\"},\n{\"id\":\"c\"}]\n", "1:a 1! 1:b 2:c"),
            ("[\n  {\"id\":\"a\"},\n  {\"id\":\"b\"}\n]", "2:a 3:b"),
            ("[{\"id\":\"a\"}] x", "1:a 1!"),
            ("[{\"id\":\"a\"},", "1:a 1!"),
            ("[]", ""),
            ("", ""),
            (" \n\n", ""),
            (feed, "feed 64"),
            ("{\"id\":\"a\",\"text\":\"see jsonfeed.org/version and \\\"items\\\"\"}", "1:a"),
            ("<p>A page", "page <p>A page"),
            ("[Harrow] buys\nIt did.\n", "text [Harrow] buys|It did."),
            ("\nHarrow buys\r\n\nIt {\"did\"}.\n", "text Harrow buys|\nIt {\"did\"}."),
        ] {
            assert_eq!(read(input.as_bytes()), expected, "{input}");
        }
    }

    #[test]
    fn a_broken_article_costs_itself_only() {
        for (input, expected) in [
            ("{\"id\":\"a\",\n{\"id\":\"b\"}\n", "1! 2:b"),
            ("{\"id\":\"a\",\"text\":\n{\"id\":\"b\"}\n{\"id\":\"c\"}", "1! 2:b 3:c"),
            ("{\"id\":\"a\",\"text\":\"cut\n{\"id\":\"b\"}\n", "1! 2:b"),
            ("{\"id\":\"a\",\nnoise\n{\"id\":\"b\"}\n", "1! 2! 3:b"),
            ("{\"id\":\"a\",\n{\"id\": oops}\n{\"id\":\"c\"}\n", "1! 2! 3:c"),
            ("{\n  \"id\": \"a\",\n  \"text\": \"cut\n}\n{\n  \"id\": \"b\"\n}\n", "1! 4! 5:b"),
            ("{\"id\":\"a\"} {\"id\":\"b\"}\n{\"id\":\"c\"}", "1! 2:c"),
            ("[\n{\"id\":\"a\", oops},\n{\"id\":\"b\"}\n]", "2! 3:b"),
        ] {
            assert_eq!(read(input.as_bytes()), expected, "{input}");
        }
        let deep = format!("{}\n{{\"id\":\"b\"}}", "{\"a\":".repeat(100_000));
        assert_eq!(read(deep.as_bytes()), "1! 2:b");
        assert_eq!(read("{\"a\":\n".repeat(2_000).as_bytes()).split(' ').count(), 2_000);
    }

    #[test]
    fn what_is_no_text_is_told_by_its_name() {
        let noise: Vec<u8> = (0..4_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 2).collect();
        for (input, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "a PNG image"),
            (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
            (b"PK\x03\x04\x14\0", "a ZIP archive or an office document"),
            (&noise, "binary data"),
            (b"A title\nwith one \0 stray character in it.", "text A title|with one \0 stray character in it."),
        ] {
            assert_eq!(read(input), expected);
        }
    }

    #[test]
    fn other_encodings_are_read_too() {
        for text in ["{\"id\":\"é\"}\n{\"id\":\"b\"}\n", "Café opens\nA hall."] {
            let expected = read(text.as_bytes());
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for (mark, bytes) in [(&[0xFF, 0xFE][..], &little), (&[0xFE, 0xFF], &big), (&[], &little), (&[], &big)] {
                assert_eq!(read(&[mark, bytes.as_slice()].concat()), expected);
            }
        }
        assert_eq!(read(b"{\"id\":\"caf\xe9\"}\n{\"id\":\"b\"}"), "1:café 2:b");
        assert_eq!(read(b"\xff\xfe\n{\"id\":\"b\"}"), "1! 2:b");
    }
}
