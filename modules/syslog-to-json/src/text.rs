//! What is read of a line, field by field. Refuses with `syslog_malformed`, at the byte that is at fault.

use core::ops::Range;

use maskgate_guest::Refusal;

pub struct Line<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Line<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    pub fn wrong(&self) -> Refusal {
        Refusal::at("syslog_malformed", self.at)
    }

    /// Passes a byte that has to be there.
    pub fn expect(&mut self, byte: u8) -> Result<(), Refusal> {
        if self.rest().first() != Some(&byte) {
            return Err(self.wrong());
        }
        self.at += 1;
        Ok(())
    }

    pub fn passes(&mut self, byte: u8) -> bool {
        let passes = self.rest().first() == Some(&byte);
        self.at += usize::from(passes);
        passes
    }

    /// As many bytes as `takes` takes, from 1 to `most`.
    pub fn take(&mut self, most: usize, takes: impl Fn(u8) -> bool) -> Result<Range<usize>, Refusal> {
        let len = self.rest().iter().take_while(|byte| takes(**byte)).count();
        if len == 0 || len > most {
            self.at += len.min(most);
            return Err(self.wrong());
        }
        self.at += len;
        Ok(self.at - len..self.at)
    }

    /// A field of printable ASCII with a space behind it. None: the nil value, `-`.
    pub fn field(&mut self, most: usize) -> Result<Option<Range<usize>>, Refusal> {
        let field = self.take(most, |byte| byte.is_ascii_graphic())?;
        self.expect(b' ')?;
        Ok((&self.bytes[field.clone()] != b"-").then_some(field))
    }

    /// A number of up to three digits.
    pub fn number(&mut self) -> Result<u32, Refusal> {
        let digits = self.take(3, |byte| byte.is_ascii_digit())?;
        Ok(self.bytes[digits].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// Where the message's own text begins; None: there is none. `spaced`: a space stands before it.
    pub fn own_text(&mut self, spaced: bool) -> Result<Option<usize>, Refusal> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        if spaced {
            self.expect(b' ')?;
        }
        Ok(Some(self.at))
    }
}
