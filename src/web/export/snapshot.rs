//! The whole public ledger as a dated archive: tables as CSV and JSON, and a `datapackage.json` in Frictionless' form that
//! documents each column and has the checksum of each file.

use std::io::{Cursor, Write};

use anyhow::Context;
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt, pin_mut};
use serde_json::json;
use sha2::{Digest, Sha256};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    columns::{self, ARTICLES, COMPANIES, Column, DEALS, PARTIES},
    stream,
};
use crate::{
    db::{
        article_list::ArticleWish,
        company_list::Wish,
        timeline::{DealFilter, Sort},
    },
    ledger::totals::Wanted,
    web::{
        App,
        api::{articles::Article, companies::Company},
    },
};

/// An archive.
#[derive(Debug, Clone)]
pub struct Archive {
    /// Its bytes, as zip.
    pub bytes: Vec<u8>,
    /// How many deals are in it.
    pub deals: usize,
}

/// What the archive of a day is called.
pub fn file_name(day: chrono::NaiveDate) -> String {
    format!("wattline-{day}.zip")
}

/// A file of the archive while it is made.
struct File {
    name: &'static str,
    columns: Option<&'static [Column]>,
    description: &'static str,
    bytes: Vec<u8>,
}

impl File {
    fn table(name: &'static str, columns: &'static [Column], description: &'static str) -> Self {
        Self { name, columns: Some(columns), description, bytes: columns::header(columns) }
    }

    fn list(name: &'static str, description: &'static str) -> Self {
        Self { name, columns: None, description, bytes: b"[".to_vec() }
    }

    /// One more entry of a list.
    fn push(&mut self, entry: &impl serde::Serialize) -> serde_json::Result<()> {
        self.bytes.extend_from_slice(if self.bytes.len() > 1 { b",\n" } else { b"\n" });
        serde_json::to_writer(&mut self.bytes, entry)
    }

    fn hash(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }

    fn resource(&self) -> serde_json::Value {
        let name = self.name.replace('.', "-");
        let mut resource = json!({
            "name": name, "path": self.name, "description": self.description, "bytes": self.bytes.len(),
            "hash": format!("sha256:{}", self.hash()), "encoding": "utf-8",
        });
        if let Some(columns) = self.columns {
            let fields: Vec<_> = columns
                .iter()
                .map(|column| json!({"name": column.name, "type": column.kind, "description": column.description}))
                .collect();
            let key = columns[0].name;
            resource["profile"] = json!("tabular-data-resource");
            resource["format"] = json!("csv");
            resource["mediatype"] = json!("text/csv");
            resource["dialect"] = json!({"lineTerminator": "\r\n"});
            resource["schema"] = json!({"fields": fields, "missingValues": [""]});
            if key != "deal" {
                resource["schema"]["primaryKey"] = json!(key);
            }
        } else {
            resource["format"] = json!("json");
            resource["mediatype"] = json!("application/json");
        }
        resource
    }
}

