//! HTTP, guarded.
