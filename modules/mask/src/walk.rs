//! The one pass over a message: checks it, knows at every value its node, and copies what stays between what doesn't.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::{ptr, slice};

use maskgate_guest::json::cursor::Cursor;
use maskgate_guest::json::scan::{Broken, Rule, Scanner, closing};
use maskgate_guest::json::{DEPTH, PADDING, text};
use maskgate_guest::{Full, Message, Outcome, Output, Refusal};

use crate::entity::Entities;
use crate::maker::Scratch;
use crate::node::{NO_RULE, Node, Verdict};
use crate::rules::Unlisted;
use crate::splice::{Splice, Value};
use crate::tally::Tally;
use crate::treatment::Treatment;

pub struct Walk {
    nodes: Box<[Node]>,
    pub(crate) treatments: Vec<Treatment>,
    pub(crate) unlisted: Unlisted,
    pub tally: Tally,
    scanner: Scanner,
    outer: Box<[Container]>,
    pub(crate) splice: Splice,
    pub(crate) scratch: Scratch,
    /// A replacement in the making.
    pub(crate) made: Vec<u8>,
    /// The rules that shuffle.
    pub shuffles: Vec<usize>,
    /// Whether a rule looks for something in text.
    scans: bool,
}

/// A container that has another open in it.
#[derive(Clone, Copy)]
struct Container {
    node: *const Node,
    object: bool,
    index: u32,
    /// Whether a path has matched something in it.
    matched: bool,
    /// The one that is open in it.
    inner: Inner,
}

/// How a container began, should it turn out that no path matches anything in it.
#[derive(Clone, Copy)]
struct Inner {
    /// Whether it is a member whose key no path names: wildcards alone led there.
    wild: bool,
    start: *const u8,
    from: *const u8,
    behind: bool,
    /// What had been copied, and where to.
    done: *const u8,
    to: *mut u8,
}

const NOTHING: Inner =
    Inner { wild: false, start: ptr::null(), from: ptr::null(), behind: false, done: ptr::null(), to: ptr::null_mut() };

impl Walk {
    /// `counters`: how many there are beside the one for what is unlisted.
    pub fn new(
        nodes: Box<[Node]>,
        treatments: Vec<Treatment>,
        counters: usize,
        unlisted: Unlisted,
        entities: Entities,
    ) -> Self {
        let shuffles = (0..).zip(&treatments).filter(|(_, treatment)| treatment.shuffles()).map(|(rule, _)| rule);
        Self {
            nodes,
            tally: Tally::new(counters),
            scans: treatments.iter().any(|treatment| matches!(treatment, Treatment::Scan(_))),
            shuffles: shuffles.collect(),
            treatments,
            unlisted,
            scanner: Scanner::new(),
            outer: vec![
                Container { node: ptr::null(), object: false, index: 0, matched: false, inner: NOTHING };
                DEPTH
            ]
            .into_boxed_slice(),
            splice: Splice::new(),
            scratch: Scratch { entities, ..Scratch::default() },
            made: Vec::new(),
        }
    }

