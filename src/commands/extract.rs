//! `wattline extract`: articles in, claims out, a line each.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
};

use anyhow::Context;
use serde::Serialize;

use super::{Usage, complain};
use crate::{
    extract,
    ingest::{
        articles::{Articles, Handed},
        date::stated_date,
        page::{self, Page},
    },
    model::{Article, ArticleLine, Claim, Quantity, Registry},
};

/// Reads every file in turn, or `-` for standard input, and writes one JSON line for each article as it is done.
/// Gives whether every line could be read.
pub fn run(files: &[String], registry: &Registry, output: &mut impl Write) -> anyhow::Result<bool> {
    let mut clean = true;
    let standard = ["-".to_owned()];
    for file in if files.is_empty() { standard.as_slice() } else { files } {
        clean &= if file == "-" {
            stream("standard input", std::io::stdin().lock(), registry, output)?
        } else {
            stream(file, open(file)?, registry, output)?
        };
    }
    Ok(clean)
}

fn open(file: &str) -> Result<BufReader<File>, Usage> {
    let opened = File::open(file).and_then(|opened| Ok((opened.metadata()?.is_dir(), opened)));
    match opened {
        Ok((true, _)) => Err(Usage(format!("{file} is a folder: name the files in it"))),
        Ok((false, opened)) => Ok(BufReader::new(opened)),
        Err(error) => Err(Usage(format!("the file {file} cannot be opened ({error}): name one that can be read"))),
    }
}

/// Reads one input, whatever it holds, and answers each article before the next is asked for.
fn stream(name: &str, input: impl BufRead, registry: &Registry, output: &mut impl Write) -> anyhow::Result<bool> {
    let mut clean = true;
    for handed in Articles::new(input, None) {
        clean &= match handed.with_context(|| format!("{name} cannot be read to its end"))? {
            Handed::Article { line, article: input } => match prepare(&input) {
                Ok(Prepared { article, cleaned, complaint }) => {
                    answer(input.id.as_ref(), &article, cleaned, registry, output)?;
                    if let Some(complaint) = &complaint {
                        complain(format_args!("{name}: line {line}: {complaint}"));
                    }
                    complaint.is_none()
                }
                Err(error) => fail(input.id.as_ref(), line, &error, output)?,
            },
            Handed::Fault { line, id, error } => fail(id.as_ref(), line, &error, output)?,
            Handed::Feed(_) => fail(None, 1, "this is a feed: `wattline ingest` reads feeds", output)?,
            Handed::Binary(kind) => fail(None, 1, &format!("this is {kind}, not text"), output)?,
            Handed::Page(html) => match page::read(&html, None) {
                Ok(Page { title, text, .. }) => {
                    let article = Article { title, text, published: None, publisher: None };
                    answer(None, &article, true, registry, output)?;
                    true
                }
                Err(error) => fail(None, 1, &error.to_string(), output)?,
            },
            Handed::Text { title, text } => {
                let article = Article { title, text, published: None, publisher: None };
                answer(None, &article, false, registry, output)?;
                true
            }
        };
    }
    Ok(clean)
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    deals: &'a [Claim],
    quantities: &'a [Quantity],
}

#[derive(Serialize)]
struct Failure<'a> {
    id: Option<&'a serde_json::Value>,
    line: u64,
    error: &'a str,
}

/// Says in the place of an article why there is none. Gives false.
fn fail(id: Option<&serde_json::Value>, line: u64, error: &str, output: &mut impl Write) -> anyhow::Result<bool> {
    write_line(output, &Failure { id, line, error })?;
    Ok(false)
}

/// What an article that was handed in comes to.
pub(super) struct Prepared {
    /// What the extractor reads.
    pub(super) article: Article,
    /// Whether its text was cleaned of HTML.
    pub(super) cleaned: bool,
    /// What is wrong with its date, in one sentence.
    pub(super) complaint: Option<String>,
}

/// An article as the extractor reads it; else one sentence that says what is wrong.
pub(super) fn prepare(input: &ArticleLine) -> Result<Prepared, String> {
    let url = input.url.as_deref().and_then(|url| url.parse().ok());
    let (title, text, cleaned) = match (&input.text, &input.html) {
        (Some(text), _) => (input.title.clone().unwrap_or_default(), text.clone(), false),
        (None, Some(html)) => {
            let page = page::read(html, url.as_ref()).map_err(|error| error.to_string())?;
            (input.title.clone().unwrap_or(page.title), page.text, true)
        }
        (None, None) => return Err("the article has neither `text` nor `html`".to_owned()),
    };
    let (published, complaint) = match stated_date(input.published.as_deref()) {
        Ok(stated) => (stated.map(|time| time.date_naive()), None),
        Err(complaint) => (None, Some(complaint)),
    };
    let article = Article { title, text, published, publisher: input.publisher.clone() };
    Ok(Prepared { article, cleaned, complaint })
}

fn answer(
    id: Option<&serde_json::Value>,
    article: &Article,
    cleaned: bool,
    registry: &Registry,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    let reading = extract::read(article, registry);
    write_line(
        output,
        &Answer {
            id,
            title: cleaned.then_some(article.title.as_str()),
            text: cleaned.then_some(article.text.as_str()),
            deals: &reading.claims,
            quantities: &reading.quantities,
        },
    )
}

fn write_line(output: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *output, value).map_err(std::io::Error::from)?;
    output.write_all(b"\n")?;
    output.flush()?;
    Ok(())
}
