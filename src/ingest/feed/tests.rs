use std::path::Path;

use proptest::prelude::*;
use url::Url;

use super::{Feed, FeedError, Format, parse};

fn base() -> Url {
    Url::parse("https://feed.example/news/feed.xml").unwrap()
}

fn read(text: &str) -> Feed {
    parse(text.as_bytes(), None, Some(&base())).unwrap()
}

/// Every feed of `tests/fixtures/feeds` gives what stands beside it.
#[test]
fn each_feed_gives_its_entries() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds");
    let mut feeds = 0;
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.to_string_lossy().ends_with(".expected.json") {
            continue;
        }
        feeds += 1;
        let found = match parse(&std::fs::read(&path).unwrap(), None, Some(&base())) {
            Ok(feed) => serde_json::to_value(feed).unwrap(),
            Err(error) => serde_json::json!({ "error": error.to_string() }),
        };
        let expected = std::fs::read_to_string(path.with_extension("expected.json")).unwrap_or("null".to_owned());
        if found != serde_json::from_str::<serde_json::Value>(&expected).unwrap() {
            wrong.push(format!("@@{}\n{}", path.display(), serde_json::to_string_pretty(&found).unwrap()));
        }
    }
    assert!(feeds >= 20);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_feed_is_refused_in_one_sentence() {
    let refused = |text: &str| parse(text.as_bytes(), None, None).unwrap_err();
    assert_eq!(refused(""), FeedError::Empty);
    assert_eq!(refused("\u{feff} \n\t"), FeedError::Empty);
    assert_eq!(refused("<!doctype html><p>x"), FeedError::Html);
    assert_eq!(refused("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"), FeedError::Html);
    assert_eq!(refused("<opml/>"), FeedError::OtherXml("opml".to_owned()));
    assert_eq!(refused("hello"), FeedError::Unknown);
    assert!(matches!(refused("{\"a\": 1}"), FeedError::OtherJson(_)));
    assert!(matches!(refused("{\"items\": [{\"i"), FeedError::OtherJson(_)));
}

/// A feed that is cut anywhere gives the entries that were whole by then, and says that it was cut.
#[test]
fn a_feed_cut_anywhere_gives_what_was_whole() {
    let rss = "<rss version=\"2.0\"><channel><title>T</title><item><title>One</title></item>\
               <item><title>Two</title><description><![CDATA[<p>x</p>]]></description></item></channel></rss>";
    let (one, two) = (rss.find("</item>").unwrap() + 7, rss.rfind("</item>").unwrap() + 7);
    for cut in "<rss version=\"2.0\">".len()..rss.len() {
        let feed = read(&rss[..cut]);
        let whole = usize::from(cut >= one) + usize::from(cut >= two);
        assert_eq!((feed.entries.len(), feed.truncated), (whole, true), "{}", &rss[..cut]);
    }
    assert!(!read(rss).truncated);
}

#[test]
fn an_article_of_ten_megabytes_is_read_whole() {
    let paragraph = format!("&lt;p&gt;{}&lt;/p&gt;\n", "Watts and more watts are needed everywhere. ".repeat(50));
    let count = 10 * 1024 * 1024 / paragraph.len() + 1;
    let feed = read(&format!(
        "<rss><channel><item><description>{}</description></item></channel></rss>",
        paragraph.repeat(count)
    ));
    assert_eq!(feed.entries[0].summary.as_ref().unwrap().lines().count(), count);
}

#[test]
fn entries_past_the_cap_are_left_and_that_is_said() {
    let feed = read(&format!(
        "<rss><channel>{}</channel></rss>",
        "<item><title>x</title></item>".repeat(super::MOST_ENTRIES + 1)
    ));
    assert_eq!((feed.entries.len(), feed.truncated), (super::MOST_ENTRIES, true));
    let many = read(&format!("<rss><channel>{}", "<item><title>x</title></item>".repeat(100_000)));
    assert_eq!((many.entries.len(), many.truncated), (super::MOST_ENTRIES, true));
}

#[test]
fn a_feed_that_lost_its_root_still_has_its_entries() {
    let feed = read("<title>T</title><item><title>One</title></item><item><title>Two</title></item></channel></rss>");
    assert_eq!((feed.title.as_deref(), feed.entries.len()), (Some("T"), 2));
    assert!(parse(b"<title>T</title><p>No feed", None, None).is_err());
}

#[test]
fn the_charset_of_the_answer_is_heeded() {
    let bytes = b"<rss><channel><title>Caf\xe9</title></channel></rss>";
    let feed = parse(bytes, Some("text/xml; charset=iso-8859-1"), None).unwrap();
    assert_eq!((feed.title.as_deref(), feed.format), (Some("Café"), Format::Rss));
    let utf16: Vec<u8> = "<?xml version='1.0' encoding='utf-16'?><rss><channel><title>Café</title></channel></rss>"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(parse(&utf16, None, None).unwrap().title.as_deref(), Some("Café"));
}

#[test]
fn links_resolve_against_the_nearest_base() {
    let feed = read(
        "<feed xml:base='/a/'><entry><link href='one'/></entry><entry xml:base='https://b.example/x/'>\
         <link rel='self' href='no'/><link type='application/pdf' href='pdf'/><link href='two'/></entry></feed>",
    );
    let urls: Vec<_> = feed.entries.iter().map(|entry| entry.url.as_ref().unwrap().as_str()).collect();
    assert_eq!(urls, ["https://feed.example/a/one", "https://b.example/x/two"]);
    assert_eq!(
        read("<rss><channel><item><title>x</title><link>javascript:alert(1)</link></item></channel></rss>").entries[0]
            .url,
        None
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes, None, None);
        let _ = parse(&[b"<rss><channel><item>".as_slice(), &bytes].concat(), None, None);
    }

    #[test]
    fn no_markup_makes_it_panic(text in "(<(/?(rss|feed|channel|item|entry|title|link|content|a:b)|!\\[CDATA\\[|!--|\\?xml|!DOCTYPE x \\[)( (href|type|xmlns|xml:base)=['\"]?[a-z:/]{0,8}['\"]?)?/?>?|\\PC{0,12}|&#?[a-z0-9]{0,6};?|\\]\\]>){0,30}") {
        let _ = parse(text.as_bytes(), None, Some(&base()));
    }

    #[test]
    fn no_json_makes_it_panic(text in "\\{\"items\": ?\\[(\\{\"(id|url|title|_wattline|authors)\": ?(1|\"x\"|\\[|\\{\\}|null),?\\}?){0,5}") {
        let _ = parse(text.as_bytes(), None, Some(&base()));
    }
}
