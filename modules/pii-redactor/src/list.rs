//! The findings of a message as a message of their own: where they stand and what they are, never what they say.

use alloc::format;

use maskgate_detect::Hit;
use maskgate_guest::{Full, Message, Output, Refusal};

use crate::settings::Find;
use crate::walk::{Kind, Sink, Token, Walk};

struct List<'a> {
    finds: &'a [Find],
    output: &'a mut Output,
    counts: &'a mut [u64],
    first: bool,
}

/// Writes `{"findings":[{"token","kind","find","start","end","confidence"}…]}`; counts by find.
pub fn write(
    walk: &mut Walk,
    finds: &[Find],
    message: Message,
    output: &mut Output,
    counts: &mut [u64],
) -> Result<(), Refusal> {
    output.put(b"{\"findings\":[")?;
    walk.message(message, &mut List { finds, output, counts, first: true })?;
    output.put(b"]}\n")?;
    Ok(())
}

impl Sink for List<'_> {
    fn token(&mut self, token: Token, _: &[u8], hits: &[Hit]) -> Result<(), Full> {
        let kind = match token.kind {
            Kind::Key => "key",
            Kind::String => "string",
            Kind::Number => "number",
        };
        for hit in hits {
            let comma = if core::mem::replace(&mut self.first, false) { "" } else { "," };
            // The name has no character that JSON escapes.
            let (number, name) = (token.number, &self.finds[hit.which].name);
            let Hit { start, end, confidence, .. } = *hit;
            self.output.put(
                format!(
                    "{comma}{{\"token\":{number},\"kind\":\"{kind}\",\"find\":\"{name}\",\"start\":{start},\"end\":{end},\"confidence\":{confidence}}}"
                )
                .as_bytes(),
            )?;
            self.counts[hit.which] += 1;
        }
        Ok(())
    }

    fn open(&mut self, _: bool) {}

    fn close(&mut self) {}
}
