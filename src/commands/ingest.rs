//! `ingest`: files and URLs into the ledger, whatever they hold.

use std::{
    collections::HashSet,
    io::{self, Read as _},
    path::Path,
    time::Duration,
};

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use ipnet::IpNet;
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use super::{complain, open, rates_of, say, serve::fetcher};
use crate::{
    config::Options,
    db::articles::{self, NewArticle, Origin, Stored},
    ingest::{
        articles::{Articles, Handed},
        feed,
        fetch::{Fetched, Fetcher, Validators},
        page,
    },
    jobs::{
        host::Asker,
        merge::merge_pending,
        page::{PageOutcome, fetch_page},
        poll::TRUNCATED,
        read::read_unread,
        store::{Publisher, from_entry, from_line, from_page, store, unnamed},
    },
    model::{Rank, Registry},
};

/// What an ingest came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Articles that the inputs held.
    pub articles: usize,
    /// Those of them that were not known.
    pub new: usize,
    /// Deals that were not known.
    pub deals_new: usize,
    /// Deals that say something else than before.
    pub deals_updated: usize,
    /// Inputs, and lines of inputs, that could not be read.
    pub errors: usize,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        write!(
            f,
            "{} read, {} new; {} new, {} updated; {}",
            count(self.articles, "article", "articles"),
            self.new,
            count(self.deals_new, "deal", "deals"),
            self.deals_updated,
            count(self.errors, "error", "errors")
        )
    }
}

/// Reads the inputs into the ledger and returns when all of it is merged. What cannot be read is told on standard
/// error and counted; the rest goes on.
pub async fn run(options: &Options, inputs: &[String]) -> anyhow::Result<Summary> {
    let database = open(options).await?;
    let summary = ingest(&database.pool, options, inputs).await;
    database.close().await;
    let summary = summary?;
    say(summary)?;
    Ok(summary)
}

async fn ingest(pool: &PgPool, options: &Options, inputs: &[String]) -> anyhow::Result<Summary> {
    let registry = Registry::shipped();
    let now = Utc::now();
    let mut summary = Summary::default();
    let progress = progress();
    let mut wanted = Vec::new();
    for name in inputs {
        let shown = if name == "-" { "standard input" } else { name };
        progress.set_message(shown.to_owned());
        let fault = |sentence: String| progress.suspend(|| complain(format_args!("{shown}: {sentence}")));
        let (fetched, fetcher) = match Url::parse(name) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                let fetcher = fetcher(options, &typed_by_hand(&url))?;
                (fetch(&fetcher, url).await, Some(fetcher))
            }
            _ if name == "-" => (tokio::task::spawn_blocking(read_standard_input).await?, None),
            _ => (read_file(name), None),
        };
        let document = match fetched {
            Ok(document) => document,
            Err(sentence) => {
                fault(sentence);
                summary.errors += 1;
                continue;
            }
        };
        let read = tokio::task::spawn_blocking(move || articles_of(&document, now)).await?;
        for error in &read.errors {
            fault(error.clone());
        }
        summary.errors += read.errors.len();
        summary.articles += read.articles.len();
        progress.inc_length(read.articles.len() as u64);
        let mut db = pool.acquire().await?;
        let unfinished: HashSet<Uuid> = articles::wanted_pages(&mut *db).await?.into_iter().collect();
        for some in read.articles.chunks(500) {
            for stored in store(&mut db, some, now).await? {
                match stored {
                    Stored::New(id) => {
                        summary.new += 1;
                        wanted.push((id, fetcher.clone()));
                    }
                    // One that was stored by a program that died before it had the page.
                    Stored::Known(id) if fetcher.is_some() && unfinished.contains(&id) => {
                        wanted.push((id, fetcher.clone()));
                    }
                    Stored::Known(_) => progress.inc(1),
                }
            }
        }
    }

    for (id, fetcher) in wanted {
        if let Some(fetcher) = fetcher {
            let asker = Asker::new(pool.clone(), fetcher, Duration::from_millis(options.host_delay));
            while let PageOutcome::Busy(wait) = fetch_page(pool, &asker, id, true).await? {
                tokio::time::sleep(wait.to_std().unwrap_or_default()).await;
            }
        }
    }
    let mut db = pool.acquire().await?;
    read_unread(&mut db, registry, now, || progress.inc(1)).await?;
    let rates = rates_of(&mut db).await?;
    let merged = merge_pending(&mut db, registry, &rates, now).await?;
    progress.finish_and_clear();
    summary.deals_new = merged.new;
    summary.deals_updated = merged.updated;
    Ok(summary)
}

