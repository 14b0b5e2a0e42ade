//! The weights as the program carries them: the same text as `wattline learn` prints, in less than a tenth of its space.
//!
//! The observations come first, in their order, each with a sign for how many bytes it shares with the one before; after
//! a blank line their weights follow in the same order. So like stands beside like, which is what Brotli is good at.

use std::io::{self, Read as _, Write as _};

/// The sign for nothing shared; the next ones stand for one byte, two bytes and so on.
const NOTHING: u8 = b'!';
/// The most that is shared, so that each sign can be printed.
const MOST: usize = (b'~' - NOTHING) as usize;

/// How thoroughly and with how long a memory Brotli packs: both as well as it can. Reading takes the same time anyway.
const BROTLI: [u32; 2] = [11, 24];

/// Packs weights that `wattline learn` printed. Lines that begin with `#` are left out.
///
/// # Errors
///
/// None that are known of: it writes to memory.
pub fn pack(text: &str) -> io::Result<Vec<u8>> {
    let [quality, window] = BROTLI;
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, quality, window);
    writer.write_all(fold(text).as_bytes())?;
    writer.flush()?;
    drop(writer);
    Ok(packed)
}

/// Hands every observation with its weights to `line`, with its number, and ends at the first fault that it tells.
pub(super) fn unpack(packed: &[u8], line: impl FnMut(usize, &str, &str) -> Result<(), String>) -> Result<(), String> {
    let mut text = String::new();
    let read = brotli::Decompressor::new(packed, 1 << 16).read_to_string(&mut text);
    read.map_err(|error| format!("they are not packed as they should be ({error})"))?;
    unfold(&text, line)
}

/// Likes beside likes.
fn fold(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (mut observations, mut weights) = (String::new(), String::new());
    let mut before = "";
    for (observation, own) in lines.filter_map(|line| line.split_once('\t')) {
        let shared = observation.char_indices().zip(before.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        let shared = shared.unwrap_or(observation.len().min(before.len()));
        let shared = (0..=shared.min(MOST)).rev().find(|at| observation.is_char_boundary(*at)).unwrap_or(0);
        observations.push(char::from(NOTHING + shared as u8));
        observations += &observation[shared..];
        observations.push('\n');
        weights += own;
        weights.push('\n');
        before = observation;
    }
    observations + "\n" + &weights
}

/// Hands every line that was folded to `line`.
fn unfold(folded: &str, mut line: impl FnMut(usize, &str, &str) -> Result<(), String>) -> Result<(), String> {
    // Without any weights there is nothing but the blank line.
    let (observations, weights) = match folded.strip_prefix('\n') {
        Some(weights) => ("", weights),
        None => folded.split_once("\n\n").ok_or("there is no blank line between the observations and their weights")?,
    };
    if observations.lines().count() != weights.lines().count() {
        return Err("there are not as many weights as observations".to_owned());
    }
    let mut observation = String::new();
    for (number, (rest, weights)) in observations.lines().zip(weights.lines()).enumerate() {
        let shared = rest.bytes().next().and_then(|sign| sign.checked_sub(NOTHING)).map(usize::from);
        let kept = shared.filter(|shared| *shared <= MOST && observation.is_char_boundary(*shared));
        let kept = kept.ok_or_else(|| format!("observation {} shares more than there is", number + 1))?;
        observation.truncate(kept);
        observation += &rest[1..];
        line(number, &observation, weights)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{fold, pack, unfold, unpack};

    fn unfolded(folded: &str) -> Result<String, String> {
        let mut lines = Vec::new();
        unfold(folded, |_, observation, weights| {
            lines.push(format!("{observation}\t{weights}\n"));
            Ok(())
        })?;
        Ok(lines.concat())
    }

    #[test]
    fn what_an_observation_shares_with_the_one_before_is_left_out() {
        let text = "# learned\nkind word=note\t3:12\nkind word=notes\t3:12 7:-5\nrole a\t1:9\n";
        assert_eq!(fold(text), "!kind word=note\n/s\n!role a\n\n3:12\n3:12 7:-5\n1:9\n");
    }

    #[test]
    fn what_is_no_packed_file_is_refused() {
        for (packed, says) in [
            ("", "there is no blank line between the observations and their weights"),
            ("!a\n!b\n\n1:2\n", "there are not as many weights as observations"),
            ("!a\n%b\n\n1:2\n1:2\n", "observation 2 shares more than there is"),
        ] {
            assert_eq!(unfolded(packed).unwrap_err(), says);
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out_as_it_was(names in prop::collection::btree_set("[a-z=€ü|]{1,120}", 0..40)) {
            let lines: Vec<String> = names.iter().map(|name| format!("{name}\t3:-12 7:45\n")).collect();
            let text = lines.concat();
            let mut lines = Vec::new();
            let packed = pack(&text).unwrap();
            unpack(&packed, |_, observation, weights| {
                lines.push(format!("{observation}\t{weights}\n"));
                Ok(())
            })
            .unwrap();
            prop_assert_eq!(lines.concat(), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}\n{0,2}\\PC{0,20}\n{0,2}") {
            let _ = unfolded(&text);
            let _ = unpack(text.as_bytes(), |_, _, _| Ok(()));
        }
    }
}
