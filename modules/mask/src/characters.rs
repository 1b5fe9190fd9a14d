//! A value's characters: a string's own, of anything else its JSON text.

use alloc::vec::Vec;

use maskgate_guest::json::{PADDING, bytes, text};

pub struct Characters<'a> {
    /// UTF-8, behind which PADDING more bytes can be read.
    text: &'a [u8],
    /// Whether JSON writes them as they are.
    plain: bool,
}

impl<'a> Characters<'a> {
    /// `decoded` is where the characters of a string with escapes go.
    ///
    /// # Safety
    /// `value` is a value's text as a scanner has read it, and PADDING bytes behind it can be read.
    #[inline(always)]
    pub unsafe fn of(value: &'a [u8], decoded: &'a mut Vec<u8>) -> Self {
        let [b'"', text @ .., b'"'] = value else { return Self { text: value, plain: true } };
        if !unsafe { bytes::has(text.as_ptr(), text.len(), b'\\') } {
            return Self { text, plain: true };
        }
        decoded.clear();
        decoded.reserve(text.len());
        text::decode(text, decoded);
        decoded.reserve(PADDING);
        Self { text: decoded, plain: false }
    }

    #[inline(always)]
    pub fn bytes(&self) -> &'a [u8] {
        self.text
    }

    #[inline(always)]
    pub fn plain(&self) -> bool {
        self.plain
    }

    pub fn text(&self) -> &'a str {
        // SAFETY: a message is walked only after all of it was found to be UTF-8, and escapes are decoded to characters.
        unsafe { core::str::from_utf8_unchecked(self.text) }
    }

    /// How many there are.
    #[inline(always)]
    pub fn count(&self) -> usize {
        // SAFETY: as the type's page says.
        unsafe { bytes::characters(self.text.as_ptr(), self.text.len()) }
    }

    /// Where number `wanted` of `count` begins, in bytes; the end, if that is `count`.
    #[inline(always)]
    pub fn place(&self, count: usize, wanted: usize) -> usize {
        if count == self.text.len() {
            return wanted; // all ASCII
        }
        let starts = |byte: &u8| byte & 0xc0 != 0x80;
        let mut beginnings = self.text.iter().enumerate().filter(|(_, byte)| starts(byte));
        beginnings.nth(wanted).map_or(self.text.len(), |(at, _)| at)
    }
}

/// A value that holds others.
#[inline(always)]
pub fn container(value: &[u8]) -> bool {
    matches!(value, [b'{' | b'[', ..])
}

pub fn number(value: &[u8]) -> bool {
    matches!(value, [b'-' | b'0'..=b'9', ..])
}

pub fn string(value: &[u8]) -> bool {
    value.first() == Some(&b'"')
}

/// Adds `text` (UTF-8) as a JSON string.
pub fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    text::encode(text, out);
    out.push(b'"');
}
