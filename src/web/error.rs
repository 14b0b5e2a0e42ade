//! What goes wrong with a request: the cause is logged once, the visitor gets a page that helps and no internals.

use std::{any::Any, time::Duration};

use askama::Template;
use axum::{
    extract::Request,
    http::{StatusCode, Uri},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};

use super::{
    api::problem::no_such_resource,
    frame::{Frame, Section},
};

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// There is no such page, or nothing of this name.
    #[error("{0}")]
    NotFound(String),
    /// The address asks for something that cannot be understood.
    #[error("{0}")]
    Invalid(String),
    /// The database did not answer, or not as it should.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A template could not be filled.
    #[error("a template failed: {0}")]
    Template(#[from] askama::Error),
    /// A page's data could not be written as JSON.
    #[error("a page's data failed: {0}")]
    Json(#[from] serde_json::Error),
    /// The key that links are signed with could not be had.
    #[error("the signing key failed: {0}")]
    Key(String),
    /// A picture could not be drawn.
    #[error("a picture could not be drawn")]
    Picture,
    /// It took too long.
    #[error("the request took longer than {} seconds", LONGEST.as_secs())]
    Slow,
}

/// How long a page may take.
const LONGEST: Duration = Duration::from_secs(15);

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    heading: &'static str,
    sentence: String,
}

impl WebError {
    /// A page or thing that is not there.
    pub fn not_found(sentence: impl Into<String>) -> Self {
        Self::NotFound(sentence.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Slow | Self::Database(sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Database(_) | Self::Template(_) | Self::Json(_) | Self::Picture | Self::Key(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %self, "a page could not be shown");
        }
        let (heading, sentence) = match self {
            Self::NotFound(sentence) => ("Not in the ledger", sentence),
            Self::Invalid(sentence) => ("That address cannot be read", sentence),
            _ if status == StatusCode::SERVICE_UNAVAILABLE => (
                "The ledger is busy",
                "The page could not be put together in time. Please try again in a moment.".to_owned(),
            ),
            _ => (
                "Something broke on our side",
                "The fault has been written down. Please try again, or go back to the timeline.".to_owned(),
            ),
        };
        error_page(status, heading, sentence)
    }
}

fn error_page(status: StatusCode, heading: &'static str, sentence: String) -> Response {
    let page = ErrorPage { frame: Frame::new(Section::Elsewhere, heading), heading, sentence };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the error page could not be shown");
            (status, heading).into_response()
        }
    }
}

/// What an address outside the site gets.
pub async fn no_such_page(uri: Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return no_such_resource().await.into_response();
    }
    WebError::not_found("There is no page at this address. It may have been mistyped, or the link is old.")
        .into_response()
}

/// Gives up on a page that takes too long.
pub async fn in_time(request: Request, next: Next) -> Response {
    tokio::time::timeout(LONGEST, next.run(request)).await.unwrap_or_else(|_| WebError::Slow.into_response())
}

/// Turns a panic in a handler into the page of a fault.
#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer asks for")]
pub fn caught(panic: Box<dyn Any + Send + 'static>) -> Response {
    let cause = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(cause, "a handler panicked");
    error_page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something broke on our side",
        "The fault has been written down. Please try again, or go back to the timeline.".to_owned(),
    )
}
