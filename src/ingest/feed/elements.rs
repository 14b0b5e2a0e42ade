//! RSS, RDF and Atom to a feed: which element means what. Pure.
//!
//! The formats borrow from each other in practice (Atom links in RSS, `pubDate` in Atom), so one table reads them all,
//! the more exact element first.

use base64::Engine as _;
use chrono::{DateTime, Utc};
use url::Url;

use super::{Entry, Feed, FeedError, Format, MOST_ENTRIES};
use crate::ingest::date::parse_date;
use crate::ingest::text::{plain_title, text_of_html, tidy};
use crate::ingest::xml::{
    Element,
    Namespace::{self, Content, Core, DublinCore, FeedBurner, Itunes, Media, Xhtml},
};

/// Reads a document's root.
pub fn parse(root: &Element, base: Option<&Url>) -> Result<Feed, FeedError> {
    let format = match root.name.as_str() {
        "channel" if root.attribute("href").or(root.attribute("base")).is_some() => Format::Cdf,
        "rss" | "channel" => Format::Rss,
        "rdf" => Format::Rdf,
        "feed" | "entry" => Format::Atom,
        "urlset" => return Ok(sitemap(root, base)),
        "sitemapindex" => return Err(FeedError::SitemapIndex(sitemaps(root, base))),
        "html" | "head" | "body" => return Err(FeedError::Html),
        _ => return Err(FeedError::OtherXml(root.name.chars().take(40).collect())),
    };
    // Where the feed speaks of itself, and where its entries are: the same element but for RDF (beside the channel)
    // and what some RSS writers make of it.
    let channel = root.child(Core, "channel").unwrap_or(root);
    let mut base = resolve_base(root, base.cloned());
    base = resolve_base(channel, base);
    if base.is_none() {
        base = link_of(channel, None);
    }
    let whole = |element: &&Element| element.complete || root.complete;
    let entries: Vec<&Element> = match root.name.as_str() {
        "entry" => vec![root],
        _ => [root, channel]
            .into_iter()
            .take(if std::ptr::eq(root, channel) { 1 } else { 2 })
            .flat_map(|parent| std::iter::once(parent).chain(parent.all(Core, "items")))
            .flat_map(|parent| {
                parent.children().filter(|c| matches!(c.name.as_str(), "item" | "entry") && c.namespace == Core)
            })
            .filter(whole)
            .collect(),
    };
    Ok(Feed {
        format,
        title: channel.child(Core, "title").map(title_text).filter(|title| !title.is_empty()),
        language: first_text(channel, &[(Core, "language"), (DublinCore, "language")])
            .or_else(|| root.attribute("xml:lang").map(str::to_owned)),
        truncated: !root.complete || entries.len() > MOST_ENTRIES,
        next: relation(channel, &["prev-archive", "next"], base.as_ref()),
        hub: relation(channel, &["hub"], base.as_ref()),
        own: relation(channel, &["self"], base.as_ref()),
        entries: entries.into_iter().take(MOST_ENTRIES).map(|element| entry(element, base.as_ref())).collect(),
    })
}

/// The text of the first element of a name, in whatever namespace.
fn named(element: &Element, name: &str) -> Option<String> {
    let found = element.children().find(|child| child.name == name)?;
    let text = plain_title(&found.text());
    (!text.is_empty()).then_some(text)
}

/// The sitemaps that an index of them lists: those of news first, then the newest.
fn sitemaps(root: &Element, base: Option<&Url>) -> Vec<Url> {
    let listed = root.children().filter(|child| child.name == "sitemap" && (child.complete || root.complete));
    let mut found: Vec<(bool, Option<DateTime<Utc>>, Url)> = listed
        .filter_map(|sitemap| {
            let url = resolve(&named(sitemap, "loc")?, base)?;
            let changed = named(sitemap, "lastmod").and_then(|date| parse_date(&date));
            Some((url.path().to_ascii_lowercase().contains("news"), changed, url))
        })
        .collect();
    found.sort_by_key(|(news, changed, _)| std::cmp::Reverse((*news, *changed)));
    found.into_iter().map(|(.., url)| url).collect()
}

