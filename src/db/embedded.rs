//! The embedded database: a private cluster of the PostgreSQL that is installed.
