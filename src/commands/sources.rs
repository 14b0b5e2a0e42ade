//! `sources`: what is watched, and what would be read of it.

use std::path::Path;

use anyhow::Context;
use chrono::Utc;
use url::Url;

use super::{Usage, complain, ingest::typed_by_hand, open, say, serve::fetcher};
use crate::{
    config::{ArticlesCommand, Options, SourcesCommand},
    db::{aside, claims, sources},
    ingest::{
        feed::{Feed, FeedError},
        fetch::{Body, Fetched, Fetcher, Validators},
        opml::{self, Outline},
        page,
    },
    jobs::poll,
    model::Rank,
};

/// `sources …`
pub async fn run(options: &Options, command: &SourcesCommand) -> anyhow::Result<()> {
    match command {
        SourcesCommand::Add { url, title, rank, unchecked } => {
            add(options, url, title.as_deref(), *rank, *unchecked).await
        }
        SourcesCommand::Remove { url } => remove(options, url).await,
        SourcesCommand::Pause { url } => set_active(options, url, false).await,
        SourcesCommand::Resume { url } => set_active(options, url, true).await,
        SourcesCommand::List => list(options).await,
        SourcesCommand::Check { url } => check(options, url).await,
        SourcesCommand::Import { file } => import(options, file).await,
        SourcesCommand::Export { file } => export(options, file.as_deref()).await,
        SourcesCommand::Backfill { url, stop } => backfill(options, url, *stop).await,
    }
}

/// What is read at an address: the feed, and where it is.
struct Readable {
    url: Url,
    feed: Feed,
}

/// Reads what an address gives: a feed, or the feed that the page there leads to, or the page as a list of articles.
async fn look(options: &Options, address: &Url) -> Result<Readable, Usage> {
    let fetcher = fetcher(options, &typed_by_hand(address)).map_err(|error| Usage(format!("{error:#}")))?;
    let said = |error: String| Usage(format!("{address}: {error}"));
    let body = get(&fetcher, address).await.map_err(said)?;
    let url = body.moved_to.clone().unwrap_or_else(|| address.clone());
    let as_listed = match (
        crate::ingest::feed::parse(&body.bytes, body.content_type.as_deref(), Some(&body.url)),
        poll::read(&body),
    ) {
        (Ok(feed), _) => return Ok(Readable { url, feed }),
        (Err(FeedError::Html), listed) => listed,
        (Err(FeedError::SitemapIndex(sitemaps)), _) => {
            // The index is watched, for which of them is the newest changes with the month.
            return match first_readable(&fetcher, sitemaps.into_iter().take(1)).await {
                Some(found) => Ok(Readable { url, ..found }),
                None => Err(said("this is an index of sitemaps, the newest of which cannot be read".to_owned())),
            };
        }
        (Err(error), _) => return Err(said(error.to_string())),
    };
    let html = page::decode(&body.bytes, body.content_type.as_deref());
    let (named, usual) = page::feeds(&html, &body.url);
    if let Some(found) = first_readable(&fetcher, named.into_iter().map(|found| found.url).chain(usual)).await {
        return Ok(found);
    }
    match as_listed {
        Ok(feed) => Ok(Readable { url, feed }),
        Err(_) => Err(said(
            "this is a web page that names no feed and lists no articles: give the address of a feed, a sitemap or a page \
             that lists articles"
                .to_owned(),
        )),
    }
}

/// The first of these addresses that gives a feed.
async fn first_readable(fetcher: &Fetcher, addresses: impl Iterator<Item = Url>) -> Option<Readable> {
    for address in addresses {
        if let Ok(body) = get(fetcher, &address).await
            && let Ok(feed) = crate::ingest::feed::parse(&body.bytes, body.content_type.as_deref(), Some(&body.url))
        {
            return Some(Readable { url: body.moved_to.unwrap_or(address), feed });
        }
    }
    None
}

