//! What each command does, a file each.

pub mod extract;
