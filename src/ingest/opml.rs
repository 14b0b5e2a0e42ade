//! Lists of sources. Pure.

use std::fmt::Write as _;

use url::Url;

use super::{decode, xml};
use crate::model::Rank;

/// One source of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its name; its host where the list gives none.
    pub title: String,
    /// Its feed.
    pub url: Url,
    /// How far it is trusted: its own `wattline:rank`, else that of the group around it, else the default.
    pub rank: Rank,
}

/// Why something is no list of sources.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpmlError {
    /// It is something else.
    #[error("This is no OPML: its first element is not <opml>.")]
    NotOpml,
    /// It stops in the middle; a list is taken whole or not at all.
    #[error("The OPML stops before its end.")]
    Truncated,
    /// An outline that cannot be used.
    #[error("The address of the source \u{201c}{title}\u{201d} cannot be read: {address}")]
    Address {
        /// Which source.
        title: String,
        /// What its `xmlUrl` says.
        address: String,
    },
    /// A rank that is none.
    #[error(
        "The rank of \u{201c}{title}\u{201d} is \u{201c}{rank}\u{201d}: it can be primary, trade, press or aggregator."
    )]
    Rank {
        /// Which source or group.
        title: String,
        /// What its `wattline:rank` says.
        rank: String,
    },
}

/// Reads the feeds of an OPML document, groups flattened, in its order. (The OPML crate drops the attributes of other
/// namespaces, which our rank is.)
pub fn parse(bytes: &[u8]) -> Result<Vec<Outline>, OpmlError> {
    let root = xml::parse(&decode::decode(bytes, None)).ok_or(OpmlError::NotOpml)?;
    if root.name != "opml" {
        return Err(OpmlError::NotOpml);
    }
    if !root.complete {
        return Err(OpmlError::Truncated);
    }
    let mut outlines = Vec::new();
    for body in root.children().filter(|child| child.name == "body") {
        collect(body, Rank::default(), &mut outlines)?;
    }
    Ok(outlines)
}

fn collect(parent: &xml::Element, around: Rank, outlines: &mut Vec<Outline>) -> Result<(), OpmlError> {
    for outline in parent.children().filter(|child| child.name == "outline") {
        let title = ["title", "text"].iter().filter_map(|name| outline.attribute(name)).map(str::trim);
        let title = title.into_iter().find(|title| !title.is_empty()).unwrap_or_default().to_owned();
        let rank = match outline.attribute("wattline:rank") {
            Some(stated) => {
                stated.trim().parse().map_err(|_| OpmlError::Rank { title: title.clone(), rank: stated.to_owned() })?
            }
            None => around,
        };
        if let Some(address) = outline.attribute("xmlurl") {
            let url = Url::parse(address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            let url = url.ok_or_else(|| OpmlError::Address { title: title.clone(), address: address.to_owned() })?;
            let title = if title.is_empty() { url.host_str().unwrap_or_default().to_owned() } else { title };
            outlines.push(Outline { title, url, rank });
        }
        collect(outline, rank, outlines)?;
    }
    Ok(())
}

/// Writes a list of sources, which [`parse`] reads back.
pub fn write(outlines: &[Outline]) -> String {
    let mut written = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\" xmlns:wattline=\"urn:wattline:opml\">\n  <head>\n    \
         <title>Wattline sources</title>\n  </head>\n  <body>\n",
    );
    for outline in outlines {
        let title: String = outline.title.chars().filter(|c| !c.is_control()).collect();
        let title = html_escape::encode_double_quoted_attribute(title.trim());
        let url = html_escape::encode_double_quoted_attribute(outline.url.as_str());
        let rank = outline.rank.as_str();
        let _ = writeln!(
            written,
            "    <outline type=\"rss\" text=\"{title}\" title=\"{title}\" xmlUrl=\"{url}\" wattline:rank=\"{rank}\"/>"
        );
    }
    written + "  </body>\n</opml>\n"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::{OpmlError, Outline, parse, write};
    use crate::model::Rank;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(sources in proptest::collection::vec(("\\PC{1,20}", "[a-z0-9?&=%'<>]{0,20}", 0..4_usize), 0..6)) {
            let outlines: Vec<Outline> = sources
                .into_iter()
                .filter(|(title, ..)| !title.trim().is_empty())
                .map(|(title, path, rank)| Outline {
                    title: title.trim().to_owned(),
                    url: Url::parse(&format!("https://news.example/{path}")).unwrap(),
                    rank: [Rank::Primary, Rank::Trade, Rank::Press, Rank::Aggregator][rank],
                })
                .collect();
            prop_assert_eq!(parse(write(&outlines).as_bytes()).unwrap(), outlines);
        }
    }

    #[test]
    fn a_source_has_its_own_rank_or_that_of_its_group() {
        let list = br#"<?xml version="1.0"?><opml version="2.0" xmlns:wattline="urn:wattline:opml"><head/><body>
            <outline text="Trade" wattline:rank="trade">
              <outline type="rss" text="Harbour News" xmlUrl="https://harbour.example/rss?a=1&amp;b=2"/>
              <outline type="rss" text="Orion" title="Orion newsroom" xmlUrl="https://orion.example/feed" wattline:rank="primary"/>
            </outline>
            <outline xmlUrl="http://press.example/"/></body></opml>"#;
        let outlines = parse(list).unwrap();
        let read: Vec<_> = outlines.iter().map(|o| (o.title.as_str(), o.url.as_str(), o.rank)).collect();
        assert_eq!(
            read,
            [
                ("Harbour News", "https://harbour.example/rss?a=1&b=2", Rank::Trade),
                ("Orion newsroom", "https://orion.example/feed", Rank::Primary),
                ("press.example", "http://press.example/", Rank::Press),
            ]
        );
    }

    #[test]
    fn the_list_that_ships_with_the_program_is_read() {
        let outlines = parse(include_bytes!("../../data/sources.opml")).unwrap();
        assert!(outlines.len() >= 36, "{}", outlines.len());
        assert!(outlines.iter().any(|outline| outline.rank == Rank::Primary && outline.url.query().is_some()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(parse(b"<rss/>"), Err(OpmlError::NotOpml));
        assert_eq!(parse(b"<opml><body>"), Err(OpmlError::Truncated));
        let address = parse(b"<opml><body><outline text='A' xmlUrl='ftp://x'/></body></opml>");
        assert!(matches!(address, Err(OpmlError::Address { .. })));
        let rank = parse(b"<opml><body><outline text='A' wattline:rank='best'/></body></opml>");
        assert!(matches!(rank, Err(OpmlError::Rank { .. })));
    }
}