/// A sitemap as a feed: its pages with the titles that a sitemap of news gives them.
fn sitemap(root: &Element, base: Option<&Url>) -> Feed {
    let pages: Vec<&Element> = root
        .children()
        .filter(|child| child.name == "url" && child.namespace != Media && (child.complete || root.complete))
        .collect();
    let news = |page: &Element| page.children().find(|child| child.name == "news").cloned();
    let first = pages.iter().find_map(|page| news(page)?.children().find(|c| c.name == "publication").cloned());
    let entries = pages.iter().take(MOST_ENTRIES).filter_map(|page| {
        let url = resolve(&named(page, "loc")?, base)?;
        let changed = named(page, "lastmod").and_then(|date| parse_date(&date));
        let news = news(page);
        let told = |name: &str| news.as_ref().and_then(|news| named(news, name));
        Some(Entry {
            id: Some(url.to_string()),
            url: Some(url),
            title: told("title").unwrap_or_default(),
            published: told("publication_date").and_then(|date| parse_date(&date)).or(changed),
            updated: changed,
            ..Entry::default()
        })
    });
    Feed {
        format: Format::Sitemap,
        title: first.as_ref().and_then(|publication| named(publication, "name")),
        language: first.as_ref().and_then(|publication| named(publication, "language")),
        truncated: !root.complete || pages.len() > MOST_ENTRIES,
        entries: entries.collect(),
        next: None,
        hub: None,
        own: None,
    }
}

fn entry(element: &Element, base: Option<&Url>) -> Entry {
    let base = resolve_base(element, base.cloned());
    let base = base.as_ref();
    let id = first_text(element, &[(Core, "guid"), (Core, "id"), (DublinCore, "identifier")])
        .or_else(|| element.attribute("rdf:about").map(|about| about.trim().to_owned()))
        .filter(|id| !id.is_empty());
    let updated = first_date(
        element,
        &[(Core, "updated"), (Core, "modified"), (DublinCore, "modified"), (Core, "lastbuilddate")],
    );
    let published = first_date(
        element,
        &[
            (Core, "published"),
            (Core, "pubdate"),
            (Core, "issued"),
            (DublinCore, "issued"),
            (DublinCore, "date"),
            (Core, "created"),
            (DublinCore, "created"),
            (Core, "date"),
        ],
    );
    let title = [(Core, "title"), (DublinCore, "title"), (Media, "title"), (Itunes, "title")]
        .iter()
        .filter_map(|(namespace, name)| element.child(*namespace, name))
        .map(title_text)
        .find(|title| !title.is_empty());
    // CDF says it in an attribute.
    let published = published.or_else(|| parse_date(element.attribute("lastmod")?));
    Entry {
        url: entry_link(element, id.as_deref(), base),
        external_url: None,
        title: title.unwrap_or_default(),
        summary: first_body(
            element,
            &[
                (Core, "description"),
                (Core, "summary"),
                (DublinCore, "description"),
                (Media, "description"),
                (Itunes, "summary"),
                (Core, "abstract"),
            ],
        ),
        content: first_body(element, &[(Content, "encoded"), (Core, "content"), (Xhtml, "body"), (Core, "fullitem")]),
        published: published.or(updated),
        updated,
        author: author(element),
        publisher: publisher(element),
        summary_of: Vec::new(),
        id,
    }
}

/// The base for what is in an element: its `xml:base`, itself resolved, or what was the base around it.
fn resolve_base(element: &Element, around: Option<Url>) -> Option<Url> {
    // A channel of CDF has its own attribute for it.
    match element.attribute("xml:base").or_else(|| element.attribute("base").filter(|_| element.name == "channel")) {
        Some(stated) => resolve(stated, around.as_ref()).or(around),
        None => around,
    }
}

/// An absolute address of the web, or `None`.
fn resolve(stated: &str, base: Option<&Url>) -> Option<Url> {
    let stated = stated.trim();
    if stated.is_empty() {
        return None;
    }
    let url = match base {
        Some(base) => base.join(stated).ok()?,
        None => Url::parse(stated).ok()?,
    };
    (matches!(url.scheme(), "http" | "https") && url.host().is_some()).then_some(url)
}

fn first_text(element: &Element, names: &[(Namespace, &str)]) -> Option<String> {
    names.iter().find_map(|(namespace, name)| {
        let text = tidy(&element.child(*namespace, name)?.text()).replace('\n', " ");
        (!text.is_empty()).then_some(text)
    })
}

fn first_date(element: &Element, names: &[(Namespace, &str)]) -> Option<DateTime<Utc>> {
    names.iter().find_map(|(namespace, name)| element.all(*namespace, name).find_map(|date| parse_date(&date.text())))
}

fn first_body(element: &Element, names: &[(Namespace, &str)]) -> Option<String> {
    names
        .iter()
        .find_map(|(namespace, name)| element.all(*namespace, name).map(body_text).find(|text| !text.is_empty()))
}

