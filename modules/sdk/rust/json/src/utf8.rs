//! Whether a text is UTF-8.

/// The offset of the first byte that isn't part of valid UTF-8 (RFC 3629), None if all are.
#[inline(never)]
pub fn breach(text: &[u8]) -> Option<usize> {
    match simdutf8::basic::from_utf8(text) {
        Ok(_) => None,
        Err(_) => core::str::from_utf8(text).err().map(|error| error.valid_up_to()),
    }
}
