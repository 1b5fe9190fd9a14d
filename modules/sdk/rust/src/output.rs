//! The frame that goes back to the host, written from its end: results first, the header before them when all is done.
//!
//!     u32 count | count × { u32 source, u32 status, u32 end } | u32 report_len | report | results

use alloc::vec::Vec;

use crate::memory::Buffer;
use crate::message::{Outcome, Refusal};
use maskgate_json::PADDING;

const PASS: u32 = 0;
const DROP: u32 = 1;
const REFUSE: u32 = 2;

/// The results don't fit into the sandbox's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

pub struct Output {
    buffer: Buffer,
    /// Bytes before the results that are kept for the header.
    head: usize,
    /// Where the next byte of a result goes, as an offset in the buffer.
    at: usize,
    /// Where the result that is being written begins.
    from: usize,
    entries: Vec<[u32; 3]>,
    source: u32,
}

impl Output {
    pub const fn new() -> Self {
        Self { buffer: Buffer::new(), head: 0, at: 0, from: 0, entries: Vec::new(), source: 0 }
    }

    /// Where to write next, with room for `len` bytes and PADDING more. Say with `wrote` how far it went.
    #[inline(always)]
    pub fn room(&mut self, len: usize) -> Result<*mut u8, Full> {
        match self.at.checked_add(len).and_then(|end| end.checked_add(PADDING)) {
            Some(end) if self.buffer.reserve(end, self.at) => Ok(self.buffer.start().wrapping_add(self.at)),
            _ => Err(Full),
        }
    }

    /// Where `room`'s room ends, PADDING left out.
    #[inline(always)]
    pub fn limit(&self) -> *mut u8 {
        self.buffer.start().wrapping_add(self.buffer.capacity() - PADDING)
    }

    /// # Safety
    /// `to` is a place in what `room` gave last, and all before it is written.
    #[inline(always)]
    pub unsafe fn wrote(&mut self, to: *mut u8) {
        self.at = unsafe { to.offset_from_unsigned(self.buffer.start()) };
    }

    /// Forgets what was written. Only of an output that isn't the call's own, where a module tries what it would write.
    pub fn clear(&mut self) {
        self.at = 0;
    }

    /// Adds bytes to the result that is being written.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let to = self.room(bytes.len())?;
        // SAFETY: `room` gave as many bytes, in a buffer of its own.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        self.at += bytes.len();
        Ok(())
    }

    /// Ends a result, where a message has several.
    pub fn pass(&mut self) {
        self.close(PASS);
    }

    /// Begins a batch of `count` messages with `bytes` bytes in all; its report will have `report` bytes at most. False:
    /// there is no memory for it.
    pub(crate) fn begin(&mut self, count: usize, bytes: usize, report: usize) -> bool {
        self.entries.clear();
        self.head = 8 + 12 * count + report;
        self.at = self.head;
        self.from = self.head;
        // A little more than came in: most batches then need no second step.
        self.entries.try_reserve(count).is_ok()
            && (self.buffer.reserve(self.head + bytes + bytes / 8 + 16 * count + PADDING, 0)
                || self.buffer.reserve(self.head + PADDING, 0))
    }

    #[inline(always)]
    pub(crate) fn begin_message(&mut self, source: u32) {
        self.source = source;
    }

    #[inline(always)]
    pub(crate) fn end_message(&mut self, result: Result<Outcome, Refusal>) {
        match result {
            Ok(Outcome::Pass) => self.close(PASS),
            other => self.end_without(other),
        }
    }

    #[inline(never)]
    fn end_without(&mut self, result: Result<Outcome, Refusal>) {
        self.at = self.from;
        match result {
            Ok(Outcome::Several) if self.entries.last().is_some_and(|entry| entry[0] == self.source) => {}
            Ok(_) => self.close(DROP),
            Err(refusal) => {
                // Without room for thirty bytes there is nothing left to say: a trap, which the host turns into its own code.
                if self.put(refusal.reason().as_bytes()).is_err() {
                    core::arch::wasm32::unreachable()
                }
                self.close(REFUSE);
            }
        }
    }

    #[inline(always)]
    fn close(&mut self, status: u32) {
        self.from = self.at;
        self.entries.push([self.source, status, (self.at - self.head) as u32]);
    }

    /// Puts the header before the results. None: there is no memory for it.
    pub(crate) fn finish(&mut self, report: &[u8]) -> Option<(*const u8, usize)> {
        let header = 8 + 12 * self.entries.len() + report.len();
        if header > self.head && !self.widen(header - self.head) {
            return None;
        }
        let start = self.buffer.start().wrapping_add(self.head - header);
        // SAFETY: `header` bytes before `head` are in the buffer, and nothing else is there.
        unsafe {
            start.cast::<u32>().write_unaligned(self.entries.len() as u32);
            let table = start.add(4);
            core::ptr::copy_nonoverlapping(self.entries.as_ptr().cast(), table, 12 * self.entries.len());
            let behind = table.add(12 * self.entries.len());
            behind.cast::<u32>().write_unaligned(report.len() as u32);
            core::ptr::copy_nonoverlapping(report.as_ptr(), behind.add(4), report.len());
        }
        Some((start, header + self.at - self.head))
    }

    /// Makes the head `more` bytes longer; a splitter has more entries than there were messages.
    fn widen(&mut self, more: usize) -> bool {
        if !self.buffer.reserve(self.at + more + PADDING, self.at) {
            return false;
        }
        let results = self.buffer.start().wrapping_add(self.head);
        // SAFETY: room for `more` bytes behind the results was just made.
        unsafe { core::ptr::copy(results, results.add(more), self.at - self.head) };
        self.head += more;
        self.at += more;
        true
    }
}

impl Default for Output {
    fn default() -> Self {
        Self::new()
    }
}
