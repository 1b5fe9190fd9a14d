//! What was found of a message.

use maskgate_guest::json::bytes;
use maskgate_guest::{Full, Output};

/// Where a value stands in its message, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// The values of one message, by the numbers of their paths.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) whole: Span,
    pub(crate) spans: &'a [Option<Span>],
}

impl<'a> Found<'a> {
    /// The message's value, without the white space around it.
    pub fn whole(&self) -> &'a [u8] {
        self.bytes(self.whole)
    }

    /// Writes the message's value as it is, and a line end.
    pub fn pass(&self, output: &mut Output) -> Result<(), Full> {
        pass(self.whole(), output)
    }

    /// Where the message's value stands.
    pub fn root(&self) -> Span {
        self.whole
    }

    /// Where the path's value stands. None: the message has none.
    pub fn span(&self, path: usize) -> Option<Span> {
        self.spans[path]
    }

    /// The path's value as it is written. None: the message has none.
    pub fn value(&self, path: usize) -> Option<&'a [u8]> {
        self.span(path).map(|span| self.bytes(span))
    }

    /// What stands there in the message.
    pub fn bytes(&self, span: Span) -> &'a [u8] {
        &self.bytes[span.start..span.end]
    }
}

/// Writes a value of a message as it is, and a line end.
pub fn pass(value: &[u8], output: &mut Output) -> Result<(), Full> {
    let to = output.room(value.len() + 1)?;
    // SAFETY: PADDING bytes behind the message can be read, and as many behind the room written.
    unsafe {
        bytes::copy(value.as_ptr(), to, value.len());
        let end = to.add(value.len());
        end.write(b'\n');
        output.wrote(end.add(1));
    }
    Ok(())
}
