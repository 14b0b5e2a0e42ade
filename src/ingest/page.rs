//! A page's HTML to its article. Pure.

/// A page's article.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Its headline.
    pub title: String,
    /// Its main text.
    pub text: String,
}

/// The article of a page.
pub fn read(html: &str, _url: Option<&url::Url>) -> Page {
    Page { title: String::new(), text: html.to_owned() }
}
