//! A member set in a message; every byte of the message beside it stays as it is.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_guest::{Output, Refusal};

use crate::found::{Found, Span};
use crate::paths::{Paths, keys};

/// Objects in objects that a member may be made in.
const LEVELS: usize = 64;

/// What becomes of a value that stands where the member goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    Refuse,
    Keep,
    Replace,
}

impl Existing {
    /// As a configuration spells them, in this order.
    pub const CHOICES: [&'static str; 3] = ["refuse", "keep", "replace"];

    pub fn choice(number: usize) -> Self {
        [Self::Refuse, Self::Keep, Self::Replace][number]
    }
}

/// Where the member goes: an object's member, however deep. Objects on the way to it are made where the message has none.
pub struct Member {
    /// `"key":` as JSON writes it, of each level.
    keys: Vec<Vec<u8>>,
    /// The paths of the levels, the whole message first, the member last.
    paths: Vec<usize>,
}

impl Member {
    /// Adds to `paths` what has to be found. The error says what is wrong with the pointer.
    pub fn new(pointer: &str, paths: &mut Paths) -> Result<Self, String> {
        let keys = keys(pointer)?;
        if keys.is_empty() || keys.len() > LEVELS {
            return Err(alloc::format!("must name a member, at most {LEVELS} levels deep"));
        }
        let numbers = (0..=keys.len()).map(|level| paths.add(&keys[..level])).collect();
        let keys = keys
            .iter()
            .map(|key| {
                let mut json = text::quoted(key);
                json.push(b':');
                json
            })
            .collect();
        Ok(Self { keys, paths: numbers })
    }

    /// Where the member's value is, if the message has it.
    pub fn span(&self, found: &Found) -> Option<Span> {
        self.paths.last().and_then(|&path| found.span(path))
    }

    /// Whether the message has the member and keeps it: then it is written, as it is. Refuses a message that must not have it:
    /// `member_exists`.
    pub fn stays(&self, existing: Existing, found: &Found, output: &mut Output) -> Result<bool, Refusal> {
        match (self.span(found), existing) {
            (None, _) | (_, Existing::Replace) => Ok(false),
            (Some(span), Existing::Refuse) => Err(Refusal::at("member_exists", span.start)),
            (Some(_), Existing::Keep) => {
                found.pass(output)?;
                Ok(true)
            }
        }
    }

    /// Writes the message with `value` (JSON) at the member's place, and a line end. What stands there is replaced.
    ///
    /// Refuses a message in which something that isn't an object stands on the way: `not_an_object`.
    pub fn write(&self, found: &Found, value: &[u8], output: &mut Output) -> Result<(), Refusal> {
        let root = found.root();
        let depth = self.paths.iter().take_while(|&&path| found.span(path).is_some()).count();
        let Some(there) = depth.checked_sub(1).and_then(|level| found.span(self.paths[level])) else {
            return Err(Refusal::at("not_an_object", root.start));
        };
        if depth == self.paths.len() {
            output.put(found.bytes(Span { start: root.start, end: there.start }))?;
            output.put(value)?;
            output.put(found.bytes(Span { start: there.end, end: root.end }))?;
            return Ok(output.put(b"\n")?);
        }
        let object = found.bytes(there);
        let [b'{', inner @ .., b'}'] = object else { return Err(Refusal::at("not_an_object", there.start)) };
        output.put(found.bytes(Span { start: root.start, end: there.end - 1 }))?;
        if !inner.iter().all(|byte| b" \t\r\n".contains(byte)) {
            output.put(b",")?;
        }
        let missing = &self.keys[depth - 1..];
        for (level, key) in missing.iter().enumerate() {
            output.put(if level == 0 { b"" } else { b"{" })?;
            output.put(key)?;
        }
        output.put(value)?;
        for _ in 1..missing.len() {
            output.put(b"}")?;
        }
        output.put(found.bytes(Span { start: there.end - 1, end: root.end }))?;
        Ok(output.put(b"\n")?)
    }
}
