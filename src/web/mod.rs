//! The site: one page one file.
