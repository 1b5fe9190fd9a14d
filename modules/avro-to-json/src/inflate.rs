//! Deflate (RFC 1951), with a bound on what comes out.

use alloc::boxed::Box;
use alloc::vec::Vec;

use maskgate_guest::Refusal;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// Bytes of the first room for what comes out.
const FIRST: usize = 1 << 16;

pub enum Wrong {
    /// It isn't deflate, or something follows it.
    Broken,
    /// It is more than the bound, or than there is memory for.
    Large,
}

impl Wrong {
    pub fn at(self, at: usize) -> Refusal {
        Refusal::at(if matches!(self, Self::Broken) { "invalid_container" } else { "too_large" }, at)
    }
}

/// Unpacks blocks, one after the other; its memory is used again.
pub struct Inflater {
    state: Box<DecompressorOxide>,
    room: Vec<u8>,
}

impl Inflater {
    pub fn new() -> Self {
        Self { state: Box::default(), room: Vec::new() }
    }

    /// Gives the memory back.
    pub fn release(&mut self) {
        self.room = Vec::new();
    }

    /// What `packed` is unpacked: at most `most` bytes. Python's writers (fastavro, avro) leave bytes of zlib's checksum behind
    /// it, three of four: they may be there if they are right.
    pub fn inflate(&mut self, packed: &[u8], most: usize) -> Result<&[u8], Wrong> {
        let (mut read, mut written) = (0, 0);
        self.state.init();
        loop {
            let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
            let (status, used, made) = decompress(&mut self.state, &packed[read..], &mut self.room, written, flags);
            read += used;
            written += made;
            match status {
                _ if written > most => return Err(Wrong::Large),
                TINFLStatus::Done if adler32(&self.room[..written]).to_be_bytes().starts_with(&packed[read..]) => {
                    return Ok(&self.room[..written]);
                }
                TINFLStatus::HasMoreOutput if self.room.len() <= most => self.grow()?,
                TINFLStatus::HasMoreOutput => return Err(Wrong::Large),
                _ => return Err(Wrong::Broken),
            }
        }
    }

    fn grow(&mut self) -> Result<(), Wrong> {
        let more = self.room.len().max(FIRST);
        self.room.try_reserve(more).map_err(|_| Wrong::Large)?;
        self.room.resize(self.room.len() + more, 0);
        Ok(())
    }
}

/// The checksum of zlib (RFC 1950 section 8.2).
fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1, 0);
    // So many bytes at once don't overflow 32 bits.
    for chunk in bytes.chunks(5552) {
        for byte in chunk {
            low += u32::from(*byte);
            high += low;
        }
        (low, high) = (low % 65_521, high % 65_521);
    }
    high << 16 | low
}
