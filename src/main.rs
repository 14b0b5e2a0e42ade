//! The boot story.

fn main() {}
