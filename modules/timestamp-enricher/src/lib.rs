//! `timestamp-enricher`: puts the time into messages (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `time` | a time as RFC 3339 writes it |
#![no_std]

extern crate alloc;

mod time;

use alloc::vec::Vec;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, clock, export};
use maskgate_pick::{Existing, Member, Paths, Pick};

struct Timestamp {
    pick: Pick,
    member: Member,
    existing: Existing,
    /// Digits of a second's fraction.
    digits: usize,
    /// The time of the batch, as a JSON string; empty until it is asked for.
    now: Vec<u8>,
    added: u64,
}

impl Module for Timestamp {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["into", "precision", "existing"])?;
        let mut paths = Paths::new();
        let into = members.required("into")?;
        let member = Member::new(into.string()?, &mut paths).map_err(|what| into.wrong(what))?;
        let choice = |name, choices, default| members.optional(name).map_or(Ok(default), |found| found.choice(choices));
        let digits = [0, 3, 6][choice("precision", &["s", "ms", "us"], 1)?];
        let existing = Existing::choice(choice("existing", &Existing::CHOICES, 0)?);
        if clock::now().is_none() {
            return Err(configuration.wrong("the grant `clock` is needed"));
        }
        Ok(Self { pick: Pick::new(paths), member, existing, digits, now: Vec::new(), added: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let found = self.pick.message(message)?;
        if self.member.stays(self.existing, &found, output)? {
            return Ok(Outcome::Pass);
        }
        if self.now.is_empty() {
            let now = clock::now().ok_or_else(|| Refusal::whole("no_clock"))?;
            time::write(now, self.digits, &mut self.now);
        }
        self.member.write(&found, &self.now, output)?;
        self.added += 1;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        self.now.clear(); // the next batch has a time of its own
        report.count("added", core::mem::take(&mut self.added));
    }
}

export!(Timestamp);
