//! The one pass that makes the table.

use alloc::vec::Vec;
use core::slice;

use maskgate_guest::json::cursor::Cursor;
use maskgate_guest::json::scan::{Broken, Scanner, closing};
use maskgate_guest::json::{DEPTH, PADDING, text};
use maskgate_guest::{Full, Message, Refusal};
use maskgate_pick::refusal;

use crate::value::{Kind, NONE, Value, Values, key};

/// Members up to which each is compared with each; more are sorted.
const FEW: usize = 8;

/// Reads messages, one after the other; its memory is used again.
pub struct Tape {
    values: Vec<Value>,
    decoded: Vec<u8>,
    /// The containers that are open, by number.
    open: Vec<u32>,
    /// Members of one object, in the order of their keys.
    order: Vec<u32>,
    start: *const u8,
    scanner: Scanner,
}

/// What keeps a message from being read.
enum Stop {
    Broken,
    Full,
}

impl From<Broken> for Stop {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

/// A text that isn't JSON.
#[derive(Clone, Copy, Debug)]
pub struct Unread;

impl Tape {
    pub fn new() -> Self {
        Self {
            values: Vec::new(),
            decoded: Vec::new(),
            open: Vec::new(),
            order: Vec::new(),
            start: core::ptr::null(),
            scanner: Scanner::new(),
        }
    }

    /// The values of a message. Refuses what isn't JSON (`invalid_json`, `invalid_utf8`, `too_deep`), what there is no memory
    /// for (`too_large`), and an object with a key that comes twice (`duplicate_key`, where it comes again).
    pub fn message(&mut self, message: Message) -> Result<Values<'_>, Refusal> {
        match self.read(message) {
            Ok(()) => {}
            Err(Stop::Full) => return Err(Full.into()),
            Err(Stop::Broken) => return Err(refusal(&self.scanner, message)),
        }
        // SAFETY: the message is there as long as the call that it came with, and nobody writes to it.
        let bytes: &[u8] = unsafe { slice::from_raw_parts(message.start(), message.len()) };
        if let Some(offset) = self.repeated(bytes) {
            return Err(Refusal::at("duplicate_key", offset));
        }
        Ok(Values { bytes, values: &self.values, decoded: &self.decoded })
    }

    /// The same of a text of the configuration, copied to `room`.
    pub fn text<'a>(&'a mut self, json: &[u8], room: &'a mut Vec<u8>) -> Result<Values<'a>, Unread> {
        room.clear();
        room.extend_from_slice(json);
        room.resize(json.len() + PADDING, 0);
        // SAFETY: a NUL and room to read stand behind the text.
        let message = unsafe { Message::new(room.as_mut_ptr(), json.len()) };
        self.message(message).map_err(|_| Unread)
    }

