//! Some of a text's characters stay. A character is a Unicode scalar: a letter and the accents that combine with it are
//! several, and so are most flags and families of emoji; they may be parted.

use alloc::vec::Vec;

use crate::{Invalid, Value};

/// What is written in the place of a character.
#[derive(Clone, Copy)]
pub(crate) struct Mask {
    utf8: [u8; 4],
    length: usize,
}

impl Mask {
    pub fn new(mask: char) -> Self {
        let mut utf8 = [0; 4];
        let length = mask.encode_utf8(&mut utf8).len();
        Self { utf8, length }
    }

    pub fn write(&self, count: usize, out: &mut Vec<u8>) {
        if self.length == 1 {
            return out.resize(out.len() + count, self.utf8[0]);
        }
        out.reserve(count * self.length);
        (0..count).for_each(|_| out.extend_from_slice(&self.utf8[..self.length]));
    }
}

/// Whether this byte of UTF-8 is a character's first.
pub(crate) fn begins(byte: &u8) -> bool {
    byte & 0xc0 != 0x80
}

pub(crate) fn count(text: &[u8]) -> usize {
    text.iter().filter(|byte| begins(byte)).count()
}

/// Where the first `keep` characters end.
pub(crate) fn head(text: &[u8], keep: usize) -> usize {
    let mut begun = text.iter().enumerate().filter(|(_, byte)| begins(byte));
    begun.nth(keep).map_or(text.len(), |(at, _)| at)
}

/// Where the last `keep` characters begin.
pub(crate) fn tail(text: &[u8], keep: usize) -> usize {
    let Some(before) = keep.checked_sub(1) else { return text.len() };
    let mut begun = text.iter().enumerate().rev().filter(|(_, byte)| begins(byte));
    begun.nth(before).map_or(0, |(at, _)| at)
}

/// The first characters stay: of a postcode the region, say. What has no more than these stays whole.
pub struct Truncate {
    pub keep: usize,
}

impl Truncate {
    pub fn write(&self, value: Value, out: &mut Vec<u8>) -> bool {
        let text = value.characters();
        out.extend_from_slice(&text[..head(text, self.keep)]);
        true
    }
}

/// As many mask characters whatever the length was, between those that stay at the ends. None stay where that were all.
pub struct Fixed {
    length: usize,
    mask: Mask,
    first: usize,
    last: usize,
}

impl Fixed {
    /// `length`: 1 to 4096.
    pub fn new(length: u32, mask: char, keep_first: u32, keep_last: u32) -> Result<Self, Invalid> {
        if !(1..=4096).contains(&length) {
            return Err(Invalid { key: "length", text: "must be 1 to 4096" });
        }
        let [length, first, last] = [length, keep_first, keep_last].map(|count| count as usize);
        Ok(Self { length, mask: Mask::new(mask), first, last })
    }

    pub fn write(&self, value: Value, out: &mut Vec<u8>) -> bool {
        let text = value.characters();
        let kept = self.first.saturating_add(self.last);
        let (head, tail) = if kept > 0 && kept < count(text) {
            (head(text, self.first), tail(text, self.last))
        } else {
            (0, text.len())
        };
        out.extend_from_slice(&text[..head]);
        self.mask.write(self.length, out);
        out.extend_from_slice(&text[tail..]);
        true
    }
}
