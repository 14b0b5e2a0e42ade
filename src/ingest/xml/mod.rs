//! XML as it is found: a tree of elements out of text that may be broken. Pure.
//!
//! A feed that no strict parser takes is still read by people every day. Unclosed and misnested elements, bare `&` and
//! `<`, undeclared entities and prefixes, attributes without quotes, junk before the declaration: the tree holds what a
//! reader would make of them. Of a document's own entities only those are resolved that stand for a few characters (see
//! [`entities`]) and nothing external is ever read, so that there is no entity bomb to defuse.

mod entities;
mod namespace;
mod repair;
mod tree;

use quick_xml::Reader;
use quick_xml::events::Event;

use self::entities::Entities;
pub use self::namespace::Namespace;
use self::repair::repair;
use self::tree::Tree;

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
    let mut entities = Entities::declared(text);
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
                tree.open(&start);
                tree.close(start.name().0);
            }
            Ok(Event::End(end)) => tree.close(end.name().0),
            Ok(Event::Text(part)) => tree.text(&part.into_inner()),
            Ok(Event::CData(part)) => tree.text(&part.into_inner()),
            Ok(Event::GeneralRef(part)) => match part.into_inner().as_ref() {
                "lt" => tree.text("<"),
                "gt" => tree.text(">"),
                "amp" => tree.text("&"),
                "quot" => tree.text("\""),
                name => tree.text(&entities.resolve(name)),
            },
            Ok(Event::Eof) | Err(_) => return tree.finish(),
            Ok(_) => {}
        }
        if tree.is_done() {
            return tree.finish();
        }
    }
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
    fn a_quote_that_was_never_closed_costs_its_tag_only() {
        for start in ["<a x=\"1>", "<a x='1\">", "<a it's x=\"1\">", "<a x=\"1"] {
            let root = parse(&format!("{start}<b y=\"a > b\">one</b><b y='2 < 3'>two</b></a>")).unwrap();
            let texts: Vec<String> = root.all(Namespace::Core, "b").map(super::Element::text).collect();
            assert_eq!((root.name.as_str(), texts), ("a", vec!["one".to_owned(), "two".to_owned()]), "{start}");
        }
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
    fn entities_of_its_own_are_resolved_where_they_stand_for_a_few_characters() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\"><!ENTITY d SYSTEM 'file:///etc/passwd'>\n\
                    <!ENTITY e '&#x20AC;'>]><a>&c; &b;&b; &d; &e;</a>";
        assert_eq!(parse(bomb).unwrap().text(), "&c; bbbbbbbb &d; €");
        let many = format!("<!DOCTYPE a [<!ENTITY b '{}'>]><a>{}</a>", "b".repeat(80), "&b;".repeat(100_000));
        assert!(parse(&many).unwrap().text().len() < 400_000);
    }

    #[test]
    fn prefixes_are_known_declared_or_not() {
        let root = parse("<a xmlns:x='http://purl.org/dc/elements/1.1/'><x:date>1</x:date><media:title/></a>").unwrap();
        assert!(root.child(Namespace::DublinCore, "date").is_some());
        assert!(root.child(Namespace::Media, "title").is_some());
    }
}
