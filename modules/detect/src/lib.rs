//! Personal data and secrets in free text: where they stand, which kind they are, how sure that is.
//!
//! ```ignore
//! use maskgate_detect::{Detect, Detector, Entity, Find};
//!
//! let finds = [Find { detect: vec![Detect::Entity(Entity::Email)] }];
//! let mut detector = Detector::new(&finds, 50).expect("a configuration that can be used");
//! let mut hits = Vec::new();
//! detector.find(b"write to jane@example.org", &mut hits).expect("room");
//! assert_eq!((hits[0].start, hits[0].end, hits[0].which), (9, 25, 0));
//! ```
//!
//! One pass looks for the bytes that a finding can hang on (a digit, an `@`, a `:` …), sixteen at a time; what recognises an
//! entity runs there alone and reads a bounded number of bytes around. A text with characters that look like ASCII's, or with escapes, is
//! looked through once more as what it stands for. So the time is linear in the text, whatever it holds.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `lib` | what is looked for, what is found |
//! | `entity` | the entities' names |
//! | `anchor` | the pass over the text |
//! | `fold` | the text once more, with ASCII for what looks like it |
//! | `scan` | which recogniser runs where |
//! | `byte` | what stands at a place of a text |
//! | `digits` | digits in groups, as people write long numbers |
//! | `plan`, `national` | what telephone numbers can be, and how countries write them |
//! | `secret`, `named` | credentials told by their form, and by a word before them |
//! | `near` | words around a finding that make it more or less likely |
//! | `settle` | findings that overlap |
//! | `pattern`, `words` | what a policy looks for by itself |
//! | `setting` | the configuration of a module that detects |
//! | all others | an entity each, or a country's |
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod anchor;
mod birth;
mod byte;
mod card;
mod digits;
mod email;
mod entity;
mod fold;
mod france;
mod germany;
mod iban;
mod named;
mod national;
mod near;
mod network;
mod pattern;
mod plan;
mod scan;
mod secret;
#[cfg(target_arch = "wasm32")]
pub mod setting;
mod settle;
mod telephone;
#[cfg(test)]
mod tests;
mod united_kingdom;
mod united_states;
mod url;
mod words;

use alloc::collections::TryReserveError;
use alloc::string::String;
use alloc::vec::Vec;

pub use entity::Entity;

/// Texts of one kind that are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detect {
    Entity(Entity),
    /// A regular expression (`maskgate_pattern`). With words in `near`, a match without one of them around is half as sure.
    Pattern {
        pattern: String,
        near: Vec<String>,
        confidence: u8,
    },
    /// Whole words or phrases, in upper and lower case alike.
    Words {
        words: Vec<String>,
        confidence: u8,
    },
}

/// What is looked for under one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    pub detect: Vec<Detect>,
}

/// A finding: `text[start..end]`, which are whole characters and never none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub start: usize,
    pub end: usize,
    /// The number of the `Find` that it was found for.
    pub which: usize,
    /// 0 to 100.
    pub confidence: u8,
}

pub struct Detector {
    scan: scan::Scan,
    fold: fold::Fold,
    found: Vec<Hit>,
}

impl Detector {
    /// `least`: the confidence from which on something counts as found, 0 to 100. Where two finds look for the same entity
    /// it is the first's. The error says what is wrong with a pattern or a list of words, for the policy's author.
    pub fn new(finds: &[Find], least: u8) -> Result<Self, String> {
        Ok(Self { scan: scan::Scan::new(finds, least)?, fold: fold::Fold::new(), found: Vec::new() })
    }

    /// Puts into `hits`, which is cleared first, what is found in a text (UTF-8), in its order. No two overlap: the surer one
    /// stands, of two alike the longer, then that of the earlier find; of the other what lies outside is a hit of its own,
    /// so that all that was found is covered. Allocates nothing once it has met texts as long and with as much in them. The
    /// error: there is no memory for what is found, or for the second reading of the text (`fold`).
    pub fn find(&mut self, text: &[u8], hits: &mut Vec<Hit>) -> Result<(), TryReserveError> {
        hits.clear();
        self.found.clear();
        self.scan.text(text, &mut self.found)?;
        if let Some(reading) = self.fold.read(text)? {
            let first = self.found.len();
            self.scan.text(reading, &mut self.found)?;
            for hit in &mut self.found[first..] {
                (hit.start, hit.end) = self.fold.origin(hit.start, hit.end);
            }
        }
        settle::settle(text, &mut self.found, hits)
    }
}
