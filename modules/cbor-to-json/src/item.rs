//! Items of CBOR (RFC 8949), read without recursion, and written as section 6.1 suggests.

use alloc::vec::Vec;

use maskgate_convert::{Encoding, Keys, Nonfinite, Reader, Writer, choices, half, number};
use maskgate_guest::{Full, Refusal};

use crate::head::{ARRAY, BREAK, BYTES, Head, MAP, NEGATIVE, TAG, TEXT, UNSIGNED};

pub struct Settings {
    pub keys: Keys,
    /// How bytes become text where no tag says how. None: they are refused.
    pub binary: Option<Encoding>,
    pub nonfinite: Nonfinite,
    /// Whether `undefined` becomes null; it is refused otherwise.
    pub undefined: bool,
    /// Whether moments (tag 1) are written as RFC 3339 does; they stay numbers otherwise.
    pub times: bool,
    /// Whether integers beyond 64 bits are written as text.
    pub big_text: bool,
    /// Whether a tag that isn't known is passed over.
    pub any_tag: bool,
    /// Whether only the deterministic encoding of section 4.2.1 is read.
    pub deterministic: bool,
}

/// A container that is open.
struct Level {
    map: bool,
    /// Items that are to come, two for each of a map's members. None: until a break.
    left: Option<u64>,
    /// Whether a member's value comes next.
    valued: bool,
    /// What a tag around it says of bytes in it.
    encoding: Option<Encoding>,
    /// The last key, in the message.
    key: (usize, usize),
}

/// Reads items; its memory is used again.
pub struct Items {
    pub settings: Settings,
    pub writer: Writer,
    levels: Vec<Level>,
    /// Bytes that came in parts.
    pub(crate) gathered: Vec<u8>,
    /// Doubles that aren't finite, in this batch.
    pub replaced: u64,
}

impl Items {
    pub fn new(settings: Settings) -> Self {
        Self { settings, writer: Writer::default(), levels: Vec::new(), gathered: Vec::new(), replaced: 0 }
    }

    /// Begins a message.
    pub fn begin(&mut self) {
        self.writer.begin();
        self.levels.clear();
    }

    /// Reads an item and writes it as a JSON text.
    pub fn read(&mut self, reader: &mut Reader) -> Result<(), Refusal> {
        self.item(reader, None)?;
        while let Some(level) = self.levels.last_mut() {
            let done = match &mut level.left {
                Some(0) => true,
                Some(left) => {
                    *left -= 1;
                    false
                }
                None if !level.valued && reader.peek()? == BREAK => reader.byte().is_ok(),
                None => false,
            };
            if done {
                self.levels.pop();
                self.writer.close()?;
                continue;
            }
            let encoding = level.encoding;
            level.valued = level.map && !level.valued;
            if level.valued { self.key(reader)? } else { self.item(reader, encoding)? }
        }
        self.writer.end()
    }

    /// A scalar whole, a container's beginning. `encoding`: what tags around it say of bytes.
    #[inline(always)]
    fn item(&mut self, reader: &mut Reader, encoding: Option<Encoding>) -> Result<(), Refusal> {
        let head = Head::read(reader, self.settings.deterministic)?;
        if head.major == TAG { self.tagged(head, reader, encoding) } else { self.untagged(head, reader, encoding) }
    }

    /// An item without tags.
    #[inline(always)]
    pub fn untagged(&mut self, head: Head, reader: &mut Reader, encoding: Option<Encoding>) -> Result<(), Refusal> {
        match (head.major, head.value) {
            (UNSIGNED, Some(value)) => self.writer.value(|json| number::unsigned(value, json)),
            (NEGATIVE, Some(value)) => self.writer.value(|json| negative(value, json)),
            (TEXT, Some(len)) => {
                let text = reader.take(len)?;
                self.writer.text(text, reader.at() - text.len())
            }
            (ARRAY | MAP, count) => self.container(head, count, encoding, reader),
            (BYTES, Some(len)) => {
                let bytes = reader.take(len)?;
                choices::bytes(self.encoding(encoding), bytes, head.at, &mut self.writer)
            }
            (BYTES, None) => {
                self.gather(head, reader)?;
                choices::bytes(self.encoding(encoding), &self.gathered, head.at, &mut self.writer)
            }
            (TEXT, None) => {
                self.writer.begin_text()?;
                self.parts(reader)?;
                self.writer.end_text()
            }
            (_, value) => self.simple(head, value.unwrap_or_default()),
        }
    }

    fn container(
        &mut self,
        head: Head,
        count: Option<u64>,
        encoding: Option<Encoding>,
        reader: &Reader,
    ) -> Result<(), Refusal> {
        let map = head.major == MAP;
        // Each item has a byte at least.
        let left = count.map(|count| if map { count.saturating_mul(2) } else { count });
        if left.is_some_and(|left| left > reader.left() as u64) {
            return Err(Refusal::at("truncated", head.at));
        }
        if map {
            self.writer.object(head.at)?
        } else {
            self.writer.array(head.at)?
        }
        self.levels.try_reserve(1).map_err(|_| Full)?;
        self.levels.push(Level { map, left, valued: false, encoding, key: (0, 0) });
        Ok(())
    }

