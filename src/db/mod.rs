//! All SQL, one file a noun, and the private Postgres that runs where none is configured.

pub mod embedded;

/// The schema: what `migrations/` holds, built in.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
