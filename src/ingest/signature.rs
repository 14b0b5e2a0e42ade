//! A short stand-in for a text by which near copies are found: a sketch of its runs of four words (`MinHash`). Pure.
//!
//! Two texts agree in about as large a share of their signature's places as of their runs of words. The signature is cut
//! into bands; two texts that share four fifths of their runs have a band in common but for one pair in a thousand, and
//! two that share a quarter hardly ever.

use crate::model::hash;

/// How many places a signature has.
const PLACES: usize = 64;
/// How many places make a band.
const BAND: usize = 4;
/// A text with fewer runs of words says too little to be told from others.
const FEWEST: usize = 12;
/// How far into a text is looked, in bytes; who copies so much copies the rest.
const LOOK: usize = 100_000;
/// Two texts are near copies from this share of equal places on.
const NEAR: usize = PLACES * 7 / 10;

/// The signature of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature([u32; PLACES]);

impl Signature {
    /// The signature of an article's text. `None` for one too short to have any.
    pub fn of(text: &str) -> Option<Signature> {
        let words: Vec<String> = text[..text.floor_char_boundary(LOOK)]
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        if words.len() < FEWEST + 3 {
            return None;
        }
        let mut places = [u32::MAX; PLACES];
        for run in words.windows(4) {
            let hash = hash(run.iter().flat_map(|word| word.bytes().chain([0])));
            for (place, seed) in places.iter_mut().zip(1_u64..) {
                // A cheap family of orders: each place mixes the run's hash with an odd number of its own.
                let mixed = hash.wrapping_mul(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
                *place =
                    (*place).min((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(17) as u32);
            }
        }
        Some(Signature(places))
    }

    /// Whether two texts are copies of each other but for some words.
    pub fn is_near(&self, other: &Signature) -> bool {
        self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count() >= NEAR
    }

    /// What near copies have in common, each a number to be looked up.
    pub fn bands(&self) -> Vec<i64> {
        let bands = (0_u8..).zip(self.0.as_chunks::<BAND>().0);
        bands
            .map(|(at, band)| hash([at].into_iter().chain(band.iter().flat_map(|p| p.to_be_bytes()))).cast_signed())
            .collect()
    }

    /// To be kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|place| place.to_be_bytes()).collect()
    }

    /// What was kept; `None` for other bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Signature> {
        let (places, rest) = bytes.as_chunks::<4>();
        let places: Vec<u32> = places.iter().map(|place| u32::from_be_bytes(*place)).collect();
        if rest.is_empty() { Some(Signature(places.try_into().ok()?)) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Signature;

    /// A text of so many different words.
    fn text(words: usize, salt: usize) -> String {
        (0..words).map(|n| format!("w{}", n * 7919 + salt)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn copies_with_another_head_and_foot_are_near_and_other_texts_are_not() {
        let story = text(300, 0);
        let copy = format!("VALE (Wire) - {}. Read more on our site.", story.to_uppercase());
        let [first, second, other] = [&story, &copy, &text(300, 1)].map(|text| Signature::of(text).unwrap());
        assert!(first.is_near(&second));
        assert!(first.bands().iter().any(|band| second.bands().contains(band)));
        assert!(!first.is_near(&other));
        // The same first third is no copy.
        let third = format!("{} {}", text(100, 0), text(200, 5));
        assert!(!first.is_near(&Signature::of(&third).unwrap()));
        assert_eq!(Signature::of("Too short to say whose it is."), None);
    }

    #[test]
    fn near_copies_share_a_band() {
        let mut missed = 0;
        for salt in 0..200 {
            let whole = text(400, salt * 13);
            let cut = whole.splitn(40, ' ').last().unwrap();
            let (a, b) = (Signature::of(&whole).unwrap(), Signature::of(cut).unwrap());
            missed += usize::from(!a.bands().iter().any(|band| b.bands().contains(band)));
        }
        assert!(missed <= 2, "{missed} of 200");
    }

    proptest! {
        #[test]
        fn a_signature_survives_being_kept(text in "(\\w{1,8} ){0,80}") {
            if let Some(signature) = Signature::of(&text) {
                prop_assert!(signature.is_near(&signature));
                prop_assert_eq!(Signature::from_bytes(&signature.to_bytes()), Some(signature));
            }
        }
    }
}
