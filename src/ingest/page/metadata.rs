//! What a page says of itself: JSON-LD, `OpenGraph`, meta tags, `<time>`. Pure.

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use url::Url;

use super::address::{canonical_url, same_site};
use crate::ingest::date::parse_date;
use crate::ingest::text::{plain_title, text_of_tree};

/// What was found.
#[derive(Default)]
pub struct Metadata {
    pub title: Option<String>,
    pub published: Option<DateTime<Utc>>,
    pub modified: Option<DateTime<Utc>>,
    pub author: Option<String>,
    pub canonical: Option<Url>,
    pub site_name: Option<String>,
    pub language: Option<String>,
    /// The article's text, as the page states it (`articleBody`).
    pub body: Option<String>,
    /// Whether everybody may read the article, as the page states it.
    pub is_free: Option<bool>,
}

/// Reads the metadata of a page; the more exact statement comes first.
pub fn read(document: &Html, url: Option<&Url>) -> Metadata {
    let linked = LinkedData::read(document);
    let meta = Meta::read(document);
    let site_name = meta.first(&["og:site_name"]).or(linked.publisher).or_else(|| meta.first(&["application-name"]));
    let title = linked
        .headline
        .or_else(|| meta.first(&["og:title", "twitter:title"]))
        .or_else(|| only(document, "h1"))
        .or_else(|| first(document, "title").map(|element| plain(&text_of_tree(*element))))
        .or_else(|| first(document, "title").map(|element| plain(&element.text().collect::<String>())))
        .filter(|title| !title.is_empty())
        .or_else(|| meta.first(&["dc.title", "title"]));
    let published = linked
        .published
        .or_else(|| {
            meta.date(&[
                "article:published_time",
                "og:article:published_time",
                "datepublished",
                "og:published_time",
                "parsely-pub-date",
                "sailthru.date",
                "dc.date.issued",
                "dcterms.date",
                "dc.date",
                "pubdate",
                "publishdate",
                "publish-date",
                "publish_date",
                "publication_date",
                "citation_publication_date",
                "date",
            ])
        })
        .or_else(|| time_element(document));
    let modified = linked.modified.or_else(|| {
        meta.date(&["article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified"])
    });
    Metadata {
        title: title.map(|title| without_site(&title, site_name.as_deref()).to_owned()),
        published,
        modified,
        author: linked
            .author
            .or_else(|| meta.first(&["author", "article:author", "parsely-author", "dc.creator", "byl"]))
            .or_else(|| first(document, "[rel=author], [itemprop=author]").map(|e| plain(&text_of_tree(*e))))
            .or_else(|| byline(document))
            .filter(|name| !name.is_empty() && !name.starts_with("http"))
            .map(|name| name.strip_prefix("By ").or(name.strip_prefix("by ")).unwrap_or(&name).to_owned()),
        canonical: canonical(document, &meta, url),
        body: linked.body,
        is_free: linked.is_free,
        site_name,
        language: first(document, "html[lang]")
            .and_then(|html| html.attr("lang").map(|lang| lang.trim().to_owned()))
            .filter(|lang| !lang.is_empty())
            .or_else(|| meta.first(&["og:locale", "content-language"]).map(|locale| locale.replace('_', "-"))),
    }
}

/// The address that the page gives as its own, where it can be believed: on the same site, and no home page given for
/// every story.
fn canonical(document: &Html, meta: &Meta, url: Option<&Url>) -> Option<Url> {
    let link = first(document, "link[rel~=canonical][href]").and_then(|link| link.attr("href").map(str::to_owned));
    [link, meta.first(&["og:url"])].into_iter().flatten().find_map(|stated| {
        let stated = stated.trim();
        let found = url.map_or_else(|| Url::parse(stated), |url| url.join(stated)).ok()?;
        let fit = matches!(found.scheme(), "http" | "https")
            && url.is_none_or(|url| same_site(url, &found) && !(found.path() == "/" && url.path() != "/"));
        fit.then(|| canonical_url(&found))
    })
}

/// `<meta>` by their `property`, `name`, `itemprop` or `http-equiv` in lower case.
struct Meta(Vec<(String, String)>);

impl Meta {
    fn read(document: &Html) -> Meta {
        let Ok(selector) = Selector::parse("meta[content]") else { return Meta(Vec::new()) };
        let entries = document.select(&selector).filter_map(|element| {
            let name = ["property", "name", "itemprop", "http-equiv"].iter().find_map(|key| element.attr(key))?;
            let content = plain(element.attr("content")?);
            (!content.is_empty()).then(|| (name.trim().to_ascii_lowercase(), content))
        });
        Meta(entries.collect())
    }

    fn all<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        names.iter().flat_map(|name| self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str()))
    }

    fn first(&self, names: &[&str]) -> Option<String> {
        self.all(names).next().map(str::to_owned)
    }

    fn date(&self, names: &[&str]) -> Option<DateTime<Utc>> {
        self.all(names).find_map(parse_date)
    }
}

