//! `wattline extract --text-only`: HTML pages in, their main text out, a JSON line each.

use std::io::{self, Read as _, Write};

use serde::Serialize;

use super::Usage;
use crate::ingest::page;

/// What a page says.
#[derive(Serialize)]
struct MainText<'a> {
    title: &'a str,
    text: &'a str,
    /// When it appeared, in RFC 3339.
    published: Option<String>,
    author: Option<&'a str>,
}

/// Why it says nothing.
#[derive(Serialize)]
struct Failure<'a> {
    file: &'a str,
    error: String,
}

/// Reads every file in turn, or `-` for standard input. Gives whether there was an article in each.
pub fn run(files: &[String], output: &mut impl Write) -> anyhow::Result<bool> {
    let mut clean = true;
    let standard = ["-".to_owned()];
    for file in if files.is_empty() { standard.as_slice() } else { files } {
        let bytes = if file == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes)?;
            bytes
        } else {
            std::fs::read(file).map_err(|error| {
                Usage(format!("the file {file} cannot be read ({error}): name one that can be read"))
            })?
        };
        match page::read(&page::decode(&bytes, None), None) {
            Ok(page) => serde_json::to_writer(
                &mut *output,
                &MainText {
                    title: &page.title,
                    text: &page.text,
                    published: page.published.map(|moment| moment.to_rfc3339()),
                    author: page.author.as_deref(),
                },
            ),
            Err(error) => {
                clean = false;
                serde_json::to_writer(&mut *output, &Failure { file, error: error.to_string() })
            }
        }
        .map_err(io::Error::from)?;
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(clean)
}
