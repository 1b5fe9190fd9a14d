//! The guest side of the ABI `maskgate/1`: a module is one type that implements `Module`, and one line.
//!
//! ```ignore
//! #![no_std]
//! use maskgate_guest::{export, Message, Module, Output, Outcome, Refusal, Report, Setting, Wrong};
//!
//! struct Shout;
//!
//! impl Module for Shout {
//!     fn configure(_: &Setting) -> Result<Self, Wrong> { Ok(Self) }
//!     fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
//!         if message.bytes().is_empty() { return Err(Refusal::at("empty", 0)) }
//!         output.put(message.bytes())?;
//!         output.put(b"!\n")?;
//!         Ok(Outcome::Pass)
//!     }
//!     fn report(&mut self, _: &mut Report) {}
//! }
//!
//! export!(Shout);
//! ```
//!
//! What `message` writes is written into the frame that the host reads: no byte of output is moved for framing. Nothing is
//! allocated for a message, and a batch uses the memory of the batch before it, so that memory is a high-water mark.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `call` | the exports: allocate, configure, transform, error |
//! | `message` | what a module is given and what it answers |
//! | `batch` | the messages of a call, for what depends on more than one |
//! | `output` | the frame that goes back |
//! | `report` | counts, by name |
//! | `setting` | a configuration read with errors that name the place |
//! | `secret` | secrets that the host grants |
//! | `clock` | the time, where the host grants it |
//! | `files` | files that the host grants |
//! | `http` | requests to hosts that the host grants |
//! | `memory` | buffers that are used again |
#![no_std]

extern crate alloc;

mod batch;
mod call;
pub mod clock;
pub mod files;
pub mod http;
mod memory;
mod message;
mod output;
mod report;
mod secret;
mod setting;

pub use batch::Batch;
pub use call::{Guest, Place};
pub use maskgate_json as json;
pub use message::{Message, Outcome, Refusal};
pub use output::{Full, Output};
pub use report::Report;
pub use secret::secret;
pub use setting::{Members, Setting, Wrong};

/// A transform. One value lives for each configured instance.
pub trait Module: Sized {
    /// Reads the configuration. `Wrong` is text for the policy's author and names the place in the configuration.
    fn configure(configuration: &Setting) -> Result<Self, Wrong>;

    /// Called before the messages of a batch, with all of them. Most modules take each message alone and leave this out.
    #[inline(always)]
    fn batch(&mut self, _: &Batch) {}

    /// Transforms one message of a batch. After an `Err`, what was written since the last `Output::pass` is taken back.
    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal>;

    /// Called when a batch is done: adds what was counted in it to the report and counts from 0 again.
    fn report(&mut self, report: &mut Report);
}

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A panic is a trap: the host refuses the request with a code of its own, and what the text would say may hold a value.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// Exports a `Module` as the ABI's functions.
#[macro_export]
macro_rules! export {
    ($module:ty) => {
        static GUEST: $crate::Place<$module> = $crate::Place::new();

        #[unsafe(no_mangle)]
        pub extern "C" fn mg_alloc(len: u32) -> *mut u8 {
            GUEST.guest().alloc(len)
        }

        /// # Safety
        /// `data..data + len` is the buffer that `mg_alloc` gave last.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn mg_configure(data: *const u8, len: u32) -> u32 {
            unsafe { GUEST.guest().configure(data, len) }
        }

        /// # Safety
        /// `data..data + len` is the buffer that `mg_alloc` gave last.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn mg_transform(data: *mut u8, len: u32) -> u64 {
            unsafe { GUEST.guest().transform(data, len) }
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn mg_error() -> u64 {
            GUEST.guest().error()
        }
    };
}
