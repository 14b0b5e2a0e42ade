//! The weights as the program carries them: what `wattline learn` prints, in a twelfth of its space.
//!
//! First the observations, a line each, in their order, with a sign for how many bytes it shares with the one before;
//! after a blank line, for each a line with a letter for every answer of which it says something; after another, all weights, a
//! byte each. So like stands beside like, which is what Brotli is good at.

use std::io::{self, Read as _, Write as _};

use super::model::{self, Weight};

/// The sign for nothing shared; the next ones stand for one byte, two bytes and so on.
const NOTHING: u8 = b'!';
/// The most that is shared, so that each sign can be printed.
const MOST: usize = (b'~' - NOTHING) as usize;

/// How thoroughly and with how long a memory Brotli packs: both as well as it can. Reading takes the same time anyway.
const BROTLI: [u32; 2] = [11, 24];

/// The letter of the first answer.
const ANSWER: u8 = b'A';
/// Stands before a weight that needs two bytes.
const WIDE: i8 = i8::MIN;

/// Packs weights that `wattline learn` printed. Lines that begin with `#` are left out.
///
/// # Errors
///
/// Where a line has weights that are none.
pub fn pack(text: &str) -> io::Result<Vec<u8>> {
    let [quality, window] = BROTLI;
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, quality, window);
    writer.write_all(&fold(text).map_err(io::Error::other)?)?;
    writer.flush()?;
    drop(writer);
    Ok(packed)
}

/// Hands every observation with its weights to `line`.
pub(super) fn unpack(packed: &[u8], line: impl FnMut(&str, &[Weight])) -> Result<(), String> {
    let mut folded = Vec::new();
    let read = brotli::Decompressor::new(packed, 1 << 16).read_to_end(&mut folded);
    read.map_err(|error| format!("they are not packed as they should be ({error})"))?;
    unfold(&folded, line)
}

/// Likes beside likes.
fn fold(text: &str) -> Result<Vec<u8>, String> {
    let (mut observations, mut answers, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut before = "";
    model::lines(text, |observation, weights| {
        let shared = observation.char_indices().zip(before.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        let shared = shared.unwrap_or(observation.len().min(before.len()));
        let shared = (0..=shared.min(MOST)).rev().find(|at| observation.is_char_boundary(*at)).unwrap_or(0);
        observations.push(NOTHING + shared as u8);
        observations.extend_from_slice(&observation.as_bytes()[shared..]);
        observations.push(b'\n');
        before = observation;
        for (answer, value) in weights {
            answers.push(ANSWER + *answer as u8);
            match i8::try_from(*value) {
                Ok(value) if value != WIDE => values.extend(value.to_le_bytes()),
                _ => {
                    values.extend(WIDE.to_le_bytes());
                    values.extend(value.to_le_bytes());
                }
            }
        }
        answers.push(b'\n');
    })?;
    Ok([&observations[..], b"\n", &answers, b"\n", &values].concat())
}

/// Hands every line that was folded to `line`.
fn unfold(folded: &[u8], mut line: impl FnMut(&str, &[Weight])) -> Result<(), String> {
    // The weights are no text, but all before them is.
    let text = folded.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let mut rest = text;
    let (Some(observations), Some(answers)) = (block(&mut rest), block(&mut rest)) else {
        return Err("there is no blank line after the observations, or none after their answers".to_owned());
    };
    if observations.lines().count() != answers.lines().count() {
        return Err("there are not as many lines of answers as observations".to_owned());
    }
    let mut values = &folded[text.len() - rest.len()..];
    let mut observation = String::new();
    let mut weights: Vec<Weight> = Vec::new();
    for (number, (rest, answers)) in observations.lines().zip(answers.lines()).enumerate() {
        let shared = rest.bytes().next().and_then(|sign| sign.checked_sub(NOTHING)).map(usize::from);
        let kept = shared.filter(|shared| *shared <= MOST && observation.is_char_boundary(*shared));
        let kept = kept.ok_or_else(|| format!("observation {} shares more than there is", number + 1))?;
        observation.truncate(kept);
        observation += &rest[1..];
        weights.clear();
        let none = || format!("observation {} has a weight that is none", number + 1);
        for letter in answers.bytes() {
            let (value, after) = match values {
                [first, low, high, after @ ..] if first.cast_signed() == WIDE => {
                    (i16::from_le_bytes([*low, *high]), after)
                }
                [first, after @ ..] => (i16::from(first.cast_signed()), after),
                [] => return Err(none()),
            };
            let weight = (u16::from(letter.wrapping_sub(ANSWER)), value);
            if !model::is_weight(weight) {
                return Err(none());
            }
            values = after;
            weights.push(weight);
        }
        line(&observation, &weights);
    }
    Ok(())
}

/// The lines up to the next blank one, which is passed over.
fn block<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let (block, after) = if let Some(after) = rest.strip_prefix('\n') { ("", after) } else { rest.split_once("\n\n")? };
    *rest = after;
    Some(block)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Weight, fold, pack, unfold, unpack};

    fn told(lines: &mut Vec<String>) -> impl FnMut(&str, &[Weight]) + '_ {
        |observation, weights| {
            let pairs: Vec<String> = weights.iter().map(|(answer, weight)| format!("{answer}:{weight}")).collect();
            lines.push(format!("{observation}\t{}\n", pairs.join(" ")));
        }
    }

    #[test]
    fn what_an_observation_shares_with_the_one_before_is_left_out_and_weights_are_bytes() {
        let text = "# learned\nkind word=note\t3:12\nkind word=notes\t3:12 7:-5\nrole a\t1:300\n";
        let folded = b"!kind word=note\n/s\n!role a\n\nD\nDH\nB\n\n\x0c\x0c\xfb\x80\x2c\x01";
        assert_eq!(fold(text).unwrap(), folded);
    }

    #[test]
    fn what_is_no_packed_file_is_refused() {
        for (packed, says) in [
            ("", "there is no blank line after the observations, or none after their answers"),
            ("!a\n\nB\n", "there is no blank line after the observations, or none after their answers"),
            ("!a\n!b\n\nB\n\n1", "there are not as many lines of answers as observations"),
            ("!a\n%b\n\nB\nB\n\n11", "observation 2 shares more than there is"),
            ("!a\n!b\n\nB\nB\n\n1", "observation 2 has a weight that is none"),
            ("!a\n\na\n\n1", "observation 1 has a weight that is none"),
        ] {
            assert_eq!(unfold(packed.as_bytes(), |_, _| ()).unwrap_err(), says, "{packed:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out_as_it_was(
            names in prop::collection::btree_map("[a-z=€ü|]{1,120}", -511_i16..=511, 0..40),
        ) {
            let lines: Vec<String> = names.iter().map(|(name, weight)| format!("{name}\t3:{weight} 7:45\n")).collect();
            let text = lines.concat();
            let mut out = Vec::new();
            unpack(&pack(&text).unwrap(), told(&mut out)).unwrap();
            prop_assert_eq!(out.concat(), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}\n{0,2}\\PC{0,20}\n{0,2}\\PC{0,20}") {
            let _ = unfold(text.as_bytes(), |_, _| ());
            let _ = unpack(text.as_bytes(), |_, _| ());
        }
    }
}
