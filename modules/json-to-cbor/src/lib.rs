//! `json-to-cbor`: turns JSON into CBOR in its deterministic encoding (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `encode` | the shortest form of each item |
//! | `number` | numbers |
#![no_std]

extern crate alloc;

mod encode;
mod number;

use alloc::vec::Vec;

use maskgate_guest::{Full, Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_tape::{Kind, Tape, Values};

use crate::encode::{ARRAY, FALSE, MAP, NULL, TEXT, TRUE};

struct JsonToCbor {
    others: number::Others,
    tape: Tape,
    items: Items,
    /// Numbers that aren't integers or doubles, in this batch.
    inexact: u64,
}

/// What is written of a message; its memory is used again.
#[derive(Default)]
struct Items {
    cbor: Vec<u8>,
    levels: Vec<Level>,
    /// Members of the maps that are open, by number, in the order of their keys.
    order: Vec<u32>,
    decoded: Vec<u8>,
}

/// A container that is being written.
struct Level {
    map: bool,
    /// A map's members are in `Items::order`, from here on.
    first: usize,
    /// The next item, by number; the next member, by its place in `Items::order`.
    at: usize,
    end: usize,
}

impl Module for JsonToCbor {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["numbers"])?;
        let others = number::Others::read(&members)?;
        Ok(Self { others, tape: Tape::new(), items: Items::default(), inexact: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let values = self.tape.message(message)?;
        self.inexact += self.items.write(&values, self.others)?;
        output.put(&self.items.cbor)?;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("inexact", core::mem::take(&mut self.inexact));
    }
}

impl Items {
    /// Writes a message; returns how many of its numbers were others.
    fn write(&mut self, values: &Values, others: number::Others) -> Result<u64, Refusal> {
        self.cbor.clear();
        self.levels.clear();
        self.order.clear();
        let mut inexact = u64::from(self.value(values, 0, others)?);
        while let Some(level) = self.levels.last_mut() {
            if level.at == level.end {
                self.order.truncate(level.first);
                self.levels.pop();
                continue;
            }
            let value = if level.map { self.order[level.at] as usize } else { level.at };
            if level.map {
                level.at += 1;
                encode::string(TEXT, values.key(value), &mut self.cbor)?;
            } else {
                level.at = values.after(value);
            }
            inexact += u64::from(self.value(values, value, others)?);
        }
        Ok(inexact)
    }

    /// A scalar whole, a container's beginning. Whether it is a number that was one of the others.
    fn value(&mut self, values: &Values, value: usize, others: number::Others) -> Result<bool, Refusal> {
        let cbor = &mut self.cbor;
        match values.kind(value) {
            Kind::Null => encode::simple(NULL, cbor)?,
            Kind::Bool => encode::simple(if values.json(value) == b"true" { TRUE } else { FALSE }, cbor)?,
            Kind::Text => encode::string(TEXT, values.text(value, &mut self.decoded), cbor)?,
            Kind::Number => return number::write(values.json(value), values.offset(value), others, cbor),
            Kind::Array => {
                encode::head(ARRAY, values.count(value) as u64, cbor)?;
                self.open(Level { map: false, first: self.order.len(), at: value + 1, end: values.after(value) })?;
            }
            Kind::Object => {
                encode::head(MAP, values.count(value) as u64, cbor)?;
                let first = self.order.len();
                self.order.try_reserve(values.count(value)).map_err(|_| Full)?;
                self.order.extend(values.inner(value).map(|member| member as u32));
                // The order of the bytes that keys become: those begin with the length.
                let key = |member: &u32| values.key(*member as usize);
                let lengths = |one: &[u8], other: &[u8]| one.len().cmp(&other.len());
                self.order[first..].sort_unstable_by(|one, other| {
                    lengths(key(one), key(other)).then_with(|| key(one).cmp(key(other)))
                });
                self.open(Level { map: true, first, at: first, end: self.order.len() })?;
            }
        }
        Ok(false)
    }

    fn open(&mut self, level: Level) -> Result<(), Full> {
        self.levels.try_reserve(1).map_err(|_| Full)?;
        self.levels.push(level);
        Ok(())
    }
}

export!(JsonToCbor);
