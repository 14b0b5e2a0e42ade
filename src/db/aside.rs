//! Articles that are set aside, because reading them failed again and again, until somebody has them run again.

use sqlx::PgExecutor;
use uuid::Uuid;

use super::articles::storable;

/// Counts that reading an article is begun, and returns how often it was since the article last changed. A program that
/// dies on an article does not get to say so: this is counted before.
pub async fn begin(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<i32> {
    let tries = sqlx::query_scalar!("UPDATE articles SET tries = tries + 1 WHERE id = $1 RETURNING tries", id);
    Ok(tries.fetch_optional(db).await?.unwrap_or_default())
}

/// Takes a [`begin`] back that came to nothing, for the host was busy.
pub async fn not_begun(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<()> {
    sqlx::query!("UPDATE articles SET tries = greatest(tries - 1, 0) WHERE id = $1", id).execute(db).await?;
    Ok(())
}

/// Sets an article aside, with the reason in one sentence, until somebody has it run again.
pub async fn put(db: impl PgExecutor<'_>, id: Uuid, fault: &str) -> sqlx::Result<()> {
    sqlx::query!("UPDATE articles SET fault = $2 WHERE id = $1", id, storable(fault)).execute(db).await?;
    Ok(())
}

/// An article that was set aside.
#[derive(Debug)]
pub struct Aside {
    /// Its id.
    pub id: Uuid,
    /// Its headline.
    pub title: String,
    /// Where it stands.
    pub url: Option<String>,
    /// Why.
    pub fault: String,
}

/// The articles that are set aside, the latest first.
pub async fn list(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Aside>> {
    sqlx::query_as!(
        Aside,
        "SELECT id, title, url, fault AS \"fault!\" FROM articles WHERE fault IS NOT NULL ORDER BY id DESC LIMIT $1",
        limit
    )
    .fetch_all(db)
    .await
}

/// Has articles that were set aside run again: this one, or all. Returns how many.
pub async fn run_again(db: impl PgExecutor<'_>, id: Option<Uuid>) -> sqlx::Result<u64> {
    let again = sqlx::query!(
        "UPDATE articles SET fault = NULL, tries = 0 WHERE fault IS NOT NULL AND ($1::uuid IS NULL OR id = $1)",
        id
    );
    Ok(again.execute(db).await?.rows_affected())
}
