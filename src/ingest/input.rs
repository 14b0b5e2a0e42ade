//! What a file or an answer is, told by its content. Pure.
