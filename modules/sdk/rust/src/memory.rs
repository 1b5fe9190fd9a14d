//! Buffers that are used again, batch after batch.

use alloc::alloc::{Layout, alloc, dealloc};
use core::ptr;

/// Bytes that are neither cleared nor counted: whoever writes them knows which ones hold something.
pub struct Buffer {
    start: *mut u8,
    capacity: usize,
}

const ALIGN: usize = 16;

/// Capacities are multiples of this, so that batches of much the same size share one.
const STEP: usize = 4096;

impl Buffer {
    pub const fn new() -> Self {
        Self { start: ptr::null_mut(), capacity: 0 }
    }

    pub fn start(&self) -> *mut u8 {
        self.start
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Room for `len` bytes, of which the first `keep` stay. False: there is no memory for it, and nothing changed.
    #[inline(always)]
    pub fn reserve(&mut self, len: usize, keep: usize) -> bool {
        len <= self.capacity || self.grow(len, keep)
    }

    #[inline(never)]
    #[cold]
    fn grow(&mut self, len: usize, keep: usize) -> bool {
        if keep == 0 {
            self.release(); // nothing to carry over: the old room can be a part of the new
        }
        let roomy = len.saturating_add(self.capacity / 4);
        [roomy, len].into_iter().any(|wanted| self.move_to(wanted, keep))
    }

    fn move_to(&mut self, wanted: usize, keep: usize) -> bool {
        let Some(layout) = layout(wanted) else { return false };
        // SAFETY: the layout's size is not 0; both buffers hold `keep` bytes and are different ones.
        unsafe {
            let start = alloc(layout);
            if start.is_null() {
                return false;
            }
            if keep > 0 {
                ptr::copy_nonoverlapping(self.start, start, keep);
            }
            self.release();
            self.start = start;
            self.capacity = layout.size();
        }
        true
    }

    fn release(&mut self) {
        if let Some(layout) = layout(self.capacity).filter(|_| self.capacity > 0) {
            // SAFETY: `start` was allocated with this layout: a capacity is a multiple of STEP already.
            unsafe { dealloc(self.start, layout) };
        }
        *self = Self::new();
    }
}

fn layout(len: usize) -> Option<Layout> {
    let size = len.max(1).checked_next_multiple_of(STEP)?;
    Layout::from_size_align(size, ALIGN).ok()
}
