//! Lists of sources. Pure.
