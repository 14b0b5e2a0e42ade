//! A page that says one thing, and may ask one.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::super::{
    error::WebError,
    frame::{Frame, Section, page},
};

/// What a page says.
#[derive(Template)]
#[template(path = "digest_answer.html")]
pub struct Answer {
    /// What surrounds it.
    pub frame: Frame,
    /// In a few words.
    pub heading: String,
    /// In sentences.
    pub sentences: Vec<String>,
    /// What its button says; pressing it posts to the page's own address.
    pub button: Option<&'static str>,
    /// A link behind it: its words and its address.
    pub link: Option<(&'static str, String)>,
}

impl Answer {
    /// A page without a button.
    pub fn new(heading: impl Into<String>, sentences: &[&str]) -> Self {
        let heading = heading.into();
        Self {
            frame: Frame::new(Section::Digest, heading.clone()),
            heading,
            sentences: sentences.iter().map(|sentence| (*sentence).to_owned()).collect(),
            button: None,
            link: None,
        }
    }

    /// With a button.
    #[must_use]
    pub fn asking(self, button: &'static str) -> Self {
        Self { button: Some(button), ..self }
    }

    /// With a link.
    #[must_use]
    pub fn leading(self, words: &'static str, href: impl Into<String>) -> Self {
        Self { link: Some((words, href.into())), ..self }
    }

    /// The page of this status, kept by nobody and named to nobody.
    pub fn with(&self, status: StatusCode) -> Result<Response, WebError> {
        Ok(private((status, page(self)?).into_response()))
    }
}

/// An answer that no cache keeps, no search lists, and whose address no other site is told.
pub fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

/// What is said of a link that does not hold.
pub fn void_link() -> Result<Response, WebError> {
    Answer::new(
        "This link does not hold",
        &["It may be incomplete, or older than the latest one that was sent. Subscribe again to get a new one."],
    )
    .leading("To the digest", "/digest")
    .with(StatusCode::NOT_FOUND)
}
