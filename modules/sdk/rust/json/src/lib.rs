//! JSON as RFC 8259 defines it, read where it lies: no tree, no recursion, nothing allocated for a message.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `bytes` | sixteen bytes at a time: loads, stops, copies |
//! | `cursor` | where strings can end, found for a whole message at once |
//! | `scan`  | the grammar: strings, numbers, white space, whole values |
//! | `number` | numbers |
//! | `utf8`  | whether a message is UTF-8 (RFC 3629) |
//! | `text`  | a string's characters out of its escapes, and back into escapes |
//! | `pointer` | JSON Pointer (RFC 6901) |
//! | `value` | a small tree, for configurations only |
//!
//! **What every unsafe function here relies on.** A text lies in memory as `start..end`, `end` holds a NUL byte (which
//! no grammar rule accepts, so that no loop needs to ask whether it is at the end), and `PADDING` bytes from `end` on may
//! be read. White space may be written to: `scan` can turn line ends between tokens into spaces.
#![no_std]

extern crate alloc;

pub mod bytes;
pub mod cursor;
pub mod number;
pub mod pointer;
pub mod scan;
pub mod text;
pub mod utf8;
pub mod value;

/// Bytes after the end of a text that may be read (never relied upon), and after the end of an output that may be written.
pub const PADDING: usize = 64;

/// Containers in containers that are read; one more is `too_deep`.
pub const DEPTH: usize = 512;
