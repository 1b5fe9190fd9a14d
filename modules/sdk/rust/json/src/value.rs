//! A tree of values, for configurations: small texts that are read once.

use alloc::string::String;
use alloc::vec::Vec;

use crate::cursor::Cursor;
use crate::scan::{Broken, Scanner, closing};
use crate::{PADDING, text};

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    String(String),
    Array(Vec<Value>),
    /// In the order of the text; no name comes twice.
    Object(Vec<(String, Value)>),
}

/// Containers in containers that a configuration may have; the reader below calls itself once for each.
const NESTING: usize = 32;

/// Reads a JSON text. The error is the byte offset at which it isn't one (or is nested too deeply, or repeats a name).
pub fn parse(json: &[u8]) -> Result<Value, usize> {
    let mut padded = Vec::with_capacity(json.len() + PADDING);
    padded.extend_from_slice(json);
    padded.resize(json.len() + PADDING, 0);
    let start = padded.as_ptr();
    // SAFETY: the copy ends with PADDING bytes of 0, and lives until the tree is made.
    unsafe {
        let mut scanner = Scanner::new();
        let end = start.add(json.len());
        let read = scanner.begin(start, json.len()).and_then(|mut cursor| {
            let at = scanner.white::<false>(&mut cursor, start);
            let (value, at) = read(&mut scanner, &mut cursor, at, 0)?;
            let at = scanner.white::<false>(&mut cursor, at);
            if at == end { Ok(value) } else { Err(scanner.broken(at)) }
        });
        read.map_err(|Broken| scanner.breach.at.offset_from_unsigned(start))
    }
}

unsafe fn read(
    scanner: &mut Scanner,
    cursor: &mut Cursor,
    at: *const u8,
    depth: usize,
) -> Result<(Value, *const u8), Broken> {
    unsafe {
        let open = *at;
        if open != b'{' && open != b'[' {
            let end = scanner.scalar(cursor, at)?;
            return Ok((scalar(core::slice::from_raw_parts(at, end.offset_from_unsigned(at))), end));
        }
        if depth == NESTING {
            return Err(scanner.too_deep(at));
        }
        let object = open == b'{';
        let (mut items, mut members) = (Vec::new(), Vec::<(String, Value)>::new());
        let mut at = scanner.white::<false>(cursor, at.add(1));
        let mut first = true;
        loop {
            if first && *at == closing(object) {
                break;
            }
            first = false;
            if object {
                let (quote, value_at) = scanner.member::<false>(cursor, at)?;
                let name = string(core::slice::from_raw_parts(at.add(1), quote.offset_from_unsigned(at) - 1));
                if members.iter().any(|(other, _)| *other == name) {
                    return Err(scanner.broken(at));
                }
                let (value, end) = read(scanner, cursor, value_at, depth + 1)?;
                members.push((name, value));
                at = scanner.white::<false>(cursor, end);
            } else {
                let (value, end) = read(scanner, cursor, at, depth + 1)?;
                items.push(value);
                at = scanner.white::<false>(cursor, end);
            }
            if *at == b',' {
                at = scanner.white::<false>(cursor, at.add(1));
            } else if *at == closing(object) {
                break;
            } else {
                return Err(scanner.broken(at));
            }
        }
        Ok((if object { Value::Object(members) } else { Value::Array(items) }, at.add(1)))
    }
}

fn scalar(json: &[u8]) -> Value {
    match json {
        b"null" => Value::Null,
        b"true" => Value::Bool(true),
        b"false" => Value::Bool(false),
        [b'"', inner @ .., b'"'] => Value::String(string(inner)),
        number => Value::Number(String::from_utf8_lossy(number).into_owned()),
    }
}

fn string(inner: &[u8]) -> String {
    let mut decoded = Vec::with_capacity(inner.len());
    text::decode(inner, &mut decoded);
    String::from_utf8_lossy(&decoded).into_owned()
}
