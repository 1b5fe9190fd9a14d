//! What becomes of a value.

use alloc::boxed::Box;
use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use maskgate_guest::json::{PADDING, bytes, text};
use sha2::Sha256;

pub enum Treatment {
    Keep,
    Drop,
    /// This JSON text instead.
    Put(Text),
    /// Characters (Unicode scalars) that stay at each end; `mask` for each other one, escaped as JSON needs it.
    Partial {
        first: usize,
        last: usize,
        mask: Vec<u8>,
    },
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

/// A value's characters: a string's own, of anything else its JSON text.
pub struct Characters<'a> {
    /// UTF-8, behind which PADDING more bytes can be read.
    text: &'a [u8],
    /// Whether JSON writes them as they are.
    plain: bool,
}

impl<'a> Characters<'a> {
    /// `decoded` is where the characters of a string with escapes go.
    ///
    /// # Safety
    /// `value` is a value's text as a scanner has read it, and PADDING bytes behind it can be read.
    #[inline(always)]
    pub unsafe fn of(value: &'a [u8], decoded: &'a mut Vec<u8>) -> Self {
        let [b'"', text @ .., b'"'] = value else { return Self { text: value, plain: true } };
        if !unsafe { bytes::has(text.as_ptr(), text.len(), b'\\') } {
            return Self { text, plain: true };
        }
        decoded.clear();
        text::decode(text, decoded);
        decoded.reserve(PADDING);
        Self { text: decoded, plain: false }
    }

    /// Adds the JSON string that shows the `first` and the `last` of them, or none if that were all.
    #[inline(always)]
    pub fn partial(&self, first: usize, last: usize, mask: &[u8], out: &mut Vec<u8>) {
        let text = self.text;
        // SAFETY: as the type's page says.
        let count = unsafe { bytes::characters(text.as_ptr(), text.len()) };
        let (first, last) = if first + last >= count { (0, 0) } else { (first, last) };
        let head = place(text, count, first);
        let tail = place(text, count, count - last);
        let hidden = count - first - last;
        if let (true, &[mask]) = (self.plain, mask) {
            out.reserve(text.len() + PADDING);
            // SAFETY: no more is written than there is room for now, and all of it up to the length that is set.
            unsafe {
                let start = out.as_mut_ptr().add(out.len());
                start.write(b'"');
                bytes::copy(text.as_ptr(), start.add(1), head);
                bytes::fill(start.add(1 + head), mask, hidden);
                let behind = start.add(1 + head + hidden);
                bytes::copy(text.as_ptr().add(tail), behind, text.len() - tail);
                behind.add(text.len() - tail).write(b'"');
                out.set_len(out.len() + 2 + head + hidden + text.len() - tail);
            }
        } else {
            out.push(b'"');
            text::encode(&text[..head], out);
            (0..hidden).for_each(|_| out.extend_from_slice(mask));
            text::encode(&text[tail..], out);
            out.push(b'"');
        }
    }
}

/// Where the character number `wanted` of `count` begins; the text's end, if that is `count`.
fn place(text: &[u8], count: usize, wanted: usize) -> usize {
    if count == text.len() {
        return wanted; // all ASCII
    }
    let starts = |byte: &u8| byte & 0xc0 != 0x80;
    text.iter().enumerate().filter(|(_, byte)| starts(byte)).nth(wanted).map_or(text.len(), |(at, _)| at)
}

impl Pseudonym {
    /// Adds the JSON string that stands for these characters.
    pub fn write(&self, characters: &Characters, out: &mut Vec<u8>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut keyed = self.keyed.clone();
        keyed.update(characters.text);
        out.extend_from_slice(&self.prefix);
        for byte in keyed.finalize().into_bytes().iter().take(self.bytes) {
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 15)]);
        }
        out.push(b'"');
    }
}
