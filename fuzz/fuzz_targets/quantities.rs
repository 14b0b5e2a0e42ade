//! A text into figures: they stand in the order of the text and apart from one another, and none is negative.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wattline::{
    extract,
    model::{Article, Registry},
};

fuzz_target!(|text: &str| {
    let article = Article { text: text.to_owned(), ..Article::default() };
    // The learned part decides about deals; figures are the rules' alone.
    let reading = extract::read_with(&article, Registry::shipped(), None);
    wattline_fuzz::hold(&article, &reading);
    for quantity in &reading.quantities {
        assert!(!quantity.value.is_sign_negative(), "{quantity:?}");
    }
    for pair in reading.quantities.windows(2) {
        assert!(pair[0].end <= pair[1].start, "{pair:?}");
    }
});