/// What the JSON-LD says of the article.
#[derive(Default)]
struct LinkedData {
    headline: Option<String>,
    published: Option<DateTime<Utc>>,
    modified: Option<DateTime<Utc>>,
    author: Option<String>,
    publisher: Option<String>,
    body: Option<String>,
    is_free: Option<bool>,
}

impl LinkedData {
    fn read(document: &Html) -> LinkedData {
        let Ok(selector) = Selector::parse("script[type='application/ld+json']") else { return LinkedData::default() };
        let mut articles = Vec::new();
        for script in document.select(&selector) {
            let text: String = script.text().collect();
            let text = text.trim().trim_start_matches("<!--").trim_end_matches("-->").trim_end_matches(';');
            if let Ok(value) = serde_json::from_str::<Value>(text) {
                collect_articles(&value, &mut articles, 0);
            }
        }
        let Some(article) = articles.first() else { return LinkedData::default() };
        let string = |key: &str| article.get(key).and_then(Value::as_str);
        LinkedData {
            headline: string("headline").or_else(|| string("name")).map(plain).filter(|text| !text.is_empty()),
            published: string("datePublished").or_else(|| string("dateCreated")).and_then(parse_date),
            modified: string("dateModified").and_then(parse_date),
            author: article.get("author").and_then(names),
            publisher: article.get("publisher").and_then(names),
            body: string("articleBody").map(str::to_owned),
            is_free: article.get("isAccessibleForFree").and_then(|free| match free {
                Value::Bool(free) => Some(*free),
                Value::String(free) => free.to_ascii_lowercase().parse().ok(),
                _ => None,
            }),
        }
    }
}

/// The objects that are articles, at the top, in a list or in a graph.
fn collect_articles(value: &Value, articles: &mut Vec<Value>, depth: usize) {
    match value {
        Value::Array(values) if depth < 5 => {
            for value in values {
                collect_articles(value, articles, depth + 1);
            }
        }
        Value::Object(object) if depth < 5 => {
            let kinds = object.get("@type").into_iter().flat_map(|kind| match kind {
                Value::Array(kinds) => kinds.iter().collect(),
                kind => vec![kind],
            });
            let is_article = kinds.filter_map(Value::as_str).any(|kind| {
                kind.ends_with("Article") || kind.ends_with("BlogPosting") || kind == "Report" || kind == "PressRelease"
            });
            if is_article {
                articles.push(value.clone());
            }
            for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                if let Some(inner) = object.get(key) {
                    collect_articles(inner, articles, depth + 1);
                }
            }
        }
        _ => {}
    }
}

/// The names of a person, an organisation, or several.
fn names(value: &Value) -> Option<String> {
    let name = match value {
        Value::String(name) => plain(name),
        Value::Array(values) => values.iter().filter_map(names).collect::<Vec<_>>().join(", "),
        Value::Object(object) => names(object.get("name")?)?,
        _ => return None,
    };
    (!name.is_empty() && !name.starts_with("http")).then_some(name)
}

/// The `<time>` that is most likely the publication: one that says so, else the first of the article.
fn time_element(document: &Html) -> Option<DateTime<Utc>> {
    ["[itemprop=datePublished]", "time[pubdate]", "article time, main time", "time"].iter().find_map(|selector| {
        let element = first(document, selector)?;
        let stated = element.attr("datetime").or_else(|| element.attr("content")).map(str::to_owned);
        parse_date(&stated.unwrap_or_else(|| text_of_tree(*element)))
    })
}

fn first<'a>(document: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    let selector = Selector::parse(selector).ok()?;
    document.select(&selector).next()
}

/// The name in the line that says by whom it is.
fn byline(document: &Html) -> Option<String> {
    let line = first(document, "[class~=byline], [class~=author], [class*=byline], [class*=author-name]")?;
    let line = plain(&text_of_tree(*line));
    let name = line.strip_prefix("By ").or_else(|| line.strip_prefix("by "))?;
    let name = name.split(['|', '·', '•']).next().unwrap_or(name).trim();
    (!name.is_empty() && name.chars().count() <= 60).then(|| name.to_owned())
}

/// The text of the only element of its kind.
fn only(document: &Html, selector: &str) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    let mut found = document.select(&selector).map(|element| plain(&text_of_tree(*element)));
    found.next().filter(|text| !text.is_empty() && found.next().is_none())
}

fn plain(text: &str) -> String {
    plain_title(text)
}

/// A title without the site's name behind a bar or dash.
fn without_site<'a>(title: &'a str, site: Option<&str>) -> &'a str {
    let Some(site) = site else { return title };
    let Some(rest) = title.strip_suffix(site) else { return title };
    let rest = rest.trim_end();
    match rest.strip_suffix(['|', '-', '–', '—', '·', '•', ':']) {
        Some(rest) if !rest.trim().is_empty() => rest.trim_end(),
        _ => title,
    }
}
