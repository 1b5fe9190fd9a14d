//! A message read from its first byte to its last.

use maskgate_guest::Refusal;

/// What hasn't been read yet. Refuses with `truncated`, at the first byte of what isn't there whole.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The offset of the next byte.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Bytes that are left.
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub fn is_at_end(&self) -> bool {
        self.left() == 0
    }

    #[inline(always)]
    pub fn byte(&mut self) -> Result<u8, Refusal> {
        match self.bytes.get(self.at) {
            Some(&byte) => {
                self.at += 1;
                Ok(byte)
            }
            None => Err(self.truncated()),
        }
    }

    /// The next byte, which stays.
    #[inline(always)]
    pub fn peek(&self) -> Result<u8, Refusal> {
        self.bytes.get(self.at).copied().ok_or_else(|| self.truncated())
    }

    #[inline(always)]
    pub fn take(&mut self, len: u64) -> Result<&'a [u8], Refusal> {
        if len > self.left() as u64 {
            return Err(self.truncated());
        }
        let bytes = &self.bytes[self.at..self.at + len as usize];
        self.at += len as usize;
        Ok(bytes)
    }

    #[inline(always)]
    pub fn array<const LEN: usize>(&mut self) -> Result<[u8; LEN], Refusal> {
        match self.bytes[self.at..].first_chunk() {
            Some(bytes) => {
                self.at += LEN;
                Ok(*bytes)
            }
            None => Err(self.truncated()),
        }
    }

    /// Bytes that have been read, from an offset on.
    pub fn since(&self, from: usize) -> &'a [u8] {
        &self.bytes[from.min(self.at)..self.at]
    }

    #[cold]
    pub fn truncated(&self) -> Refusal {
        Refusal::at("truncated", self.at)
    }
}
