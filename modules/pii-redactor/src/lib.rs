//! `pii-redactor`: replaces what is found in the strings, numbers and keys of a JSON message, or lists it (see
//! `../manifest.yaml`, `../README.md`). What is found, and how, is `modules/detect`.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `settings` | the configuration |
//! | `walk` | the one pass over a message |
//! | `keys` | the keys of the objects that are open, where one was replaced |
//! | `redact` | the message with its findings replaced |
//! | `list` | the findings as a message of their own |
#![no_std]

extern crate alloc;

mod keys;
mod list;
mod redact;
mod settings;
mod walk;

use alloc::vec;
use alloc::vec::Vec;

use maskgate_detect::Entity;
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};

use crate::settings::{Settings, Write};

struct Redactor {
    settings: Settings,
    walk: walk::Walk,
    /// Findings of the batch, by find.
    counts: Vec<u64>,
    /// Those of the message that is being read: they count when it passes.
    pending: Vec<u64>,
}

impl Module for Redactor {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let (settings, detector) = settings::read(configuration)?;
        let finds = settings.finds.len();
        Ok(Self { settings, walk: walk::Walk::new(detector), counts: vec![0; finds], pending: vec![0; finds] })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        self.pending.fill(0);
        match self.settings.write {
            Write::Message => redact::write(&mut self.walk, &self.settings.finds, message, output, &mut self.pending)?,
            Write::Findings => list::write(&mut self.walk, &self.settings.finds, message, output, &mut self.pending)?,
        }
        self.counts.iter_mut().zip(&self.pending).for_each(|(count, pending)| *count += pending);
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        let mut other = 0;
        for (find, count) in self.settings.finds.iter().zip(&mut self.counts) {
            let count = core::mem::take(count);
            match Entity::by_name(&find.name) {
                Some(entity) => report.count(entity.name(), count),
                None => other += count,
            }
        }
        report.count("other", other);
    }
}

export!(Redactor);
