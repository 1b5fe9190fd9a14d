//! The exports of the ABI, one method each.

use alloc::format;
use alloc::string::String;
use core::cell::UnsafeCell;

use maskgate_json::{PADDING, value};

use crate::Module;
use crate::batch::Batch;
use crate::memory::Buffer;
use crate::message::Message;
use crate::output::Output;
use crate::report::Report;
use crate::setting::{Setting, Wrong};

/// What an instance holds: its module once it is configured, and its buffers.
pub struct Guest<M> {
    module: Option<M>,
    input: Buffer,
    output: Output,
    report: Report,
    /// Bytes that the longest report so far had: what is kept free for the next.
    report_len: usize,
    error: String,
}

/// Where the one guest of an instance lives.
pub struct Place<M>(UnsafeCell<Guest<M>>);

// SAFETY: a module built like this has one thread, and no export is called from within another.
unsafe impl<M> Sync for Place<M> {}

impl<M: Module> Place<M> {
    #[expect(clippy::new_without_default, reason = "used by `export!` alone, in a static")]
    pub const fn new() -> Self {
        Self(UnsafeCell::new(Guest {
            module: None,
            input: Buffer::new(),
            output: Output::new(),
            report: Report::new(),
            report_len: 0,
            error: String::new(),
        }))
    }

    #[expect(clippy::mut_from_ref, reason = "see `unsafe impl Sync`")]
    pub fn guest(&self) -> &mut Guest<M> {
        unsafe { &mut *self.0.get() }
    }
}

impl<M: Module> Guest<M> {
    /// A buffer for `len` bytes, the module's own; the next call may use it again. Traps when there is no memory for it.
    pub fn alloc(&mut self, len: u32) -> *mut u8 {
        if !self.input.reserve((len as usize).saturating_add(PADDING), 0) {
            core::arch::wasm32::unreachable()
        }
        self.input.start()
    }

    /// # Safety
    /// `data..data + len` can be read.
    pub unsafe fn configure(&mut self, data: *const u8, len: u32) -> u32 {
        let json = unsafe { core::slice::from_raw_parts(data, len as usize) };
        let read = value::parse(json).map_err(|offset| Wrong::new(format!("configuration: not JSON at byte {offset}")));
        match read.and_then(|value| M::configure(&Setting::new(&value))) {
            Ok(module) => {
                self.module = Some(module);
                self.error.clear();
                0
            }
            Err(wrong) => {
                self.module = None;
                self.error.clear();
                self.error.push_str(wrong.text());
                1
            }
        }
    }

    /// # Safety
    /// `data..data + len` is the buffer that `alloc` gave last.
    pub unsafe fn transform(&mut self, data: *mut u8, len: u32) -> u64 {
        unsafe { self.batch(data, len as usize) }.unwrap_or_else(|| core::arch::wasm32::unreachable())
    }

    /// The packed place of the result; None where only a trap is left: not configured, no frame, no memory.
    #[inline(always)]
    unsafe fn batch(&mut self, data: *mut u8, len: usize) -> Option<u64> {
        let Self { module, output, report, report_len, .. } = self;
        let module = module.as_mut()?;
        unsafe {
            if len < 4 {
                return None;
            }
            let count = data.cast::<u32>().read_unaligned() as usize;
            let head = count.checked_mul(4)?.checked_add(4).filter(|head| *head <= len)?;
            let (ends, bytes, size) = (data.add(4).cast::<u32>(), data.add(head), len - head);
            if !output.begin(count, size, *report_len) {
                return None;
            }
            module.batch(&Batch::new(ends, count, bytes, size));
            let mut start = 0;
            for source in 0..count {
                let end = ends.add(source).read_unaligned() as usize;
                if end < start || end > size {
                    return None;
                }
                // The byte behind a message is 0 while it is read: so no loop over it needs to count.
                let behind = bytes.add(end);
                let kept = behind.replace(0);
                output.begin_message(source as u32);
                let result = module.message(Message::new(bytes.add(start), end - start), output);
                output.end_message(result);
                behind.write(kept);
                start = end;
            }
        }
        report.begin();
        module.report(report);
        let report = report.finish();
        *report_len = report.len().max(*report_len);
        let (at, len) = output.finish(report)?;
        Some(pack(at, len))
    }

    /// The text of the last configuration that was refused; empty if none was.
    pub fn error(&self) -> u64 {
        pack(self.error.as_ptr(), self.error.len())
    }
}

fn pack(at: *const u8, len: usize) -> u64 {
    (at as u64) << 32 | len as u64
}
