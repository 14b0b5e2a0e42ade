//! From stored articles to filed claims.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::story;
use crate::{
    db::{
        articles::{self, Unread},
        claims::{self, ReadingOf},
        themes,
    },
    extract::{self, theme},
    ingest::language::{is_read, language},
    model::{Claim, Registry},
};

/// How many articles are read between two looks at the database.
const BATCH: i64 = 64;

/// Reads every stored article that no extractor has read and files its claims. `done` is told of each. Returns how
/// many were read.
pub async fn read_unread(
    db: &mut PgConnection,
    registry: &'static Registry,
    now: DateTime<Utc>,
    mut done: impl FnMut(),
) -> anyhow::Result<usize> {
    let mut read = 0;
    loop {
        let unread = articles::unread(&mut *db, BATCH).await?;
        if unread.is_empty() {
            return Ok(read);
        }
        read += unread.len();
        // Extraction is pure work for the processor: off the threads that serve the network.
        let readings = tokio::task::spawn_blocking(move || extract_all(unread, registry)).await?;
        for (article, found) in &readings {
            file(db, article, found, registry, now).await?;
            done();
        }
    }
}

/// Reads one article, unless an extractor has, and files its claims.
pub async fn read_one(
    db: &mut PgConnection,
    id: Uuid,
    registry: &'static Registry,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let Some(article) = articles::unread_one(&mut *db, id).await? else { return Ok(()) };
    let readings = tokio::task::spawn_blocking(move || extract_all(vec![article], registry)).await?;
    for (article, found) in &readings {
        file(db, article, found, registry, now).await?;
    }
    Ok(())
}

/// Files what was found in an article, in a transaction of its own, unless another reader was faster.
async fn file(
    db: &mut PgConnection,
    article: &Unread,
    found: &Reading,
    registry: &Registry,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let claims = match found {
        Reading::Found(claims) => claims.as_slice(),
        Reading::Foreign(_) => &[],
        Reading::Failed => {
            let fault = "The extractor failed on this article, which is a fault of the program.";
            return articles::set_aside(db, article.id, fault).await;
        }
    };
    let mut tx = db.begin().await?;
    if articles::mark_read(&mut *tx, article.id, &article.content_hash, extract::VERSION).await? {
        if let Reading::Foreign(language) = found {
            articles::note_language(&mut *tx, article.id, language).await?;
        } else {
            articles::note_language(&mut *tx, article.id, "en").await?;
            let themes = theme::themes(&article.article.title, &article.article.text);
            themes::note(&mut tx, article.id, article.published, &themes).await?;
        }
        story::find(&mut tx, article).await?;
        let reading = ReadingOf {
            article: article.id,
            content_hash: &article.content_hash,
            published: article.published,
            extractor: extract::VERSION,
        };
        claims::file(&mut tx, &reading, claims, registry, now).await?;
    }
    tx.commit().await
}

/// What reading an article came to.
enum Reading {
    /// These claims.
    Found(Vec<Claim>),
    /// It is in this language, in which deals are not looked for.
    Foreign(String),
    /// The extractor gave up.
    Failed,
}

fn extract_all(articles: Vec<Unread>, registry: &Registry) -> Vec<(Unread, Reading)> {
    articles
        .into_iter()
        .map(|article| {
            let text = &article.article;
            let language = language(&text.title, &text.text, article.language.as_deref());
            if let Some(language) = language.filter(|language| !is_read(Some(language)) && !article.is_archive) {
                return (article, Reading::Foreign(language));
            }
            // A fault of the extractor costs its article, not those behind it in the batch.
            let reading = catch_unwind(AssertUnwindSafe(|| extract::read(&article.article, registry)));
            let reading = reading.map_or_else(
                |_| {
                    tracing::error!(article = %article.id, "the extractor failed on this article; it is set aside");
                    Reading::Failed
                },
                |reading| Reading::Found(reading.claims),
            );
            (article, reading)
        })
        .collect()
}