/// A bar on a terminal, nothing elsewhere.
fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} articles {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// A document with where it came from.
pub(super) struct Document {
    pub(super) bytes: Vec<u8>,
    content_type: Option<String>,
    /// Its address; `None` for a file.
    url: Option<Url>,
    /// What stands for the publisher where the document names none.
    name: String,
    /// Its address as it was typed, by which a source that is watched is known; `None` for a file.
    typed: Option<String>,
    /// Whether it is a file of this machine.
    is_file: bool,
}

pub(super) fn read_file(name: &str) -> Result<Document, String> {
    let path = Path::new(name);
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if name.contains("://") => {
            "this is no address that can be read: give one such as https://news.example/feed.xml".to_owned()
        }
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::IsADirectory => "this is a folder: name the files in it".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    })?;
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Document { bytes, content_type: None, url: None, name, typed: None, is_file: true })
}

pub(super) fn read_standard_input() -> Result<Document, String> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| format!("it cannot be read: {error}"))?;
    // Who knows where it came from: it is not believed more than what was fetched.
    Ok(Document { bytes, content_type: None, url: None, name: unnamed(), typed: None, is_file: false })
}

async fn fetch(fetcher: &Fetcher, url: Url) -> Result<Document, String> {
    match fetcher.get(&url, &Validators::default()).await {
        Ok(Fetched::Body(body)) => Ok(Document {
            name: body.url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned(),
            bytes: body.bytes.to_vec(),
            content_type: body.content_type,
            url: Some(body.url),
            typed: Some(url.into()),
            is_file: false,
        }),
        Ok(Fetched::Unchanged) => Err("The host sent nothing.".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The range of an address of this very machine that was typed on the command line: who types it may ask it. What the
/// documents found there link to is still looked at with care everywhere else.
pub(super) fn typed_by_hand(url: &Url) -> Vec<IpNet> {
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if loopback {
        ["127.0.0.0/8", "::1/128"].iter().filter_map(|range| range.parse().ok()).collect()
    } else {
        Vec::new()
    }
}

#[derive(Default)]
struct Read {
    articles: Vec<NewArticle>,
    errors: Vec<String>,
}

/// The articles in a document, whatever it is.
fn articles_of(document: &Document, now: DateTime<Utc>) -> Read {
    let mut read = Read::default();
    let content_type = document.content_type.as_deref();
    let mut empty = true;
    for handed in Articles::new(document.bytes.as_slice(), content_type) {
        empty = false;
        match handed {
            Ok(Handed::Article { line, article }) => match from_line(&article, now) {
                Ok((article, complaint)) => {
                    read.articles.push(article);
                    read.errors.extend(complaint.map(|complaint| format!("line {line}: {complaint}")));
                }
                Err(error) => read.errors.push(format!("line {line}: {error}")),
            },
            Ok(Handed::Fault { line, error, .. }) => read.errors.push(format!("line {line}: {error}")),
            Ok(Handed::Feed(bytes)) => match feed::parse(&bytes, content_type, document.url.as_ref()) {
                Ok(feed) => {
                    let name = feed.title.clone().unwrap_or_else(|| document.name.clone());
                    // A file is read without a word to the network, and one of our own archive is known again.
                    let publisher = Publisher {
                        source_id: None,
                        name: &name,
                        feed: document.typed.as_deref(),
                        rank: Rank::Press,
                        language: feed.language.as_deref(),
                        fetch_pages: document.url.is_some(),
                        is_archive: document.is_file,
                    };
                    read.articles.extend(feed.entries.iter().filter_map(|entry| from_entry(entry, publisher, now)));
                    if feed.truncated {
                        read.errors.push(TRUNCATED.to_owned());
                    }
                }
                Err(error) => read.errors.push(error.to_string()),
            },
            Ok(Handed::Binary(kind)) => {
                read.errors.push(format!("this is {kind}: only feeds, pages, articles and texts are read"));
            }
            Ok(Handed::Page(html)) => match page::read(&html, document.url.as_ref()) {
                Ok(page) => read.articles.push(from_page(page, document.url.as_ref(), now)),
                Err(error) => read.errors.push(error.to_string()),
            },
            Ok(Handed::Text { title, text }) => read.articles.push(NewArticle {
                source_id: None,
                origin: Origin::File,
                keys: document.url.iter().map(|url| page::canonical_url(url).to_string()).collect(),
                url: document.url.clone().map(String::from),
                publisher: document.name.clone(),
                rank: Rank::Press,
                summary_of: Vec::new(),
                title,
                text: text.trim().to_owned(),
                language: None,
                author: None,
                published: None,
                page_wanted: false,
            }),
            Err(error) => read.errors.push(format!("It cannot be read to its end: {error}.")),
        }
    }
    if empty {
        read.errors.push("The file is empty.".to_owned());
    }
    read
}
