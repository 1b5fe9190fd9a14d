//! Whether a message is UTF-8.

use core::arch::wasm32::{u8x16_bitmask, v128_or};

use crate::bytes::load;

/// The offset of the first byte that isn't part of valid UTF-8 (RFC 3629), None if all are.
///
/// # Safety
/// `start..start + len` can be read.
#[inline(always)]
pub unsafe fn breach(start: *const u8, len: usize) -> Option<usize> {
    unsafe {
        if len >= 16 && is_ascii(start, len) {
            return None;
        }
        check(core::slice::from_raw_parts(start, len))
    }
}

/// Whether all of 16 bytes or more are below 0x80.
#[inline(always)]
unsafe fn is_ascii(start: *const u8, len: usize) -> bool {
    unsafe {
        let end = start.add(len);
        let mut seen = load(end.sub(16)); // the last bytes first: then whole blocks cover the rest
        let mut at = start;
        while at.add(64) <= end {
            let low = v128_or(load(at), load(at.add(16)));
            let high = v128_or(load(at.add(32)), load(at.add(48)));
            seen = v128_or(seen, v128_or(low, high));
            at = at.add(64);
        }
        while at.add(16) <= end {
            seen = v128_or(seen, load(at));
            at = at.add(16);
        }
        u8x16_bitmask(seen) == 0
    }
}

#[inline(never)]
fn check(text: &[u8]) -> Option<usize> {
    match simdutf8::basic::from_utf8(text) {
        Ok(_) => None,
        Err(_) => core::str::from_utf8(text).err().map(|error| error.valid_up_to()),
    }
}
