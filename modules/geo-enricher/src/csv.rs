//! A CSV text, record by record (RFC 4180; line ends may be LF alone).

use alloc::vec::Vec;

/// A field as it stands in the text, without its quotes.
#[derive(Clone, Copy)]
pub struct Field {
    start: usize,
    end: usize,
    /// Whether quotes in it are doubled.
    doubled: bool,
}

impl Field {
    /// Its characters, added to `out`.
    pub fn write(&self, text: &[u8], out: &mut Vec<u8>) {
        let raw = &text[self.start..self.end];
        if !self.doubled {
            return out.extend_from_slice(raw);
        }
        let mut half = false; // a quote of two has been read
        for &byte in raw {
            half = byte == b'"' && !half;
            if !half {
                out.push(byte);
            }
        }
    }
}

/// The fields of the record at `at`, put into `fields`; and where the next one begins. The error says what is wrong.
pub fn record(text: &[u8], mut at: usize, fields: &mut Vec<Field>) -> Result<usize, &'static str> {
    fields.clear();
    loop {
        let field;
        (field, at) = if text.get(at) == Some(&b'"') { quoted(text, at + 1)? } else { plain(text, at)? };
        fields.push(field);
        match &text[at..] {
            [b',', ..] => at += 1,
            [b'\r', b'\n', ..] => return Ok(at + 2),
            [b'\n', ..] => return Ok(at + 1),
            [] => return Ok(at),
            _ => return Err("has something between a closing quote and the next comma"),
        }
    }
}

/// The field that begins behind a quote at `start`, and where the text goes on.
fn quoted(text: &[u8], start: usize) -> Result<(Field, usize), &'static str> {
    let (mut at, mut doubled) = (start, false);
    loop {
        match &text[at..] {
            [b'"', b'"', ..] => {
                doubled = true;
                at += 2;
            }
            [b'"', ..] => return Ok((Field { start, end: at, doubled }, at + 1)),
            [_, ..] => at += 1,
            [] => return Err("has a quote that isn't closed"),
        }
    }
}

fn plain(text: &[u8], start: usize) -> Result<(Field, usize), &'static str> {
    let len = text[start..].iter().position(|byte| b",\n\"".contains(byte)).unwrap_or(text.len() - start);
    let mut end = start + len;
    if text.get(end) == Some(&b'"') {
        return Err("has a quote in a field without quotes");
    }
    if text.get(end) == Some(&b'\n') && text[start..end].ends_with(b"\r") {
        end -= 1;
    }
    if text[start..end].contains(&b'\r') {
        return Err("has a carriage return alone");
    }
    Ok((Field { start, end, doubled: false }, end))
}
