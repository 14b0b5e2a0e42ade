//! The whole reader. The first three lines of the input are the publisher, the day and the title, the rest is the text.
//! Nothing panics, every promise is kept, and a second reading is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wattline::{ingest::date::stated_date, model::Article};

fuzz_target!(|input: &str| {
    let mut parts = input.splitn(4, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (publisher, published, title, text) = (part(), part(), part(), part());
    let article = Article {
        title: title.to_owned(),
        text: text.to_owned(),
        published: stated_date(Some(published)).ok().flatten().map(|time| time.date_naive()),
        publisher: (!publisher.is_empty()).then(|| publisher.to_owned()),
    };
    assert_eq!(wattline_fuzz::read(&article), wattline_fuzz::read(&article));
});
