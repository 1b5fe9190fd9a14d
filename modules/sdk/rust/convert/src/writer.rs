//! JSON texts in the making. Refusals are `too_deep`, `duplicate_key`, `invalid_utf8` and `too_large`, at offsets that the
//! caller gives: where in the message what is being written stands.

use alloc::vec::Vec;

use maskgate_guest::json::{DEPTH, utf8};
use maskgate_guest::{Full, Outcome, Output, Refusal};

use crate::escape::escape;

/// Keys up to which each is compared with each; more are sorted.
const FEW: usize = 8;

struct Open {
    object: bool,
    /// Whether it has something in it.
    some: bool,
    /// The number of its first key.
    first: usize,
}

/// A key as it is written, in `json` without its quotes. Two texts are the same if they are written the same.
#[derive(Clone, Copy)]
struct Key {
    start: u32,
    end: u32,
    /// Its offset in the message.
    at: u32,
}

/// Writes the texts of one message, one after the other; its memory is used again.
#[derive(Default)]
pub struct Writer {
    json: Vec<u8>,
    open: Vec<Open>,
    keys: Vec<Key>,
    /// Where texts end.
    ends: Vec<usize>,
}

impl Writer {
    pub fn begin(&mut self) {
        self.json.clear();
        self.open.clear();
        self.keys.clear();
        self.ends.clear();
    }

    /// Opens an array.
    pub fn array(&mut self, at: usize) -> Result<(), Refusal> {
        self.container(false, at)
    }

    /// Opens an object. `key` comes before each of its values.
    pub fn object(&mut self, at: usize) -> Result<(), Refusal> {
        self.container(true, at)
    }

    fn container(&mut self, object: bool, at: usize) -> Result<(), Refusal> {
        if self.open.len() == DEPTH {
            return Err(Refusal::at("too_deep", at));
        }
        self.literal(if object { b"{" } else { b"[" })?;
        self.open.try_reserve(1).map_err(|_| Full)?;
        self.open.push(Open { object, some: false, first: self.keys.len() });
        Ok(())
    }

    /// Closes what was opened last.
    pub fn close(&mut self) -> Result<(), Refusal> {
        let Some(Open { object, first, .. }) = self.open.pop() else { return Ok(()) };
        if self.keys.len() > first + 1
            && let Some(at) = self.repeated(first)
        {
            return Err(Refusal::at("duplicate_key", at));
        }
        self.keys.truncate(first);
        self.json.try_reserve(1).map_err(|_| Full)?;
        self.json.push(if object { b'}' } else { b']' });
        Ok(())
    }

    /// A member's key, which begins at `at`, and its UTF-8 at `text_at`.
    #[inline(always)]
    pub fn key(&mut self, text: &[u8], at: usize, text_at: usize) -> Result<(), Refusal> {
        self.begin_key(at)?;
        self.part(text, text_at)?;
        self.end_key()
    }

    /// Begins a key whose characters come in parts.
    pub fn begin_key(&mut self, at: usize) -> Result<(), Refusal> {
        self.json.try_reserve(2).map_err(|_| Full)?;
        if let Some(open) = self.open.last_mut()
            && core::mem::replace(&mut open.some, true)
        {
            self.json.push(b',');
        }
        self.json.push(b'"');
        self.keys.try_reserve(1).map_err(|_| Full)?;
        self.keys.push(Key { start: self.json.len() as u32, end: 0, at: at as u32 });
        Ok(())
    }

    pub fn end_key(&mut self) -> Result<(), Refusal> {
        if let Some(key) = self.keys.last_mut() {
            key.end = self.json.len() as u32;
        }
        self.json.try_reserve(2).map_err(|_| Full)?;
        self.json.extend_from_slice(b"\":");
        Ok(())
    }

    /// A string, of UTF-8 that stands at `at`.
    pub fn text(&mut self, text: &[u8], at: usize) -> Result<(), Refusal> {
        self.begin_text()?;
        self.part(text, at)?;
        self.end_text()
    }

    /// Begins a string whose characters come in parts.
    pub fn begin_text(&mut self) -> Result<(), Refusal> {
        self.literal(b"\"")
    }

    pub fn end_text(&mut self) -> Result<(), Refusal> {
        self.json.try_reserve(1).map_err(|_| Full)?;
        self.json.push(b'"');
        Ok(())
    }

    /// Characters of a string or a key, of UTF-8 that stands at `at`.
    #[inline(always)]
    pub fn part(&mut self, text: &[u8], at: usize) -> Result<(), Refusal> {
        if !text.is_ascii()
            && let Some(offset) = utf8::breach(text)
        {
            return Err(Refusal::at("invalid_utf8", at + offset));
        }
        Ok(escape(text, &mut self.json)?)
    }

    /// A value, or the beginning of one, as JSON writes it.
    #[inline(always)]
    pub fn literal(&mut self, json: &[u8]) -> Result<(), Refusal> {
        self.json.try_reserve(json.len() + 1).map_err(|_| Full)?;
        if let Some(open) = self.open.last_mut()
            && !open.object
            && core::mem::replace(&mut open.some, true)
        {
            self.json.push(b',');
        }
        self.json.extend_from_slice(json);
        Ok(())
    }

    /// A value, of what `write` adds.
    pub fn value(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), Full>) -> Result<(), Refusal> {
        self.literal(b"")?;
        Ok(write(&mut self.json)?)
    }

    /// Ends a text: the next value begins another.
    pub fn end(&mut self) -> Result<(), Refusal> {
        self.json.try_reserve(1).map_err(|_| Full)?;
        self.json.push(b'\n');
        self.ends.try_reserve(1).map_err(|_| Full)?;
        self.ends.push(self.json.len());
        Ok(())
    }

    /// How many texts there are.
    pub fn texts(&self) -> usize {
        self.ends.len()
    }

    /// Passes all texts on: one as the message's result, more as several.
    pub fn pass(&self, output: &mut Output) -> Result<Outcome, Refusal> {
        if self.ends.len() == 1 {
            output.put(&self.json)?;
            return Ok(Outcome::Pass);
        }
        output.room(self.json.len())?; // all of them or none
        let mut from = 0;
        for &end in &self.ends {
            output.put(&self.json[from..end])?;
            output.pass();
            from = end;
        }
        Ok(Outcome::Several)
    }

    /// Where the first key stands that its object has before, among the keys from `first` on.
    fn repeated(&mut self, first: usize) -> Option<usize> {
        let Self { json, keys, .. } = self;
        let keys = &mut keys[first..];
        let written = |key: &Key| &json[key.start as usize..key.end as usize];
        if keys.len() <= FEW {
            let twice = |(i, key): &(usize, &Key)| keys[..*i].iter().any(|other| written(other) == written(key));
            return keys.iter().enumerate().find(twice).map(|(_, key)| key.at as usize);
        }
        keys.sort_unstable_by(|one, other| written(one).cmp(written(other)).then(one.start.cmp(&other.start)));
        let again = keys.windows(2).filter(|pair| written(&pair[0]) == written(&pair[1]));
        again.map(|pair| pair[1].at as usize).min()
    }
}
