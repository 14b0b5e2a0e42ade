//! XML as it is found: a tree of elements out of text that may be broken. Pure.
//!
//! A feed that no strict parser takes is still read by people every day. Unclosed and misnested elements, bare `&` and
//! `<`, undeclared entities and prefixes, attributes without quotes, junk before the declaration: the tree holds what a
//! reader would make of them. Entities of a document's own are not expanded and nothing external is ever read, so that
//! there is no entity bomb to defuse.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::text::decode_entities;

/// Elements deeper than this are left out, their text is kept: no feed has them, and a tree is walked by recursion.
const DEEPEST: usize = 128;

/// The vocabularies that feeds are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// RSS, RDF, Atom, OPML, or none at all.
    Core,
    /// Dublin Core, elements and terms.
    DublinCore,
    /// The content module of RSS 1.0.
    Content,
    /// Media RSS.
    Media,
    /// Apple's podcast vocabulary.
    Itunes,
    /// What feed hosters add, with the address before their redirects.
    FeedBurner,
    /// XHTML.
    Xhtml,
    /// Any other.
    Other,
}

impl Namespace {
    fn of_uri(uri: &str) -> Namespace {
        let uri = uri.trim().to_ascii_lowercase();
        let has = |part: &str| uri.contains(part);
        if uri.is_empty()
            || has("purl.org/rss/1.0/modules/content")
            || has("purl.org/rss")
            || has("w3.org/2005/atom")
            || has("purl.org/atom")
            || has("22-rdf-syntax-ns")
            || has("backend.userland.com")
            || has("netscape.com/rdf")
            || has("blogs.law.harvard.edu")
            || has("cyber.law.harvard.edu")
            || has("channel.netscape")
        {
            if has("modules/content") {
                Namespace::Content
            } else if has("rss/1.0/modules") {
                Namespace::Other
            } else {
                Namespace::Core
            }
        } else if has("purl.org/dc/") {
            Namespace::DublinCore
        } else if has("search.yahoo.com/mrss") || has("tools.search.yahoo.com") {
            Namespace::Media
        } else if has("itunes") {
            Namespace::Itunes
        } else if has("feedburner") {
            Namespace::FeedBurner
        } else if has("1999/xhtml") {
            Namespace::Xhtml
        } else {
            Namespace::Other
        }
    }

    /// What a prefix means that was never declared.
    fn of_prefix(prefix: &str) -> Namespace {
        match prefix {
            "atom" | "rdf" | "rss" | "atom10" => Namespace::Core,
            "dc" | "dcterms" => Namespace::DublinCore,
            "content" => Namespace::Content,
            "media" => Namespace::Media,
            "itunes" => Namespace::Itunes,
            "feedburner" => Namespace::FeedBurner,
            "xhtml" => Namespace::Xhtml,
            _ => Namespace::Other,
        }
    }
}

/// One element. Names are in lower case, since feeds do not agree on theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its vocabulary.
    pub namespace: Namespace,
    /// Its name without the prefix, in lower case.
    pub name: String,
    /// Its attributes, names in lower case with their prefixes, values with entities resolved.
    pub attributes: Vec<(String, String)>,
    /// What is in it, in order.
    pub nodes: Vec<Node>,
    /// Whether its end was there, or at least that of an element around it.
    pub complete: bool,
}

/// A part of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text with entities resolved once, or a CDATA section as it stands.
    Text(String),
}

impl Element {
    /// The value of an attribute; `name` in lower case, with its prefix if it has one.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The elements directly below.
    pub fn children(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The elements of this vocabulary and name directly below.
    pub fn all<'a>(&'a self, namespace: Namespace, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children().filter(move |child| child.namespace == namespace && child.name == name)
    }

    /// The first element of this vocabulary and name directly below.
    pub fn child(&self, namespace: Namespace, name: &str) -> Option<&Element> {
        self.children().find(|child| child.namespace == namespace && child.name == name)
    }

    /// The text in it and below, trimmed.
    pub fn text(&self) -> String {
        fn collect(element: &Element, text: &mut String) {
            for node in &element.nodes {
                match node {
                    Node::Text(part) => text.push_str(part),
                    Node::Element(child) => collect(child, text),
                }
            }
        }
        let mut text = String::new();
        collect(self, &mut text);
        text.trim().to_owned()
    }

