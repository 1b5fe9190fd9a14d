//! What becomes of a value.

use alloc::boxed::Box;
use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use maskgate_guest::json::{PADDING, text};
use sha2::Sha256;

pub enum Treatment {
    Keep,
    Drop,
    /// This JSON text instead.
    Put(Text),
    /// Characters (Unicode scalars) that stay at each end; `mask` for each other one, escaped as JSON needs it.
    Partial { first: usize, last: usize, mask: Vec<u8> },
    Hmac(Box<Pseudonym>),
}

/// Bytes that may be copied in blocks: PADDING more can be read behind them.
pub struct Text {
    padded: Vec<u8>,
    len: usize,
    /// For choosing the stricter of two treatments: see `Treatment::strictness`.
    strictness: u8,
}

pub struct Pseudonym {
    /// HMAC-SHA-256 (RFC 2104, FIPS 198-1) that has read the key, the domain and a zero byte.
    keyed: Hmac<Sha256>,
    /// Bytes of the result that are written.
    bytes: usize,
    /// The opening quote, and what is put before the digits.
    prefix: Vec<u8>,
}

/// What is written for values that may not be shown in part either.
pub const REDACTED: &[u8] = b"\"[REDACTED]\"";

impl Treatment {
    pub fn redact() -> Self {
        Self::Put(Text::new(REDACTED, 4))
    }

    pub fn nullify() -> Self {
        Self::Put(Text::new(b"null", 5))
    }

    pub fn text(text: &str) -> Self {
        Self::Put(Text::new(&text::quoted(text), 3))
    }

    pub fn partial(first: u32, last: u32, mask: char) -> Self {
        let mut escaped = Vec::new();
        text::encode(mask.encode_utf8(&mut [0; 4]).as_bytes(), &mut escaped);
        Self::Partial { first: first as usize, last: last as usize, mask: escaped }
    }

    /// `bytes`: of the result, 32 at most.
    pub fn hmac(key: &[u8], domain: &str, bytes: usize, prefix: &str) -> Self {
        // Any length is a key (RFC 2104).
        let mut keyed = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| core::arch::wasm32::unreachable());
        keyed.update(domain.as_bytes());
        keyed.update(&[0]);
        let mut prefix = text::quoted(prefix);
        prefix.pop();
        Self::Hmac(Box::new(Pseudonym { keyed, bytes, prefix }))
    }

    /// Where two paths match a value and neither is more specific, the treatment with the greater number wins.
    pub fn strictness(&self) -> u8 {
        match self {
            Self::Keep => 0,
            Self::Partial { .. } => 1,
            Self::Hmac(_) => 2,
            Self::Put(text) => text.strictness,
            Self::Drop => 6,
        }
    }
}

impl Text {
    fn new(json: &[u8], strictness: u8) -> Self {
        let mut padded = Vec::with_capacity(json.len() + PADDING);
        padded.extend_from_slice(json);
        padded.resize(json.len() + PADDING, 0);
        Self { padded, len: json.len(), strictness }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.padded[..self.len]
    }
}

/// A value's characters: a string's own (`decoded` is where they go if it has escapes), of anything else the JSON text.
pub fn characters<'a>(value: &'a [u8], decoded: &'a mut Vec<u8>) -> &'a [u8] {
    let [b'"', inner @ .., b'"'] = value else { return value };
    if !inner.contains(&b'\\') {
        return inner;
    }
    decoded.clear();
    text::decode(inner, decoded);
    decoded
}

/// Adds the JSON string that shows `first` and `last` characters of `text`, or none if that were all of it.
pub fn partial(text: &[u8], first: usize, last: usize, mask: &[u8], out: &mut Vec<u8>) {
    let count = text.iter().filter(|&&byte| leads(byte)).count();
    let (first, last) = if first + last >= count { (0, 0) } else { (first, last) };
    let mut starts = text.iter().enumerate().filter(|&(_, &byte)| leads(byte)).map(|(at, _)| at);
    let head = starts.clone().nth(first).unwrap_or(text.len());
    let tail = if last == 0 { text.len() } else { starts.nth_back(last - 1).unwrap_or(text.len()) };
    out.push(b'"');
    text::encode(&text[..head], out);
    for _ in 0..count - first - last {
        out.extend_from_slice(mask);
    }
    text::encode(&text[tail..], out);
    out.push(b'"');
}

/// Whether a byte of UTF-8 is a character's first.
fn leads(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

impl Pseudonym {
    /// Adds the JSON string that stands for `text`.
    pub fn write(&self, text: &[u8], out: &mut Vec<u8>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut keyed = self.keyed.clone();
        keyed.update(text);
        out.extend_from_slice(&self.prefix);
        for byte in keyed.finalize().into_bytes().iter().take(self.bytes) {
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
        }
        out.push(b'"');
    }
}
