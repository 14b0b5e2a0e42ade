//! From stored articles to filed claims.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::story;
use crate::{
    db::{
        articles::{self, Unread},
        aside,
        claims::{self, ReadingOf},
        themes,
    },
    extract::{self, theme},
    ingest::language::{is_read, language},
    model::{Claim, Registry},
};

/// How many articles are read between two looks at the database.
const BATCH: i64 = 64;
/// What Postgres calls it when transactions wait for each other.
const DEADLOCK: &str = "40P01";

/// Reads every stored article that no extractor has read and files its claims, a batch in a transaction. `done` is told of
/// each. Returns how many were read.
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
        let readings = extract_all(unread, registry).await?;
        match file_all(db, &readings, registry, now).await {
            // Another reader held the stories that these articles belong to, and waited for one of these itself.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(DEADLOCK) => {
                for reading in &readings {
                    file_all(db, std::slice::from_ref(reading), registry, now).await?;
                }
            }
            filed => filed?,
        }
        for _ in &readings {
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
    let readings = extract_all(vec![article], registry).await?;
    Ok(file_all(db, &readings, registry, now).await?)
}

/// Files what was found in some articles, all of it or nothing.
async fn file_all(
    db: &mut PgConnection,
    readings: &[(Unread, Reading)],
    registry: &Registry,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    for (article, found) in readings {
        file(&mut tx, article, found, registry, now).await?;
    }
    tx.commit().await
}

/// Files what was found in an article, unless another reader was faster. Runs in a transaction of the caller.
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
            return aside::put(db, article.id, fault).await;
        }
    };
    let language = if let Reading::Foreign(language) = found { language } else { "en" };
    if !articles::mark_read(&mut *db, article.id, &article.content_hash, extract::VERSION, language).await? {
        return Ok(());
    }
    if let Reading::Found(_) = found {
        let themes = theme::themes(&article.article.title, &article.article.text);
        themes::note(&mut *db, article.id, article.published, &themes).await?;
    }
    story::find(db, article).await?;
    let reading = ReadingOf {
        article: article.id,
        content_hash: &article.content_hash,
        published: article.published,
        extractor: extract::VERSION,
    };
    claims::file(db, &reading, claims, registry, now).await
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

/// Reads articles on all cores: pure work for the processor, off the threads that serve the network.
async fn extract_all(articles: Vec<Unread>, registry: &'static Registry) -> anyhow::Result<Vec<(Unread, Reading)>> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = articles.len().div_ceil(cores).max(1);
    let mut articles = articles.into_iter();
    let shares: Vec<_> = std::iter::from_fn(|| Some(articles.by_ref().take(share).collect::<Vec<_>>()))
        .take_while(|share| !share.is_empty())
        .map(|share| tokio::task::spawn_blocking(move || share.into_iter().map(|one| extract(one, registry)).collect()))
        .collect();
    let mut readings = Vec::new();
    for share in shares {
        let share: Vec<(Unread, Reading)> = share.await?;
        readings.extend(share);
    }
    Ok(readings)
}

fn extract(article: Unread, registry: &Registry) -> (Unread, Reading) {
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
}
