//! Bytes of a feed to its entries. Pure.
