//! The one pass over a message: checks it whole (RFC 8259), and finds where the paths' values are.

use alloc::vec;
use alloc::vec::Vec;
use core::slice;

use maskgate_guest::json::cursor::Cursor;
use maskgate_guest::json::scan::{Broken, Rule, Scanner, closing};
use maskgate_guest::json::{DEPTH, text};
use maskgate_guest::{Full, Message, Refusal};

use crate::found::{Found, Span};
use crate::paths::{Paths, Place};

/// A container with places in it that is open.
struct Open {
    place: usize,
    start: *const u8,
    object: bool,
    index: u32,
    /// Which of the place's children have been seen, from here on in `Pick::seen`.
    seen: usize,
}

/// Looks for paths in messages, one after the other; its memory is used again.
pub struct Pick {
    places: Vec<Place>,
    spans: Vec<Option<Span>>,
    open: Vec<Open>,
    seen: Vec<bool>,
    /// The first key that came twice and is on the way to a path's value.
    twice: Option<*const u8>,
    start: *const u8,
    scanner: Scanner,
    decoded: Vec<u8>,
}

impl Pick {
    pub fn new(paths: Paths) -> Self {
        Self {
            places: paths.places,
            spans: vec![None; paths.count],
            open: Vec::new(),
            seen: Vec::new(),
            twice: None,
            start: core::ptr::null(),
            scanner: Scanner::new(),
            decoded: Vec::new(),
        }
    }

    /// What the message has of the paths. Refuses what isn't JSON (`invalid_json`, `invalid_utf8`, `too_deep`), what there
    /// is no memory for (`too_large`), and a key on the way to a path's value that comes twice (`duplicate_key`).
    pub fn message(&mut self, message: Message) -> Result<Found<'_>, Refusal> {
        self.spans.fill(None);
        self.open.clear();
        self.seen.clear();
        self.twice = None;
        self.start = message.start();
        // SAFETY: `Message` is as the JSON crate wants a text.
        let Ok(whole) = (unsafe { self.walk(message) }) else { return Err(refusal(&self.scanner, message)) };
        if let Some(key) = self.twice {
            return Err(Refusal::at("duplicate_key", self.offset(key)));
        }
        // SAFETY: the message is there as long as the call that it came with, and nobody writes to it.
        let bytes = unsafe { slice::from_raw_parts(message.start(), message.len()) };
        Ok(Found { bytes, whole, spans: &self.spans })
    }

    fn offset(&self, at: *const u8) -> usize {
        at as usize - self.start as usize
    }

    unsafe fn walk(&mut self, message: Message) -> Result<Span, Broken> {
        unsafe {
            let mut cursor = self.scanner.begin(message.start(), message.len())?;
            let mut at = self.scanner.white::<false>(&mut cursor, message.start());
            let first = at;
            let mut place = Some(0);
            'value: loop {
                let start = at;
                let container = matches!(*at, b'{' | b'[');
                let inner = place.filter(|&place| container && !self.places[place].children.is_empty());
                if let Some(inner) = inner {
                    if self.open.len() == DEPTH {
                        return Err(self.scanner.too_deep(at));
                    }
                    let object = *at == b'{';
                    let next = self.scanner.white::<false>(&mut cursor, at.add(1));
                    if *next != closing(object) {
                        let seen = self.seen.len();
                        self.seen.resize(seen + self.places[inner].children.len(), false);
                        self.open.push(Open { place: inner, start, object, index: 0, seen });
                        (place, at) = self.next(&mut cursor, next)?;
                        continue 'value;
                    }
                    at = next.add(1);
                } else {
                    self.scanner.cursor = cursor;
                    at = self.scanner.value::<false>(at, self.open.len())?;
                    cursor = self.scanner.cursor;
                }
                self.take(place, start, at);
                let mut end = at;
                loop {
                    at = self.scanner.white::<false>(&mut cursor, at);
                    let Some(open) = self.open.last_mut() else { break };
                    if *at == b',' {
                        open.index += 1;
                        let next = self.scanner.white::<false>(&mut cursor, at.add(1));
                        (place, at) = self.next(&mut cursor, next)?;
                        continue 'value;
                    }
                    if *at != closing(open.object) {
                        return Err(self.scanner.broken(at));
                    }
                    at = at.add(1);
                    end = at;
                    let (place, start) = (open.place, open.start);
                    self.seen.truncate(open.seen);
                    self.open.pop();
                    self.take(Some(place), start, at);
                }
                let whole = Span { start: self.offset(first), end: self.offset(end) };
                return if at == message.end() { Ok(whole) } else { Err(self.scanner.broken(at)) };
            }
        }
    }

    /// The member or item that begins at `at`: its place, if it has one, and where its value begins.
    unsafe fn next(&mut self, cursor: &mut Cursor, at: *const u8) -> Result<(Option<usize>, *const u8), Broken> {
        let Some(&Open { place, object, index, seen, .. }) = self.open.last() else { return Ok((None, at)) };
        unsafe {
            if !object {
                let child = self.places[place].children.iter().find(|child| child.index == Some(index));
                return Ok((child.map(|child| child.place), at));
            }
            let (quote, value) = self.scanner.member::<false>(cursor, at)?;
            let written = slice::from_raw_parts(at.add(1), quote.offset_from_unsigned(at) - 1);
            let key = characters(written, &mut self.decoded);
            let children = &self.places[place].children;
            let Ok(found) = children.binary_search_by(|child| child.key.as_bytes().cmp(key)) else {
                return Ok((None, value));
            };
            if core::mem::replace(&mut self.seen[seen + found], true) && self.twice.is_none() {
                self.twice = Some(at);
            }
            Ok((Some(children[found].place), value))
        }
    }

    fn take(&mut self, place: Option<usize>, start: *const u8, end: *const u8) {
        if let Some(number) = place.and_then(|place| self.places[place].number) {
            self.spans[number] = Some(Span { start: self.offset(start), end: self.offset(end) });
        }
    }
}

/// Why a message couldn't be read. One of white space alone is not JSON from its first byte on.
#[cold]
pub fn refusal(scanner: &Scanner, message: Message) -> Refusal {
    let offset = scanner.breach.at as usize - message.start() as usize;
    let blank = message.bytes().iter().all(|byte| b" \t\r\n".contains(byte));
    match scanner.breach.rule {
        Rule::Grammar => Refusal::at("invalid_json", if blank { 0 } else { offset }),
        Rule::Depth => Refusal::at("too_deep", offset),
        Rule::Utf8 => Refusal::at("invalid_utf8", offset),
        Rule::Memory => Full.into(),
    }
}

/// A key's characters; `decoded` is where they go if it has escapes.
fn characters<'a>(key: &'a [u8], decoded: &'a mut Vec<u8>) -> &'a [u8] {
    if !key.contains(&b'\\') {
        return key;
    }
    decoded.clear();
    text::decode(key, decoded);
    decoded
}