/// Makes the archive of the ledger as it is. `licence` is the operator's line on what may be done with it.
pub async fn make(app: &App, licence: Option<&str>, now: DateTime<Utc>) -> anyhow::Result<Archive> {
    let mut deals = File::table("deals.csv", &DEALS, "Every deal, one a row");
    let mut parties = File::table("parties.csv", &PARTIES, "Who takes part in which deal, and its share of the money");
    let mut deals_json = File::list("deals.json", "Every deal, as the interface has it");
    let mut count = 0;
    drain(stream::deals(app.clone(), DealFilter::default(), Sort::Date), |piece| {
        count += piece.len();
        deals.bytes.extend(columns::rows(piece.iter().map(|(listed, shape)| columns::deal(listed, shape))));
        parties.bytes.extend(columns::rows(piece.iter().flat_map(|(listed, _)| columns::parties(listed))));
        piece.iter().try_for_each(|(_, shape)| deals_json.push(shape))
    })
    .await
    .context("the deals cannot be read")?;
    let mut companies = File::table(
        "companies.csv",
        &COMPANIES,
        "Every company with a deal, and what it pays and is paid, with all that it owned",
    );
    let mut companies_json = File::list("companies.json", "The same, as the interface has it");
    let wish = Wish { deals: Wanted { rolled: true, ..Wanted::default() }, ..Wish::default() };
    drain(stream::companies(app.clone(), wish), |piece| {
        companies.bytes.extend(columns::rows(piece.iter().map(|listed| columns::company(app, listed))));
        piece.into_iter().map(Company::of).try_for_each(|company| companies_json.push(&company))
    })
    .await
    .context("the companies cannot be read")?;
    let mut articles =
        File::table("articles.csv", &ARTICLES, "Every article that was read: headline, publisher and link");
    let mut articles_json = File::list("articles.json", "The same, as the interface has it");
    drain(stream::articles(app.clone(), ArticleWish::default()), |piece| {
        articles.bytes.extend(columns::rows(piece.iter().map(|listed| columns::article(app, listed))));
        piece.into_iter().map(|listed| Article::of(app, listed)).try_for_each(|article| articles_json.push(&article))
    })
    .await
    .context("the articles cannot be read")?;
    for list in [&mut deals_json, &mut companies_json, &mut articles_json] {
        list.bytes.extend_from_slice(b"\n]\n");
    }
    let files = [deals, parties, companies, articles, deals_json, companies_json, articles_json];
    Ok(Archive { bytes: zipped(app, &files, licence, now)?, deals: count })
}

/// Takes a list piece by piece.
async fn drain<T>(
    pieces: impl Stream<Item = sqlx::Result<Vec<T>>>,
    mut take: impl FnMut(Vec<T>) -> serde_json::Result<()>,
) -> anyhow::Result<()> {
    pin_mut!(pieces);
    while let Some(piece) = pieces.next().await {
        take(piece?)?;
    }
    Ok(())
}

fn zipped(app: &App, files: &[File], licence: Option<&str>, now: DateTime<Utc>) -> anyhow::Result<Vec<u8>> {
    let mut package = json!({
        "profile": "data-package", "name": "wattline", "title": "Wattline: AI-infrastructure deals",
        "description": "Who commits how much to whom to build AI, read from the news. An empty cell is not zero, and a \
                        deal that is part of another is never to be added to it.",
        "homepage": app.link("/"), "version": now.date_naive().to_string(),
        "created": now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "resources": files.iter().map(File::resource).collect::<Vec<_>>(),
    });
    if let Some(licence) = licence {
        package["licenses"] = json!([licence_of(licence)]);
    }
    let package = serde_json::to_vec_pretty(&package)?;
    let own = (hex::encode(Sha256::digest(&package)), "datapackage.json");
    let hashes = files.iter().map(|file| (file.hash(), file.name)).chain([own]);
    let sums: Vec<String> = hashes.map(|(hash, name)| format!("{hash}  {name}\n")).collect();
    let sums = sums.concat();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().large_file(files.iter().any(|file| file.bytes.len() > 2_000_000_000));
    let entries = files.iter().map(|file| (file.name, file.bytes.as_slice()));
    for (name, bytes) in entries.chain([("datapackage.json", package.as_slice()), ("SHA256SUMS", sums.as_bytes())]) {
        archive.start_file(name, options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// The operator's line as the package has it: a link where it ends with one, a name where it is one word, else a title.
fn licence_of(line: &str) -> serde_json::Value {
    let link = line.split_whitespace().find(|word| word.starts_with("https://") || word.starts_with("http://"));
    let title = line.replace(link.unwrap_or_default(), " ");
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut licence = json!({});
    if let Some(link) = link {
        licence["path"] = json!(link.trim_matches(['(', ')', '<', '>', ',']));
    }
    if !title.is_empty() {
        let is_name = title.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._".contains(letter));
        licence[if is_name { "name" } else { "title" }] = json!(title);
    }
    licence
}
