//! From an article to claims: pure, no network, clock, environment or database.
