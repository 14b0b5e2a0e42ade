//! A page's HTML to its article. Pure.
