//! Hearing of changes as they are committed.

use sqlx::{PgPool, postgres::PgListener};

/// Hears of deals that are new or have changed.
pub struct Changes(PgListener);

impl Changes {
    /// Begins to listen, on a connection of its own.
    pub async fn listen(pool: &PgPool) -> sqlx::Result<Self> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen("wattline_deals").await?;
        Ok(Self(listener))
    }

    /// Waits for the next. What was committed while the connection was lost is told as one change.
    pub async fn next(&mut self) -> sqlx::Result<()> {
        self.0.try_recv().await.map(drop)
    }
}