    #[inline(always)]
    fn key(&mut self, reader: &mut Reader) -> Result<(), Refusal> {
        let head = Head::read(reader, self.settings.deterministic)?;
        match (head.major, head.value) {
            (TEXT, Some(len)) => {
                let text = reader.take(len)?;
                self.writer.key(text, head.at, reader.at() - text.len())?;
            }
            (TEXT, None) => {
                self.writer.begin_key(head.at)?;
                self.parts(reader)?;
                self.writer.end_key()?;
            }
            (UNSIGNED | NEGATIVE, Some(value)) if self.settings.keys == Keys::Text => {
                let mut digits = Vec::new();
                if head.major == UNSIGNED {
                    number::unsigned(value, &mut digits)?
                } else {
                    negative(value, &mut digits)?
                }
                self.writer.key(&digits, head.at, head.at)?;
            }
            _ => return Err(Refusal::at("key_not_text", head.at)),
        }
        if self.settings.deterministic { self.in_order(head.at, reader) } else { Ok(()) }
    }

    /// The key that was read last comes behind the one before it, in the order of their bytes.
    fn in_order(&mut self, at: usize, reader: &Reader) -> Result<(), Refusal> {
        let Some(level) = self.levels.last_mut() else { return Ok(()) };
        let (start, end) = core::mem::replace(&mut level.key, (at, reader.at()));
        let before = &reader.since(start)[..end - start];
        if before > reader.since(at) { Err(Refusal::at("not_deterministic", at)) } else { Ok(()) }
    }

    /// Text of indefinite length: its parts are texts of a length, each of them UTF-8.
    fn parts(&mut self, reader: &mut Reader) -> Result<(), Refusal> {
        while let Some(part) = part(TEXT, reader)? {
            self.writer.part(part, reader.at() - part.len())?;
        }
        Ok(())
    }

    /// The bytes of a byte string that begins with `head`, into `gathered`.
    pub fn gather(&mut self, head: Head, reader: &mut Reader) -> Result<(), Refusal> {
        self.gathered.clear();
        let mut add = |bytes: &[u8]| {
            self.gathered.try_reserve(bytes.len()).map_err(|_| Full)?;
            self.gathered.extend_from_slice(bytes);
            Ok::<_, Full>(())
        };
        match head.value {
            Some(len) => add(reader.take(len)?)?,
            None => {
                while let Some(bytes) = part(BYTES, reader)? {
                    add(bytes)?;
                }
            }
        }
        Ok(())
    }

    /// How bytes become text, by the tag around them, else by the settings.
    pub fn encoding(&self, tagged: Option<Encoding>) -> Option<Encoding> {
        self.settings.binary.map(|encoding| tagged.unwrap_or(encoding))
    }

    fn simple(&mut self, head: Head, value: u64) -> Result<(), Refusal> {
        match (head.info, value) {
            (25..=27, bits) => self.float(head, bits),
            (_, 20) => self.writer.literal(b"false"),
            (_, 21) => self.writer.literal(b"true"),
            (_, 22) => self.writer.literal(b"null"),
            (_, 23) if self.settings.undefined => self.writer.literal(b"null"),
            (_, 23) => Err(Refusal::at("undefined", head.at)),
            (24, ..32) => Err(Refusal::at("invalid_cbor", head.at)),
            _ => Err(Refusal::at("unknown_simple", head.at)),
        }
    }

    fn float(&mut self, head: Head, bits: u64) -> Result<(), Refusal> {
        let number = float(head, bits);
        let shorter = match head.info {
            _ if number.is_nan() => head.info != 25 || bits != 0x7e00,
            27 => half::single(number).is_some(),
            26 => half::half(number).is_some(),
            _ => false,
        };
        if self.settings.deterministic && shorter {
            return Err(Refusal::at("not_deterministic", head.at));
        }
        self.settings.nonfinite.write(number, head.at, &mut self.writer, &mut self.replaced)
    }
}

/// The double that a float of 16, 32 or 64 bits stands for.
pub fn float(head: Head, bits: u64) -> f64 {
    match head.info {
        25 => half::from_half(bits as u16),
        26 => f64::from(f32::from_bits(bits as u32)),
        _ => f64::from_bits(bits),
    }
}

/// The next part of a string of indefinite length. None: it has ended.
fn part<'a>(major: u8, reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, Refusal> {
    if reader.peek()? == BREAK {
        reader.byte()?;
        return Ok(None);
    }
    let head = Head::read(reader, false)?;
    match head.value {
        Some(len) if head.major == major => reader.take(len).map(Some),
        _ => Err(Refusal::at("invalid_cbor", head.at)),
    }
}

/// Adds the digits of -1 - value.
fn negative(value: u64, json: &mut Vec<u8>) -> Result<(), Full> {
    match value.checked_add(1) {
        Some(magnitude) => {
            json.try_reserve(1).map_err(|_| Full)?;
            json.push(b'-');
            number::unsigned(magnitude, json)
        }
        None => {
            json.try_reserve(21).map_err(|_| Full)?;
            json.extend_from_slice(b"-18446744073709551616");
            Ok(())
        }
    }
}
