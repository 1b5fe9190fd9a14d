//! {{name}}: leaves comments out of lines of text, and puts a label before each other line.
//!
//! Everything here is meant to be changed. The page at the top of the SDK's src/lib.rs says what there is to work with.
#![no_std]

extern crate alloc;

use alloc::string::String;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};

struct Labels {
    label: String,
    comment: String,
    /// Bytes that a line may have.
    longest: usize,
    lines: u64,
    comments: u64,
}

impl Module for Labels {
    /// Reads what the policy says under `with`. What doesn't fit is reported with its place.
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["label", "comment", "longest"])?;
        let text = |name, default| members.optional(name).map_or(Ok(default), |setting| setting.string());
        if let Some(comment) = members.optional("comment")
            && comment.string()?.is_empty()
        {
            return Err(comment.wrong("must not be empty"));
        }
        let longest = members.optional("longest").map_or(Ok(4096), |setting| setting.integer(1..=1 << 20))?;
        Ok(Self {
            label: text("label", "")?.into(),
            comment: text("comment", "#")?.into(),
            longest: longest as usize,
            lines: 0,
            comments: 0,
        })
    }

    /// Called for each message. What is written is the result; after an error it is taken back.
    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let mut line = message.bytes();
        while let [rest @ .., b'\r' | b'\n'] = line {
            line = rest;
        }
        if line.starts_with(self.comment.as_bytes()) {
            self.comments += 1;
            return Ok(Outcome::Drop);
        }
        if line.len() > self.longest {
            return Err(Refusal::at("line_too_long", self.longest));
        }
        if let Err(error) = core::str::from_utf8(line) {
            return Err(Refusal::at("invalid_utf8", error.valid_up_to()));
        }
        self.lines += 1;
        output.put(self.label.as_bytes())?;
        output.put(line)?;
        Ok(Outcome::Pass)
    }

    /// Counters are listed in the manifest.
    fn report(&mut self, report: &mut Report) {
        report.count("lines", core::mem::take(&mut self.lines));
        report.count("comments", core::mem::take(&mut self.comments));
    }
}

export!(Labels);
