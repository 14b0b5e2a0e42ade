//! What runs when: the queue and its tasks, each one step that returns an outcome.
