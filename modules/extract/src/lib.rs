//! `extract`: picks fields out of a JSON message and names them anew (see `../manifest.yaml`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `fields` | the configuration: the tree of sources, the tree of targets |
//! | `pick` | the one pass that finds the sources |
//! | `shape` | the object that is written |
#![no_std]

extern crate alloc;

mod fields;
mod pick;
mod shape;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};

struct Extract {
    pick: pick::Pick,
    shape: shape::Shape,
    missing: fields::Missing,
    /// Fields that messages that passed didn't have, in this batch.
    lacking: u64,
}

impl Module for Extract {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let fields::Fields { sources, shape, missing } = fields::read(configuration)?;
        Ok(Self { pick: pick::Pick::new(sources), shape, missing, lacking: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        // SAFETY: `Message` is as the JSON crate wants it.
        let found = unsafe { self.pick.message(message)? };
        let lacking = found.iter().filter(|span| span.is_none()).count();
        if lacking > 0 && self.missing == fields::Missing::Refuse {
            return Err(Refusal::whole("missing_field"));
        }
        self.shape.write(found, self.missing == fields::Missing::Null, output)?;
        self.lacking += lacking as u64;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("missing", core::mem::take(&mut self.lacking));
    }
}

export!(Extract);
