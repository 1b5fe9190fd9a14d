//! A line as pairs: `key=value key="a \"quoted\" value" key`, with spaces and tabs between them.

use alloc::vec::Vec;
use core::ops::Range;

use maskgate_guest::json::utf8;
use maskgate_guest::{Full, Refusal};

use crate::quoted;

/// A key, where it stands in the line, and its value: there too, or among the texts that stood between quotes.
pub struct Pair {
    pub key: Range<usize>,
    /// None: there is no `=`.
    pub value: Option<Range<usize>>,
    pub quoted: bool,
}

/// Reads lines; its memory is used again.
pub struct Pairs {
    /// Whether a `=` in a value that isn't quoted is part of it.
    equals: bool,
    found: Vec<Pair>,
    /// What stood between quotes, without escapes.
    texts: Vec<u8>,
}

impl Pairs {
    pub fn new(equals: bool) -> Self {
        Self { equals, found: Vec::new(), texts: Vec::new() }
    }

    pub fn found(&self) -> &[Pair] {
        &self.found
    }

    /// The characters of a value (UTF-8).
    pub fn text<'a>(&'a self, value: Range<usize>, quoted: bool, line: &'a [u8]) -> &'a [u8] {
        if quoted { &self.texts[value] } else { &line[value] }
    }

    pub fn read(&mut self, line: &[u8]) -> Result<(), Refusal> {
        self.found.clear();
        self.texts.clear();
        if let Some(at) = utf8::breach(line) {
            return Err(Refusal::at("invalid_utf8", at));
        }
        let end = line.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |last| last + 1);
        let mut at = 0;
        loop {
            at += line[at..end].iter().take_while(|byte| is_space(**byte)).count();
            if at == end {
                return Ok(());
            }
            at = self.pair(&line[..end], at)?;
        }
    }

    /// The pair that begins at `at`. Returns where it ends.
    fn pair(&mut self, line: &[u8], at: usize) -> Result<usize, Refusal> {
        let word = |from: usize, stops: &[u8]| {
            let stop = |byte: &u8| *byte <= b' ' || *byte == 0x7f || stops.contains(byte);
            line[from..].iter().position(stop).map_or(line.len(), |len| from + len)
        };
        let key = at..word(at, b"=\"");
        if key.is_empty() {
            return Err(Refusal::at("logfmt_malformed", at));
        }
        let (value, quoted, end) = match line[key.end..] {
            [b'=', b'"', ..] => {
                let first = self.texts.len();
                let end = quoted::read(line, key.end + 1, &mut self.texts)?;
                (Some(first..self.texts.len()), true, end)
            }
            [b'=', ..] => {
                let from = key.end + 1;
                let end = word(from, if self.equals { b"\"" } else { b"=\"" });
                (Some(from..end), false, end)
            }
            _ => (None, false, key.end),
        };
        // Behind a pair stands a space, or nothing.
        if line.get(end).is_some_and(|byte| !is_space(*byte)) {
            return Err(Refusal::at("logfmt_malformed", end));
        }
        self.found.try_reserve(1).map_err(|_| Full)?;
        self.found.push(Pair { key, value, quoted });
        Ok(end)
    }
}

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}
