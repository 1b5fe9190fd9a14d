//! Counts, by name: what was done, never what to.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use maskgate_json::text;

/// A JSON object in the making. Its memory is used again.
pub struct Report {
    json: Vec<u8>,
}

impl Report {
    pub(crate) const fn new() -> Self {
        Self { json: Vec::new() }
    }

    pub(crate) fn begin(&mut self) {
        self.json.clear();
    }

    /// Counts `count` under `name`; once a name. 0 is left out.
    pub fn count(&mut self, name: &str, count: u64) {
        if count == 0 {
            return;
        }
        self.json.extend_from_slice(if self.json.is_empty() { b"{\"" } else { b",\"" });
        text::encode(name.as_bytes(), &mut self.json);
        // Writing to a Vec can't fail.
        let _ = write!(Digits(&mut self.json), "\":{count}");
    }

    pub(crate) fn finish(&mut self) -> &[u8] {
        if !self.json.is_empty() {
            self.json.push(b'}');
        }
        &self.json
    }
}

struct Digits<'a>(&'a mut Vec<u8>);

impl Write for Digits<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
