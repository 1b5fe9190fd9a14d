//! The one pass over a message: checks it whole, and finds where the sources are.

use alloc::vec;
use alloc::vec::Vec;
use core::slice;

use maskgate_guest::json::cursor::Cursor;
use maskgate_guest::json::scan::{Broken, Rule, Scanner, closing};
use maskgate_guest::json::{DEPTH, text};
use maskgate_guest::{Full, Message, Refusal};

use crate::fields::Source;

/// A value as it stands in the message.
#[derive(Clone, Copy)]
pub struct Span {
    start: *const u8,
    len: usize,
}

impl Span {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: only made of a message, and only read while that is there.
        unsafe { slice::from_raw_parts(self.start, self.len) }
    }
}

/// A container with sources in it that is open, and the place that it is at in the tree of sources.
struct Open {
    source: usize,
    start: *const u8,
    object: bool,
    index: u32,
    /// Which of the source's children have been seen, from here on in `Pick::seen`.
    seen: usize,
}

pub struct Pick {
    sources: Vec<Source>,
    /// For each target its value, if the message has it.
    found: Vec<Option<Span>>,
    open: Vec<Open>,
    seen: Vec<bool>,
    /// The first key that came twice and is on the way to a source.
    twice: Option<*const u8>,
    scanner: Scanner,
    decoded: Vec<u8>,
}

impl Pick {
    pub fn new(sources: Vec<Source>) -> Self {
        let targets = sources.iter().map(|source| source.targets.len()).sum();
        Self {
            sources,
            found: vec![None; targets],
            open: Vec::new(),
            seen: Vec::new(),
            twice: None,
            scanner: Scanner::new(),
            decoded: Vec::new(),
        }
    }

    /// For each target its value in the message, byte for byte.
    ///
    /// # Safety
    /// The message is as the JSON crate wants it.
    pub unsafe fn message(&mut self, message: Message) -> Result<&[Option<Span>], Refusal> {
        self.found.fill(None);
        self.open.clear();
        self.seen.clear();
        self.twice = None;
        let start = message.start().cast_const();
        let blank = message.bytes().iter().all(|byte| b" \t\r\n".contains(byte));
        let offset = |at: *const u8| unsafe { at.offset_from_unsigned(start) };
        if unsafe { self.walk(message) }.is_err() {
            let breach = self.scanner.breach;
            return Err(match breach.rule {
                Rule::Grammar => Refusal::at("invalid_json", if blank { 0 } else { offset(breach.at) }),
                Rule::Depth => Refusal::at("too_deep", offset(breach.at)),
                Rule::Utf8 => Refusal::at("invalid_utf8", offset(breach.at)),
                Rule::Memory => Full.into(),
            });
        }
        match self.twice {
            Some(key) => Err(Refusal::at("duplicate_key", offset(key))),
            None => Ok(&self.found),
        }
    }

    unsafe fn walk(&mut self, message: Message) -> Result<(), Broken> {
        unsafe {
            let mut cursor = self.scanner.begin(message.start(), message.len())?;
            let mut at = self.scanner.white::<false>(&mut cursor, message.start());
            let mut source = Some(0);
            'value: loop {
                let start = at;
                let container = matches!(*at, b'{' | b'[');
                let inner = source.filter(|&source| container && !self.sources[source].children.is_empty());
                if let Some(inner) = inner {
                    if self.open.len() == DEPTH {
                        return Err(self.scanner.too_deep(at));
                    }
                    let object = *at == b'{';
                    let first = self.scanner.white::<false>(&mut cursor, at.add(1));
                    if *first != closing(object) {
                        let seen = self.seen.len();
                        self.seen.resize(seen + self.sources[inner].children.len(), false);
                        self.open.push(Open { source: inner, start, object, index: 0, seen });
                        (source, at) = self.next(&mut cursor, first)?;
                        continue 'value;
                    }
                    at = first.add(1);
                } else {
                    self.scanner.cursor = cursor;
                    at = self.scanner.value::<false>(at, self.open.len())?;
                    cursor = self.scanner.cursor;
                }
                self.take(source, start, at);
                loop {
                    at = self.scanner.white::<false>(&mut cursor, at);
                    let Some(open) = self.open.last_mut() else { break };
                    if *at == b',' {
                        open.index += 1;
                        let next = self.scanner.white::<false>(&mut cursor, at.add(1));
                        (source, at) = self.next(&mut cursor, next)?;
                        continue 'value;
                    }
                    if *at != closing(open.object) {
                        return Err(self.scanner.broken(at));
                    }
                    at = at.add(1);
                    let (source, start) = (open.source, open.start);
                    self.seen.truncate(open.seen);
                    self.open.pop();
                    self.take(Some(source), start, at);
                }
                return if at == message.end() { Ok(()) } else { Err(self.scanner.broken(at)) };
            }
        }
    }

    /// The member or item that begins at `at`: its place in the tree of sources, if it has one, and where its value begins.
    unsafe fn next(&mut self, cursor: &mut Cursor, at: *const u8) -> Result<(Option<usize>, *const u8), Broken> {
        let Some(&Open { source, object, index, seen, .. }) = self.open.last() else { return Ok((None, at)) };
        let children = &self.sources[source].children;
        unsafe {
            if !object {
                let child = children.iter().find(|child| child.1 == Some(index)).map(|child| child.2);
                return Ok((child, at));
            }
            let (quote, value) = self.scanner.member::<false>(cursor, at)?;
            let key =
                characters(slice::from_raw_parts(at.add(1), quote.offset_from_unsigned(at) - 1), &mut self.decoded);
            let children = &self.sources[source].children;
            let Some(child) = children.iter().position(|child| child.0.as_bytes() == key) else {
                return Ok((None, value));
            };
            let number = children[child].2;
            if core::mem::replace(&mut self.seen[seen + child], true) && self.twice.is_none() {
                self.twice = Some(at);
            }
            Ok((Some(number), value))
        }
    }

    /// Notes a value for the targets that take it.
    unsafe fn take(&mut self, source: Option<usize>, start: *const u8, end: *const u8) {
        let Some(source) = source else { return };
        let span = Span { start, len: unsafe { end.offset_from_unsigned(start) } };
        for &target in &self.sources[source].targets {
            self.found[target] = Some(span);
        }
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
