//! `wattline ingest --dry-run`: what would be read of files, a JSON line each; no database, no network.

use std::{
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::ingest::{Document, read_file, read_standard_input};
use crate::ingest::{
    articles::{Articles, Handed},
    date::stated_date,
    feed::{self, Feed},
    page,
};

/// What a file holds.
#[derive(Serialize)]
struct Holds<'a> {
    file: &'a str,
    format: String,
    title: Option<String>,
    entries: Vec<Found>,
    /// What of it cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
}

/// An article of a file.
#[derive(Serialize)]
struct Found {
    id: Option<String>,
    title: String,
    url: Option<String>,
    published: Option<String>,
}

#[derive(Serialize)]
struct Fault<'a> {
    file: &'a str,
    error: String,
}

/// Writes a line for each file, in their order. Gives whether all of them could be read.
pub fn run(files: &[String], output: &mut impl Write) -> anyhow::Result<bool> {
    let mut clean = true;
    for file in files {
        let document = if file == "-" { read_standard_input() } else { read_file(file) };
        // What a library does not survive costs this file, not those behind it.
        let held = document.and_then(|document| {
            catch_unwind(AssertUnwindSafe(|| look(file, &document)))
                .unwrap_or_else(|_| Err("reading this failed in an unforeseen way".to_owned()))
        });
        match held {
            Ok(holds) => line(output, &holds)?,
            Err(error) => {
                clean = false;
                line(output, &Fault { file, error })?;
            }
        }
    }
    Ok(clean)
}

fn look<'a>(file: &'a str, document: &Document) -> Result<Holds<'a>, String> {
    let mut holds = Holds { file, format: "articles".to_owned(), title: None, entries: Vec::new(), faults: Vec::new() };
    for handed in Articles::new(document.bytes.as_slice(), None) {
        match handed.map_err(|error| format!("it cannot be read to its end ({error})"))? {
            Handed::Feed(bytes) => {
                return Ok(of_feed(file, feed::parse(&bytes, None, None).map_err(|error| error.to_string())?));
            }
            Handed::Page(html) => {
                // A feed behind a complaint in HTML is one all the same.
                if let Ok(feed) = feed::parse(html.as_bytes(), None, None) {
                    return Ok(of_feed(file, feed));
                }
                let page = page::read(&html, None).map_err(|error| error.to_string())?;
                "page".clone_into(&mut holds.format);
                holds.title = page.site_name;
                let url = page.canonical.map(String::from);
                holds.entries.push(Found { id: url.clone(), title: page.title, url, published: day(page.published) });
            }
            Handed::Text { title, .. } => {
                "text".clone_into(&mut holds.format);
                holds.entries.push(Found { id: None, title, url: None, published: None });
            }
            Handed::Article { article, .. } => holds.entries.push(Found {
                id: article.id.as_ref().map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)),
                title: article.title.clone().unwrap_or_default(),
                url: article.url.clone(),
                published: day(stated_date(article.published.as_deref()).ok().flatten()),
            }),
            Handed::Fault { line, error, .. } => holds.faults.push(format!("line {line}: {error}")),
            Handed::Binary(kind) => {
                return Err(format!("this is {kind}: only feeds, pages, articles and texts are read"));
            }
        }
    }
    if holds.entries.is_empty() {
        return Err(holds.faults.into_iter().next().unwrap_or_else(|| "the file is empty".to_owned()));
    }
    Ok(holds)
}

fn of_feed(file: &str, feed: Feed) -> Holds<'_> {
    let entries = feed.entries.into_iter().map(|entry| Found {
        url: entry.url.or(entry.external_url).map(String::from),
        id: entry.id,
        title: entry.title,
        published: day(entry.published),
    });
    Holds {
        file,
        format: feed.format.to_string(),
        title: feed.title,
        entries: entries.collect(),
        faults: feed
            .truncated
            .then(|| "the feed is not whole; its whole entries were read".to_owned())
            .into_iter()
            .collect(),
    }
}

fn day(moment: Option<DateTime<Utc>>) -> Option<String> {
    moment.map(|moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true))
}

fn line(output: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *output, value).map_err(std::io::Error::from)?;
    output.write_all(b"\n")?;
    Ok(())
}
