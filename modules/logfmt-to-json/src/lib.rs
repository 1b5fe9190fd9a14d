//! `logfmt-to-json`: turns lines of logfmt into JSON (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `pairs` | a line as pairs of a key and a value |
//! | `quoted` | values between quotes |
//! | `kinds` | which values become something else than text |
#![no_std]

extern crate alloc;

mod kinds;
mod pairs;
mod quoted;

use maskgate_convert::{Same, Writer, choices};
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};

use kinds::Kinds;
use pairs::{Pair, Pairs};

/// What becomes of the values of a key that comes more than once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeated {
    Refuse,
    First,
    Last,
    Array,
}

/// What a key without a value becomes.
#[derive(Clone, Copy)]
enum Bare {
    True,
    Null,
    Refuse,
}

struct Logfmt {
    bare: Bare,
    repeated: Repeated,
    kinds: Kinds,
    pairs: Pairs,
    same: Same,
    writer: Writer,
    count: u64,
}

impl Module for Logfmt {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["bare", "repeated", "equals", "values", "types"])?;
        let bare = choices::choice(&members, "bare", &["true", "null", "refuse"])?;
        let repeated = choices::choice(&members, "repeated", &["refuse", "first", "last", "array"])?;
        let equals = choices::choice(&members, "equals", &["refuse", "value"])? == 1;
        Ok(Self {
            bare: [Bare::True, Bare::Null, Bare::Refuse][bare],
            repeated: [Repeated::Refuse, Repeated::First, Repeated::Last, Repeated::Array][repeated],
            kinds: Kinds::read(&members)?,
            pairs: Pairs::new(equals),
            same: Same::default(),
            writer: Writer::default(),
            count: 0,
        })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let line = message.bytes();
        let Self { bare, repeated, kinds, pairs: read, same, writer, count } = self;
        read.read(line)?;
        let pairs = read.found();
        if pairs.is_empty() {
            return Ok(Outcome::Drop);
        }
        same.find(pairs, |pair| &line[pair.key.clone()])?;
        if *repeated == Repeated::Refuse
            && let Some(pair) = same.again()
        {
            return Err(Refusal::at("duplicate_key", pairs[pair].key.start));
        }
        writer.begin();
        writer.object(0)?;
        for (number, pair) in pairs.iter().enumerate() {
            if !same.is_first(number) {
                continue;
            }
            writer.key(&line[pair.key.clone()], pair.key.start, pair.key.start)?;
            let write = |number: usize, writer: &mut Writer| value(&pairs[number], read, line, *bare, kinds, writer);
            match *repeated {
                Repeated::Array if same.next(number).is_some() => {
                    writer.array(pair.key.start)?;
                    let mut at = Some(number);
                    while let Some(number) = at {
                        write(number, writer)?;
                        at = same.next(number);
                    }
                    writer.close()?;
                }
                Repeated::Last => write(same.last(number), writer)?,
                _ => write(number, writer)?,
            }
        }
        writer.close()?;
        writer.end()?;
        *count += pairs.len() as u64;
        writer.pass(output)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("pairs", core::mem::take(&mut self.count));
    }
}

fn value(
    pair: &Pair,
    read: &Pairs,
    line: &[u8],
    bare: Bare,
    kinds: &Kinds,
    writer: &mut Writer,
) -> Result<(), Refusal> {
    let at = pair.key.start;
    let Some(value) = &pair.value else {
        return match bare {
            Bare::True => writer.literal(b"true"),
            Bare::Null => writer.literal(b"null"),
            Bare::Refuse => Err(Refusal::at("no_value", at)),
        };
    };
    let text = read.text(value.clone(), pair.quoted, line);
    let literal = kinds.is_literal(&line[pair.key.clone()], text, pair.quoted);
    if literal.map_err(|code| Refusal::at(code, at))? { writer.literal(text) } else { writer.text(text, at) }
}

export!(Logfmt);
