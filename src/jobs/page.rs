//! The page of an article of which a feed gave a summary only.

use chrono::TimeDelta;
use sqlx::PgPool;
use url::Url;
use uuid::Uuid;

use super::host::{Asked, Asker};
use crate::{
    db::articles::{self, FullText},
    ingest::{
        fetch::{Body, FetchError},
        filing,
        page::{self, PageError},
    },
};

/// What became of fetching an article's page.
#[derive(Debug)]
pub enum PageOutcome {
    /// The article has its full text, or needed none.
    Ready,
    /// The host may answer another time.
    Later(FetchError),
    /// The host is busy with others: to be asked after so long.
    Busy(TimeDelta),
}

/// Fetches the page of an article of which the feed gave a summary only. Where the page cannot be had or has no text,
/// the summary stands in for it, with the reason; a fault that may pass is returned instead, unless this is the `last`
/// try.
pub async fn fetch_page(pool: &PgPool, asker: &Asker, id: Uuid, last: bool) -> anyhow::Result<PageOutcome> {
    let Some(address) = articles::wanted_page(pool, id).await? else { return Ok(PageOutcome::Ready) };
    let give_up = async |reason: String| -> anyhow::Result<PageOutcome> {
        articles::give_up_page(pool, id, &reason).await?;
        Ok(PageOutcome::Ready)
    };
    let url = match Url::parse(&address) {
        Ok(url) => url,
        Err(error) => return give_up(format!("The address of the page cannot be read: {error}.")).await,
    };
    let body = match asker.page(&url).await? {
        Asked::Busy(wait) => return Ok(PageOutcome::Busy(wait)),
        Asked::Answer(Ok(answer)) => match answer.body {
            Some(body) => body,
            None => return give_up("The host sent no page.".to_owned()).await,
        },
        Asked::Answer(Err(error)) if !last && error.may_pass() => return Ok(PageOutcome::Later(error)),
        Asked::Answer(Err(error)) => return give_up(error.to_string()).await,
    };
    let read = tokio::task::spawn_blocking(move || read(&body)).await?;
    let full = match read {
        Read::Page(Ok(full)) => *full,
        Read::Page(Err(error)) => return give_up(error.to_string()).await,
        Read::Filing(documents) => match filing_text(asker, &documents).await? {
            Ok(text) if text.is_empty() => return give_up("The filing has no text.".to_owned()).await,
            Ok(text) => {
                let language = Some("en".to_owned());
                FullText { title: String::new(), author: None, text, canonical: None, language, published: None }
            }
            Err(error) if !last && error.may_pass() => return Ok(PageOutcome::Later(error)),
            Err(error) => return give_up(error.to_string()).await,
        },
    };
    let mut tx = pool.begin().await?;
    articles::set_full_text(&mut tx, id, &full).await?;
    tx.commit().await?;
    Ok(PageOutcome::Ready)
}

/// What a page is.
enum Read {
    /// An article, or none.
    Page(Result<Box<FullText>, PageError>),
    /// The index of a filing, whose text is in these documents.
    Filing(Vec<Url>),
}

fn read(body: &Body) -> Read {
    let html = page::decode(&body.bytes, body.content_type.as_deref());
    if let Some(documents) = filing::documents(&html, &body.url) {
        return Read::Filing(documents);
    }
    Read::Page(page::read(&html, Some(&body.url)).map(|page| {
        Box::new(FullText {
            title: page.title,
            author: page.author,
            text: page.text,
            canonical: page.canonical.map(String::from),
            language: page.language,
            published: page.published,
        })
    }))
}

/// The texts of a filing's documents, one behind the other. They are text from end to end, without menus.
async fn filing_text(asker: &Asker, documents: &[Url]) -> anyhow::Result<Result<String, FetchError>> {
    let mut texts = Vec::new();
    for document in documents {
        let body = loop {
            match asker.page(document).await? {
                Asked::Busy(wait) => tokio::time::sleep(wait.to_std().unwrap_or_default()).await,
                Asked::Answer(Ok(answer)) => break answer.body,
                Asked::Answer(Err(error)) => return Ok(Err(error)),
            }
        };
        if let Some(body) = body {
            let text = tokio::task::spawn_blocking(move || {
                page::text_of_html(&page::decode(&body.bytes, body.content_type.as_deref()))
            });
            texts.push(text.await?);
        }
    }
    Ok(Ok(texts.join("\n")))
}
