//! `deduplicator`: drops messages that are equal to an earlier one of the batch (see `../manifest.yaml`, `../README.md`).
//!
//! What is compared is the canonical form itself, kept for the batch: no hash, and so no two values that only look the same.
#![no_std]

extern crate alloc;

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use maskgate_guest::{Full, Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::{Paths, Pick, keys, pass};
use maskgate_tape::{Canonical, Form, OutOfRange, Tape};

/// What becomes of a message that lacks a field it is compared by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// It passes, and no other is compared with it.
    Pass,
    Refuse,
    /// A field that isn't there is the same as another that isn't.
    Same,
}

struct Deduplicator {
    /// Paths of the fields that messages are compared by, by number; none: the whole message.
    fields: Vec<usize>,
    missing: Missing,
    pick: Pick,
    tape: Tape,
    canonical: Canonical,
    content: Vec<u8>,
    /// The canonical forms of the batch's messages.
    seen: BTreeSet<Vec<u8>>,
    duplicates: u64,
}

impl Module for Deduplicator {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["by", "missing"])?;
        let mut paths = Paths::new();
        let mut fields = Vec::new();
        if let Some(by) = members.optional("by") {
            for field in by.items()? {
                let path = paths.add(&keys(field.string()?).map_err(|what| field.wrong(what))?);
                if fields.contains(&path) {
                    return Err(field.wrong("is there twice"));
                }
                fields.push(path);
            }
            if fields.is_empty() {
                return Err(by.wrong("must have a field"));
            }
        }
        let missing = members.optional("missing").map_or(Ok(0), |found| found.choice(&["pass", "refuse", "same"]))?;
        Ok(Self {
            fields,
            missing: [Missing::Pass, Missing::Refuse, Missing::Same][missing],
            pick: Pick::new(paths),
            tape: Tape::new(),
            canonical: Canonical::default(),
            content: Vec::new(),
            seen: BTreeSet::new(),
            duplicates: 0,
        })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        if self.is_comparable(message)? {
            if self.seen.contains(&self.content) {
                self.duplicates += 1;
                return Ok(Outcome::Drop);
            }
            let mut form = Vec::new();
            form.try_reserve_exact(self.content.len()).map_err(|_| Refusal::from(Full))?;
            form.extend_from_slice(&self.content);
            self.seen.insert(form);
        }
        pass(message.bytes().trim_ascii(), output)?;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        self.seen.clear();
        report.count("duplicates", core::mem::take(&mut self.duplicates));
    }
}

impl Deduplicator {
    /// Puts what is compared into `content`. False: the message is compared with none.
    fn is_comparable(&mut self, message: Message) -> Result<bool, Refusal> {
        let Self { fields, missing, pick, tape, canonical, content, .. } = self;
        let values = tape.message(message)?;
        content.clear();
        let mut add = |value, content: &mut Vec<u8>| {
            canonical.write(&values, value, Form::Exact, content).map_err(|error| match error {
                OutOfRange::Number(offset) => Refusal::at("number_out_of_range", offset),
                OutOfRange::Full => Full.into(),
            })
        };
        if fields.is_empty() {
            add(0, content)?;
            return Ok(true);
        }
        let found = pick.message(message)?;
        for &field in &*fields {
            match found.span(field).and_then(|span| values.at(span.start)) {
                Some(value) => add(value, content)?,
                None if *missing == Missing::Pass => return Ok(false),
                None if *missing == Missing::Refuse => return Err(Refusal::whole("missing_field")),
                None => {}
            }
            content.push(b'\n'); // is in no canonical form, so that no two lists of values look the same
        }
        Ok(true)
    }
}

export!(Deduplicator);
