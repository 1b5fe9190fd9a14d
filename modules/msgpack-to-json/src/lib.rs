//! `msgpack-to-json`: turns MessagePack into JSON (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `object` | one object of the format read, and written as JSON |
//! | `timestamp` | the format's timestamps |
#![no_std]

extern crate alloc;

mod object;
mod timestamp;

use maskgate_convert::{Encoding, Keys, Nonfinite, Reader, choices};
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};

struct MsgpackToJson {
    objects: object::Objects,
    /// Whether a message may hold several objects.
    several: bool,
    written: u64,
}

impl Module for MsgpackToJson {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["several", "keys", "binary", "timestamps", "nonfinite"])?;
        let settings = object::Settings {
            keys: Keys::read(&members)?,
            binary: choices::binary(&members, Encoding::Base64)?,
            timestamps: choices::choice(&members, "timestamps", &["text", "refuse"])? == 0,
            nonfinite: Nonfinite::read(&members)?,
        };
        Ok(Self { objects: object::Objects::new(settings), several: choices::several(&members)?, written: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let mut reader = Reader::new(message.bytes());
        self.objects.begin();
        if self.several {
            while !reader.is_at_end() {
                self.objects.read(&mut reader)?;
            }
        } else {
            self.objects.read(&mut reader)?;
            if !reader.is_at_end() {
                return Err(Refusal::at("trailing_bytes", reader.at()));
            }
        }
        let outcome = self.objects.writer.pass(output)?;
        self.written += self.objects.writer.texts() as u64;
        Ok(outcome)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("objects", core::mem::take(&mut self.written));
        report.count("nonfinite", core::mem::take(&mut self.objects.replaced));
    }
}

export!(MsgpackToJson);
