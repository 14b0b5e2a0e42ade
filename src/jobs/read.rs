//! From stored articles to filed claims.

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};

use crate::{
    db::{
        articles::{self, Unread},
        claims::{self, ReadingOf},
    },
    extract,
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
        let unread = articles::unread(db, BATCH).await?;
        if unread.is_empty() {
            return Ok(read);
        }
        read += unread.len();
        // Extraction is pure work for the processor: off the threads that serve the network.
        let readings = tokio::task::spawn_blocking(move || extract_all(unread, registry)).await?;
        let mut tx = db.begin().await?;
        for (article, found) in readings {
            let reading = ReadingOf {
                article: article.id,
                content_hash: &article.content_hash,
                published: article.published,
                extractor: extract::VERSION,
            };
            claims::file(&mut tx, &reading, &found, registry, now).await?;
            articles::mark_read(&mut *tx, article.id, extract::VERSION).await?;
            done();
        }
        tx.commit().await?;
    }
}

fn extract_all(articles: Vec<Unread>, registry: &Registry) -> Vec<(Unread, Vec<Claim>)> {
    articles
        .into_iter()
        .map(|article| {
            let claims = extract::read(&article.article, registry).claims;
            (article, claims)
        })
        .collect()
}
