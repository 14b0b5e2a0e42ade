//! Which vocabulary a name is of. Pure.

/// The vocabularies that feeds are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// RSS, RDF, Atom, OPML, or none at all.
    Core,
    /// Dublin Core, elements and terms.
    DublinCore,
    /// The content module of RSS 1.0.
    Content,
    /// Media RSS.
    Media,
    /// Apple's podcast vocabulary.
    Itunes,
    /// What feed hosters add, with the address before their redirects.
    FeedBurner,
    /// XHTML.
    Xhtml,
    /// Any other.
    Other,
}

impl Namespace {
    /// What an address means, in any of the spellings that are found.
    pub fn of_uri(uri: &str) -> Namespace {
        let uri = uri.trim().to_ascii_lowercase();
        let has = |part: &str| uri.contains(part);
        if uri.is_empty()
            || has("purl.org/rss/1.0/modules/content")
            || has("purl.org/rss")
            || has("w3.org/2005/atom")
            || has("purl.org/atom")
            || has("22-rdf-syntax-ns")
            || has("backend.userland.com")
            || has("netscape.com/rdf")
            || has("blogs.law.harvard.edu")
            || has("cyber.law.harvard.edu")
            || has("channel.netscape")
        {
            if has("modules/content") {
                Namespace::Content
            } else if has("rss/1.0/modules") {
                Namespace::Other
            } else {
                Namespace::Core
            }
        } else if has("purl.org/dc/") {
            Namespace::DublinCore
        } else if has("search.yahoo.com/mrss") || has("tools.search.yahoo.com") {
            Namespace::Media
        } else if has("itunes") {
            Namespace::Itunes
        } else if has("feedburner") {
            Namespace::FeedBurner
        } else if has("1999/xhtml") {
            Namespace::Xhtml
        } else {
            Namespace::Other
        }
    }

    /// What a prefix means that was never declared.
    pub fn of_prefix(prefix: &str) -> Namespace {
        match prefix {
            "atom" | "rdf" | "rss" | "atom10" => Namespace::Core,
            "dc" | "dcterms" => Namespace::DublinCore,
            "content" => Namespace::Content,
            "media" => Namespace::Media,
            "itunes" => Namespace::Itunes,
            "feedburner" => Namespace::FeedBurner,
            "xhtml" => Namespace::Xhtml,
            _ => Namespace::Other,
        }
    }
}
