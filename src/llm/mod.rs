//! A language model as a second reader, off unless it is configured.
//!
//! The rules of [`extract`] read every article. Where a model is to be asked, its answer is held against the text deal
//! by deal ([`check`]): what it cannot show there does not enter, so that an invented figure, name or quotation, or an
//! article that gives the model orders, costs nothing but the request. Whatever goes wrong, the rules' answer stands.

pub mod check;
pub mod client;
mod combine;
mod doubt;
mod protocol;

use crate::{
    extract::{self, Reading},
    model::{Article, Registry},
};
use client::{AskError, Client};

/// A key that is sent and never shown.
#[derive(Clone)]
pub struct Secret(String);

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        // A key that is read from a file often brings the line's end with it.
        Self(secret.trim().to_owned())
    }
}

impl Secret {
    /// Whether a word is this secret, in a time that tells nothing of where they differ.
    pub fn is(&self, word: &str) -> bool {
        use sha2::{Digest, Sha256};
        !self.0.is_empty() && Sha256::digest(self.0.as_bytes()) == Sha256::digest(word.as_bytes())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Reads articles, by the rules alone or with a second reader.
#[derive(Debug)]
pub struct Reader<'a> {
    registry: &'a Registry,
    second: Option<Second>,
}

#[derive(Debug)]
struct Second {
    client: Client,
    only_in_doubt: bool,
}

impl<'a> Reader<'a> {
    /// By the rules alone.
    pub fn rules(registry: &'a Registry) -> Self {
        Self { registry, second: None }
    }

    /// With a second reader: for every article, or only where the rules doubt.
    pub fn with(registry: &'a Registry, client: Client, only_in_doubt: bool) -> Self {
        Self { registry, second: Some(Second { client, only_in_doubt }) }
    }

    /// Reads an article.
    pub async fn read(&self, article: &Article) -> Reading {
        let rules = extract::read(article, self.registry);
        let Some(Second { client, only_in_doubt }) = &self.second else { return rules };
        let text = article.as_read();
        if *only_in_doubt && !doubt::doubts(&text, &rules) {
            return rules;
        }
        match client.ask(&text, article.published).await {
            Ok(told) => {
                let checked = check::check(&told, article, &rules.quantities, self.registry);
                for refusal in &checked.refused {
                    tracing::info!(%refusal, "a deal that the language model told is not in the text as told");
                }
                combine::combine(rules, checked, *only_in_doubt)
            }
            // Told once by the client, not for every article that follows.
            Err(AskError::BudgetSpent) => rules,
            Err(error) => {
                tracing::warn!(%error, "the language model gave nothing: the rules' answer stands");
                rules
            }
        }
    }
}

#[cfg(test)]
mod tests;
