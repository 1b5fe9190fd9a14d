//! Characters at both ends stay, and what an address or a number is recognised by; each other one becomes the mask.

use alloc::vec::Vec;

use crate::Value;
use crate::characters::{Mask, begins, count, head, tail};

/// At least one character is always hidden, but of a text that has none.
pub struct Partial {
    first: usize,
    last: usize,
    mask: Mask,
    domain: bool,
    separators: bool,
}

impl Partial {
    /// `keep_first`, `keep_last`: characters at the ends; none where that were all.
    /// `keep_domain`: of an address of mail the last "@" and what follows stays; the ends are those of what is before it. An
    /// address has something before the "@", and something behind it without separators but hyphens and dots.
    /// `keep_separators`: spaces, punctuation and symbols stay (see `separator`), and don't count as characters of the ends. A
    /// text that has nothing else is hidden whole.
    pub fn new(keep_first: u32, keep_last: u32, mask: char, keep_domain: bool, keep_separators: bool) -> Self {
        Self {
            first: keep_first as usize,
            last: keep_last as usize,
            mask: Mask::new(mask),
            domain: keep_domain,
            separators: keep_separators,
        }
    }

    pub fn write(&self, value: Value, out: &mut Vec<u8>) -> bool {
        let text = value.characters();
        let (text, domain) = text.split_at(if self.domain { local(text) } else { text.len() });
        if !self.separators || !self.hide(text, out) {
            self.ends(text, out);
        }
        out.extend_from_slice(domain);
        true
    }

    fn ends(&self, text: &[u8], out: &mut Vec<u8>) {
        let (count, kept) = (count(text), self.first.saturating_add(self.last));
        if kept >= count {
            return self.mask.write(count, out);
        }
        out.extend_from_slice(&text[..head(text, self.first)]);
        self.mask.write(count - kept, out);
        out.extend_from_slice(&text[tail(text, self.last)..]);
    }

    /// False, and nothing is added, if there are separators alone.
    fn hide(&self, text: &[u8], out: &mut Vec<u8>) -> bool {
        let count = characters(text).filter(|character| !separator(character)).count();
        if count == 0 {
            return false;
        }
        let all = self.first.saturating_add(self.last) >= count;
        let hidden = if all { 0..count } else { self.first..count - self.last };
        let mut place = 0;
        for character in characters(text) {
            if separator(character) {
                out.extend_from_slice(character);
                continue;
            }
            if hidden.contains(&place) {
                self.mask.write(1, out);
            } else {
                out.extend_from_slice(character);
            }
            place += 1;
        }
        true
    }
}

/// Where the domain of an address of mail begins, with its "@"; the text's end if it isn't one.
fn local(text: &[u8]) -> usize {
    let Some(at) = text.iter().rposition(|&byte| byte == b'@') else { return text.len() };
    let domain = &text[at + 1..];
    let named = characters(domain).all(|character| matches!(character, b"." | b"-") || !separator(character));
    if at > 0 && !domain.is_empty() && named { at } else { text.len() }
}

/// One character of UTF-8 after another.
fn characters(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.chunk_by(|_, byte| !begins(byte))
}

/// Whether it is neither a letter nor a digit for certain: ASCII that is neither, and the white space (Unicode's White_Space) and
/// punctuation of other scripts' numbers and names (U+2010–2027, U+2030–205E). Accents that combine with a letter are none, nor
/// are emoji.
fn separator(character: &[u8]) -> bool {
    match *character {
        [ascii] => !ascii.is_ascii_alphanumeric(),
        [0xc2, 0x85 | 0xa0] | [0xe1, 0x9a, 0x80] | [0xe3, 0x80, 0x80] => true,
        [0xe2, 0x80, 0x80..=0x8a | 0x90..=0xa9 | 0xaf..=0xbf] | [0xe2, 0x81, 0x80..=0x9f] => true,
        _ => false,
    }
}
