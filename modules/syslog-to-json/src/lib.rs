//! `syslog-to-json`: turns syslog messages into JSON (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `header` | what stands before a message's own text, of RFC 5424 and of RFC 3164 |
//! | `data` | structured data (RFC 5424 section 6.3) |
//! | `text` | what is read of a line, field by field |
#![no_std]

extern crate alloc;

mod data;
mod header;
mod text;

use alloc::vec::Vec;

use maskgate_convert::{Writer, choices};
use maskgate_guest::json::utf8;
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::{Paths, Pick};

use data::Data;
use header::{Form, Header};
use text::Line;

/// What may stand before a text in UTF-8 (RFC 5424 section 6.4).
const BOM: &[u8] = b"\xef\xbb\xbf";

struct Syslog {
    form: Form,
    /// Reads a message's own text as JSON, where that is asked for.
    json: Option<Pick>,
    data: Data,
    writer: Writer,
    value: Vec<u8>,
    count: u64,
}

impl Module for Syslog {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["rfc", "message"])?;
        let form = choices::choice(&members, "rfc", &["5424", "3164", "either"])?;
        let json = choices::choice(&members, "message", &["text", "json"])? == 1;
        let mut whole = Paths::new();
        whole.add(&[]);
        Ok(Self {
            form: [Form::Rfc5424, Form::Rfc3164, Form::Either][form],
            json: json.then(|| Pick::new(whole)),
            data: Data::default(),
            writer: Writer::default(),
            value: Vec::new(),
            count: 0,
        })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let bytes = message.bytes();
        if let Some(at) = utf8::breach(bytes) {
            return Err(Refusal::at("invalid_utf8", at));
        }
        let end = bytes.strip_suffix(b"\n").map_or(bytes, |line| line.strip_suffix(b"\r").unwrap_or(line)).len();
        let mut line = Line::new(&bytes[..end]);
        let header = Header::read(&mut line, self.form)?;
        self.writer.begin();
        self.writer.object(0)?;
        header.write(&bytes[..end], &mut self.writer)?;
        self.writer.key(b"structured_data", 0, 0)?;
        if header.structured { self.data.read(&mut line, &mut self.writer)? } else { self.writer.literal(b"null")? }
        let own = line.own_text(header.structured)?;
        self.writer.key(b"message", 0, 0)?;
        match (own, &mut self.json) {
            (None, _) => self.writer.literal(b"null")?,
            (Some(at), None) => {
                let text = &bytes[at..end];
                self.writer.text(text.strip_prefix(BOM).unwrap_or(text), at)?;
            }
            (Some(at), Some(pick)) => {
                let at = if bytes[at..end].starts_with(BOM) { at + BOM.len() } else { at };
                // SAFETY: it ends where the message does, but for the line end, which JSON takes for white space.
                let text = unsafe { Message::new(message.start().add(at), message.len() - at) };
                let found = pick.message(text).map_err(|_| Refusal::at("message_not_json", at))?;
                self.value.clear();
                self.value.extend(found.whole().iter().map(|byte| if b"\r\n".contains(byte) { b' ' } else { *byte }));
                self.writer.literal(&self.value)?;
            }
        }
        self.writer.close()?;
        self.writer.end()?;
        self.count += 1;
        self.writer.pass(output)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("messages", core::mem::take(&mut self.count));
    }
}

export!(Syslog);
