//! `message-splitter`: makes a message of each item of an array (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `items` | an array's items |
//! | `shape` | the object that is made for each |
#![no_std]

extern crate alloc;

mod items;
mod shape;

use maskgate_guest::{Full, Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::{Paths, Pick, keys};

/// Bytes that the frame has for each result.
const ENTRY: usize = 12;

struct Splitter {
    pick: Pick,
    /// The array's path, by number.
    array: usize,
    /// None: the item itself is the message.
    shape: Option<shape::Shape>,
    /// Whether a message without an array passes as it is.
    passes: bool,
    items: u64,
    empty: u64,
}

impl Module for Splitter {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["at", "as", "keep", "missing"])?;
        let mut paths = Paths::new();
        let array = match members.optional("at") {
            Some(at) => paths.add(&keys(at.string()?).map_err(|what| at.wrong(what))?),
            None => paths.add(&[]),
        };
        let keep = members.optional("keep");
        let shape = match (members.optional("as"), &keep) {
            (Some(item), _) => Some(shape::Shape::read(&item, keep.as_ref(), &mut paths)?),
            (None, Some(keep)) => return Err(keep.wrong("needs `as`: where the item goes in the object")),
            (None, None) => None,
        };
        let missing = members.optional("missing").map_or(Ok(0), |found| found.choice(&["refuse", "pass"]))?;
        Ok(Self { pick: Pick::new(paths), array, shape, passes: missing == 1, items: 0, empty: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let found = self.pick.message(message)?;
        let Some(array) = found.span(self.array).filter(|&span| found.bytes(span).starts_with(b"[")) else {
            if !self.passes {
                let there = found.span(self.array).map(|span| span.start);
                let wrong = Refusal::whole("not_an_array");
                return Err(there.map_or(wrong, |offset| Refusal::at("not_an_array", offset)));
            }
            found.pass(output)?;
            return Ok(Outcome::Pass);
        };
        // All or nothing: what is closed with `pass` can't be taken back, so that there is room for all is known before.
        let around = self.shape.as_mut().map_or(Ok(0), |shape| shape.around(&found))? + 1 + ENTRY;
        let items = || items::items(found.bytes(array));
        let size = items().try_fold(0usize, |size, item| size.checked_add(item.len())?.checked_add(around));
        output.room(size.ok_or(Full)?)?;
        let mut count = 0;
        for item in items() {
            match &mut self.shape {
                Some(shape) => shape.write(&found, item, output)?,
                None => output.put(item)?,
            }
            output.put(b"\n")?;
            output.pass();
            count += 1;
        }
        self.items += count;
        self.empty += u64::from(count == 0);
        Ok(Outcome::Several)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("items", core::mem::take(&mut self.items));
        report.count("empty", core::mem::take(&mut self.empty));
    }
}

export!(Splitter);