    #[inline(always)]
    pub fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let result = self.masked(message, output);
        self.tally.settle(result.is_ok());
        if !self.shuffles.is_empty() {
            self.settle_shuffles(result == Ok(Outcome::Pass));
        }
        result
    }

    #[inline(always)]
    pub(crate) fn masked(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        if self.scratch.entities.wanted() {
            self.scratch.entities.read(message);
        }
        let start = message.start().cast_const();
        // SAFETY: `Message` is as the JSON crate wants it, and may be written to.
        unsafe {
            self.splice.to = output.room(message.len() + 1)?;
            self.splice.limit = output.limit();
            self.splice.end = message.end();
            self.splice.refused = None;
            self.splice.dropped = false;
            let walked = match self.scanner.begin(start, message.len()) {
                Ok(cursor) if self.scans => self.walk::<true>(start, cursor, output),
                Ok(cursor) => self.walk::<false>(start, cursor, output),
                Err(broken) => Err(broken.into()),
            };
            match walked {
                Ok(end) => self.finish(start, end, output),
                Err(Stop::Full) => Err(Full.into()),
                Err(Stop::Broken) => Err(self.breach(start)),
            }
        }
    }

    #[cold]
    #[inline(never)]
    unsafe fn breach(&self, start: *const u8) -> Refusal {
        let breach = self.scanner.breach;
        let offset = unsafe { breach.at.offset_from_unsigned(start) };
        match breach.rule {
            Rule::Grammar => Refusal::at("invalid_json", if self.splice.done.is_null() { 0 } else { offset }),
            Rule::Depth => Refusal::at("too_deep", offset),
            Rule::Utf8 => Refusal::at("invalid_utf8", offset),
            Rule::Memory => Full.into(),
        }
    }

    /// `end`: of the message's value.
    #[inline(always)]
    unsafe fn finish(&mut self, start: *const u8, end: *const u8, output: &mut Output) -> Result<Outcome, Refusal> {
        let splice = &mut self.splice;
        unsafe {
            if let Some((code, at)) = splice.refused {
                return Err(Refusal::at(code, at.offset_from_unsigned(start)));
            }
            if splice.dropped {
                return Ok(Outcome::Drop);
            }
            splice.copy_to(end);
            splice.to.write(b'\n');
            output.wrote(splice.to.add(1));
        }
        Ok(Outcome::Pass)
    }

    /// Where the message's value ends. Nothing but white space follows. Without SCAN there are no keys to look into, and no
    /// time is spent on asking.
    #[inline(never)]
    unsafe fn walk<const SCAN: bool>(
        &mut self,
        start: *const u8,
        mut cursor: Cursor,
        output: &mut Output,
    ) -> Result<*const u8, Stop> {
        unsafe {
            let mut at = self.scanner.white::<true>(&mut cursor, start);
            self.splice.done = if at == self.splice.end { ptr::null() } else { at };
            let mut node = self.nodes.as_ptr();
            let mut depth = 0;
            // The container that is open: its node, its kind, the number of the item, whether it has anything written yet, and
            // whether a path has matched something in it.
            let mut here = node;
            let mut object = false;
            let mut index = 0;
            let mut behind = false;
            let mut matched = false;
            // Where the member or item begins; for the whole message, at its first byte.
            let mut from = start;
            'value: loop {
                let value = &*node;
                let mut stays = value.verdict == Verdict::Keep;
                matched |= value.verdict != Verdict::Unlisted;
                if stays && value.rule != NO_RULE {
                    self.tally.count(value.rule);
                }
                let open = *at;
                let end = if open == b'"' {
                    self.scanner.string(&mut cursor, at)?.add(1)
                } else if open | 0x20 != b'{' {
                    self.scanner.scalar(&mut cursor, at)?
                } else if if open == b'{' { value.into_object } else { value.into_array } {
                    if depth == DEPTH {
                        return Err(self.scanner.too_deep(at).into());
                    }
                    let first = self.scanner.white::<true>(&mut cursor, at.add(1));
                    let wild = object && value.verdict == Verdict::Unlisted && ptr::eq(node, (*here).other);
                    if *first != open + 2 {
                        let Splice { done, to, .. } = self.splice;
                        let inner = Inner { wild, start: at, from, behind, done, to };
                        *self.outer.get_unchecked_mut(depth) = Container { node: here, object, index, matched, inner };
                        matched = value.verdict != Verdict::Unlisted;
                        depth += 1;
                        here = node;
                        object = open == b'{';
                        index = 0;
                        behind = false;
                        from = first;
                        (node, at) = if object {
                            self.member::<SCAN>(&mut cursor, here, first, output)?
                        } else {
                            (value.item(0), first)
                        };
                        continue 'value;
                    }
                    stays = !wild; // it is on the way, with nothing in it
                    first.add(1)
                } else {
                    self.scanner.cursor = cursor;
                    let end = match value.verdict {
                        Verdict::Treat => self.scanner.value::<false>(at, depth)?, // as it is: HMAC reads it
                        _ => self.scanner.value::<true>(at, depth)?,
                    };
                    cursor = self.scanner.cursor;
                    end
                };
                behind = if stays {
                    true
                } else {
                    self.act(value, Value { start: at, end, from, behind, root: depth == 0 }, output)?
                };
                at = end;
                while depth > 0 {
                    at = self.scanner.white::<true>(&mut cursor, at);
                    if *at == b',' {
                        at = self.scanner.white::<true>(&mut cursor, at.add(1));
                        if !behind {
                            self.splice.done = at; // all before it is left out, and so is its comma
                        }
                        from = at;
                        if object {
                            (node, at) = self.member::<SCAN>(&mut cursor, here, at, output)?;
                        } else {
                            index += 1;
                            node = (*here).item(index);
                        }
                        continue 'value;
                    }
                    if *at != closing(object) {
                        return Err(self.scanner.broken(at).into());
                    }
                    at = at.add(1);
                    depth -= 1;
                    let (closed, in_it) = (here, matched);
                    let inner;
                    Container { node: here, object, index, matched, inner } = *self.outer.get_unchecked(depth);
                    matched |= in_it;
                    behind = in_it || !inner.wild || self.unmatched(&*closed, inner, at, output)?;
                }
                let last = self.scanner.white::<true>(&mut cursor, at);
                return if last == self.splice.end { Ok(at) } else { Err(self.scanner.broken(last).into()) };
            }
        }
    }

    /// A member that wildcards alone led to, and in which no path matches anything, is unlisted with all that is in it: its key
    /// may be anything. Whether something of its container is written now.
    #[inline(never)]
    unsafe fn unmatched(
        &mut self,
        node: &Node,
        inner: Inner,
        end: *const u8,
        output: &mut Output,
    ) -> Result<bool, Full> {
        let Inner { start, from, behind, done, to, .. } = inner;
        // Nothing in it was replaced, and so what was written of it was written here.
        self.splice.done = done;
        self.splice.to = to;
        unsafe { self.act(node, Value { start, end, from, behind, root: false }, output) }
    }

    /// The node of the member whose key opens at `at`, and where its value begins.
    #[inline(always)]
    unsafe fn member<const SCAN: bool>(
        &mut self,
        cursor: &mut Cursor,
        here: *const Node,
        at: *const u8,
        output: &mut Output,
    ) -> Result<(*const Node, *const u8), Stop> {
        unsafe {
            if *at != b'"' {
                return Err(self.scanner.broken(at).into());
            }
            let key = at.add(1);
            let mut quote = cursor.second();
            let node = if *quote == b'"' {
                (*here).member(key, quote.offset_from_unsigned(key))
            } else {
                quote = self.scanner.string_on(quote)?;
                *cursor = self.scanner.cursor;
                self.escaped_member(here, key, quote)?
            };
            if SCAN && (*here).verdict == Verdict::Scan {
                self.scan_key(&*here, &*node, at, quote.add(1), output)?;
            }
            Ok((node, self.scanner.colon::<true>(cursor, quote)?))
        }
    }

    #[inline(never)]
    unsafe fn escaped_member(
        &mut self,
        here: *const Node,
        key: *const u8,
        quote: *const u8,
    ) -> Result<*const Node, Full> {
        let decoded = &mut self.scratch.decoded;
        decoded.clear();
        unsafe {
            let key = slice::from_raw_parts(key, quote.offset_from_unsigned(key));
            decoded.try_reserve(key.len() + PADDING).map_err(|_| Full)?;
            text::decode(key, decoded);
            Ok((*here).member(decoded.as_ptr(), decoded.len()))
        }
    }
}

/// Why a walk ended before the message did.
enum Stop {
    Broken,
    Full,
}

impl From<Broken> for Stop {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

impl From<Full> for Stop {
    fn from(_: Full) -> Self {
        Self::Full
    }
}
