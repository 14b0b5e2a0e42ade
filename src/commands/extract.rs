//! `wattline extract`: articles in, claims out, a line each.

use std::io::{BufRead, Write};

use anyhow::Context as _;
use serde::Serialize;

use super::Usage;
use crate::{
    config::{ReaderKind, Readers},
    ingest::page,
    llm::{
        Reader,
        client::{Client, Endpoint, Limits},
    },
    model::{Article, ArticleLine, Claim, Quantity, Registry},
};

/// The configured reader.
pub fn reader<'a>(readers: &Readers, registry: &'a Registry) -> anyhow::Result<Reader<'a>> {
    if readers.reader == ReaderKind::Rules {
        return Ok(Reader::rules(registry));
    }
    let model = readers.llm_model.clone().filter(|model| !model.is_empty());
    let (Some(url), Some(model)) = (readers.llm_url.clone(), model) else {
        let missing = "a language model can read only where it is known: give --llm-url and --llm-model";
        return Err(Usage(missing.to_owned()).into());
    };
    let endpoint = Endpoint { url, model, key: readers.llm_key.clone() };
    let client = Client::new(endpoint, Limits { budget: readers.llm_budget, ..Limits::default() })
        .context("the network cannot be used")?;
    Ok(Reader::with(registry, client, readers.reader == ReaderKind::Hybrid))
}

/// Reads every file in turn, or `-` for standard input, and writes one JSON line for each article as it is done.
/// Gives whether every line could be read.
pub async fn run(files: &[String], reader: &Reader<'_>, output: &mut impl Write) -> anyhow::Result<bool> {
    let mut clean = true;
    let standard = ["-".to_owned()];
    for file in if files.is_empty() { standard.as_slice() } else { files } {
        clean &= if file == "-" {
            stream(std::io::stdin().lock(), reader, output).await?
        } else {
            let opened = std::fs::File::open(file).map_err(|error| {
                Usage(format!("the file {file} cannot be opened ({error}): name one that can be read"))
            })?;
            stream(std::io::BufReader::new(opened), reader, output).await?
        };
    }
    Ok(clean)
}

/// Tells JSON Lines, HTML and plain text apart by the first line that is not blank.
async fn stream(mut input: impl BufRead, reader: &Reader<'_>, output: &mut impl Write) -> anyhow::Result<bool> {
    let mut clean = true;
    let mut line = Vec::new();
    let mut number = 0_u64;
    let mut lines = false;
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(clean);
        }
        number += 1;
        let trimmed = line.trim_ascii();
        let trimmed = trimmed.strip_prefix("\u{feff}".as_bytes()).unwrap_or(trimmed);
        if trimmed.is_empty() {
            continue;
        }
        if !lines && trimmed[0] != b'{' {
            input.read_to_end(&mut line)?;
            let text = String::from_utf8_lossy(&line);
            return whole(text.trim_start_matches('\u{feff}'), reader, output).await;
        }
        lines = true;
        clean &= json_line(trimmed, number, reader, output).await?;
    }
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

async fn json_line(line: &[u8], number: u64, reader: &Reader<'_>, output: &mut impl Write) -> anyhow::Result<bool> {
    let parsed: Result<ArticleLine, _> = serde_json::from_slice(line);
    let input = match parsed {
        Ok(input) => input,
        Err(error) => {
            let id = serde_json::from_slice::<serde_json::Value>(line).ok().and_then(|v| v.get("id").cloned());
            write_line(output, &Failure { id: id.as_ref(), line: number, error: &error.to_string() })?;
            return Ok(false);
        }
    };
    let (article, cleaned) = match article(&input) {
        Ok(article) => article,
        Err(error) => {
            write_line(output, &Failure { id: input.id.as_ref(), line: number, error: &error })?;
            return Ok(false);
        }
    };
    answer(input.id.as_ref(), &article, cleaned, reader, output).await?;
    Ok(true)
}

/// The article of a line, and whether its text was cleaned of HTML; else one sentence that says what is wrong.
pub(super) fn article(input: &ArticleLine) -> Result<(Article, bool), String> {
    let url = input.url.as_deref().and_then(|url| url.parse().ok());
    let (title, text, cleaned) = match (&input.text, &input.html) {
        (Some(text), _) => (input.title.clone().unwrap_or_default(), text.clone(), false),
        (None, Some(html)) => {
            let page = page::read(html, url.as_ref()).map_err(|error| error.to_string())?;
            (input.title.clone().unwrap_or(page.title), page.text, true)
        }
        (None, None) => return Err("the article has neither `text` nor `html`".to_owned()),
    };
    let published = input.published_at().map(|time| time.date_naive());
    Ok((Article { title, text, published, publisher: input.publisher.clone() }, cleaned))
}

/// One HTML page, or one plain text whose first line is its title.
async fn whole(text: &str, reader: &Reader<'_>, output: &mut impl Write) -> anyhow::Result<bool> {
    let text = text.trim_start();
    let html = text.starts_with('<');
    let (title, body) = if html {
        match page::read(text, None) {
            Ok(page) => (page.title, page.text),
            Err(error) => {
                write_line(output, &Failure { id: None, line: 1, error: &error.to_string() })?;
                return Ok(false);
            }
        }
    } else {
        let (title, body) = text.split_once('\n').unwrap_or((text, ""));
        (title.trim_end().to_owned(), body.to_owned())
    };
    let article = Article { title, text: body, published: None, publisher: None };
    answer(None, &article, html, reader, output).await?;
    Ok(true)
}

async fn answer(
    id: Option<&serde_json::Value>,
    article: &Article,
    cleaned: bool,
    reader: &Reader<'_>,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    let reading = reader.read(article).await;
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
    serde_json::to_writer(&mut *output, value)?;
    output.write_all(b"\n")?;
    output.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_model_is_asked_only_where_it_is_configured() {
        let url = Some("http://localhost:1/v1".parse().unwrap());
        for (kind, model, fine) in [
            (ReaderKind::Rules, None, true),
            (ReaderKind::Llm, None, false),
            (ReaderKind::Hybrid, Some(""), false),
            (ReaderKind::Llm, Some("reader-7b"), true),
            (ReaderKind::Hybrid, Some("reader-7b"), true),
        ] {
            let llm_model = model.map(str::to_owned);
            let readers = Readers { reader: kind, llm_url: url.clone(), llm_model, llm_key: None, llm_budget: 1 };
            match reader(&readers, Registry::shipped()) {
                Ok(_) => assert!(fine, "{kind:?}"),
                Err(error) => assert!(error.is::<Usage>() && !fine, "{error}"),
            }
        }
    }
}
