//! `avro-to-json`: turns Apache Avro into JSON (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `framing` | what stands before a datum |
//! | `container` | object container files |
//! | `inflate` | their blocks, unpacked |
//! | `plan` | a schema, and the keys of its fields as they are written |
//! | `datum` | data in the binary encoding, as their schema says |
//! | `scalar` | numbers and bytes, as their logical types say |
//! | `varint` | integers, lengths, counts |
#![no_std]

extern crate alloc;

mod container;
mod datum;
mod framing;
mod inflate;
mod plan;
mod scalar;
mod varint;

use maskgate_avro::Binary;
use maskgate_convert::{Nonfinite, Reader, choices};
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};

use crate::framing::Framing;

const KEYS: [&str; 8] = ["schema", "framing", "schema_id", "several", "unions", "binary", "logical", "nonfinite"];

struct AvroToJson {
    data: datum::Data,
    framing: Framing,
    written: u64,
}

impl Module for AvroToJson {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&KEYS)?;
        let settings = datum::Settings {
            binary: Binary::read(&members)?,
            nonfinite: Nonfinite::read(&members)?,
            tagged: choices::choice(&members, "unions", &["plain", "tagged"])? == 1,
        };
        Ok(Self { data: datum::Data::new(settings), framing: Framing::read(&members)?, written: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        self.data.begin();
        let mut reader = Reader::new(message.bytes());
        match &mut self.framing {
            Framing::Container(container) => container.read(message.bytes(), &mut self.data)?,
            Framing::Several(plan) => {
                while !reader.is_at_end() {
                    let at = reader.at();
                    self.data.read(plan, &mut reader)?;
                    if reader.at() == at {
                        return Err(Refusal::at("trailing_bytes", at)); // a datum takes no bytes, and these are none
                    }
                }
            }
            Framing::One { plan, head } => {
                head.read(&mut reader)?;
                self.data.read(plan, &mut reader)?;
                if !reader.is_at_end() {
                    return Err(Refusal::at("trailing_bytes", reader.at()));
                }
            }
        }
        let outcome = self.data.writer.pass(output)?;
        self.written += self.data.writer.texts() as u64;
        Ok(outcome)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("data", core::mem::take(&mut self.written));
        report.count("nonfinite", core::mem::take(&mut self.data.replaced));
    }
}

export!(AvroToJson);
