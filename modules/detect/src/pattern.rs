//! A policy's own patterns.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_pattern::Search;

use crate::near;

pub struct Pattern {
    search: Search,
    near: Vec<String>,
    which: u16,
    confidence: u8,
}

impl Pattern {
    pub fn new(pattern: &str, near: &[String], which: u16, confidence: u8) -> Result<Self, String> {
        let near = near.iter().map(|word| word.to_lowercase()).collect();
        Ok(Self { search: Search::new(pattern)?, near, which, confidence })
    }

    /// Gives `found` each match that isn't empty: where it begins and ends, its find, its confidence.
    pub fn find(&mut self, text: &[u8], mut found: impl FnMut(usize, usize, u16, u8)) {
        let Self { search, near, which, confidence } = self;
        search.each(text, |start, end| {
            let sure = near.is_empty() || near::any_of(text, start, end, near);
            found(start, end, *which, if sure { *confidence } else { *confidence / 2 });
        });
    }
}
