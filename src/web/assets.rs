//! The stylesheet, fonts and script, compiled into the program.
//!
//! Their address holds a hash of them all, so that a browser keeps them for good and asks anew after an upgrade.
//! Relative addresses inside the stylesheet stay within the same hash.

use std::{fmt::Write, sync::LazyLock};

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "static"]
struct Files;

/// A hash of all files, in twelve hexadecimal digits.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut hash = Sha256::new();
    for file in names.iter().filter_map(|name| Files::get(name)) {
        hash.update(file.metadata.sha256_hash());
    }
    hash.finalize().iter().take(6).fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
});

/// The address of a file, `wattline.css` for example.
pub fn href(name: &str) -> String {
    format!("/static/{}/{name}", *VERSION)
}

/// `GET /static/{version}/{name}`
pub async fn get(Path((version, name)): Path<(String, String)>) -> Response {
    let Some(file) = Files::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    // A page that was opened before an upgrade asks for its own version: it gets the present file, which it must not keep.
    let keep = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-store" };
    let kind = file.metadata.mimetype().to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep.to_owned())], file.data).into_response()
}

/// `GET /favicon.ico`: browsers ask for it whatever the page says.
pub async fn favicon() -> Response {
    get(Path((VERSION.clone(), "favicon.svg".to_owned()))).await
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_one_stylesheet_stays_small() {
        let sheets: Vec<_> = Files::iter().filter(|name| name.ends_with(".css")).collect();
        assert_eq!(sheets, ["wattline.css"]);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(&Files::get("wattline.css").unwrap().data).unwrap();
        let size = packed.finish().unwrap().len();
        assert!(size <= 15_000, "the stylesheet has {size} bytes gzipped");
    }
}