    fn read(&mut self, message: Message) -> Result<(), Stop> {
        self.values.clear();
        self.decoded.clear();
        self.open.clear();
        self.start = message.start();
        // SAFETY: `Message` is as the JSON crate wants a text.
        unsafe {
            let mut cursor = self.scanner.begin(message.start(), message.len())?;
            let mut at = self.scanner.white::<false>(&mut cursor, message.start());
            self.begin(at)?;
            'value: loop {
                let first = *at;
                if matches!(first, b'{' | b'[') {
                    if self.open.len() == DEPTH {
                        return Err(self.scanner.too_deep(at).into());
                    }
                    let object = first == b'{';
                    let next = self.scanner.white::<false>(&mut cursor, at.add(1));
                    if *next != closing(object) {
                        self.open.push(self.values.len() as u32 - 1);
                        at = self.inner(&mut cursor, next, object)?;
                        continue 'value;
                    }
                    at = next.add(1);
                } else {
                    at = self.scanner.scalar(&mut cursor, at)?;
                }
                self.end(self.values.len() - 1, at);
                loop {
                    at = self.scanner.white::<false>(&mut cursor, at);
                    let Some(&open) = self.open.last() else { break };
                    let open = open as usize;
                    let object = self.values[open].kind == Kind::Object;
                    if *at == b',' {
                        let next = self.scanner.white::<false>(&mut cursor, at.add(1));
                        at = self.inner(&mut cursor, next, object)?;
                        continue 'value;
                    }
                    if *at != closing(object) {
                        return Err(self.scanner.broken(at).into());
                    }
                    at = at.add(1);
                    self.open.pop();
                    self.end(open, at);
                }
                return if at == message.end() { Ok(()) } else { Err(self.scanner.broken(at).into()) };
            }
        }
    }

    /// The item, or the member whose key is at `at`, of the container that was opened last. Returns where its value begins.
    unsafe fn inner(&mut self, cursor: &mut Cursor, at: *const u8, object: bool) -> Result<*const u8, Stop> {
        if let Some(&open) = self.open.last() {
            self.values[open as usize].count += 1;
        }
        unsafe {
            if !object {
                self.begin(at)?;
                return Ok(at);
            }
            let (quote, value) = self.scanner.member::<false>(cursor, at)?;
            let written = slice::from_raw_parts(at.add(1), quote.offset_from_unsigned(at) - 1);
            let (key, key_len) = (self.offset(at.add(1)), written.len() as u32);
            self.begin(value)?;
            let start = self.decoded.len();
            let escaped = written.contains(&b'\\');
            if escaped {
                self.decoded.try_reserve(written.len()).map_err(|_| Stop::Full)?;
                text::decode(written, &mut self.decoded);
            }
            if let Some(member) = self.values.last_mut() {
                (member.key, member.key_len) = (key, key_len);
                if escaped {
                    member.decoded = start as u32;
                    member.decoded_len = (self.decoded.len() - start) as u32;
                }
            }
            Ok(value)
        }
    }

    unsafe fn begin(&mut self, at: *const u8) -> Result<(), Stop> {
        let kind = match unsafe { *at } {
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'"' => Kind::Text,
            b't' | b'f' => Kind::Bool,
            b'n' => Kind::Null,
            _ => Kind::Number,
        };
        self.values.try_reserve(1).map_err(|_| Stop::Full)?;
        let start = self.offset(at);
        self.values.push(Value {
            kind,
            start,
            end: start,
            key: 0,
            key_len: 0,
            decoded: NONE,
            decoded_len: 0,
            next: 0,
            count: 0,
        });
        Ok(())
    }

    fn end(&mut self, value: usize, at: *const u8) {
        let (end, next) = (self.offset(at), self.values.len() as u32);
        let value = &mut self.values[value];
        (value.end, value.next) = (end, next);
    }

    fn offset(&self, at: *const u8) -> u32 {
        (at as usize - self.start as usize) as u32
    }

    /// Where the first key stands that its object has before.
    fn repeated(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut first: Option<u32> = None;
        for object in 0..self.values.len() {
            if self.values[object].kind == Kind::Object && self.values[object].count > 1 {
                let found = self.repeated_in(bytes, object);
                first = [first, found].into_iter().flatten().min();
            }
        }
        first.map(|offset| offset as usize - 1)
    }

    fn repeated_in(&mut self, bytes: &[u8], object: usize) -> Option<u32> {
        let Self { values, decoded, order, .. } = self;
        order.clear();
        let (mut at, end) = (object + 1, values[object].next as usize);
        while at < end {
            order.push(at as u32);
            at = values[at].next as usize;
        }
        let key = |member: u32| key(bytes, decoded, &values[member as usize]);
        let place = |member: u32| values[member as usize].key;
        if order.len() <= FEW {
            let twice = |&(i, &member): &(usize, &u32)| order[..i].iter().any(|&other| key(other) == key(member));
            return order.iter().enumerate().find(twice).map(|(_, &member)| place(member));
        }
        order.sort_unstable_by(|&one, &other| key(one).cmp(key(other)).then(one.cmp(&other)));
        order.windows(2).filter(|pair| key(pair[0]) == key(pair[1])).map(|pair| place(pair[1])).min()
    }
}

impl Default for Tape {
    fn default() -> Self {
        Self::new()
    }
}
