//! What becomes of a value.

use alloc::boxed::Box;
use alloc::vec::Vec;

use maskgate_guest::json::{PADDING, text};

use crate::maker::Maker;
use crate::scan::Scan;

pub enum Treatment {
    Keep,
    Drop,
    /// This JSON text instead.
    Put(Text),
    /// The JSON that is made of the value; null stays.
    Make(Maker),
    /// All stays but for what is found in it.
    Scan(Box<Scan>),
}

/// The kinds, the least strict first. Where two paths match a value and neither is more specific, the stricter one's
/// rule decides: the one that leaves less of a value to be seen, or to be found out.
pub const KINDS: [&str; 22] = [
    "keep",
    "reveal",
    "scan",
    "shuffle",
    "partial",
    "truncate",
    "fixed",
    "noise",
    "shift_date",
    "date",
    "bucket",
    "ip_prefix",
    "ff1",
    "siv",
    "hmac",
    "name",
    "email",
    "choose",
    "text",
    "redact",
    "nullify",
    "drop",
];

/// What is written for a value that a treatment can't read, or that it may not show in part either.
pub const REDACTED: &[u8] = b"\"[REDACTED]\"";

impl Treatment {
    pub fn redact() -> Self {
        Self::Put(Text::new(REDACTED))
    }

    pub fn nullify() -> Self {
        Self::Put(Text::new(b"null"))
    }

    pub fn text(text: &str) -> Self {
        Self::Put(Text::new(&text::quoted(text)))
    }

    /// Whether it needs all of a batch's values.
    pub fn shuffles(&self) -> bool {
        matches!(self, Self::Make(Maker::Shuffle(_)))
    }
}

/// Bytes that may be copied in blocks: PADDING more can be read behind them.
pub struct Text {
    padded: Vec<u8>,
    len: usize,
}

impl Text {
    fn new(json: &[u8]) -> Self {
        let mut padded = Vec::with_capacity(json.len() + PADDING);
        padded.extend_from_slice(json);
        padded.resize(json.len() + PADDING, 0);
        Self { padded, len: json.len() }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.padded[..self.len]
    }
}
