//! `content-hash`: puts a hash of a message's canonical form into it (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `settings` | the configuration |
//! | `hash` | SHA-256 and HMAC-SHA-256, and how a hash is written |
#![no_std]

extern crate alloc;

mod hash;
mod settings;

use alloc::vec::Vec;

use maskgate_guest::{Full, Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::{Existing, Found, Pick};
use maskgate_tape::{Canonical, OutOfRange, Tape, Values};

struct ContentHash {
    settings: settings::Settings,
    pick: Pick,
    tape: Tape,
    canonical: Canonical,
    /// What is hashed, and then what is written of it.
    content: Vec<u8>,
    written: Vec<u8>,
}

impl Module for ContentHash {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let (settings, paths) = settings::read(configuration)?;
        Ok(Self {
            settings,
            pick: Pick::new(paths),
            tape: Tape::new(),
            canonical: Canonical::default(),
            content: Vec::new(),
            written: Vec::new(),
        })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let Self { settings, pick, tape, canonical, content, written } = self;
        let values = tape.message(message)?;
        let found = pick.message(message)?;
        if settings.member.stays(settings.existing, &found, output)? {
            return Ok(Outcome::Pass);
        }
        canonical.without = settings.member.span(&found).and_then(|span| values.at(span.start));
        content.clear();
        gather(settings, canonical, &values, &found, content)?;
        settings.hash.write(content, written);
        settings.member.write(&found, written, output)?;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, _: &mut Report) {}
}

/// What is hashed: the whole message's canonical form, or that of an array of the fields' values.
fn gather(
    settings: &settings::Settings,
    canonical: &mut Canonical,
    values: &Values,
    found: &Found,
    content: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let mut add = |value, content: &mut Vec<u8>| {
        canonical.write(values, value, settings.form, content).map_err(|error| match error {
            OutOfRange::Number(offset) => Refusal::at("number_out_of_range", offset),
            OutOfRange::Full => Full.into(),
        })
    };
    if settings.fields.is_empty() {
        return add(0, content);
    }
    for (number, &field) in settings.fields.iter().enumerate() {
        content.extend_from_slice(if number == 0 { b"[" } else { b"," });
        match found.span(field).and_then(|span| values.at(span.start)) {
            Some(value) => add(value, content)?,
            None if settings.missing_is_null => content.extend_from_slice(b"null"),
            None => return Err(Refusal::whole("missing_field")),
        }
    }
    content.push(b']');
    Ok(())
}

export!(ContentHash);
