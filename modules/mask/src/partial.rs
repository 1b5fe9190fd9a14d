//! Characters at both ends of a value stay: the form of `partial` that most policies use, in few instructions. What it does
//! beyond that is in `maskgate-generalise`.

use alloc::vec::Vec;

use maskgate_guest::json::{PADDING, bytes, text};

use crate::characters::Characters;

/// Characters (Unicode scalars) at both ends stay, each other one becomes the mask; all do, if none would be left to hide.
pub struct Ends {
    first: usize,
    last: usize,
    /// As JSON writes it in a string.
    mask: Vec<u8>,
}

impl Ends {
    pub fn new(first: u32, last: u32, mask: char) -> Self {
        let mut escaped = Vec::new();
        text::encode(mask.encode_utf8(&mut [0; 4]).as_bytes(), &mut escaped);
        Self { first: first as usize, last: last as usize, mask: escaped }
    }

    /// As `Maker::needs`.
    pub fn needs(&self) -> usize {
        if self.mask.len() == 1 { 2 } else { 3 * self.mask.len() }
    }

    /// Adds the JSON string.
    #[inline(always)]
    pub fn write(&self, characters: &Characters, out: &mut Vec<u8>) {
        let (text, count) = (characters.bytes(), characters.count());
        let (first, last) = if self.first + self.last >= count { (0, 0) } else { (self.first, self.last) };
        let head = characters.place(count, first);
        let tail = characters.place(count, count - last);
        let hidden = count - first - last;
        if let (true, &[mask]) = (characters.plain(), &self.mask[..]) {
            out.reserve(text.len() + PADDING);
            // SAFETY: no more is written than there is room for now, and all of it up to the length that is set.
            unsafe {
                let start = out.as_mut_ptr().add(out.len());
                start.write(b'"');
                bytes::copy(text.as_ptr(), start.add(1), head);
                bytes::fill(start.add(1 + head), mask, hidden);
                let behind = start.add(1 + head + hidden);
                bytes::copy(text.as_ptr().add(tail), behind, text.len() - tail);
                behind.add(text.len() - tail).write(b'"');
                out.set_len(out.len() + 2 + head + hidden + text.len() - tail);
            }
        } else {
            out.push(b'"');
            text::encode(&text[..head], out);
            (0..hidden).for_each(|_| out.extend_from_slice(&self.mask));
            text::encode(&text[tail..], out);
            out.push(b'"');
        }
    }
}
