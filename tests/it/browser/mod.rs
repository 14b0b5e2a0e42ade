//! The pages in a browser: the real program, the real archive, Debian's Chromium.

mod chrome;
mod digest;
mod pages;
mod served;
mod stories;

pub use chrome::{Browser, Theme};
pub use served::Served;
