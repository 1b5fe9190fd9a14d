//! `geo-enricher`: looks up a table by a value of a message and adds what it finds (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `settings` | the configuration |
//! | `csv` | the table's text, record by record |
//! | `table` | its rows by their keys, and what is added of one |
//! | `prefixes` | keys that are IP prefixes |
//! | `texts` | keys that are texts |
#![no_std]

extern crate alloc;

mod csv;
mod prefixes;
mod settings;
mod table;
mod texts;

use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::Pick;

use settings::{Missing, Settings};

struct Enricher {
    settings: Settings,
    table: table::Table,
    pick: Pick,
    /// The characters of a text with escapes, and what is added.
    decoded: Vec<u8>,
    added: Vec<u8>,
    found: u64,
    missing: u64,
}

impl Module for Enricher {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let (settings, table, paths) = settings::read(configuration)?;
        Ok(Self {
            settings,
            table,
            pick: Pick::new(paths),
            decoded: Vec::new(),
            added: Vec::new(),
            found: 0,
            missing: 0,
        })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let Self { settings, table, pick, decoded, added, .. } = self;
        let found = pick.message(message)?;
        if settings.member.stays(settings.existing, &found, output)? {
            return Ok(Outcome::Pass);
        }
        let row = match found.value(settings.field) {
            Some([b'"', inner @ .., b'"']) => table.row(characters(inner, decoded)),
            _ => None,
        };
        if let Some(row) = row {
            table.write(row, added);
            settings.member.write(&found, added, output)?;
            self.found += 1;
            return Ok(Outcome::Pass);
        }
        match settings.missing {
            Missing::Refuse => {
                let there = found.span(settings.field).map(|span| span.start);
                return Err(there.map_or(Refusal::whole("not_found"), |offset| Refusal::at("not_found", offset)));
            }
            Missing::Null => settings.member.write(&found, b"null", output)?,
            Missing::Omit => found.pass(output)?,
        }
        self.missing += 1;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("found", core::mem::take(&mut self.found));
        report.count("missing", core::mem::take(&mut self.missing));
    }
}

fn characters<'a>(inner: &'a [u8], decoded: &'a mut Vec<u8>) -> &'a [u8] {
    if !inner.contains(&b'\\') {
        return inner;
    }
    decoded.clear();
    text::decode(inner, decoded);
    decoded
}

export!(Enricher);
