//! What surrounds every page: its title, where it stands in the navigation, the search box.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use super::{App, error::WebError};

/// The part of the site that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// `/`.
    Timeline,
    /// `/companies`.
    Companies,
    /// `/network`.
    Network,
    /// `/places`.
    Places,
    /// `/news`.
    News,
    /// `/digest`.
    Digest,
    /// `/sources`.
    Sources,
    /// None of them.
    Elsewhere,
}

impl Section {
    /// What the navigation shows: address and name of each part.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Timeline, "/", "Timeline"),
        (Self::Companies, "/companies", "Companies"),
        (Self::Network, "/network", "Network"),
        (Self::Places, "/places", "Places"),
        (Self::News, "/news", "News"),
        (Self::Digest, "/digest", "Digest"),
        (Self::Sources, "/sources", "Sources"),
    ];
}

/// What surrounds a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The page's own title.
    pub title: String,
    /// One sentence for those who list or preview the page.
    pub description: String,
    /// The page's lasting address, where it has one.
    pub canonical: Option<String>,
    /// The picture that stands for it where its address is shared.
    pub image: Option<String>,
    /// The feed that follows it.
    pub feed: Option<String>,
    /// Where it stands.
    pub section: Section,
    /// What the search box holds.
    pub query: String,
}

impl Frame {
    /// The frame of a page of some part of the site.
    pub fn new(section: Section, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            description: String::new(),
            canonical: None,
            image: None,
            feed: None,
            section,
            query: String::new(),
        }
    }

    /// With a sentence for previews.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// With its lasting address; `path` begins with a slash.
    #[must_use]
    pub fn at(mut self, app: &App, path: &str) -> Self {
        self.canonical = Some(app.link(path));
        self
    }

    /// With a picture of ours at a path.
    #[must_use]
    pub fn pictured(mut self, app: &App, path: &str) -> Self {
        self.image = Some(app.link(path));
        self
    }

    /// With a feed of ours at a path.
    #[must_use]
    pub fn followed(mut self, path: impl Into<String>) -> Self {
        self.feed = Some(path.into());
        self
    }

    /// With words in the search box.
    #[must_use]
    pub fn searching(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }
}

/// A template as a response.
pub fn page(template: &impl Template) -> Result<Response, WebError> {
    Ok(Html(template.render()?).into_response())
}
