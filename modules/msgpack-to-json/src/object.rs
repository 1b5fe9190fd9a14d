//! Objects of MessagePack (github.com/msgpack/msgpack, spec.md), read without recursion.

use alloc::vec::Vec;

use maskgate_convert::{Encoding, Keys, Nonfinite, Reader, Writer, choices, number};
use maskgate_guest::{Full, Refusal};

use crate::timestamp;

pub struct Settings {
    pub keys: Keys,
    /// None: bytes are refused.
    pub binary: Option<Encoding>,
    /// Whether timestamps are written; they are refused otherwise.
    pub timestamps: bool,
    pub nonfinite: Nonfinite,
}

/// A container that is open.
struct Level {
    map: bool,
    /// Objects that are to come in it: two for each of a map's members.
    left: u64,
}

/// Reads objects; its memory is used again.
pub struct Objects {
    settings: Settings,
    pub writer: Writer,
    levels: Vec<Level>,
    /// Doubles that aren't finite, in this batch.
    pub replaced: u64,
}

impl Objects {
    pub fn new(settings: Settings) -> Self {
        Self { settings, writer: Writer::default(), levels: Vec::new(), replaced: 0 }
    }

    /// Begins a message.
    pub fn begin(&mut self) {
        self.writer.begin();
        self.levels.clear();
    }

    /// Reads an object and writes it as a JSON text.
    pub fn read(&mut self, reader: &mut Reader) -> Result<(), Refusal> {
        self.object(reader)?;
        while let Some(level) = self.levels.last_mut() {
            if level.left == 0 {
                self.levels.pop();
                self.writer.close()?;
                continue;
            }
            level.left -= 1;
            if level.map && level.left % 2 == 1 { self.key(reader)? } else { self.object(reader)? }
        }
        self.writer.end()
    }

    /// A scalar whole, a container's beginning.
    fn object(&mut self, reader: &mut Reader) -> Result<(), Refusal> {
        let at = reader.at();
        let first = reader.byte()?;
        match first {
            0x00..=0xbf | 0xcc..=0xd3 | 0xd9..=0xdf | 0xe0..=0xff => self.plain(first, at, reader),
            0xc0 => self.writer.literal(b"null"),
            0xc2 => self.writer.literal(b"false"),
            0xc3 => self.writer.literal(b"true"),
            0xc4..=0xc6 => {
                let len = unsigned(first - 0xc4, reader)?;
                choices::bytes(self.settings.binary, reader.take(len)?, at, &mut self.writer)
            }
            0xc7..=0xc9 => {
                let len = unsigned(first - 0xc7, reader)?;
                self.extension(len, at, reader)
            }
            0xca => self.double(f64::from(f32::from_be_bytes(reader.array()?)), at),
            0xcb => self.double(f64::from_be_bytes(reader.array()?), at),
            0xd4..=0xd8 => self.extension(1 << (first - 0xd4), at, reader),
            0xc1 => Err(Refusal::at("invalid_msgpack", at)),
        }
    }

    /// What isn't a matter of the settings.
    #[inline(always)]
    fn plain(&mut self, first: u8, at: usize, reader: &mut Reader) -> Result<(), Refusal> {
        match first {
            0x80..=0x8f => self.container(true, u64::from(first & 0xf), at, reader),
            0x90..=0x9f => self.container(false, u64::from(first & 0xf), at, reader),
            0xdc | 0xdd => {
                let count = unsigned(first - 0xdc + 1, reader)?;
                self.container(false, count, at, reader)
            }
            0xde | 0xdf => {
                let count = unsigned(first - 0xde + 1, reader)?;
                self.container(true, count, at, reader)
            }
            0xa0..=0xbf | 0xd9..=0xdb => {
                let text = text(first, reader)?;
                self.writer.text(text, reader.at() - text.len())
            }
            _ => {
                let integer = integer(first, reader)?;
                self.writer.value(|json| integer.write(json))
            }
        }
    }

