//! What the program remembers about itself.

use serde_json::Value;
use sqlx::PgExecutor;

/// What is remembered under a key.
pub async fn get(db: impl PgExecutor<'_>, key: &str) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!("SELECT value FROM settings WHERE key = $1", key).fetch_optional(db).await
}

/// Remembers a value.
pub async fn set(db: impl PgExecutor<'_>, key: &str, value: Value) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key,
        value
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Waits until no other transaction reads the archive, and keeps others waiting until this one ends.
pub async fn take_turn(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('archive'))").execute(db).await?;
    Ok(())
}

/// Waits until no other transaction has its turn at this, and keeps others waiting until this one ends.
pub async fn take_turn_of(db: impl PgExecutor<'_>, key: &str) -> sqlx::Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('settings'), hashtext($1))", key).execute(db).await?;
    Ok(())
}