async fn get(fetcher: &Fetcher, url: &Url) -> Result<Body, String> {
    match fetcher.get(url, &Validators::default()).await {
        Ok(Fetched::Body(body)) => Ok(body),
        Ok(Fetched::Unchanged) => Err("The host sent nothing.".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

async fn add(
    options: &Options,
    address: &Url,
    title: Option<&str>,
    rank: Option<Rank>,
    unchecked: bool,
) -> anyhow::Result<()> {
    let found = if unchecked { None } else { Some(look(options, address).await?) };
    let url = found.as_ref().map_or(address, |found| &found.url);
    let named = found.as_ref().and_then(|found| found.feed.title.clone());
    let title = title.map(str::to_owned).or(named).unwrap_or_else(|| host(url));
    let database = open(options).await?;
    let new = sources::watch(&database.pool, url.as_str(), &title, rank.unwrap_or_default(), Utc::now()).await;
    database.close().await;
    let verb = if new? { "Watching" } else { "Watched already, and from now on as" };
    let holds = found.as_ref().map_or(String::new(), |found| format!("; {}", holds(&found.feed)));
    say(format_args!("{verb} {title} at {url}{holds}."))?;
    Ok(())
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned()
}

fn holds(feed: &Feed) -> String {
    let entries = feed.entries.len();
    format!("{} with {entries} {}", feed.format, if entries == 1 { "entry" } else { "entries" })
}

/// Which sources an address or a name means. A name that several have means none.
async fn meant(options: &Options, address: &str) -> anyhow::Result<(crate::db::open::Database, sources::Listed)> {
    let database = open(options).await?;
    let all = sources::all(&database.pool).await?;
    let is_meant = |source: &&sources::Listed| source.url == address || source.title.eq_ignore_ascii_case(address);
    let mut found = all.iter().filter(is_meant);
    match (found.next(), found.next()) {
        (Some(source), None) => Ok((database, source.clone())),
        (None, _) => {
            database.close().await;
            let sentence = format!("no source has the address or name {address}: `wattline sources list` shows all");
            Err(Usage(sentence).into())
        }
        (Some(_), Some(_)) => {
            database.close().await;
            Err(Usage(format!("several sources are called {address}: give the address of one")).into())
        }
    }
}

async fn remove(options: &Options, address: &str) -> anyhow::Result<()> {
    let (database, source) = meant(options, address).await?;
    let mut tx = database.pool.begin().await?;
    sources::remove(&mut tx, &source.url).await?;
    tx.commit().await?;
    database.close().await;
    say(format_args!("{} is no longer watched; what was read of it stays.", source.title))?;
    Ok(())
}

async fn set_active(options: &Options, address: &str, active: bool) -> anyhow::Result<()> {
    let (database, source) = meant(options, address).await?;
    sources::set_active(&database.pool, &source.url, active, Utc::now()).await?;
    database.close().await;
    let what = if active { "is read again" } else { "is not read until it is resumed" };
    say(format_args!("{} {what}.", source.title))?;
    Ok(())
}

async fn list(options: &Options) -> anyhow::Result<()> {
    let database = open(options).await?;
    let all = sources::all(&database.pool).await;
    database.close().await;
    for source in all? {
        let state = match (&source.active, &source.last_error, &source.last_success_at) {
            (false, _, _) => "off".to_owned(),
            (true, Some(error), _) => error.clone(),
            (true, None, Some(_)) => "works".to_owned(),
            (true, None, None) => "not read yet".to_owned(),
        };
        let past = if source.backfill_url.is_some() { "; its past is being read" } else { "" };
        say(format_args!("{}\t{}\t{}\t{state}{past}", source.rank.as_str(), source.title, source.url))?;
    }
    Ok(())
}

async fn check(options: &Options, address: &Url) -> anyhow::Result<()> {
    let found = look(options, address).await?;
    let title = found.feed.title.clone().unwrap_or_else(|| host(&found.url));
    say(format_args!("{title}: {} at {}", holds(&found.feed), found.url))?;
    for entry in &found.feed.entries {
        let day = entry.published.map_or_else(|| "undated   ".to_owned(), |moment| moment.date_naive().to_string());
        let url = entry.url.as_ref().or(entry.external_url.as_ref()).map_or("", Url::as_str);
        let title = if entry.title.is_empty() { "untitled" } else { &entry.title };
        say(format_args!("  {day}  {title}  {url}"))?;
    }
    if found.feed.truncated {
        complain("The feed is not whole: it stops in the middle, or has more entries than are read.");
    }
    Ok(())
}

async fn import(options: &Options, file: &str) -> anyhow::Result<()> {
    let bytes = if file == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
        bytes
    } else {
        std::fs::read(file)
            .map_err(|error| Usage(format!("the file {file} cannot be read ({error}): name an OPML file")))?
    };
    let outlines = opml::parse(&bytes).map_err(|error| Usage(format!("{file}: {error}")))?;
    let database = open(options).await?;
    let mut tx = database.pool.begin().await?;
    let (mut new, now) = (0, Utc::now());
    for outline in &outlines {
        new += usize::from(sources::watch(&mut *tx, outline.url.as_str(), &outline.title, outline.rank, now).await?);
    }
    tx.commit().await?;
    database.close().await;
    let all = outlines.len();
    say(format_args!("{all} {} in the list, {new} of them new.", if all == 1 { "source" } else { "sources" }))?;
    Ok(())
}

async fn export(options: &Options, file: Option<&Path>) -> anyhow::Result<()> {
    let database = open(options).await?;
    let all = sources::all(&database.pool).await;
    database.close().await;
    let outlines: Vec<Outline> = all?
        .into_iter()
        .filter(|source| source.active)
        .filter_map(|source| {
            Some(Outline { url: Url::parse(&source.url).ok()?, title: source.title, rank: source.rank })
        })
        .collect();
    let written = opml::write(&outlines);
    match file {
        Some(file) => std::fs::write(file, written).with_context(|| format!("{} cannot be written", file.display()))?,
        None => say(written.trim_end())?,
    }
    Ok(())
}

async fn backfill(options: &Options, address: &str, stop: bool) -> anyhow::Result<()> {
    let (database, source) = meant(options, address).await?;
    if stop {
        sources::backfill(&database.pool, source.id, None, 0).await?;
        database.close().await;
        say(format_args!("The past of {} is not read further.", source.title))?;
        return Ok(());
    }
    let url = Url::parse(&source.url)?;
    let next = look(options, &url).await.map(|found| found.feed.next);
    let next = match next {
        Ok(next) => next,
        Err(error) => {
            database.close().await;
            return Err(error.into());
        }
    };
    if let Some(next) = &next {
        sources::backfill(&database.pool, source.id, Some(next.as_str()), 0).await?;
    }
    database.close().await;
    say(match next {
        Some(next) => format!("The worker reads the past of {} from {next} on, after all that is new.", source.title),
        None => format!("{} names no earlier entries: what it holds now is all that can be read.", source.title),
    })?;
    Ok(())
}

/// `articles …`
pub async fn articles(options: &Options, command: &ArticlesCommand) -> anyhow::Result<()> {
    let database = open(options).await?;
    let told = match command {
        ArticlesCommand::Aside => {
            let aside = aside::list(&database.pool, 1000).await?;
            if aside.is_empty() {
                vec!["No article is set aside.".to_owned()]
            } else {
                let line = |article: aside::Aside| {
                    format!("{}\t{}\t{}\t{}", article.id, article.fault, article.title, article.url.unwrap_or_default())
                };
                aside.into_iter().map(line).collect()
            }
        }
        ArticlesCommand::Doubtful => {
            let doubtful = claims::doubtful(&database.pool, 1000).await?;
            if doubtful.is_empty() {
                vec!["No deal is in doubt.".to_owned()]
            } else {
                let line = |one: claims::Doubtful| {
                    let names: Vec<&str> = one.claim.parties.iter().map(|party| party.name.as_str()).collect();
                    let (kind, sure, url) = (one.claim.kind, one.claim.confidence, one.url.unwrap_or_default());
                    format!("{}\t{sure:.2}\t{kind}\t{}\t{}\t{url}", one.id, names.join(", "), one.title)
                };
                doubtful.into_iter().map(line).collect()
            }
        }
        ArticlesCommand::Again { id } => {
            let again = aside::run_again(&database.pool, *id).await?;
            vec![format!("{again} {} run again by the worker.", if again == 1 { "article is" } else { "articles are" })]
        }
    };
    database.close().await;
    for line in told {
        say(line)?;
    }
    Ok(())
}
