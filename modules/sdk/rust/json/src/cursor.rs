//! Where a message's strings can end: found for all of it at once, so that reading a token doesn't wait for the one before.
//!
//! One bit for each byte says whether it is a *stop*: a quote, a backslash or a control character, the NUL at the end
//! among them. In the order of the text they are the quotes that open and close its strings, until something is not that
//! simple: white space other than spaces, or an escape. Whoever reads such a thing steps over it byte by byte and then
//! calls `sync`. So between tokens the next stop is never before the place that has been reached.

use alloc::vec::Vec;
use core::arch::wasm32::{u8x16_bitmask, v128, v128_or};

use crate::bytes::{load, stops};
use crate::utf8;

/// Bytes that one word of bits stands for.
const BLOCK: usize = 64;

/// The stops that haven't been passed yet. A copy in local variables is what makes reading fast.
#[derive(Clone, Copy)]
pub struct Cursor {
    /// Those of the block at `base`; the lowest bit is its first byte.
    word: u64,
    base: *const u8,
    /// Those of the block after that one.
    next: *const u64,
}

impl Cursor {
    /// Not in any text.
    pub const fn nowhere() -> Self {
        Self { word: 0, base: core::ptr::null(), next: core::ptr::null() }
    }

    /// The stop after the next one: with an opening quote ahead, what ends its string. Both are passed.
    ///
    /// # Safety
    /// The text has two more stops, or one that isn't its end.
    #[inline(always)]
    pub unsafe fn second(&mut self) -> *const u8 {
        let after = self.word & self.word.wrapping_sub(1);
        if after != 0 {
            self.word = after & after.wrapping_sub(1);
            return self.base.wrapping_add(after.trailing_zeros() as usize);
        }
        unsafe {
            if self.word == 0 {
                self.forward();
                self.word &= self.word.wrapping_sub(1);
            } else {
                self.word = 0;
            }
            if self.word == 0 {
                self.forward();
            }
        }
        let stop = self.base.wrapping_add(self.word.trailing_zeros() as usize);
        self.word &= self.word.wrapping_sub(1);
        stop
    }

    /// To the next block that has a stop.
    #[inline(always)]
    unsafe fn forward(&mut self) {
        loop {
            self.base = self.base.wrapping_add(BLOCK);
            unsafe {
                self.word = *self.next;
                self.next = self.next.add(1);
            }
            if self.word != 0 {
                return;
            }
        }
    }
}

/// The bits of one message. Their memory is used again for the next.
pub struct Stops {
    start: *const u8,
    words: Vec<u64>,
}

/// Why a text can't be read at all.
pub enum Unread {
    /// The offset of a byte that isn't part of valid UTF-8.
    Utf8(usize),
    /// There is no memory for the bits: one for each byte.
    Memory,
}

impl Stops {
    pub const fn new() -> Self {
        Self { start: core::ptr::null(), words: Vec::new() }
    }

    /// Finds the stops of a text, and whether it is UTF-8.
    ///
    /// # Safety
    /// As the crate's page says.
    #[inline(always)]
    pub unsafe fn find(&mut self, start: *const u8, len: usize) -> Result<Cursor, Unread> {
        let blocks = len / BLOCK; // one more holds the end: its NUL stops whatever runs on
        self.words.clear();
        if self.words.capacity() <= blocks && self.words.try_reserve(blocks + 1).is_err() {
            return Err(Unread::Memory);
        }
        self.start = start;
        let words = self.words.as_mut_ptr();
        unsafe {
            let mut seen = core::arch::wasm32::u8x16_splat(0);
            for block in 0..blocks {
                let [first, second, third, fourth] = quarters(start.add(block * BLOCK));
                seen = v128_or(seen, v128_or(v128_or(first, second), v128_or(third, fourth)));
                words.add(block).write(join([first, second, third, fourth].map(stops)));
            }
            let last = quarters(start.add(blocks * BLOCK));
            words.add(blocks).write(join(last.map(stops)));
            let among = (1u64 << (len % BLOCK)) - 1;
            if u64::from(u8x16_bitmask(seen)) | join(last.map(|bytes| u8x16_bitmask(bytes) as u32)) & among != 0
                && let Some(offset) = utf8::breach(core::slice::from_raw_parts(start, len))
            {
                return Err(Unread::Utf8(offset));
            }
            Ok(Cursor { word: words.read(), base: start, next: words.add(1) })
        }
    }

    /// A cursor whose next stop is the first from `at` on.
    ///
    /// # Safety
    /// `at` is in the text of the last `find`, or at its end.
    #[inline(always)]
    pub unsafe fn from(&self, at: *const u8) -> Cursor {
        unsafe {
            let offset = at.offset_from_unsigned(self.start);
            let block = offset / BLOCK;
            let words = self.words.as_ptr().add(block);
            Cursor {
                word: words.read() & u64::MAX << (offset % BLOCK),
                base: self.start.add(block * BLOCK),
                next: words.add(1),
            }
        }
    }
}

#[inline(always)]
unsafe fn quarters(at: *const u8) -> [v128; 4] {
    unsafe { [load(at), load(at.add(16)), load(at.add(32)), load(at.add(48))] }
}

#[inline(always)]
fn join([first, second, third, fourth]: [u32; 4]) -> u64 {
    u64::from(first | second << 16) | u64::from(third | fourth << 16) << 32
}
