//! A value in the one form that all its spellings have: no white space, members in the order of their keys' UTF-16 code
//! units, texts escaped only where they must be, numbers in one layout (RFC 8785 sections 3.2.1 to 3.2.3).
//!
//! The two forms differ in numbers that a double can't hold: RFC 8785 rounds them, the exact form keeps every digit.

use alloc::vec::Vec;
use core::cmp::Ordering;

use maskgate_decimal::{Decimal, binary64};
use maskgate_guest::json::text;

use crate::value::{Kind, Values};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// RFC 8785 (JCS): numbers are IEEE 754 doubles.
    Jcs,
    /// Numbers are decimals: `9007199254740993` stays what it is.
    Exact,
}

/// Why a value has no such form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfRange {
    /// A number at this offset is beyond all doubles, or its exponent has more than 18 digits.
    Number(usize),
    /// There is no memory for it.
    Full,
}

/// A container that is being written.
struct Level {
    object: bool,
    /// Whether something of it has been written.
    some: bool,
    /// An object's members are in `Canonical::order`, from here on.
    first: usize,
    /// The next item, by number; the next member, by its place in `Canonical::order`.
    at: usize,
    end: usize,
}

/// Writes canonical forms; its memory is used again.
#[derive(Default)]
pub struct Canonical {
    /// A member that is left out, by number.
    pub without: Option<usize>,
    levels: Vec<Level>,
    /// Members of the objects that are open, by number, in the order of their keys.
    order: Vec<u32>,
    decoded: Vec<u8>,
}

impl Canonical {
    /// Adds a value's form to `out`.
    pub fn write(&mut self, values: &Values, value: usize, form: Form, out: &mut Vec<u8>) -> Result<(), OutOfRange> {
        self.levels.clear();
        self.order.clear();
        self.value(values, value, form, out)?;
        while let Some(level) = self.levels.last_mut() {
            if level.at == level.end {
                out.push(if level.object { b'}' } else { b']' });
                self.order.truncate(level.first);
                self.levels.pop();
                continue;
            }
            if core::mem::replace(&mut level.some, true) {
                out.push(b',');
            }
            let value = if level.object { self.order[level.at] as usize } else { level.at };
            if level.object {
                level.at += 1;
                let key = values.key(value);
                // A key with escapes is at most six times as long as its characters.
                out.try_reserve(key.len() * 6 + 4).map_err(|_| OutOfRange::Full)?;
                out.push(b'"');
                if values.is_plain_key(value) {
                    out.extend_from_slice(key); // as it is written, and needs no escape
                } else {
                    text::encode(key, out);
                }
                out.extend_from_slice(b"\":");
            } else {
                level.at = values.after(value);
            }
            self.value(values, value, form, out)?;
        }
        Ok(())
    }

    /// A scalar whole, a container's beginning.
    fn value(&mut self, values: &Values, value: usize, form: Form, out: &mut Vec<u8>) -> Result<(), OutOfRange> {
        let json = values.json(value);
        let kind = values.kind(value);
        let container = matches!(kind, Kind::Array | Kind::Object);
        // No text is longer than it was written, no number by more than its zeros.
        out.try_reserve(if container { 4 } else { json.len() + 48 }).map_err(|_| OutOfRange::Full)?;
        match kind {
            Kind::Null | Kind::Bool => out.extend_from_slice(json),
            Kind::Number if is_laid_out(json) => out.extend_from_slice(json),
            Kind::Text if !json.contains(&b'\\') => out.extend_from_slice(json),
            Kind::Number => {
                let written = match form {
                    Form::Jcs => binary64(json, out),
                    Form::Exact => Decimal::read(json).map(|number| number.write(out)).is_some(),
                };
                if !written {
                    return Err(OutOfRange::Number(values.offset(value)));
                }
            }
            Kind::Text => {
                out.push(b'"');
                text::encode(values.text(value, &mut self.decoded), out);
                out.push(b'"');
            }
            Kind::Array => {
                out.push(b'[');
                self.open(Level {
                    object: false,
                    some: false,
                    first: self.order.len(),
                    at: value + 1,
                    end: values.after(value),
                })?;
            }
            Kind::Object => {
                out.push(b'{');
                let first = self.order.len();
                self.order.try_reserve(values.count(value)).map_err(|_| OutOfRange::Full)?;
                let members = values.inner(value).filter(|&member| self.without != Some(member));
                self.order.extend(members.map(|member| member as u32));
                let key = |member: &u32| values.key(*member as usize);
                self.order[first..].sort_unstable_by(|one, other| utf16_order(key(one), key(other)));
                self.open(Level { object: true, some: false, first, at: first, end: self.order.len() })?;
            }
        }
        Ok(())
    }

    fn open(&mut self, level: Level) -> Result<(), OutOfRange> {
        self.levels.try_reserve(1).map_err(|_| OutOfRange::Full)?;
        self.levels.push(level);
        Ok(())
    }
}

/// Whether a number is written as both forms write it, as most are: no exponent, at most 15 digits (two different numbers of
/// so few are two different doubles), no zeros at a fraction's end, no fraction that begins with more than five zeros.
fn is_laid_out(json: &[u8]) -> bool {
    let digits = json.strip_prefix(b"-").unwrap_or(json);
    if digits.len() > 15 || !digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return false;
    }
    match digits.iter().position(|&byte| byte == b'.') {
        Some(_) => !digits.ends_with(b"0") && !digits.starts_with(b"0.000000"),
        None => json != b"-0",
    }
}

/// The order of two texts' UTF-16 code units, of their UTF-8 bytes. It is that of the bytes, but for characters beyond U+FFFF:
/// their surrogates come before U+E000 to U+FFFF.
fn utf16_order(one: &[u8], other: &[u8]) -> Ordering {
    match one.iter().zip(other).find(|(one, other)| one != other) {
        Some((0xf0.., 0xee | 0xef)) => Ordering::Less,
        Some((0xee | 0xef, 0xf0..)) => Ordering::Greater,
        Some((one, other)) => one.cmp(other),
        None => one.len().cmp(&other.len()),
    }
}
