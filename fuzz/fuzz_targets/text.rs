//! Any bytes as a title and a text: each offset into them is a true slice.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wattline::model::Article;

fuzz_target!(|bytes: &[u8]| {
    // What is no UTF-8 becomes U+FFFD, as it does where a text is handed in.
    let input = String::from_utf8_lossy(bytes);
    let (title, text) = input.split_once('\n').unwrap_or(("", &input));
    wattline_fuzz::read(&Article { title: title.to_owned(), text: text.to_owned(), ..Article::default() });
});
