//! The newsletter: what is in a letter, and how it gets out.
//!
//! [`choice`] reads from the record what an issue tells. [`token`] signs the [`links`] that letters carry; [`render`] puts what a subscriber reads of an issue into words, with the
//! [`chart`] beside it, and [`letter`] what is written about the subscription itself; [`mail`] makes a message of either,
//! [`smtp`] hands it to a mail server and [`hook`] puts it into the form of a chat's webhook. [`inbound`] reads what comes
//! back. What an issue tells is decided in [`crate::ledger::issue`], when it goes out in [`crate::jobs`].

pub mod chart;
pub mod choice;
pub mod hook;
pub mod inbound;
pub mod letter;
pub mod links;
pub mod mail;
pub mod render;
pub mod smtp;
pub mod token;
