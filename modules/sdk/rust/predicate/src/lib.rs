//! Predicates on JSON messages: `/total >= 100 and /customer/country in ["DE", "FR"] and not exists(/test)`.
//!
//! The language is in `modules/json-filter/README.md`. A predicate is read once, adds the paths that it reads to those that
//! `maskgate_pick` looks for, and then holds or doesn't for what was found of a message.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `token` | the text as tokens, each with its line and column |
//! | `parse` | the grammar |
//! | `test` | what a predicate consists of |
//! | `evaluate` | whether one holds |
//! | `compare` | values of a message beside one another |
#![no_std]

extern crate alloc;

mod compare;
mod evaluate;
mod parse;
mod test;
mod token;

use alloc::string::String;

use maskgate_pick::{Found, Paths};

pub use compare::NotComparable;
pub use evaluate::Room;

/// A predicate that has been read.
pub struct Predicate(test::Test);

impl Predicate {
    /// Adds to `paths` what the predicate reads. The error is text: `line 1, column 9: …`.
    pub fn read(text: &str, paths: &mut Paths) -> Result<Self, String> {
        parse::read(text, paths).map(Self)
    }

    /// Whether it holds for a message. Of a test that comes to nothing for others, left to right, nothing is asked.
    pub fn holds(&self, found: &Found, room: &mut Room) -> Result<bool, NotComparable> {
        evaluate::holds(&self.0, found, room)
    }
}
