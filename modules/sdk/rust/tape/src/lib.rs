//! A whole message as a flat table of its values, for modules that need all of it: no tree, no recursion, no copy of a value.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `value` | the table, and what it says of a value |
//! | `read` | a message into the table, in one pass; keys that come twice are refused |
//! | `canonical` | a value in the one form that all its spellings have |
#![no_std]

extern crate alloc;

mod canonical;
mod read;
mod value;

pub use canonical::{Canonical, Form, OutOfRange};
pub use read::{Tape, Unread};
pub use value::{Kind, Values};
