//! A page's HTML to its article. Pure.

mod address;
mod links;
mod main_text;
mod metadata;
mod refused;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex::Regex;
use scraper::Html;
use serde::Serialize;
use url::Url;

pub use self::address::canonical_url;
pub use self::links::{Found, feeds, index};
use super::date::parse_date;
pub use super::decode::decode;
use super::overgrown::is_overgrown;
pub use super::text::text_of_html;

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
    /// A question for consent.
    #[error("The host asks for consent in the place of the page.")]
    Consent,
    /// A check for robots.
    #[error("The host holds programs off with a check in the place of the page.")]
    Challenge,
    /// An offer to subscribe.
    #[error("The host shows this article to subscribers only.")]
    Paywall,
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
    let text = main_text::find(&document, html, url, stated.body.as_deref()).ok_or(PageError::NoText)?;
    let (text, shown) = without_furniture(&text, &title);
    if text.is_empty() {
        return Err(PageError::NoText);
    }
    if let Some(refusal) = refused::refusal(&title, &text, stated.is_free) {
        return Err(refusal);
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

/// Lines that pages leave in their text anywhere, alone on a line.
static FURNITURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^\W* (?: advertisements? | advertising | sponsored | share | share\ (?:this|on|via)\b.{0,30} | print | email
            | comments? | tweet | (?:skip|jump)\ (?:to|past)\b.{0,30} | story\ continues\ below.{0,20} | article\ continues.{0,30}
            | (?:copy|get)\ link | (?:read\ more|read\ also|also\ read|see\ also|related)\ ?:.{0,140} ) \W*$",
    )
    .expect("a constant pattern")
});

/// Lines that stand behind the end of an article.
static BEHIND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^\W* (?: (?:©|copyright\b) .* | .{0,80} \b all\ rights\ reserved .{0,60} | (?:sign\ up|subscribe)\b.{0,150}
            | follow\b .{0,60} \bon\ (?:twitter|x|facebook|linkedin|instagram|threads|bluesky)\b .{0,60}
            | (?:read\ (?:more|next|also)|related|see\ also|more\ (?:from|on|stories|in)|recommended|most\ (?:read|popular))\b .{0,120}
            | (?:tags?|topics?|filed\ under|categories)\ ?: .{0,200} ) $",
    )
    .expect("a constant pattern")
});

/// The text without what pages often leave in it: the headline and the date above, words that mark an advertisement or
/// a button, and what stands behind the end: rights, subscriptions, links to more. The date is handed back, for pages
/// that state none otherwise.
fn without_furniture(text: &str, title: &str) -> (String, Option<DateTime<Utc>>) {
    let mut shown = None;
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines() {
        if FURNITURE.is_match(line) {
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
    // Of a page that consists of such lines, they are the text.
    while kept.len() > 1 && kept.last().is_some_and(|line| BEHIND.is_match(line)) {
        kept.pop();
    }
    (kept.join("\n"), shown)
}

#[cfg(test)]
mod tests;
