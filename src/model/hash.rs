//! A hash that never changes.

/// FNV-1a of 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): the same in every program, on every machine and for ever, as
/// what is kept under a hash has to be found again.
pub fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let add = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, add)
}
