//! `extract`: picks fields out of a JSON message and names them anew (see `../manifest.yaml`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `fields` | the configuration: the sources, and the tree of targets |
//! | `shape` | the object that is written |
#![no_std]

extern crate alloc;

mod fields;
mod shape;

use alloc::vec::Vec;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::Pick;

struct Extract {
    pick: Pick,
    /// For each target the number of its source.
    taken: Vec<usize>,
    shape: shape::Shape,
    missing: fields::Missing,
    /// Fields that messages that passed didn't have, in this batch.
    lacking: u64,
}

impl Module for Extract {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let fields::Fields { sources, taken, shape, missing } = fields::read(configuration)?;
        Ok(Self { pick: Pick::new(sources), taken, shape, missing, lacking: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let found = self.pick.message(message)?;
        let (mut bytes, mut lacking) = (0, 0);
        for &source in &self.taken {
            match found.value(source) {
                Some(value) => bytes += value.len(),
                None => lacking += 1,
            }
        }
        if lacking > 0 && self.missing == fields::Missing::Refuse {
            return Err(Refusal::whole("missing_field"));
        }
        self.shape.write(&found, bytes, self.missing == fields::Missing::Null, output)?;
        self.lacking += lacking;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("missing", core::mem::take(&mut self.lacking));
    }
}

export!(Extract);
