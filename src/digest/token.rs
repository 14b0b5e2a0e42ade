//! Links that cannot be guessed: each says what it is for and whom it is about, signed with a key that only the instance knows.
//!
//! Nothing is stored of them but, for a link that confirms, its hash, so that only the latest one holds.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What links are signed with.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Confirms a recipient. Its number is the time after which it does no more, in milliseconds since 1970.
    Confirm,
    /// Leads to the preferences. Its number is the recipient's generation.
    Manage,
    /// Leaves. Its number is the recipient's generation.
    Leave,
}

impl Purpose {
    fn byte(self) -> u8 {
        match self {
            Self::Confirm => 1,
            Self::Manage => 2,
            Self::Leave => 3,
        }
    }
}

/// Purpose, recipient, number, signature.
const LENGTH: usize = 1 + 16 + 8 + 16;

impl Key {
    /// A new key of the system's randomness, in hexadecimal.
    ///
    /// # Errors
    /// Where the system has none.
    pub fn fresh() -> Result<String, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(hex::encode(bytes))
    }

    /// A key as it is kept.
    pub fn parse(text: &str) -> Option<Self> {
        hex::decode(text).ok()?.try_into().ok().map(Self)
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The token of a link.
    pub fn sign(&self, purpose: Purpose, recipient: Uuid, number: u64) -> String {
        let mut token = Vec::with_capacity(LENGTH);
        token.push(purpose.byte());
        token.extend(recipient.as_bytes());
        token.extend(number.to_be_bytes());
        let mac = self.mac(&[b"link", &token]);
        token.extend(&mac[..16]);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Whom a token is about, and its number; `None` where it was not signed for this purpose.
    ///
    /// # Panics
    /// Never: a key of any length will do.
    pub fn verify(&self, purpose: Purpose, token: &str) -> Option<(Uuid, u64)> {
        // No token of ours is longer; a longer one costs nothing.
        let bytes = if token.len() <= 72 { URL_SAFE_NO_PAD.decode(token).ok()? } else { return None };
        if bytes.len() != LENGTH || bytes[0] != purpose.byte() {
            return None;
        }
        let (said, signature) = bytes.split_at(LENGTH - 16);
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        mac.update(b"link");
        mac.update(said);
        mac.verify_truncated_left(signature).ok()?;
        let recipient = Uuid::from_slice(&said[1..17]).ok()?;
        let number = u64::from_be_bytes(said[17..].try_into().ok()?);
        Some((recipient, number))
    }

    /// A keyed hash of who asks, that nobody can turn back without the key.
    pub fn blind(&self, who: &str) -> Vec<u8> {
        self.mac(&[b"who", who.as_bytes()]).to_vec()
    }

    /// The secret with which messages to a webhook are signed, in hexadecimal.
    pub fn hook_secret(&self, recipient: Uuid) -> String {
        hex::encode(self.mac(&[b"hook", recipient.as_bytes()]))
    }
}

/// The number of a link that confirms until a time.
pub fn millis(until: DateTime<Utc>) -> u64 {
    u64::try_from(until.timestamp_millis()).unwrap_or_default()
}

/// What is stored of a token.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> Key {
        Key([7; 32])
    }

    #[test]
    fn a_token_holds_for_its_purpose_and_key_only() {
        let recipient = Uuid::from_u128(5);
        let token = key().sign(Purpose::Manage, recipient, 3);
        assert_eq!(key().verify(Purpose::Manage, &token), Some((recipient, 3)));
        assert_eq!(key().verify(Purpose::Leave, &token), None);
        assert_eq!(Key([8; 32]).verify(Purpose::Manage, &token), None);
        assert_eq!(Key::parse(&Key::fresh().unwrap()).unwrap().verify(Purpose::Manage, &token), None);
        assert_ne!(key().hook_secret(recipient), key().hook_secret(Uuid::from_u128(6)));
    }

    proptest! {
        #[test]
        fn no_token_that_was_tampered_with_holds(at in 0_usize..50, letter in "[A-Za-z0-9_-]", id: u128, number: u64) {
            let token = key().sign(Purpose::Leave, Uuid::from_u128(id), number);
            prop_assert_eq!(key().verify(Purpose::Leave, &token), Some((Uuid::from_u128(id), number)));
            let mut other = token.clone();
            other.replace_range(at..=at, &letter);
            prop_assert!(other == token || key().verify(Purpose::Leave, &other).is_none());
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,80}") {
            prop_assert_eq!(key().verify(Purpose::Confirm, &text), None);
        }
    }
}