/// The text of a title, which is markup unless it says otherwise; most that say `text` are markup, too.
fn title_text(element: &Element) -> String {
    plain_title(&markup(element))
}

/// The text of a summary or content.
fn body_text(element: &Element) -> String {
    match element.attribute("type").unwrap_or_default() {
        "text" | "text/plain" if element.children().next().is_none() => tidy(&element.text()),
        kind if kind.starts_with("image/") || kind.starts_with("audio/") || kind.starts_with("video/") => String::new(),
        _ => text_of_html(&markup(element)),
    }
}

/// The markup that an element holds, escaped, as elements, or (Atom 0.3) in base64.
fn markup(element: &Element) -> String {
    if element.attribute("mode") == Some("base64") {
        let packed: String = element.text().split_whitespace().collect();
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(packed) {
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    element.inner_markup()
}

/// The page of an entry: the address before a feed hoster's redirects, the link (CDF has it as an attribute), or an id
/// that is an address.
fn entry_link(element: &Element, id: Option<&str>, base: Option<&Url>) -> Option<Url> {
    let original = element.child(FeedBurner, "origlink").and_then(|link| resolve(&link.text(), base));
    let permalink = || {
        let guid = element.child(Core, "guid")?;
        (guid.attribute("ispermalink") != Some("false")).then(|| resolve(&guid.text(), None)).flatten()
    };
    let id_as_link = || {
        let rdf_or_atom = element.child(Core, "guid").is_none();
        rdf_or_atom.then(|| resolve(id?, None)).flatten()
    };
    let reference = || resolve(element.attribute("href")?, base);
    original.or_else(|| link_of(element, base)).or_else(reference).or_else(permalink).or_else(id_as_link)
}

/// The address in `<link>`, of Atom or of RSS; an Atom link of another relation is none.
fn link_of(element: &Element, base: Option<&Url>) -> Option<Url> {
    let links = || element.all(Core, "link");
    let alternate = links()
        .filter(|link| matches!(link.attribute("rel").unwrap_or("alternate"), "alternate" | ""))
        .filter(|link| link.attribute("href").is_some())
        .min_by_key(|link| !link.attribute("type").unwrap_or("text/html").contains("html"))
        .and_then(|link| resolve(link.attribute("href")?, resolve_base(link, base.cloned()).as_ref()));
    alternate.or_else(|| {
        links()
            .filter(|link| link.attribute("href").is_none())
            .find_map(|link| resolve(&link.text(), resolve_base(link, base.cloned()).as_ref()))
    })
}

/// Where a link of one of these relations leads, the first relation first.
fn relation(element: &Element, relations: &[&str], base: Option<&Url>) -> Option<Url> {
    relations.iter().find_map(|relation| {
        let link = element.all(Core, "link").find(|link| link.attribute("rel") == Some(relation))?;
        resolve(link.attribute("href")?, base)
    })
}

fn author(element: &Element) -> Option<String> {
    let named = element.all(Core, "author").find_map(|author| match author.child(Core, "name") {
        Some(name) => Some(plain_title(&name.text())),
        None if author.children().next().is_some() => None,
        None => Some(person(&plain_title(&author.text()))),
    });
    let named = named.filter(|name| !name.is_empty());
    first_text(element, &[(DublinCore, "creator")])
        .map(|name| plain_title(&name))
        .or(named)
        .or_else(|| first_text(element, &[(Itunes, "author"), (DublinCore, "author")]))
}

/// The name in `desk@example.com (Ada Field)` and `Ada Field <desk@example.com>`.
fn person(stated: &str) -> String {
    if let Some((_, name)) = stated.split_once('(')
        && let Some(name) = name.strip_suffix(')')
        && stated.contains('@')
    {
        return name.trim().to_owned();
    }
    match stated.split_once('<') {
        Some((name, _)) if stated.contains('@') && !name.trim().is_empty() => name.trim().to_owned(),
        _ => stated.to_owned(),
    }
}

/// Who published an entry that the feed took from elsewhere: RSS `<source url="…">Name</source>`, Atom
/// `<source><title>`, or Dublin Core's publisher.
fn publisher(element: &Element) -> Option<String> {
    let source = element.child(Core, "source").map(|source| match source.child(Core, "title") {
        Some(title) => title_text(title),
        None if source.children().next().is_none() => plain_title(&source.text()),
        None => String::new(),
    });
    source
        .filter(|name| !name.is_empty() && !name.starts_with("http"))
        .or_else(|| first_text(element, &[(DublinCore, "publisher")]))
}
