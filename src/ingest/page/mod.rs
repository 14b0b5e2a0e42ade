//! A page's HTML to its article. Pure.

mod address;
mod metadata;

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use dom_smoothie::{Config, Readability};
use ego_tree::iter::Edge;
use scraper::{Html, Selector};
use serde::Serialize;
use url::Url;

pub use self::address::canonical_url;
use super::date::parse_date;
pub use super::decode::decode;
use super::overgrown::is_overgrown;
pub use super::text::text_of_html;
use super::text::text_of_tree;

/// An article, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Its headline, plain text on one line; empty where there is none.
    pub title: String,
    /// Its main text, plain: a paragraph, a list item or a table row a line, the cells of a row apart by a tab. Does
    /// not repeat the headline.
    pub text: String,
    /// When it appeared, as stated.
    pub published: Option<DateTime<Utc>>,
    /// When it was last changed, as stated.
    pub modified: Option<DateTime<Utc>>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The address that it gives as its own, by [`canonical_url`]; only one of the same site is believed.
    pub canonical: Option<Url>,
    /// The name of the site.
    pub site_name: Option<String>,
    /// Its language, as it says (`en`, `en-US`).
    pub language: Option<String>,
}

/// Why there is no article in a page, in one sentence each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Nothing, or white space.
    #[error("The page is empty.")]
    Empty,
    /// Markup that no one wrote.
    #[error("The page has more nested elements or attributes than can be read.")]
    Overgrown,
    /// No text, or none that could be told from the rest.
    #[error("There is no article text on this page.")]
    NoText,
}

/// Reads a page. `url` is where it was found, for relative addresses and to judge the canonical one.
pub fn read(html: &str, url: Option<&Url>) -> Result<Page, PageError> {
    if html.trim().is_empty() {
        return Err(PageError::Empty);
    }
    if is_overgrown(html) {
        return Err(PageError::Overgrown);
    }
    let document = Html::parse_document(html);
    let stated = metadata::read(&document, url);
    let title = stated.title.unwrap_or_default();
    let main = if depth(&document) <= DEEPEST_SCORED { main_text(html, url) } else { None };
    let text = main.or_else(|| plain_text(&document)).ok_or(PageError::NoText)?;
    let (text, shown) = without_furniture(&text, &title);
    if text.is_empty() {
        return Err(PageError::NoText);
    }
    Ok(Page {
        text,
        title,
        published: stated.published.or(shown),
        modified: stated.modified,
        author: stated.author,
        canonical: stated.canonical,
        site_name: stated.site_name,
        language: stated.language,
    })
}

/// The main text by readability's rules. `dom_smoothie` was measured beside trafilatura 0.6 on the pages of
/// `tests/fixtures/pages`: it was six times as fast with less than half of the dependencies, kept paragraphs and their
/// order where the other ran them together or moved the menu in between, and lost no heading. The library walks whatever markup there is; should it panic on some, that page
/// is read by the plain rule.
fn main_text(html: &str, url: Option<&Url>) -> Option<String> {
    let article = catch_unwind(AssertUnwindSafe(|| {
        let config = Config { keep_classes: false, ..Config::default() };
        Readability::new(html, url.map(Url::as_str), Some(config)).ok()?.parse().ok()
    }));
    let text = text_of_html(&article.ok()??.content);
    (!text.is_empty()).then_some(text)
}

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

/// All the text of the article, of the main part, or of the page, whichever is there first.
fn plain_text(document: &Html) -> Option<String> {
    ["article", "main", "[role=main]", "body"].iter().find_map(|name| {
        let selector = Selector::parse(name).ok()?;
        let mut found = document.select(&selector).map(|element| text_of_tree(*element));
        found.find(|text| !text.is_empty())
    })
}

/// The text without what pages often leave in it: the headline and the date above, the word that marks an
/// advertisement. The date is handed back, for pages that state none otherwise.
fn without_furniture(text: &str, title: &str) -> (String, Option<DateTime<Utc>>) {
    let mut shown = None;
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines() {
        if ["advertisement", "advertising", "sponsored"].contains(&line.to_lowercase().as_str()) {
            continue;
        }
        if kept.is_empty() {
            if line == title {
                continue;
            }
            let date = if line.chars().count() < 40 && shown.is_none() { parse_date(line) } else { None };
            if date.is_some() {
                shown = date;
                continue;
            }
        }
        kept.push(line);
    }
    (kept.join("\n"), shown)
}

#[cfg(test)]
mod tests;
