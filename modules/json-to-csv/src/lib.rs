//! `json-to-csv`: turns a JSON message into a CSV record, RFC 4180 (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `columns` | the configuration's columns: names, and where their values are |
//! | `dialect` | how a record is written: delimiter, quotes, line end |
//! | `value` | the text that a JSON value becomes |
#![no_std]

extern crate alloc;

mod columns;
mod dialect;
mod value;

use alloc::vec::Vec;

use maskgate_guest::{Batch, Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::{Paths, Pick};

/// What was done, of one message or of a batch.
#[derive(Clone, Copy, Default)]
struct Counts {
    records: u64,
    missing: u64,
    escaped: u64,
    line_breaks: u64,
}

struct JsonToCsv {
    pick: Pick,
    /// The path of each column, by number.
    columns: Vec<usize>,
    values: value::Values,
    dialect: dialect::Dialect,
    /// Whether a message without a column's value is refused.
    complete: bool,
    /// Empty: there is none.
    header: Vec<u8>,
    /// Whether the header has still to be written in this call.
    heads: bool,
    counts: Counts,
}

impl Module for JsonToCsv {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&[
            "columns",
            "delimiter",
            "header",
            "quote",
            "line_end",
            "line_breaks",
            "null",
            "missing",
            "nested",
            "formulas",
        ])?;
        let dialect = dialect::Dialect::read(&members)?;
        let mut paths = Paths::new();
        let columns = columns::read(&members.required("columns")?, &mut paths)?;
        let missing = members.optional("missing").map_or(Ok(0), |found| found.choice(&["empty", "refuse"]))?;
        let mut header = Vec::new();
        if members.optional("header").map_or(Ok(false), |found| found.boolean())? {
            dialect.header(&columns, &mut header);
        }
        Ok(Self {
            pick: Pick::new(paths),
            columns: columns.into_iter().map(|column| column.path).collect(),
            values: value::Values::read(&members)?,
            dialect,
            complete: missing == 1,
            header,
            heads: false,
            counts: Counts::default(),
        })
    }

    fn batch(&mut self, _: &Batch) {
        self.heads = true;
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let found = self.pick.message(message)?;
        if self.heads {
            output.put(&self.header)?;
        }
        let mut counts = self.counts;
        for (number, &path) in self.columns.iter().enumerate() {
            if number > 0 {
                self.dialect.separate(output)?;
            }
            match found.span(path) {
                Some(span) => {
                    if let Some(text) = self.values.harmless(found.bytes(span))
                        // SAFETY: it is in the message, and PADDING bytes behind that can be read.
                        && unsafe { self.dialect.plain(text, output)? }
                    {
                        continue;
                    }
                    let text = self.values.text(found.bytes(span), span.start, &mut counts)?;
                    self.dialect.field(text, self.columns.len() == 1, output)?;
                }
                None if self.complete => return Err(Refusal::whole("missing_field")),
                None => {
                    counts.missing += 1;
                    self.dialect.field(value::Text::bare(b""), self.columns.len() == 1, output)?;
                }
            }
        }
        output.put(self.dialect.line_end)?;
        counts.records += 1;
        self.counts = counts;
        self.heads = false;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        let counts = core::mem::take(&mut self.counts);
        report.count("records", counts.records);
        report.count("missing", counts.missing);
        report.count("escaped", counts.escaped);
        report.count("line_breaks", counts.line_breaks);
    }
}

export!(JsonToCsv);
