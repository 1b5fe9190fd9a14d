//! `cbor-to-json`: turns CBOR into JSON (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `head` | the first byte of an item, and the number that comes with it |
//! | `item` | items read, and written as JSON |
//! | `tag` | what tags say of the item behind them |
#![no_std]

extern crate alloc;

mod head;
mod item;
mod tag;

use maskgate_convert::{Encoding, Keys, Nonfinite, Reader, choices};
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};

const KEYS: [&str; 9] =
    ["several", "keys", "binary", "nonfinite", "undefined", "times", "bignums", "tags", "deterministic"];

struct CborToJson {
    items: item::Items,
    /// Whether a message may hold several items, a sequence (RFC 8742).
    several: bool,
    written: u64,
}

impl Module for CborToJson {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&KEYS)?;
        let settings = item::Settings {
            keys: Keys::read(&members)?,
            binary: choices::binary(&members, Encoding::Base64url)?,
            nonfinite: Nonfinite::read(&members)?,
            undefined: choices::choice(&members, "undefined", &["refuse", "null"])? == 1,
            times: choices::choice(&members, "times", &["number", "text"])? == 1,
            big_text: choices::choice(&members, "bignums", &["number", "text"])? == 1,
            any_tag: choices::choice(&members, "tags", &["refuse", "content"])? == 1,
            deterministic: members.optional("deterministic").map_or(Ok(false), |setting| setting.boolean())?,
        };
        Ok(Self { items: item::Items::new(settings), several: choices::several(&members)?, written: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let mut reader = Reader::new(message.bytes());
        self.items.begin();
        if self.several {
            while !reader.is_at_end() {
                self.items.read(&mut reader)?;
            }
        } else {
            self.items.read(&mut reader)?;
            if !reader.is_at_end() {
                return Err(Refusal::at("trailing_bytes", reader.at()));
            }
        }
        let outcome = self.items.writer.pass(output)?;
        self.written += self.items.writer.texts() as u64;
        Ok(outcome)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("items", core::mem::take(&mut self.written));
        report.count("nonfinite", core::mem::take(&mut self.items.replaced));
    }
}

export!(CborToJson);
