//! What a module reads of a JSON message, by JSON Pointer (RFC 6901), and the one member that it puts into it.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `paths` | the pointers as a tree |
//! | `walk` | the one pass over a message: checks it whole, finds the values |
//! | `found` | what was found of a message |
//! | `member` | a member set in a message, all other bytes left as they are |
#![no_std]

extern crate alloc;

mod found;
mod member;
mod paths;
mod walk;

pub use found::{Found, Span, pass};
pub use member::{Existing, Member};
pub use paths::{Paths, keys};
pub use walk::{Pick, refusal};
