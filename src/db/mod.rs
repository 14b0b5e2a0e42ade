//! All SQL, one file a noun, and the private Postgres that runs where none is configured.

pub mod embedded;
