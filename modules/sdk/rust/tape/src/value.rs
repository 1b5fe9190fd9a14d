//! The values of a message, each before those in it, in the order of the text. A value is known by its number.

use alloc::vec::Vec;

use maskgate_guest::json::text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    Text,
    Array,
    Object,
}

/// Offsets are of bytes in the message.
#[derive(Clone, Copy)]
pub(crate) struct Value {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    /// Of a member's key, behind its opening quote.
    pub key: u32,
    pub key_len: u32,
    /// Where a key with escapes has its characters, in `decoded`; NONE for one without.
    pub decoded: u32,
    pub decoded_len: u32,
    /// The number of the value behind all that is in this one.
    pub next: u32,
    /// Items, or members.
    pub count: u32,
}

pub(crate) const NONE: u32 = u32::MAX;

/// The values of one message.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) values: &'a [Value],
    pub(crate) decoded: &'a [u8],
}

impl<'a> Values<'a> {
    /// How many there are; the first, number 0, is the whole message's.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// There always is one.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn kind(&self, value: usize) -> Kind {
        self.values[value].kind
    }

    /// Where it begins in the message.
    pub fn offset(&self, value: usize) -> usize {
        self.values[value].start as usize
    }

    /// Where its key begins, with the quote.
    pub fn key_offset(&self, member: usize) -> usize {
        (self.values[member].key as usize).saturating_sub(1)
    }

    /// The value that begins there in the message.
    pub fn at(&self, offset: usize) -> Option<usize> {
        self.values.binary_search_by(|value| (value.start as usize).cmp(&offset)).ok()
    }

    /// As it is written.
    pub fn json(&self, value: usize) -> &'a [u8] {
        let value = &self.values[value];
        &self.bytes[value.start as usize..value.end as usize]
    }

    /// The characters (UTF-8) of a member's key.
    pub fn key(&self, member: usize) -> &'a [u8] {
        key(self.bytes, self.decoded, &self.values[member])
    }

    /// Whether a member's key is written without escapes.
    pub fn is_plain_key(&self, member: usize) -> bool {
        self.values[member].decoded == NONE
    }

    /// The characters (UTF-8) of a text. They go to `room` if it has escapes.
    pub fn text(&self, value: usize, room: &'a mut Vec<u8>) -> &'a [u8] {
        let [b'"', inner @ .., b'"'] = self.json(value) else { return &[] };
        if !inner.contains(&b'\\') {
            return inner;
        }
        room.clear();
        text::decode(inner, room);
        room
    }

    /// Items of an array, members of an object.
    pub fn count(&self, container: usize) -> usize {
        self.values[container].count as usize
    }

    /// The numbers of its items or members.
    pub fn inner(&self, container: usize) -> impl Iterator<Item = usize> + use<'a> {
        let (values, end) = (self.values, self.after(container));
        let mut at = container + 1;
        core::iter::from_fn(move || {
            let value = at;
            (value < end).then(|| {
                at = values[value].next as usize;
                value
            })
        })
    }

    /// The number of the value behind all that is in this one.
    pub fn after(&self, value: usize) -> usize {
        self.values[value].next as usize
    }
}

pub(crate) fn key<'a>(bytes: &'a [u8], decoded: &'a [u8], member: &Value) -> &'a [u8] {
    let (from, start, len) = match member.decoded {
        NONE => (bytes, member.key, member.key_len),
        start => (decoded, start, member.decoded_len),
    };
    &from[start as usize..(start + len) as usize]
}
