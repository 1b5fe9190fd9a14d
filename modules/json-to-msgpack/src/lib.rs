//! `json-to-msgpack`: turns JSON into MessagePack (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `encode` | the format's shortest form of each value |
#![no_std]

extern crate alloc;

mod encode;

use alloc::vec::Vec;

use maskgate_convert::{Number, choices, number};
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_tape::{Kind, Tape, Values};

/// What becomes of a number that is neither an integer of 64 bits nor a double.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    Refuse,
    /// The nearest double, if there is one.
    Float,
    /// Its digits, as text.
    Text,
}

struct JsonToMsgpack {
    others: Others,
    tape: Tape,
    msgpack: Vec<u8>,
    decoded: Vec<u8>,
    /// Such numbers, in this batch.
    inexact: u64,
}

impl Module for JsonToMsgpack {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["numbers"])?;
        let others = choices::choice(&members, "numbers", &["refuse", "float", "text"])?;
        Ok(Self {
            others: [Others::Refuse, Others::Float, Others::Text][others],
            tape: Tape::new(),
            msgpack: Vec::new(),
            decoded: Vec::new(),
            inexact: 0,
        })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let Self { others, tape, msgpack, decoded, inexact } = self;
        let values = tape.message(message)?;
        msgpack.clear();
        // A value's key comes before it, and a container before what is in it: the order of the table is that of the format.
        for value in 0..values.len() {
            let is_member = values.key_offset(value) > 0;
            if is_member {
                encode::text(values.key(value), msgpack)?;
            }
            match values.kind(value) {
                Kind::Null => encode::byte(0xc0, msgpack)?,
                Kind::Bool => encode::byte(if values.json(value) == b"true" { 0xc3 } else { 0xc2 }, msgpack)?,
                Kind::Text => encode::text(values.text(value, decoded), msgpack)?,
                Kind::Number => *inexact += u64::from(write_number(&values, value, *others, msgpack)?),
                Kind::Array => encode::array(values.count(value), msgpack)?,
                Kind::Object => encode::map(values.count(value), msgpack)?,
            }
        }
        output.put(msgpack)?;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("inexact", core::mem::take(&mut self.inexact));
    }
}

/// Whether it was one of the others.
fn write_number(values: &Values, value: usize, others: Others, msgpack: &mut Vec<u8>) -> Result<bool, Refusal> {
    let digits = values.json(value);
    let near = match Number::read(digits) {
        Number::Unsigned(number) => return Ok(encode::unsigned(number, msgpack).map(|()| false)?),
        Number::Negative(number) => return Ok(encode::negative(number, msgpack).map(|()| false)?),
        Number::Double(number) => return Ok(encode::double(number, msgpack).map(|()| false)?),
        Number::Integer => number::nearest(digits),
        Number::Near(number) => Some(number),
        Number::Beyond => None,
    };
    match (others, near) {
        (Others::Float, Some(number)) => encode::double(number, msgpack)?,
        (Others::Text, _) => encode::text(digits, msgpack)?,
        _ => return Err(Refusal::at("number_not_exact", values.offset(value))),
    }
    Ok(true)
}

export!(JsonToMsgpack);
