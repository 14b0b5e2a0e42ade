//! The pages that letters lead to.

use anyhow::Context;
use sqlx::PgConnection;
use url::Url;

use super::token::Key;
use crate::db::recipients;

/// What links are signed with, made where there is nothing yet.
///
/// # Errors
/// Where the database or the system's randomness fails.
pub async fn signing_key(db: &mut PgConnection) -> anyhow::Result<Key> {
    let fresh = Key::fresh().context("the system has no randomness")?;
    let kept = recipients::signing_key(db, &fresh).await?;
    Key::parse(&kept).context("the key that links are signed with is none: remove `signing_key` from the settings")
}

/// The address of a page behind a link that cannot be guessed.
pub fn link(site: &Url, page: Page, token: &str) -> String {
    let page = match page {
        Page::Confirm => "confirm",
        Page::Preferences => "preferences",
        Page::Unsubscribe => "unsubscribe",
    };
    format!("{}/digest/{page}/{token}", site.as_str().trim_end_matches('/'))
}

/// A page behind such a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Asks for a confirmation.
    Confirm,
    /// Shows what a subscriber gets.
    Preferences,
    /// Asks whether to unsubscribe.
    Unsubscribe,
}
