//! What a module is given, and what it answers.

use alloc::string::String;
use core::fmt::Write;

use crate::output::Full;

/// One message, where the host put it. It is the module's own for the call: its bytes may be written to, as long as
/// nothing else is. The byte at `end` is 0 while the module has the message, and `json::PADDING` bytes from there on may
/// be read: what they hold means nothing.
#[derive(Clone, Copy)]
pub struct Message {
    start: *mut u8,
    len: usize,
}

impl Message {
    /// # Safety
    /// The bytes are as the type's page says.
    pub unsafe fn new(start: *mut u8, len: usize) -> Self {
        Self { start, len }
    }

    #[inline(always)]
    pub fn start(&self) -> *mut u8 {
        self.start
    }

    #[inline(always)]
    pub fn end(&self) -> *mut u8 {
        self.start.wrapping_add(self.len)
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: as the type's page says.
        unsafe { core::slice::from_raw_parts(self.start, self.len) }
    }
}

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What was written is the result.
    Pass,
    /// There is none: what was written is taken back.
    Drop,
    /// Several results, each closed with `Output::pass`; with none of them the message counts as dropped.
    Several,
}

/// Why a message goes nowhere: a code that the manifest lists, and where in the message. Never what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    code: &'static str,
    offset: Option<usize>,
}

impl Refusal {
    /// `offset` in bytes from the message's first.
    #[cold]
    pub fn at(code: &'static str, offset: usize) -> Self {
        Self { code, offset: Some(offset) }
    }

    #[cold]
    pub fn whole(code: &'static str) -> Self {
        Self { code, offset: None }
    }

    /// `code` or `code OFFSET`.
    pub fn reason(&self) -> String {
        let mut reason = String::from(self.code);
        if let Some(offset) = self.offset {
            // Writing to a String can't fail.
            let _ = write!(reason, " {offset}");
        }
        reason
    }
}

impl From<Full> for Refusal {
    fn from(_: Full) -> Self {
        Self::whole("too_large")
    }
}
