//! Makes values less exact, for Maskgate's `mask` module: pure functions from a value's characters to characters.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `bucket` | a number becomes the range that it is in |
//! | `date` | a date keeps its year, quarter, month, week, day or hour |
//! | `shift` | a date moves by a keyed number of days |
//! | `network` | an IP address becomes its network |
//! | `noise` | a number moves by a keyed amount |
//! | `characters`, `partial` | the first characters stay; some or all become the mask |
//! | `number`, `plain` | numbers as JSON writes them, read and written without a double |
//! | `written`, `epoch`, `calendar` | how dates are written; the Gregorian calendar |
//! | `keyed` | HMAC-SHA-256 |
//!
//! Each treatment is made once, of the policy's configuration, and has one method `write`. It adds UTF-8 to `out`, which the
//! caller escapes as its format needs. False: the value can't be read for certain; `out` is as it was, and the caller writes
//! "[REDACTED]". A result is a string, except where `keeps_kind` says that it is what the value was, a string or a number.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod bucket;
mod calendar;
mod characters;
mod date;
mod epoch;
mod keyed;
mod network;
mod noise;
mod number;
mod partial;
mod plain;
mod shift;
mod written;

use core::fmt;

pub use bucket::{As, Edges, Steps};
pub use characters::{Fixed, Truncate};
pub use date::{Date, Form, Format, Part};
pub use network::Network;
pub use noise::{By, Noise};
pub use partial::Partial;
pub use shift::Shift;

/// A value's characters.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// UTF-8, decoded: without quotes and escapes.
    String(&'a [u8]),
    /// As JSON writes it (RFC 8259 section 6).
    Number(&'a [u8]),
}

impl<'a> Value<'a> {
    pub fn characters(self) -> &'a [u8] {
        match self {
            Self::String(text) | Self::Number(text) => text,
        }
    }
}

/// A configuration that is refused: which key of the treatment, and what it must be. Nothing of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    pub key: &'static str,
    pub text: &'static str,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)?;
        f.write_str(" ")?;
        f.write_str(self.text)
    }
}

impl core::error::Error for Invalid {}
