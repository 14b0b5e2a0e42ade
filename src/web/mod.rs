//! The site: one page one file.

/// What the pages work with.
#[derive(Clone)]
pub struct App {
    /// The record.
    pub pool: sqlx::PgPool,
    /// What links begin with.
    pub public_url: url::Url,
}

impl App {
    /// A site over `pool`.
    pub fn new(pool: sqlx::PgPool, public_url: url::Url) -> Self {
        Self { pool, public_url }
    }
}

/// The site.
pub fn router(app: App) -> axum::Router {
    axum::Router::new().with_state(app)
}
