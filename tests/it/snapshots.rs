//! The HTML of key pages as it was last agreed on. A change shows in `cargo insta review`.

use chrono::Datelike;

use crate::pages::{COMPUTE, Site};

/// The main part of a page, a tag a line, without what differs from run to run.
async fn main_of(site: &Site, path: &str) -> String {
    let page = site.page(path).await;
    let html = page.html.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    let mut stable = String::new();
    for piece in html.split('<').skip(1) {
        if !stable.is_empty() && !stable.ends_with('\n') {
            stable.push('\n');
        }
        stable.push('<');
        stable.push_str(piece.trim_end());
    }
    let ids = regex::Regex::new(r"[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}").unwrap();
    let stable = ids.replace_all(&stable, "ID");
    // The days on which the test runs.
    let today = chrono::Utc::now().date_naive();
    let stable = stable.replace(&today.format("%-d %b %Y").to_string(), "TODAY").replace(&today.to_string(), "TODAY");
    let quarter = regex::Regex::new(r"Since Q\d \d{4}").unwrap();
    let moments = regex::Regex::new(r"TODAYT[0-9:.+]+").unwrap();
    let stable = moments.replace_all(&stable, "NOW");
    let bars = regex::Regex::new(r#"(?s)(class="spark"[^>]*>).*?</svg>"#).unwrap();
    let stable = bars.replace_all(&stable, "$1</svg>");
    let year = regex::Regex::new(&format!(r"year = \{{{}\}}", today.year())).unwrap();
    let stable = year.replace_all(&stable, "year = {YEAR}");
    quarter.replace_all(&stable, "Since THEN").into_owned()
}

#[tokio::test]
async fn key_pages_are_as_they_were_agreed_on() {
    let site = Site::filled().await;
    let deal = site.deal(COMPUTE).await;
    for (name, path) in [
        ("timeline", "/?from=2025&to=2026-06"),
        ("deal", deal.as_str()),
        ("company", "/companies/quietwater-ai"),
        ("companies", "/companies"),
        ("compare", "/compare?c=quietwater-ai&c=northwind-compute"),
        ("network", "/network"),
        ("places", "/places"),
        ("search", "/search?q=nuclear+OR+norwegian"),
        ("news", "/news"),
        ("lost", "/companies/nobody"),
    ] {
        let html = if name == "lost" { site.get(path).await.text() } else { main_of(&site, path).await };
        insta::assert_snapshot!(name, html);
    }
}

#[tokio::test]
async fn no_page_of_the_archive_weighs_more_than_sixty_kilobytes() {
    use std::io::Write;
    let site = Site::archive().await;
    let gzipped = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap().len()
    };
    let named = regex::Regex::new(r#"(?:src|href)="(/static/[^"]+\.(?:css|js))""#).unwrap();
    for path in
        ["/", "/companies", "/companies/openai", "/network", "/places", "/news", "/search?q=nuclear", "/sources"]
    {
        let page = site.page(path).await;
        let mut weight = gzipped(page.html.as_bytes());
        for file in named.captures_iter(&page.html) {
            weight += gzipped(site.page(&file[1]).await.html.as_bytes());
        }
        assert!(weight <= 60_000, "{path} weighs {weight} bytes with its stylesheet and scripts");
    }
}