    /// A container of `count` items or members, each of which has a byte at least.
    fn container(&mut self, map: bool, count: u64, at: usize, reader: &mut Reader) -> Result<(), Refusal> {
        let left = if map { 2 * count } else { count };
        if left > reader.left() as u64 {
            return Err(Refusal::at("truncated", at));
        }
        if map {
            self.writer.object(at)?
        } else {
            self.writer.array(at)?
        }
        self.levels.try_reserve(1).map_err(|_| Full)?;
        self.levels.push(Level { map, left });
        Ok(())
    }

    #[inline(always)]
    fn key(&mut self, reader: &mut Reader) -> Result<(), Refusal> {
        let at = reader.at();
        let first = reader.byte()?;
        match first {
            0xa0..=0xbf | 0xd9..=0xdb => {
                let text = text(first, reader)?;
                self.writer.key(text, at, reader.at() - text.len())
            }
            0x00..=0x7f | 0xcc..=0xd3 | 0xe0..=0xff if self.settings.keys == Keys::Text => {
                let mut digits = Vec::new();
                integer(first, reader)?.write(&mut digits)?;
                self.writer.key(&digits, at, at)
            }
            _ => Err(Refusal::at("key_not_text", at)),
        }
    }

    fn double(&mut self, number: f64, at: usize) -> Result<(), Refusal> {
        self.settings.nonfinite.write(number, at, &mut self.writer, &mut self.replaced)
    }

    /// `len` bytes behind the one that says what type of extension they are.
    fn extension(&mut self, len: u64, at: usize, reader: &mut Reader) -> Result<(), Refusal> {
        let kind = reader.byte()? as i8;
        let data = reader.take(len)?;
        if kind != timestamp::TYPE || !self.settings.timestamps {
            return Err(Refusal::at("unknown_extension", at));
        }
        timestamp::write(data, at, &mut self.writer)
    }
}

enum Integer {
    Unsigned(u64),
    Signed(i64),
}

impl Integer {
    fn write(&self, json: &mut Vec<u8>) -> Result<(), Full> {
        match *self {
            Self::Unsigned(number) => number::unsigned(number, json),
            Self::Signed(number) => number::signed(number, json),
        }
    }
}

/// The integer that begins with `first`, which says that it is one.
#[inline(always)]
fn integer(first: u8, reader: &mut Reader) -> Result<Integer, Refusal> {
    Ok(match first {
        0xcc..=0xcf => Integer::Unsigned(unsigned(first - 0xcc, reader)?),
        0xd0 => Integer::Signed(i64::from(i8::from_be_bytes(reader.array()?))),
        0xd1 => Integer::Signed(i64::from(i16::from_be_bytes(reader.array()?))),
        0xd2 => Integer::Signed(i64::from(i32::from_be_bytes(reader.array()?))),
        0xd3 => Integer::Signed(i64::from_be_bytes(reader.array()?)),
        0xe0..=0xff => Integer::Signed(i64::from(first as i8)),
        _ => Integer::Unsigned(u64::from(first)),
    })
}

/// A number of 2^power bytes.
#[inline(always)]
fn unsigned(power: u8, reader: &mut Reader) -> Result<u64, Refusal> {
    Ok(match power {
        0 => u64::from(reader.byte()?),
        1 => u64::from(u16::from_be_bytes(reader.array()?)),
        2 => u64::from(u32::from_be_bytes(reader.array()?)),
        _ => u64::from_be_bytes(reader.array()?),
    })
}

/// The bytes of the text that begins with `first`, which says that it is one.
#[inline(always)]
fn text<'a>(first: u8, reader: &mut Reader<'a>) -> Result<&'a [u8], Refusal> {
    let len = if first < 0xc0 { u64::from(first & 0x1f) } else { unsigned(first - 0xd9, reader)? };
    reader.take(len)
}