    /// What is in it as markup: text alone as it is (escaped markup, resolved once, *is* markup), elements written out
    /// as tags with the text around them escaped.
    pub fn inner_markup(&self) -> String {
        if self.children().next().is_none() {
            return self.text();
        }
        let mut markup = String::new();
        self.write_inner(&mut markup);
        markup
    }

    fn write_inner(&self, out: &mut String) {
        for node in &self.nodes {
            match node {
                Node::Text(text) => {
                    html_escape::encode_text_to_string(text, out);
                }
                Node::Element(element) => {
                    out.push('<');
                    out.push_str(&element.name);
                    for (name, value) in element.attributes.iter().filter(|(name, _)| !name.starts_with("xmlns")) {
                        out.push(' ');
                        out.push_str(name);
                        out.push_str("=\"");
                        html_escape::encode_double_quoted_attribute_to_string(value, out);
                        out.push('"');
                    }
                    out.push('>');
                    // A `<br>` that was never closed has taken in what follows it.
                    element.write_inner(out);
                    if !VOID.contains(&element.name.as_str()) {
                        out.push_str("</");
                        out.push_str(&element.name);
                        out.push('>');
                    }
                }
            }
        }
    }
}

/// The HTML elements that have no end.
const VOID: [&str; 8] = ["br", "hr", "img", "input", "wbr", "meta", "source", "embed"];

/// The root of a document, or `None` where there is no element at all. [`Element::complete`] of the root says whether
/// the document was whole.
pub fn parse(text: &str) -> Option<Element> {
    let text = repair(text);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    config.expand_empty_elements = false;

    let mut tree = Tree::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => tree.open(&start),
            Ok(Event::Empty(start)) => {
                let depth = tree.open.len() + tree.too_deep;
                tree.open(&start);
                if tree.open.len() + tree.too_deep > depth {
                    tree.close(&raw_name(start.name().0));
                }
            }
            Ok(Event::End(end)) => tree.close(&raw_name(end.name().0)),
            Ok(Event::Text(part)) => tree.text(&part.into_inner()),
            Ok(Event::CData(part)) => tree.text(&part.into_inner()),
            Ok(Event::GeneralRef(part)) => tree.text(&decode_entities(&format!("&{};", &*part.into_inner()))),
            Ok(Event::Eof) | Err(_) => return tree.finish(),
            Ok(_) => {}
        }
        if tree.done {
            return tree.finish();
        }
    }
}

fn raw_name(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}

/// The elements that are open, and what their prefixes mean.
#[derive(Default)]
struct Tree {
    open: Vec<(String, Element)>,
    root: Option<Element>,
    prefixes: HashMap<String, Namespace>,
    /// How many elements are open below the deepest that is kept.
    too_deep: usize,
    /// Whether the root has ended.
    done: bool,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>) {
        let raw = raw_name(start.name().0);
        // An item inside an item is one whose end tag was forgotten.
        if matches!(raw.as_str(), "item" | "entry") && self.open.iter().any(|(name, _)| *name == raw) {
            self.close(&raw);
        }
        if self.open.len() >= DEEPEST {
            self.too_deep += 1;
            return;
        }
        let attributes: Vec<(String, String)> = start
            .html_attributes()
            .with_checks(false)
            .flatten()
            .map(|attribute| (raw_name(attribute.key.0), decode_entities(&attribute.value)))
            .collect();
        let mut default = self.open.last().map_or(Namespace::Core, |(_, parent)| parent.namespace_of_children());
        for (name, uri) in &attributes {
            if name == "xmlns" {
                default = Namespace::of_uri(uri);
                // A feed's own namespace is spelled in a hundred ways.
                if default == Namespace::Other && self.open.is_empty() {
                    default = Namespace::Core;
                }
            } else if let Some(prefix) = name.strip_prefix("xmlns:") {
                self.prefixes.insert(prefix.to_owned(), Namespace::of_uri(uri));
            }
        }
        let (namespace, name) = match raw.split_once(':') {
            Some((prefix, name)) => {
                let namespace = self.prefixes.get(prefix).copied().unwrap_or_else(|| Namespace::of_prefix(prefix));
                (namespace, name.to_owned())
            }
            None => (default, raw.clone()),
        };
        self.open.push((raw, Element { namespace, name, attributes, nodes: Vec::new(), complete: false }));
    }

    /// Ends the nearest open element of this name and all that were left open in it; an end without a beginning is
    /// passed over.
    fn close(&mut self, raw: &str) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(index) = self.open.iter().rposition(|(name, _)| name == raw) else { return };
        while self.open.len() > index {
            self.pop(true);
        }
    }

    fn pop(&mut self, complete: bool) {
        let Some((_, mut element)) = self.open.pop() else { return };
        element.complete = complete;
        match self.open.last_mut() {
            Some((_, parent)) => parent.nodes.push(Node::Element(element)),
            None if self.root.is_none() => {
                self.root = Some(element);
                self.done = true;
            }
            None => {}
        }
    }

    fn text(&mut self, part: &str) {
        let Some((_, element)) = self.open.last_mut() else { return };
        match element.nodes.last_mut() {
            Some(Node::Text(text)) => text.push_str(part),
            _ => element.nodes.push(Node::Text(part.to_owned())),
        }
    }

    fn finish(mut self) -> Option<Element> {
        while !self.open.is_empty() {
            self.pop(false);
        }
        self.root
    }
}

