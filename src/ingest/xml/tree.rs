//! Events of a tokenizer to elements, however they nest. Pure.

use std::collections::HashMap;

use quick_xml::events::BytesStart;

use super::{Element, Namespace, Node};
use crate::ingest::text::decode_entities;

/// Elements deeper than this are left out, their text is kept: no feed has them, and a tree is walked by recursion.
const DEEPEST: usize = 128;

/// The elements that are open, and what their prefixes mean.
#[derive(Default)]
pub struct Tree {
    open: Vec<(String, Element)>,
    root: Option<Element>,
    prefixes: HashMap<String, Namespace>,
    /// How many elements are open below the deepest that is kept.
    too_deep: usize,
    /// Whether the root has ended.
    done: bool,
}

impl Tree {
    /// Begins an element.
    pub fn open(&mut self, start: &BytesStart<'_>) {
        let raw = raw_name(start.name().0);
        // An item inside an item is one whose end tag was forgotten.
        if matches!(raw.as_str(), "item" | "entry") && self.open.iter().any(|(name, _)| *name == raw) {
            self.close(&raw);
        }
        self.end_forgotten(&raw);
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
                let is_frame = matches!(raw.as_str(), "channel" | "item" | "entry" | "feed");
                if default == Namespace::Other && (is_frame || self.open.is_empty()) {
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

    /// Ends what cannot hold an element of this name, for its own end was forgotten: an item stands in nothing but a list
    /// of items, and a title or a date holds no other part of an item.
    fn end_forgotten(&mut self, raw: &str) {
        const LISTS: [&str; 6] = ["rss", "rdf:rdf", "rdf", "channel", "feed", "items"];
        const WORDS: [&str; 9] =
            ["title", "link", "guid", "id", "pubdate", "updated", "published", "language", "copyright"];
        const PARTS: [&str; 9] =
            ["title", "link", "guid", "id", "pubdate", "updated", "published", "description", "summary"];
        if matches!(raw, "item" | "entry") {
            if let Some(list) = self.open.iter().rposition(|(name, _)| LISTS.contains(&name.as_str())) {
                while self.open.len() > list + 1 {
                    self.pop(true);
                }
            }
        } else if PARTS.contains(&raw) && self.open.last().is_some_and(|(name, _)| WORDS.contains(&name.as_str())) {
            self.pop(true);
        }
    }

    /// Ends the nearest open element of this name and all that were left open in it; an end without a beginning is
    /// passed over.
    pub fn close(&mut self, name: &str) {
        let raw = raw_name(name);
        if self.too_deep > 0 && !matches!(raw.as_str(), "item" | "entry") {
            self.too_deep -= 1;
            return;
        }
        let Some(index) = self.open.iter().rposition(|(name, _)| *name == raw) else { return };
        self.too_deep = 0;
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

    /// Adds text to the innermost element.
    pub fn text(&mut self, part: &str) {
        let Some((_, element)) = self.open.last_mut() else { return };
        match element.nodes.last_mut() {
            Some(Node::Text(text)) => text.push_str(part),
            _ => element.nodes.push(Node::Text(part.to_owned())),
        }
    }

    /// Whether the root has ended: what follows it is no part of the document.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The root; what is still open in it is not complete.
    pub fn finish(mut self) -> Option<Element> {
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

fn raw_name(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}
