//! What was handed in, as JSON Lines above all: every line is an article or a fault, in the order of the lines, and what
//! becomes an article can be read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wattline::{
    ingest::{
        articles::{Articles, Handed},
        date::stated_date,
        page,
    },
    model::{Article, ArticleLine},
};

fuzz_target!(|bytes: &[u8]| {
    let _ = serde_json::from_slice::<ArticleLine>(bytes);
    let mut last = 1;
    for handed in Articles::new(bytes, None) {
        let handed = handed.expect("bytes in memory can be read to their end");
        if let Handed::Article { line, .. } | Handed::Fault { line, .. } = &handed {
            assert!(last <= *line, "line {line} after line {last}");
            last = *line;
        }
        match handed {
            Handed::Article { article, .. } => read(&article),
            Handed::Page(html) => drop(page::read(&html, None)),
            Handed::Fault { .. } | Handed::Feed(_) | Handed::Text { .. } | Handed::Binary(_) => {}
        }
    }
});

fn read(line: &ArticleLine) {
    let published = stated_date(line.published.as_deref()).ok().flatten().map(|time| time.date_naive());
    let page = line.html.as_deref().and_then(|html| page::read(html, None).ok());
    let text = line.text.clone().or(page.map(|page| page.text)).unwrap_or_default();
    let title = line.title.clone().unwrap_or_default();
    wattline_fuzz::read(&Article { title, text, published, publisher: line.publisher.clone() });
}
