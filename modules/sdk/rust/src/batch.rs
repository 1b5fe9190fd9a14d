//! The messages of a call, before the first of them is transformed.

use crate::message::Message;

/// All messages of a batch, in their order.
pub struct Batch {
    ends: *const u32,
    count: usize,
    bytes: *mut u8,
    size: usize,
}

impl Batch {
    /// # Safety
    /// `count` ends can be read, and `size` bytes and PADDING more, where an `Output` of the call doesn't write.
    pub(crate) unsafe fn new(ends: *const u32, count: usize, bytes: *mut u8, size: usize) -> Self {
        Self { ends, count, bytes, size }
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Gives `read` each message in turn, as `Module::message` gets it: line ends between its tokens may have become spaces
    /// when it comes there. Ends early where the frame is broken, which is the call's end as well.
    pub fn each(&self, mut read: impl FnMut(Message)) {
        let mut start = 0;
        for number in 0..self.count {
            // SAFETY: as `new` says; `end` is checked, and the byte behind the message is put back before the next is read.
            unsafe {
                let end = self.ends.add(number).read_unaligned() as usize;
                if end < start || end > self.size {
                    return;
                }
                let behind = self.bytes.add(end);
                let kept = behind.replace(0);
                read(Message::new(self.bytes.add(start), end - start));
                behind.write(kept);
                start = end;
            }
        }
    }
}
