//! From a source to an article.

pub mod feed;
pub mod fetch;
pub mod input;
pub mod opml;
pub mod page;