impl Element {
    /// The vocabulary that children without a prefix are in: that of the nearest default, which prefixed elements do
    /// not change.
    fn namespace_of_children(&self) -> Namespace {
        match self.attribute("xmlns") {
            Some(uri) if self.namespace != Namespace::Core => Namespace::of_uri(uri),
            _ if matches!(self.namespace, Namespace::Xhtml) => Namespace::Xhtml,
            _ => Namespace::Core,
        }
    }
}

/// Makes text fit for a tokenizer: what stands before the first tag goes, and so do the declaration, which has done its
/// work, and control characters; a `<` that begins no tag is escaped.
fn repair(text: &str) -> String {
    let start = text.find('<').unwrap_or(text.len());
    let mut rest = &text[start..];
    if rest.starts_with("<?xml ") {
        rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
    }
    let last_instruction = rest.rfind("?>").map_or(usize::MAX, |end| rest.len() - end);
    let mut out = String::with_capacity(rest.len() + 16);
    while let Some(position) = rest.find(|c: char| c == '<' || is_control(c)) {
        out.push_str(&rest[..position]);
        rest = &rest[position..];
        let verbatim = [("<![CDATA[", "]]>"), ("<!--", "-->")]
            .into_iter()
            .find(|(begin, _)| rest.starts_with(begin))
            .map(|(_, end)| rest.find(end).map_or(rest.len(), |at| at + end.len()));
        if let Some(length) = verbatim {
            out.extend(rest[..length].chars().filter(|c| !is_control(*c)));
            rest = &rest[length..];
            continue;
        }
        let mut chars = rest.chars();
        let first = chars.next();
        if first == Some('<') {
            let opens = match chars.clone().next() {
                Some('!') => rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")),
                Some('?') => rest.len() > last_instruction,
                next => next.is_some_and(|c| c.is_alphabetic() || "_:/".contains(c)),
            };
            out.push_str(if opens { "<" } else { "&lt;" });
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// Characters that XML forbids.
fn is_control(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::{Namespace, parse};

    #[test]
    fn broken_xml_is_read_as_a_person_would() {
        let root = parse("junk <a x=1 y='&nbsp;'><b>R&D &eacute; & 3 < 4<c>x</b><b>\u{1}y</a>").unwrap();
        let texts: Vec<String> = root.all(Namespace::Core, "b").map(super::Element::text).collect();
        assert_eq!(texts, ["R&D é & 3 < 4x", "y"]);
        assert_eq!(root.attribute("x"), Some("1"));
        assert_eq!(root.attribute("y"), Some("\u{a0}"));
        assert!(root.complete);
    }

    #[test]
    fn a_document_that_stops_says_so() {
        let root = parse("<a><b>one</b><b>tw").unwrap();
        let complete: Vec<bool> = root.children().map(|child| child.complete).collect();
        assert_eq!((complete, root.complete), (vec![true, false], false));
    }

    #[test]
    fn a_thousand_levels_do_not_exhaust_the_stack() {
        let deep = format!("{}x{}<e/>", "<a>".repeat(100_000), "</a>".repeat(99_999));
        assert_eq!(parse(&deep).unwrap().text(), "x");
    }

    #[test]
    fn entities_of_its_own_are_not_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert_eq!(parse(bomb).unwrap().text(), "&c;");
    }

    #[test]
    fn prefixes_are_known_declared_or_not() {
        let root = parse("<a xmlns:x='http://purl.org/dc/elements/1.1/'><x:date>1</x:date><media:title/></a>").unwrap();
        assert!(root.child(Namespace::DublinCore, "date").is_some());
        assert!(root.child(Namespace::Media, "title").is_some());
    }
}
