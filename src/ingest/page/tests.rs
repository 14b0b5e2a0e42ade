use std::path::Path;

use proptest::prelude::*;
use url::Url;

use super::{PageError, read};

/// Every page of `tests/fixtures/pages` gives the article beside it.
#[test]
fn each_page_gives_its_article() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let mut pages = 0;
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        pages += 1;
        let url = Url::parse("https://www.currentaffairs.example/2026/03/ferrow-alpine/?utm_source=rss").unwrap();
        let page = read(&std::fs::read_to_string(&path).unwrap(), Some(&url)).unwrap();
        let found = serde_json::to_value(page).unwrap();
        let expected = std::fs::read_to_string(path.with_extension("expected.json")).unwrap_or("null".to_owned());
        if found != serde_json::from_str::<serde_json::Value>(&expected).unwrap() {
            wrong.push(format!("@@{}\n{}", path.display(), serde_json::to_string_pretty(&found).unwrap()));
        }
    }
    assert!(pages >= 7);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_article_is_refused_in_one_sentence() {
    assert_eq!(read(" \n", None), Err(PageError::Empty));
    assert_eq!(read("<html><body><script>x()</script></body></html>", None), Err(PageError::NoText));
    assert_eq!(read(&"<div>".repeat(100_000), None), Err(PageError::Overgrown));
}

#[test]
fn a_page_without_any_markup_of_its_own_is_still_read() {
    let page = read("<p>Orchard sold its plant for $3 million.<p>It will rent it back.", None).unwrap();
    assert_eq!(page.text, "Orchard sold its plant for $3 million.\nIt will rent it back.");
}

#[test]
fn a_page_as_deep_as_none_is_read_without_being_scored() {
    let html = format!("{}<p>At the bottom.</p>{}", "<div>".repeat(1_900), "</div>".repeat(1_900));
    assert_eq!(read(&html, None).unwrap().text, "At the bottom.");
}

#[test]
fn a_script_in_the_headline_is_text() {
    let page =
        read("<title>a</title><h1>&lt;script&gt;alert(1)&lt;/script&gt; & more</h1><p>Text of it.", None).unwrap();
    assert_eq!(page.title, "<script>alert(1)</script> & more");
}

#[test]
fn an_address_of_another_site_is_not_believed() {
    let at = Url::parse("https://news.example/a/b").unwrap();
    let canonical = |stated: &str| {
        let html = format!("<link rel=canonical href='{stated}'><p>Some text that is here.");
        read(&html, Some(&at)).unwrap().canonical.map(String::from)
    };
    assert_eq!(canonical("https://evil.example/a/b"), None);
    assert_eq!(canonical("/"), None);
    assert_eq!(canonical("javascript:alert(1)"), None);
    assert_eq!(canonical("//www.news.example/c?gclid=1#x").as_deref(), Some("https://www.news.example/c"));
}

#[test]
fn an_article_of_ten_megabytes_is_read_whole() {
    let paragraph = format!("<p>{}</p>\n", "Watts and more watts are needed everywhere. ".repeat(50));
    let count = 10 * 1024 * 1024 / paragraph.len() + 1;
    let html = format!("<html><title>Long</title><body><article>{}</article>", paragraph.repeat(count));
    assert_eq!(read(&html, None).unwrap().text.lines().count(), count);
}

proptest! {
    #[test]
    fn no_page_makes_it_panic(html in "(<(p|div|table|tr|td|script|b|meta|time|!--|/p|/div|a href=x)>?|\\PC{0,20}|&[a-z]{0,5};?){0,40}") {
        let _ = read(&html, None);
    }

    #[test]
    fn no_text_makes_it_panic(html in "\\PC{0,400}") {
        let _ = read(&html, Some(&Url::parse("https://news.example/").unwrap()));
    }
}
