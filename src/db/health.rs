//! Whether the database can be worked in.

use sqlx::{PgPool, migrate::Migrate};

use super::MIGRATOR;

/// Whether the database answers and every migration of this program has been applied.
pub async fn is_migrated(pool: &PgPool) -> sqlx::Result<bool> {
    let mut db = pool.acquire().await?;
    let Ok(applied) = db.list_applied_migrations(&MIGRATOR.table_name).await else { return Ok(false) };
    Ok(MIGRATOR.iter().all(|migration| applied.iter().any(|done| done.version == migration.version)))
}

/// The present state of the database in a word: where it is the same, so is everything that a reader sees.
pub async fn snapshot(pool: &PgPool) -> sqlx::Result<String> {
    sqlx::query_scalar!(r#"SELECT pg_current_snapshot()::text AS "snapshot!""#).fetch_one(pool).await
}
