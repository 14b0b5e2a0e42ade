//! From a source to an article.
//!
//! Everything here is pure but [`fetch`], the only module that touches the network; none of it knows the clock, the
//! database or the environment. Whatever comes from outside may be broken or hostile: a reader gives what can be read
//! of it, or an error that says in one sentence what is wrong, and never panics.

pub mod articles;
mod codepage;
pub mod credit;
pub mod date;
mod decode;
pub mod feed;
pub mod fetch;
pub mod filing;
pub mod input;
pub mod language;
pub mod opml;
mod overgrown;
pub mod page;
pub mod poll;
pub mod signature;
mod text;
mod xml;
