//! From claims to deals: decisions without I/O.
