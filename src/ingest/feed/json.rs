//! JSON Feed 1 and 1.1 to a feed, with our own extension `_wattline`. Pure.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Entry, Feed, FeedError, Format, MOST_ENTRIES, SummarySource};
use crate::ingest::date::parse_date;
use crate::ingest::text::{plain_title, text_of_html, tidy};
use crate::model::Rank;

/// Reads a JSON Feed. An item that is no object is passed over, and so is a field of the wrong type; a feed that stops
/// in the middle gives the items before.
pub fn parse(text: &str, base: Option<&Url>) -> Result<Feed, FeedError> {
    let (head, items, truncated) = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(mut object)) => match object.remove("items") {
            Some(Value::Array(items)) => (Value::Object(object), items, false),
            _ => return Err(FeedError::OtherJson("it has no list of items".to_owned())),
        },
        Ok(_) => return Err(FeedError::OtherJson("it is no object".to_owned())),
        Err(error) => {
            let items = whole_items(text);
            if items.is_empty() {
                return Err(FeedError::OtherJson(error.to_string()));
            }
            // What stood before the items may be whole.
            let head = text.split_once("\"items\"").map(|(head, _)| format!("{head}\"items\":[]}}"));
            (head.and_then(|head| serde_json::from_str(&head).ok()).unwrap_or_default(), items, true)
        }
    };
    let string = |key: &str| head.get(key).and_then(Value::as_str);
    let home = base.cloned().or_else(|| string("home_page_url").and_then(|url| Url::parse(url).ok()));
    let address = |key: &str| {
        let stated = string(key)?;
        home.as_ref().map_or_else(|| Url::parse(stated), |home| home.join(stated)).ok()
    };
    let hubs = head.get("hubs").and_then(Value::as_array);
    let hub = hubs.and_then(|hubs| hubs.iter().find(|hub| hub["type"] == "WebSub")?.get("url"));
    Ok(Feed {
        format: Format::JsonFeed,
        title: string("title").map(plain_title).filter(|title| !title.is_empty()),
        language: string("language").map(str::to_owned),
        truncated: truncated || items.len() > MOST_ENTRIES,
        next: address("next_url"),
        hub: hub.and_then(Value::as_str).and_then(|hub| Url::parse(hub).ok()),
        own: address("feed_url"),
        entries: items
            .iter()
            .filter(|item| item.is_object())
            .take(MOST_ENTRIES)
            .map(|item| entry(item, &head, home.as_ref()))
            .collect(),
    })
}

/// The items before the place at which broken JSON breaks.
fn whole_items(text: &str) -> Vec<Value> {
    let Some((_, list)) = text.split_once("\"items\"") else { return Vec::new() };
    let Some(mut rest) = list.trim_start().strip_prefix(':').and_then(|list| list.trim_start().strip_prefix('['))
    else {
        return Vec::new();
    };
    let mut items = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match stream.next() {
            Some(Ok(item)) => items.push(item),
            _ => return items,
        }
        rest = &rest[stream.byte_offset()..];
    }
}

fn entry(item: &Value, feed: &Value, base: Option<&Url>) -> Entry {
    let string = |key: &str| item.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let url = |key: &str| {
        let stated = string(key)?.trim();
        let url = base.map_or_else(|| Url::parse(stated), |base| base.join(stated)).ok()?;
        matches!(url.scheme(), "http" | "https").then_some(url)
    };
    let date = |key: &str| string(key).and_then(parse_date);
    // Version 1 allowed numbers.
    let id = item.get("id").and_then(|id| match id {
        Value::String(id) => Some(id.trim().to_owned()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    let summary_of = summary_of(item);
    let external_url = url("external_url");
    let content = string("content_text").map(tidy).or_else(|| string("content_html").map(text_of_html));
    Entry {
        id: id.filter(|id| !id.is_empty()),
        // What an item of ours sums up is not its own page.
        url: url("url").or_else(|| external_url.clone().filter(|_| summary_of.is_empty())),
        external_url,
        title: string("title").map(plain_title).unwrap_or_default(),
        summary: string("summary").map(text_of_html),
        content: content.filter(|text| !text.is_empty()),
        published: date("date_published").or_else(|| date("date_modified")),
        updated: date("date_modified"),
        author: author(item).or_else(|| author(feed)),
        publisher: None,
        summary_of,
    }
}

/// The first author of version 1.1, or the one of version 1.
fn author(of: &Value) -> Option<String> {
    let first = of.get("authors").and_then(|authors| authors.get(0)).or_else(|| of.get("author"))?;
    let name = plain_title(first.get("name")?.as_str()?);
    (!name.is_empty()).then_some(name)
}

/// Our extension: the sources that an item sums up. A source without a valid address is passed over.
fn summary_of(item: &Value) -> Vec<SummarySource> {
    #[derive(Deserialize)]
    struct Stated {
        url: Url,
        #[serde(default)]
        publisher: Option<String>,
        #[serde(default)]
        rank: Option<String>,
        #[serde(default)]
        confirmed: Option<bool>,
    }
    let sources = item.get("_wattline").and_then(|extension| extension.get("sources")).and_then(Value::as_array);
    let sources = sources.into_iter().flatten().filter_map(|source| Stated::deserialize(source).ok());
    sources
        .map(|source| SummarySource {
            publisher: source
                .publisher
                .filter(|name| !name.trim().is_empty())
                .or_else(|| source.url.host_str().map(str::to_owned))
                .unwrap_or_default(),
            rank: source.rank.and_then(|rank| rank.parse::<Rank>().ok()).unwrap_or_default(),
            confirmed: source.confirmed.unwrap_or(false),
            url: source.url,
        })
        .collect()
}
