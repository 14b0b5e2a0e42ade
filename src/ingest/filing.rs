//! Filings with the Securities and Exchange Commission: which documents of one are its text. Pure.

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::{overgrown::is_overgrown, text::text_of_tree};

/// The most documents that are read of one filing.
const MOST: usize = 4;

/// The documents that are a filing's text, from its index page: the form itself, then its press releases (exhibits 99).
/// `None` for a page that is no index of a filing.
pub fn documents(html: &str, url: &Url) -> Option<Vec<Url>> {
    if is_overgrown(html) {
        return None;
    }
    let document = Html::parse_document(html);
    let (rows, cells, links) =
        (Selector::parse("table.tableFile tr").ok()?, Selector::parse("td").ok()?, Selector::parse("a[href]").ok()?);
    let mut found: Vec<(u8, Url)> = Vec::new();
    for row in document.select(&rows) {
        let cells: Vec<ElementRef<'_>> = row.select(&cells).collect();
        let Some(kind) = cells.get(3).map(|cell| text_of_tree(**cell).trim().to_uppercase()) else { continue };
        let order = match kind.trim_end_matches("/A") {
            "8-K" | "6-K" => 0,
            kind if kind.starts_with("EX-99") => 1,
            _ => continue,
        };
        let Some(address) = cells.get(2).and_then(|cell| cell.select(&links).next()?.attr("href")) else { continue };
        let Ok(address) = url.join(address.trim()) else { continue };
        let address = without_viewer(&address).unwrap_or(address);
        if [".htm", ".html", ".txt"].iter().any(|end| address.path().to_ascii_lowercase().ends_with(end)) {
            found.push((order, address));
        }
    }
    found.sort_by_key(|(order, _)| *order);
    found.dedup();
    let documents: Vec<Url> = found.into_iter().map(|(_, address)| address).take(MOST).collect();
    (!documents.is_empty()).then_some(documents)
}

/// Forms are linked by way of a viewer: `/ix?doc=/Archives/…`.
fn without_viewer(address: &Url) -> Option<Url> {
    if address.path() != "/ix" {
        return None;
    }
    let (_, document) = address.query_pairs().find(|(name, _)| name == "doc")?;
    address.join(&document).ok()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::documents;

    #[test]
    fn a_filings_text_is_its_form_and_its_press_releases() {
        let index = "<table class='tableFile' summary='Document Format Files'>\
            <tr><th>Seq</th><th>Description</th><th>Document</th><th>Type</th><th>Size</th></tr>\
            <tr><td>1</td><td>FORM 8-K</td><td><a href='/ix?doc=/Archives/1/a8k.htm'>a8k.htm</a> iXBRL</td><td>8-K</td><td>1</td></tr>\
            <tr><td>2</td><td>EXHIBIT 10.1</td><td><a href='/Archives/1/ex10.htm'>ex10.htm</a></td><td>EX-10.1</td><td>1</td></tr>\
            <tr><td>3</td><td>EXHIBIT 99.1</td><td><a href='/Archives/1/ex991.htm'>ex991.htm</a></td><td>EX-99.1</td><td>1</td></tr>\
            <tr><td>4</td><td></td><td><a href='/Archives/1/logo.jpg'>logo.jpg</a></td><td>EX-99.2</td><td>1</td></tr></table>";
        let at = Url::parse("https://filings.example/Archives/1/0001-index.htm").unwrap();
        let found: Vec<String> = documents(index, &at).unwrap().into_iter().map(String::from).collect();
        assert_eq!(
            found,
            ["https://filings.example/Archives/1/a8k.htm", "https://filings.example/Archives/1/ex991.htm"]
        );
        assert_eq!(documents("<table><tr><td>1</td></tr></table>", &at), None);
    }
}
