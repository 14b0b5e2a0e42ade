//! What a page leads to: its feeds, and the articles that it lists. Pure.

use std::collections::HashSet;

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::address::{canonical_url, same_site};
use crate::ingest::{
    date::parse_date,
    feed::{Entry, Feed, Format, MOST_ENTRIES},
    overgrown::is_overgrown,
    text::{plain_title, text_of_tree},
};

/// A feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its address.
    pub url: Url,
    /// Its name, where the page gives one.
    pub title: Option<String>,
}

/// Where feeds usually are, below the root of a site.
pub const COMMON: [&str; 8] =
    ["/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json", "/news/rss.xml"];

/// The feeds of a page: first those that it names (`link rel=alternate`), feeds of comments last; then the places where
/// feeds usually are, which have to be tried.
pub fn feeds(html: &str, url: &Url) -> (Vec<Found>, Vec<Url>) {
    const KINDS: [&str; 7] = [
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/json",
        "application/xml",
        "text/xml",
    ];
    let mut named = Vec::new();
    if !is_overgrown(html) {
        let document = Html::parse_document(html);
        for link in document.select(&selector("link[rel~=alternate][href], link[rel~=feed][href]")) {
            let kind = link.attr("type").unwrap_or_default().trim().to_ascii_lowercase();
            let kind = kind.split(';').next().unwrap_or_default().trim();
            let json_api = kind == "application/json" && !link.attr("href").unwrap_or_default().contains("feed");
            if !(KINDS.contains(&kind) || link.attr("rel") == Some("feed")) || json_api {
                continue;
            }
            let Some(address) = link.attr("href").and_then(|href| url.join(href.trim()).ok()) else { continue };
            if matches!(address.scheme(), "http" | "https") && named.iter().all(|found: &Found| found.url != address) {
                let title = link.attr("title").map(plain_title).filter(|title| !title.is_empty());
                named.push(Found { url: address, title });
            }
        }
        let is_comments = |found: &Found| {
            found.url.path().contains("comments")
                || found.title.as_deref().is_some_and(|t| t.to_lowercase().contains("comment"))
        };
        named.sort_by_key(is_comments);
    }
    let usual = COMMON.iter().filter_map(|path| url.join(path).ok()).collect();
    (named, usual)
}

/// The articles that a page lists, as a feed: links of this site with a headline's worth of words, that lead deeper than
/// to a section. A page with fewer than three of them is none that lists articles.
pub fn index(html: &str, url: &Url) -> Option<Feed> {
    if is_overgrown(html) {
        return None;
    }
    let document = Html::parse_document(html);
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for link in document.select(&selector("a[href]")) {
        if link.ancestors().filter_map(ElementRef::wrap).any(|e| ["nav", "footer", "form"].contains(&e.value().name()))
        {
            continue;
        }
        let Some(address) = link.attr("href").and_then(|href| url.join(href.trim()).ok()) else { continue };
        let address = canonical_url(&address);
        let title = plain_title(&text_of_tree(*link)).replace('\n', " ");
        let is_article = matches!(address.scheme(), "http" | "https")
            && same_site(url, &address)
            && title.split_whitespace().count() >= 4
            && looks_like_an_article(&address)
            && address.path() != url.path();
        if is_article && seen.insert(address.clone()) {
            entries.push(Entry {
                id: Some(address.to_string()),
                url: Some(address),
                title,
                published: day_beside(link),
                ..Entry::default()
            });
        }
    }
    if entries.len() < 3 {
        return None;
    }
    let title = document.select(&selector("title")).next().map(|title| plain_title(&title.text().collect::<String>()));
    let truncated = entries.len() > MOST_ENTRIES;
    entries.truncate(MOST_ENTRIES);
    let language =
        document.select(&selector("html[lang]")).next().and_then(|html| html.attr("lang").map(str::to_owned));
    Some(Feed {
        format: Format::Index,
        title: title.filter(|title| !title.is_empty()),
        language,
        entries,
        truncated,
        next: None,
        hub: None,
        own: None,
    })
}

/// An article's address names it: by a number of four digits or more, or by words joined with hyphens.
fn looks_like_an_article(address: &Url) -> bool {
    let last = address.path_segments().and_then(|mut segments| segments.rfind(|s| !s.is_empty())).unwrap_or_default();
    last.matches('-').count() >= 2 || last.bytes().filter(u8::is_ascii_digit).count() >= 4
}

/// The day in the box around a link.
fn day_beside(link: ElementRef<'_>) -> Option<chrono::DateTime<chrono::Utc>> {
    let time = selector("time");
    link.ancestors().filter_map(ElementRef::wrap).take(3).find_map(|around| {
        let mut times = around.select(&time);
        let only = times.next().filter(|_| times.next().is_none())?;
        parse_date(&only.attr("datetime").map_or_else(|| text_of_tree(*only), str::to_owned))
    })
}

fn selector(written: &str) -> Selector {
    Selector::parse(written).expect("a constant selector")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{feeds, index};

    fn at() -> Url {
        Url::parse("https://news.example/power/").unwrap()
    }

    #[test]
    fn a_pages_feeds_are_those_it_names_then_the_usual_places() {
        let html = "<link rel=alternate type='application/rss+xml' title='Comments' href='/comments/feed/'>\
                    <link rel='alternate' type='application/atom+xml; charset=utf-8' title='All &amp; more' href='all.atom'>\
                    <link rel=alternate hreflang=de href='/de/'><link rel=alternate type='application/json' href='/wp-json/'>";
        let (named, usual) = feeds(html, &at());
        let named: Vec<_> = named.iter().map(|found| (found.url.as_str(), found.title.as_deref())).collect();
        assert_eq!(
            named,
            [
                ("https://news.example/power/all.atom", Some("All & more")),
                ("https://news.example/comments/feed/", Some("Comments"))
            ]
        );
        assert!(usual.iter().any(|url| url.as_str() == "https://news.example/feed/"));
    }

    #[test]
    fn a_page_that_lists_articles_is_read_as_a_feed() {
        let html = "<title>Power</title><nav><a href='/a-b-c-d'>Four words of menu</a></nav>\
            <div><h2><a href='/power/ferrow-rents-a-hall'>Ferrow rents a whole hall</a></h2><time datetime='2026-03-04'>4 March</time></div>\
            <div><a href='/power/20260303?utm_source=x'>Orrery builds beside the dam</a></div>\
            <div><a href='https://www.news.example/x/vale-grid-is-full'>The grid of Vale is full</a></div>\
            <a href='/about'>All about this fine paper</a><a href='https://other.example/a-b-c-d'>Words of another site here</a>";
        let feed = index(html, &at()).unwrap();
        let found: Vec<_> = feed.entries.iter().map(|entry| entry.url.as_ref().unwrap().as_str()).collect();
        assert_eq!(
            found,
            [
                "https://news.example/power/ferrow-rents-a-hall",
                "https://news.example/power/20260303",
                "https://www.news.example/x/vale-grid-is-full"
            ]
        );
        assert_eq!(feed.entries[0].published.unwrap().to_rfc3339(), "2026-03-04T00:00:00+00:00");
        assert!(index("<a href='/a-b-c'>One lone link to read</a>", &at()).is_none());
    }
}
