//! Passing on that deals have changed, from the database to the pages that are open.

use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::broadcast::Sender;

use crate::db::live::Changes;

/// How long to wait with a database that cannot be listened to, and between two changes that are passed on: what merges
/// in the meantime is told of once.
const PAUSE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(1));

/// Tells all who listen to `pages` of each change, for as long as the program runs.
pub async fn pass_on(pool: PgPool, pages: Sender<()>) {
    loop {
        if let Err(error) = listen(&pool, &pages).await {
            tracing::warn!("open pages are not told of new deals for a while: {error}");
        }
        tokio::time::sleep(PAUSE.0).await;
    }
}

async fn listen(pool: &PgPool, pages: &Sender<()>) -> sqlx::Result<()> {
    let mut changes = Changes::listen(pool).await?;
    loop {
        changes.next().await?;
        // That nobody listens is no error.
        let _ = pages.send(());
        tokio::time::sleep(PAUSE.1).await;
    }
}
