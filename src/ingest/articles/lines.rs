//! An input by lines, and how far a JSON value goes in it.

use std::{
    collections::VecDeque,
    io::{self, BufRead},
    mem,
};

use super::{super::decode, begun, is_object};

/// How deep objects and lists may lie in one another: as deep as the parser behind goes.
const DEEPEST: usize = 128;

/// A line as it came, with its end.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
}

impl Line {
    pub(super) fn text(&self) -> String {
        decode::decode_json(&self.bytes)
    }
}

/// An input by lines; `ahead` are those that were looked at.
pub(super) struct Lines<'a> {
    pub(super) input: Box<dyn BufRead + 'a>,
    pub(super) ahead: VecDeque<Line>,
    pub(super) number: u64,
}

/// An object or a list, over as many lines as it takes.
pub(super) struct Gathered {
    pub(super) text: String,
    /// What stands behind it on its last line; `None` for one that is not whole.
    pub(super) behind: Option<String>,
    /// Its last line.
    pub(super) last: u64,
}

impl Lines<'_> {
    /// One more line to look at; false at the end.
    pub(super) fn pull(&mut self) -> io::Result<bool> {
        let mut bytes = Vec::new();
        if self.input.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(false);
        }
        self.number += 1;
        self.ahead.push_back(Line { number: self.number, bytes });
        Ok(true)
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        if self.ahead.is_empty() {
            self.pull()?;
        }
        Ok(self.ahead.pop_front())
    }

    /// Where in `ahead` the line stands that is the `n`th which is not blank.
    pub(super) fn filled(&mut self, n: usize) -> io::Result<Option<usize>> {
        let mut at = 0;
        let mut left = n;
        loop {
            if at == self.ahead.len() && !self.pull()? {
                return Ok(None);
            }
            if !begun(&self.ahead[at].text()).is_empty() {
                if left == 0 {
                    return Ok(Some(at));
                }
                left -= 1;
            }
            at += 1;
        }
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes: Vec<u8> = mem::take(&mut self.ahead).into_iter().flat_map(|line| line.bytes).collect();
        self.input.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The object or list that begins with `first`. One that is broken ends where the next begins: at a line that could
    /// not stand in it, or that is an object of its own and no further to the right.
    pub(super) fn gather(&mut self, first: &str, number: u64) -> io::Result<Gathered> {
        let mut scan = Scan::default();
        let mut text = String::new();
        let mut taken: VecDeque<Line> = VecDeque::new();
        let mut next = first.to_owned();
        loop {
            match scan.step(&next) {
                Reach::Closed(end) => {
                    let behind = next.split_off(end);
                    text += &next;
                    let last = taken.back().map_or(number, |line| line.number);
                    return Ok(Gathered { text, behind: Some(behind), last });
                }
                Reach::Open => text += &next,
                Reach::Broken => {
                    text += &next;
                    break;
                }
            }
            let Some(line) = self.next()? else { break };
            next = line.text();
            let trimmed = next.trim();
            let alone = begun(&next).len() == next.len() && is_object(trimmed.trim_end_matches(','));
            if alone || !could_go_on(trimmed) {
                self.ahead.push_front(line);
                break;
            }
            taken.push_back(line);
        }
        // What was taken for a part of it and may be an article is read on its own.
        let own = taken.iter().position(|line| line.bytes.starts_with(b"{")).unwrap_or(taken.len());
        for line in taken.drain(own..).rev() {
            self.ahead.push_front(line);
        }
        Ok(Gathered { text, behind: None, last: number })
    }
}

/// Whether a line can stand in the middle of an object.
fn could_go_on(line: &str) -> bool {
    line.is_empty()
        || line.starts_with(|c: char| c.is_ascii_digit() || "\"{}[],:-".contains(c))
        || ["true", "false", "null"].iter().any(|word| line.starts_with(word))
}

/// How far a JSON value has come, by its brackets alone: each line is looked at once, however many the value has.
#[derive(Default)]
pub(super) struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

pub(super) enum Reach {
    /// It goes on.
    Open,
    /// It ends before this byte of the line.
    Closed(usize),
    /// No line behind this can mend it.
    Broken,
}

impl Scan {
    pub(super) fn step(&mut self, line: &str) -> Reach {
        for (at, byte) in line.bytes().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Reach::Closed(at + 1);
                    }
                }
                _ => {}
            }
            if self.depth > DEEPEST {
                return Reach::Broken;
            }
        }
        // A string cannot hold the end of a line.
        if self.in_string { Reach::Broken } else { Reach::Open }
    }
}
