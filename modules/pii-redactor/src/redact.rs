//! The message with its findings replaced.

use alloc::vec::Vec;
use core::slice;

use maskgate_detect::Hit;
use maskgate_guest::json::text::encode;
use maskgate_guest::{Full, Message, Output, Refusal};

use crate::keys::Keys;
use crate::settings::Find;
use crate::walk::{Kind, Sink, Token, Walk};

struct Redact<'a> {
    finds: &'a [Find],
    output: &'a mut Output,
    counts: &'a mut [u64],
    /// From here on the message hasn't been copied.
    copied: *const u8,
    /// Whether a key was replaced.
    renamed: bool,
    written: Vec<u8>,
}

/// Writes the message with what is found replaced; counts by find.
pub fn write(
    walk: &mut Walk,
    finds: &[Find],
    message: Message,
    output: &mut Output,
    counts: &mut [u64],
) -> Result<(), Refusal> {
    let trimmed = message.bytes().trim_ascii();
    let mut sink = Redact { finds, output, counts, copied: trimmed.as_ptr(), renamed: false, written: Vec::new() };
    walk.message(message, &mut sink)?;
    let (copied, renamed) = (sink.copied, sink.renamed);
    // SAFETY: `copied` is behind the last token that was replaced, or where the message begins.
    let rest = unsafe { slice::from_raw_parts(copied, trimmed.as_ptr_range().end.offset_from_unsigned(copied)) };
    output.put(rest)?;
    output.put(b"\n")?;
    if renamed {
        let mut check = Check { finds, start: message.start(), keys: Keys::default() };
        walk.message(message, &mut check)?;
        if let Some(offset) = check.keys.twice {
            return Err(Refusal::at("duplicate_key", offset));
        }
    }
    Ok(())
}

impl Sink for Redact<'_> {
    #[inline(always)]
    fn token(&mut self, token: Token, characters: &[u8], hits: &[Hit]) -> Result<(), Full> {
        if hits.is_empty() { Ok(()) } else { self.replace(token, characters, hits) }
    }

    fn open(&mut self, _: bool) {}

    fn close(&mut self) {}
}

impl Redact<'_> {
    #[inline(never)]
    fn replace(&mut self, token: Token, characters: &[u8], hits: &[Hit]) -> Result<(), Full> {
        self.renamed |= token.kind == Kind::Key;
        // SAFETY: all that is copied lies between what was copied before and the token.
        self.output
            .put(unsafe { slice::from_raw_parts(self.copied, token.start.offset_from_unsigned(self.copied)) })?;
        self.copied = token.end;
        self.output.put(b"\"")?;
        let mut at = 0;
        for hit in hits {
            self.characters(&characters[at..hit.start], token.escaped)?;
            self.output.put(&self.finds[hit.which].json)?;
            self.counts[hit.which] += 1;
            at = hit.end;
        }
        self.characters(&characters[at..], token.escaped)?;
        self.output.put(b"\"")
    }

    /// Characters that stay. Without escapes they are JSON as they stand.
    fn characters(&mut self, characters: &[u8], escaped: bool) -> Result<(), Full> {
        if !escaped {
            return self.output.put(characters);
        }
        self.written.clear();
        // A character takes six bytes at most.
        self.written.try_reserve(characters.len().checked_mul(6).ok_or(Full)?).map_err(|_| Full)?;
        encode(characters, &mut self.written);
        self.output.put(&self.written)
    }
}

/// A second pass, where a key was replaced: are the keys still each its own?
struct Check<'a> {
    finds: &'a [Find],
    start: *const u8,
    keys: Keys,
}

impl Sink for Check<'_> {
    fn token(&mut self, token: Token, characters: &[u8], hits: &[Hit]) -> Result<(), Full> {
        if token.kind == Kind::Key {
            // SAFETY: the token is in the message.
            let offset = unsafe { token.start.offset_from_unsigned(self.start) };
            let mut at = 0;
            let parts = hits.iter().flat_map(|hit| {
                let before = &characters[core::mem::replace(&mut at, hit.end)..hit.start];
                [before, &self.finds[hit.which].text[..]]
            });
            let rest = &characters[hits.last().map_or(0, |last| last.end)..];
            self.keys.add(offset, parts.chain([rest]));
        }
        Ok(())
    }

    fn open(&mut self, _: bool) {
        self.keys.open();
    }

    fn close(&mut self) {
        self.keys.close();
    }
}
