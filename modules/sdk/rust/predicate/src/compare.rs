//! Values beside one another: numbers by value, texts by their characters' code points.

use alloc::vec::Vec;
use core::cmp::Ordering;

use maskgate_decimal::Decimal;
use maskgate_guest::json::text;
use maskgate_pick::{Found, Span};

use crate::test::{Kind, Literal, Operand};

/// Two values, or a value and what is asked of it, don't go together: which comes first isn't a question that has an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotComparable {
    /// Where the value stands in the message.
    pub offset: usize,
}

/// A value that is compared.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    pub kind: Kind,
    /// A text's characters (UTF-8); anything else as it is written.
    pub bytes: &'a [u8],
}

impl<'a> Compared<'a> {
    /// A value of the message. A text's characters go to `decoded` if it has escapes.
    pub fn value(json: &'a [u8], decoded: &'a mut Vec<u8>) -> Self {
        let kind = kind(json);
        let [b'"', inner @ .., b'"'] = json else { return Self { kind, bytes: json } };
        if !inner.contains(&b'\\') {
            return Self { kind, bytes: inner };
        }
        decoded.clear();
        text::decode(inner, decoded);
        Self { kind, bytes: decoded }
    }

    fn literal(literal: &'a Literal) -> Self {
        match literal {
            Literal::Null => Self { kind: Kind::Null, bytes: b"null" },
            Literal::Bool(value) => Self { kind: Kind::Bool, bytes: if *value { b"true" } else { b"false" } },
            Literal::Number(number) => Self { kind: Kind::Number, bytes: number.as_bytes() },
            Literal::Text(text) => Self { kind: Kind::Text, bytes: text.as_bytes() },
        }
    }

    /// None where the message has nothing there.
    pub fn operand(operand: &'a Operand, found: &'a Found, decoded: &'a mut Vec<u8>) -> Option<Self> {
        match operand {
            Operand::Path(path) => Some(Self::value(found.value(*path)?, decoded)),
            Operand::Literal(literal) => Some(Self::literal(literal)),
        }
    }

    /// Whether both are the same. None for two arrays, two objects, and numbers that aren't read.
    pub fn equals(&self, other: &Self) -> Option<bool> {
        match (self.kind, other.kind) {
            (one, other) if one != other => Some(false),
            (Kind::Array | Kind::Object, _) => None,
            (Kind::Number, _) => Some(Decimal::read(self.bytes)? == Decimal::read(other.bytes)?),
            _ => Some(self.bytes == other.bytes),
        }
    }

    /// Their order. None for all but two numbers and two texts.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self.kind, other.kind) {
            (Kind::Number, Kind::Number) => Some(Decimal::read(self.bytes)?.cmp(&Decimal::read(other.bytes)?)),
            (Kind::Text, Kind::Text) => Some(self.bytes.cmp(other.bytes)), // UTF-8 is in the order of code points
            _ => None,
        }
    }
}

/// The type of a value that the grammar has accepted.
pub fn kind(json: &[u8]) -> Kind {
    match json.first() {
        Some(b'"') => Kind::Text,
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b't' | b'f') => Kind::Bool,
        Some(b'n') => Kind::Null,
        _ => Kind::Number,
    }
}

/// The place to name for two operands: the first value of the message among them.
pub fn place(operands: [&Operand; 2], found: &Found) -> NotComparable {
    let span = |operand: &&Operand| match operand {
        Operand::Path(path) => found.span(*path),
        Operand::Literal(_) => None,
    };
    at(operands.iter().find_map(span))
}

pub fn at(span: Option<Span>) -> NotComparable {
    NotComparable { offset: span.map_or(0, |span| span.start) }
}
