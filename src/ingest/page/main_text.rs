//! Which part of a page is its article. Pure.

use std::{
    collections::{HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
};

use dom_smoothie::{Config, Readability};
use ego_tree::{NodeId, iter::Edge};
use regex::Regex;
use scraper::{ElementRef, Html, Node, Selector};
use url::Url;

use super::text_of_html;
use crate::ingest::text::text_of_tree;

/// The main text of a page: what readability's rules find, held against what the page states as its article's text and
/// against where its paragraphs are densest.
///
/// `dom_smoothie` was measured beside trafilatura 0.6 on the pages of `tests/fixtures/pages`: it was six times as fast
/// with less than half of the dependencies, kept paragraphs and their order where the other ran them together or moved
/// the menu in between, and lost no heading.
pub fn find(document: &Html, html: &str, url: Option<&Url>, stated: Option<&str>) -> Option<String> {
    let scored = if depth(document) <= DEEPEST_SCORED { readability(html, url) } else { None };
    if let Some(stated) = stated.map(text_of_html).filter(|text| words(text).count() >= ENOUGH) {
        match &scored {
            Some(scored) => {
                if let Some(text) = by_statement(document, scored, &stated) {
                    return Some(text);
                }
            }
            None => return Some(stated),
        }
    }
    let found = scored.as_deref().map_or(0, |text| words(text).count());
    if found < ENOUGH
        && let Some(marked) = marked(document)
        && scored.as_deref().is_none_or(|scored| Shingles::of(&marked).share(scored) < 0.5)
    {
        // A page of a few lines has boxes that are longer than its article.
        return Some(marked);
    }
    match densest(document) {
        // The rules took a box beside the article, or next to nothing, for the article.
        Some(dense) if found * 2 < words(&dense).count() => Some(dense),
        _ => scored.or_else(|| plain_text(document)),
    }
}

/// The text of what a page marks as its article, where it marks one thing only.
fn marked(document: &Html) -> Option<String> {
    ["article", "main", "[role=main]"].iter().find_map(|name| {
        let name = selector(name);
        let mut found = document.select(&name);
        let only = found.next().filter(|_| found.next().is_none())?;
        let text = blocks(only);
        (!text.is_empty()).then_some(text)
    })
}

/// A statement of the article's text shorter than this, in words, is a teaser.
const ENOUGH: usize = 60;

/// The deepest page whose parts are scored against each other, which takes time by the square of the depth; real pages
/// reach a quarter of this.
const DEEPEST_SCORED: usize = 256;

/// How deeply the elements of a page nest.
fn depth(document: &Html) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0_usize;
    for edge in document.tree.root().traverse() {
        match edge {
            Edge::Open(_) => depth += 1,
            Edge::Close(_) => depth = depth.saturating_sub(1),
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The main text by readability's rules. The library walks whatever markup there is; should it panic on some, that page
/// is read by the other rules.
fn readability(html: &str, url: Option<&Url>) -> Option<String> {
    let article = catch_unwind(AssertUnwindSafe(|| {
        let config = Config { keep_classes: false, ..Config::default() };
        Readability::new(html, url.map(Url::as_str), Some(config)).ok()?.parse().ok()
    }));
    let mut content = Html::parse_fragment(&article.ok()??.content);
    remove_link_lists(&mut content);
    let text = text_of_tree(content.tree.root());
    (!text.is_empty()).then_some(text)
}

/// What a page states as its article's text (`articleBody`) tells where the article ends: what stands before its first
/// line and behind its last is taken off what the rules found. Where the rules lost a good part of it, the statement is
/// the text, if the page shows it too. `None`: it says too little to judge by.
fn by_statement(document: &Html, scored: &str, stated: &str) -> Option<String> {
    let told = Shingles::of(stated);
    let lines: Vec<&str> = scored.lines().collect();
    let is_told: Vec<bool> = lines.iter().map(|line| told.share(line) >= 0.5).collect();
    let from = is_told.iter().position(|told| *told)?;
    let to = is_told.iter().rposition(|told| *told)?;
    let kept = lines[from..=to].join("\n");
    let (kept_words, scored_words) = (words(&kept).count(), words(scored).count());
    if Shingles::of(&kept).share(stated) >= 0.9 {
        // A teaser covers the beginning of an article only.
        return (kept_words * 10 >= scored_words * 6).then_some(kept);
    }
    let shown = Shingles::of(&text_of_tree(document.tree.root()));
    let is_shown = shown.share(stated) >= 0.8;
    (is_shown && words(stated).count() > scored_words).then(|| stated.to_owned())
}

/// The runs of four words of a text, by which texts are compared.
struct Shingles(HashSet<Vec<String>>);

impl Shingles {
    fn of(text: &str) -> Shingles {
        Shingles(Self::runs(text).collect())
    }

    fn runs(text: &str) -> impl Iterator<Item = Vec<String>> {
        let words: Vec<String> = words(text).map(str::to_lowercase).collect();
        let length = words.len().clamp(1, 4);
        (0..=words.len().saturating_sub(length)).filter_map(move |at| Some(words.get(at..at + length)?.to_vec()))
    }

    /// How much of a text's runs are among these, from 0 to 1. A text of fewer than four words has none in common.
    fn share(&self, text: &str) -> f64 {
        let (mut all, mut common) = (0_u32, 0_u32);
        for run in Self::runs(text) {
            all += 1;
            common += u32::from(self.0.contains(&run));
        }
        if all == 0 { 0.0 } else { f64::from(common) / f64::from(all) }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Boxes that are no part of an article, wherever they stand.
const ASIDE: [&str; 7] = ["nav", "aside", "footer", "form", "menu", "dialog", "figure"];

/// The text of the element in which the page's paragraphs are densest.
fn densest(document: &Html) -> Option<String> {
    let paragraphs = selector("p");
    let mut weight: HashMap<NodeId, usize> = HashMap::new();
    for paragraph in document.select(&paragraphs) {
        if is_aside(paragraph) {
            continue;
        }
        let count = words(&text_of_tree(*paragraph)).count();
        if count < 12 || linked_words(paragraph) * 3 > count {
            continue;
        }
        // What holds two boxes of paragraphs holds the article in parts.
        for (ancestor, share) in paragraph.ancestors().take(3).zip([1, 2, 4]) {
            if ancestor.value().is_element() {
                *weight.entry(ancestor.id()).or_default() += count / share;
            }
        }
    }
    let (best, _) = weight.into_iter().max_by_key(|(id, weight)| (*weight, std::cmp::Reverse(*id)))?;
    let text = blocks(ElementRef::wrap(document.tree.get(best)?)?);
    (!text.is_empty()).then_some(text)
}

/// The paragraphs, headings, items and rows of an element, a line each, but for those that are links.
fn blocks(of: ElementRef<'_>) -> String {
    let blocks = selector("p, h2, h3, h4, li, blockquote, pre, tr");
    let mut taken: HashSet<NodeId> = HashSet::new();
    let mut lines = Vec::new();
    for block in of.select(&blocks) {
        if is_aside(block) || block.ancestors().any(|around| taken.contains(&around.id())) {
            continue;
        }
        let text = text_of_tree(*block);
        if !text.is_empty() && linked_words(block) * 2 <= words(&text).count() {
            taken.insert(block.id());
            lines.push(text);
        }
    }
    lines.join("\n")
}

fn is_aside(element: ElementRef<'_>) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(|around| ASIDE.contains(&around.value().name()))
}

/// How many words of an element are links.
fn linked_words(element: ElementRef<'_>) -> usize {
    static LINKS: LazyLock<Selector> = LazyLock::new(|| selector("a"));
    element.select(&LINKS).map(|link| words(&text_of_tree(*link)).count()).sum()
}

static RELATED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*(?:related|read (?:more|next|also)|see also|also read|recommended|more (?:from|on|stories|in)|most (?:read|popular)|trending|latest (?:news|stories)|you (?:may|might) also)\b")
        .expect("a constant pattern")
});

/// Takes lists of links to other articles out: those under a heading that says so, and those behind which no text comes.
fn remove_link_lists(content: &mut Html) {
    let lists = selector("ul, ol");
    let behind = behind_all_text(content);
    let mut gone: Vec<NodeId> = Vec::new();
    for list in content.select(&lists) {
        let items: Vec<ElementRef<'_>> = list.child_elements().filter(|child| child.value().name() == "li").collect();
        let all_links = items.iter().all(|item| {
            let count = words(&text_of_tree(**item)).count();
            count > 0 && linked_words(*item) * 10 >= count * 9
        });
        if items.len() < 2 || !all_links {
            continue;
        }
        let before = list.prev_siblings().find_map(|node| {
            let text = match node.value() {
                Node::Text(text) => text.to_string(),
                _ => text_of_tree(node),
            };
            (!text.trim().is_empty()).then(|| (node.id(), text))
        });
        let headed = before.filter(|(_, text)| words(text).count() < 8 && RELATED.is_match(text.trim()));
        let is_last = behind.contains(&list.id());
        if headed.is_some() || is_last {
            gone.push(list.id());
            gone.extend(headed.map(|(id, _)| id));
        }
    }
    for id in gone {
        if let Some(mut node) = content.tree.get_mut(id) {
            node.detach();
        }
    }
}

/// The lists behind which no text comes but links and words on their own.
fn behind_all_text(content: &Html) -> HashSet<NodeId> {
    let mut lists = HashSet::new();
    let mut links = 0_usize;
    for edge in content.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) if element.name() == "a" => links += 1,
                Node::Element(element) if matches!(element.name(), "ul" | "ol") => {
                    lists.insert(node.id());
                }
                Node::Text(text) if links == 0 && words(text).count() >= 10 => lists.clear(),
                _ => {}
            },
            Edge::Close(node) => {
                if matches!(node.value(), Node::Element(element) if element.name() == "a") {
                    links = links.saturating_sub(1);
                }
            }
        }
    }
    lists
}

fn selector(written: &str) -> Selector {
    Selector::parse(written).expect("a constant selector")
}

/// All the text of the article, of the main part, or of the page, whichever is there first.
fn plain_text(document: &Html) -> Option<String> {
    ["article", "main", "[role=main]", "body"].iter().find_map(|name| {
        let mut found =
            document.select(&selector(name)).map(|element| text_of_tree(*element)).collect::<Vec<_>>().into_iter();
        found.find(|text| !text.is_empty())
    })
}
