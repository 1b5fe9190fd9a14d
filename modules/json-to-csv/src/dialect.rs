//! How a record is written: RFC 4180 section 2, with the delimiter and the line end that the configuration names.

use alloc::vec::Vec;
use core::arch::wasm32::{i8x16_eq, u8x16_bitmask, u8x16_splat, v128_or, v128_store};

use maskgate_guest::json::bytes::load;
use maskgate_guest::{Full, Members, Output, Wrong};

use crate::columns::Column;
use crate::value::Text;

/// A byte order mark. Before an unquoted field at the beginning of a file it would be taken for the file's.
const MARK: &[u8] = "\u{feff}".as_bytes();

pub struct Dialect {
    pub delimiter: u8,
    pub line_end: &'static [u8],
    /// Whether every field is quoted.
    always: bool,
}

impl Dialect {
    pub fn read(members: &Members) -> Result<Self, Wrong> {
        let delimiter = match members.optional("delimiter") {
            None => b',',
            Some(found) => match *found.string()?.as_bytes() {
                [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) => byte,
                _ => return Err(found.wrong("must be one ASCII character, and not a quote, a line end or NUL")),
            },
        };
        let quote = members.optional("quote").map_or(Ok(0), |found| found.choice(&["needed", "always"]))?;
        let line_end: &[u8] = match members.optional("line_end") {
            None => b"\n",
            Some(found) => match found.string()? {
                "\n" => b"\n",
                "\r\n" => b"\r\n",
                _ => return Err(found.wrong("must be a line feed, or a carriage return and a line feed")),
            },
        };
        Ok(Self { delimiter, line_end, always: quote == 1 })
    }

    /// The record that names the columns.
    pub fn header(&self, columns: &[Column], record: &mut Vec<u8>) {
        for (number, column) in columns.iter().enumerate() {
            let name = column.name.as_bytes();
            if number > 0 {
                record.push(self.delimiter);
            }
            if self.always || self.needs_quotes(name) || (name.is_empty() && columns.len() == 1) {
                record.push(b'"');
                for &byte in name {
                    record.extend_from_slice(if byte == b'"' { b"\"\"" } else { core::slice::from_ref(&byte) });
                }
                record.push(b'"');
            } else {
                record.extend_from_slice(name);
            }
        }
        record.extend_from_slice(self.line_end);
    }

    /// Adds what stands between two fields.
    #[inline(always)]
    pub fn separate(&self, output: &mut Output) -> Result<(), Full> {
        let to = output.room(1)?;
        // SAFETY: `room` gave a byte.
        unsafe {
            to.write(self.delimiter);
            output.wrote(to.add(1));
        }
        Ok(())
    }

    /// Adds a field's text, unless a byte of it means something in CSV, or is a backslash. False: nothing was added.
    ///
    /// # Safety
    /// 15 bytes behind the text can be read.
    #[inline(always)]
    pub unsafe fn plain(&self, text: &[u8], output: &mut Output) -> Result<bool, Full> {
        if self.always {
            return Ok(false);
        }
        let to = output.room(text.len())?;
        let mut done = 0;
        while done < text.len() {
            // SAFETY: as above; behind `room`'s room there are PADDING bytes more.
            let found = unsafe {
                let block = load(text.as_ptr().add(done));
                v128_store(to.add(done).cast(), block);
                let is = |byte| i8x16_eq(block, u8x16_splat(byte));
                let marks = v128_or(v128_or(is(self.delimiter), is(b'"')), is(b'\\'));
                u8x16_bitmask(v128_or(marks, v128_or(is(b'\r'), is(b'\n'))))
            };
            if found != 0 && done + (found.trailing_zeros() as usize) < text.len() {
                return Ok(false);
            }
            done += 16;
        }
        // SAFETY: as many bytes have been written.
        unsafe { output.wrote(to.add(text.len())) };
        Ok(true)
    }

    /// Adds a field. `alone`: the record has no other, so that without quotes an empty one would be a blank line, which
    /// readers skip.
    pub fn field(&self, text: Text, alone: bool, output: &mut Output) -> Result<(), Full> {
        let quoted = self.always || text.quoted || self.needs_quotes(text.bytes) || (alone && text.bytes.is_empty());
        if !quoted {
            return output.put(text.bytes);
        }
        output.put(b"\"")?;
        let mut pieces = text.bytes.split(|&byte| byte == b'"');
        output.put(pieces.next().unwrap_or_default())?;
        for piece in pieces {
            output.put(b"\"\"")?;
            output.put(piece)?;
        }
        output.put(b"\"")
    }

    /// Whether a field would be read as something else without quotes. Blanks around it belong to it (RFC 4180 section
    /// 2.4), and in quotes they also do so for a reader that trims.
    fn needs_quotes(&self, text: &[u8]) -> bool {
        let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
        let special = |&byte: &u8| byte == self.delimiter || matches!(byte, b'"' | b'\r' | b'\n');
        blank(text.first()) || blank(text.last()) || text.starts_with(MARK) || text.iter().any(special)
    }
}
