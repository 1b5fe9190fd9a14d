//! What is written of a message: spans of it, copied when something between them is left out or replaced.

use core::ptr;

use maskgate_guest::json::bytes;
use maskgate_guest::{Full, Output};

/// What has been written of a message.
pub struct Splice {
    /// The message's end.
    pub end: *const u8,
    /// Up to here the message was copied, or left out.
    pub done: *const u8,
    /// Where the next byte goes. Up to `limit` there is always room for the rest of the message and a line end.
    pub to: *mut u8,
    pub limit: *mut u8,
    /// Why the message is refused if it is valid, and where: what came first.
    pub refused: Option<(&'static str, *const u8)>,
    /// The whole message is dropped.
    pub dropped: bool,
}

/// A value that doesn't simply stay.
pub struct Value {
    pub start: *const u8,
    pub end: *const u8,
    /// Where its member or item begins.
    pub from: *const u8,
    /// Whether something of its container was written before it.
    pub behind: bool,
    pub root: bool,
}

impl Splice {
    pub const fn new() -> Self {
        Self {
            end: ptr::null(),
            done: ptr::null(),
            to: ptr::null_mut(),
            limit: ptr::null_mut(),
            refused: None,
            dropped: false,
        }
    }

    /// The message is refused, once all of it is found to be valid.
    pub fn refuse(&mut self, code: &'static str, at: *const u8) {
        self.refused.get_or_insert((code, at));
    }

    /// Copies the message up to `at`.
    #[inline(always)]
    pub unsafe fn copy_to(&mut self, at: *const u8) {
        unsafe {
            let len = at.offset_from_unsigned(self.done);
            bytes::copy(self.done, self.to, len);
            self.to = self.to.add(len);
        }
    }

    /// Writes `json` in the value's place. PADDING bytes behind `json` can be read.
    #[inline(always)]
    pub unsafe fn replace(&mut self, value: &Value, json: &[u8], output: &mut Output) -> Result<(), Full> {
        unsafe {
            self.copy_to(value.start);
            self.done = value.end;
            let rest = self.end.offset_from_unsigned(value.end) + 1;
            if self.limit.offset_from(self.to) < (json.len() + rest) as isize {
                output.wrote(self.to);
                self.to = output.room(json.len() + rest)?;
                self.limit = output.limit();
            }
            bytes::copy(json.as_ptr(), self.to, json.len());
            self.to = self.to.add(json.len());
        }
        Ok(())
    }

    /// Leaves out the value's member or item, and the comma before it; without one, the walk leaves out the one behind.
    pub unsafe fn leave_out(&mut self, value: &Value) {
        if value.root {
            self.dropped = true;
            return;
        }
        let mut from = value.from;
        unsafe {
            // White space alone is between a comma and what follows it.
            while value.behind && *from != b',' {
                from = from.sub(1);
            }
            self.copy_to(from);
        }
        self.done = value.end;
    }
}
