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
fn a_short_article_is_told_from_longer_boxes_beside_it() {
    let html = "<html><title>Brief</title><body><main><h1>Brief</h1><p class=byline>By Ada Field</p><p>Ferrow let its hall.</p>\
                <p>Read more: <a href=/x>Another hall</a></p><p>It is for 90 MW.</p></main><aside><p>Grid is the weekly for \
                everybody who lives near halls, and it has been so for many long years now, as you know.</p></aside>";
    let page = read(html, None).unwrap();
    assert!(page.text.ends_with("Ferrow let its hall.\nIt is for 90 MW."), "{}", page.text);
    assert_eq!(page.author.as_deref(), Some("Ada Field"));
}

#[test]
fn what_a_page_states_as_its_text_tells_where_the_article_ends() {
    let sentence = |n: usize| format!("Sentence {n} of the article tells what the two companies agreed on that day.");
    let body: Vec<String> = (0..20).map(sentence).collect();
    let other =
        "<p>Grid has other things to tell of, such as the weather in the valley and what it did to the boats.</p>";
    let stated = serde_json::json!({ "@type": "NewsArticle", "headline": "Agreed", "articleBody": body.join(" ") });
    let html = format!(
        "<html><script type='application/ld+json'>{stated}</script><body><div><h1>Agreed</h1>{}{}</div>",
        body.iter().map(|line| format!("<p>{line}</p>")).collect::<Vec<_>>().concat(),
        other.repeat(3)
    );
    let text = read(&html, None).unwrap().text;
    assert_eq!(text, body.join("\n"));
}

#[test]
fn links_to_other_articles_are_no_part_of_one() {
    let paragraph =
        format!("<p>{}</p>", "The hall beside the river came to be let to a cloud in the spring. ".repeat(8));
    let links = "<h3>Related articles</h3><ul><li><a href=/a>Another story that was told</a></li><li><a href=/b>One more of them</a></li></ul>";
    let html = format!(
        "<html><body><article><h1>Let</h1>{paragraph}{links}{paragraph}<ul><li><a href=/c>And the next one</a></li><li><a href=/d>The last one here</a></li></ul></article>"
    );
    let text = read(&html, None).unwrap().text;
    assert_eq!(text.lines().count(), 2, "{text}");
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
