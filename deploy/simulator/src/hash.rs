//! Everything invented is a function of the seed and a position, so that nothing has to be stored
//! and two runs agree. This is the mixing underneath.

use std::fmt::Write;

/// One well-mixed number out of three.
pub(crate) fn mix(seed: u64, salt: u64, value: u64) -> u64 {
    let mut z = seed
        .wrapping_add(salt.wrapping_mul(0xA24B_AED4_963E_E407))
        .wrapping_add(value.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number for a text.
pub(crate) fn text(seed: u64, text: &str) -> u64 {
    let folded = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    mix(seed, 1, folded)
}

/// A number below `limit`.
pub(crate) fn below(hash: u64, limit: u32) -> u32 {
    u32::try_from(hash % u64::from(limit.max(1))).expect("below a u32")
}

/// One element of a non-empty list.
pub(crate) fn pick<T: Copy>(list: &[T], hash: u64) -> T {
    let count = u32::try_from(list.len()).expect("short list");
    list[below(hash, count) as usize]
}

/// `len` hexadecimal digits.
pub(crate) fn hex(hash: u64, len: usize) -> String {
    let mut digits = String::new();
    let mut block = 0;
    while digits.len() < len {
        let _ = write!(digits, "{:016x}", mix(hash, 7, block));
        block += 1;
    }
    digits.truncate(len);
    digits
}

/// A UUID-shaped text.
pub(crate) fn uuid(hash: u64) -> String {
    let h = hex(hash, 32);
    format!(
        "{}-{}-4{}-a{}-{}",
        &h[..8],
        &h[8..12],
        &h[13..16],
        &h[17..20],
        &h[20..]
    )
}

/// Twenty characters as legacy Plex tokens have.
pub(crate) fn token(hash: u64) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    (0..20)
        .map(|position| char::from(pick(ALPHABET, mix(hash, 9, position))))
        .collect()
}
