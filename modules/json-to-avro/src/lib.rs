//! `json-to-avro`: turns JSON into Apache Avro's binary encoding, by a schema (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `datum` | a message written as the schema says |
//! | `union` | branches tried, one after the other |
//! | `scalar` | texts, bytes, times |
//! | `number` | integers, floats, decimals |
#![no_std]

extern crate alloc;

mod datum;
mod number;
mod scalar;
mod union;

use alloc::vec::Vec;

use maskgate_avro::{Binary, fingerprint, settings};
use maskgate_convert::choices;
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_tape::Tape;

const KEYS: [&str; 8] = ["schema", "framing", "schema_id", "unions", "unknown", "numbers", "binary", "logical"];

struct JsonToAvro {
    tape: Tape,
    data: datum::Data,
    /// What stands before each datum.
    head: Vec<u8>,
}

impl Module for JsonToAvro {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&KEYS)?;
        let schema = settings::schema(&members.required("schema")?, &members)?;
        let framing = choices::choice(&members, "framing", &["none", "confluent", "single-object"])?;
        let id = settings::schema_id(&members, framing == 1)?;
        let mut head = Vec::new();
        match (framing, id) {
            (1, Some(id)) => {
                head.push(0);
                head.extend_from_slice(&id.to_be_bytes());
            }
            (1, None) => return Err(configuration.wrong("framing confluent needs the key `schema_id`")),
            (2, _) => {
                head.extend_from_slice(&[0xc3, 0x01]);
                head.extend_from_slice(&fingerprint(&schema).to_le_bytes());
            }
            _ => {}
        }
        let settings = datum::Settings {
            tagged: choices::choice(&members, "unions", &["plain", "tagged"])? == 1,
            drops: choices::choice(&members, "unknown", &["refuse", "drop"])? == 1,
            nearest: choices::choice(&members, "numbers", &["refuse", "float"])? == 1,
            binary: Binary::read(&members)?,
        };
        Ok(Self { tape: Tape::new(), data: datum::Data::new(schema, settings), head })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let values = self.tape.message(message)?;
        let datum = self.data.write(&values)?;
        output.put(&self.head)?;
        output.put(datum)?;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        let counts = core::mem::take(&mut self.data.counted);
        report.count("dropped", counts.dropped);
        report.count("inexact", counts.inexact);
    }
}

export!(JsonToAvro);
