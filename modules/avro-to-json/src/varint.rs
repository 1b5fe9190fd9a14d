//! Integers, lengths and counts of the binary encoding.

use maskgate_avro::varint::unzigzag;
use maskgate_convert::Reader;
use maskgate_guest::Refusal;

/// An integer of 64 bits, in ten bytes at most.
#[inline(always)]
pub fn long(reader: &mut Reader) -> Result<i64, Refusal> {
    let at = reader.at();
    let (mut bits, mut shift) = (0, 0);
    loop {
        let byte = reader.byte()?;
        if shift == 63 && byte > 1 {
            return Err(Refusal::at("invalid_avro", at));
        }
        bits |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(unzigzag(bits));
        }
        shift += 7;
    }
}

#[inline(always)]
pub fn int(reader: &mut Reader) -> Result<i32, Refusal> {
    let at = reader.at();
    i32::try_from(long(reader)?).map_err(|_| Refusal::at("invalid_avro", at))
}

/// Bytes with their length before them.
#[inline(always)]
pub fn bytes<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Refusal> {
    let at = reader.at();
    match u64::try_from(long(reader)?) {
        Ok(len) => reader.take(len),
        Err(_) => Err(Refusal::at("invalid_avro", at)),
    }
}

/// The head of a block of items.
pub struct Block {
    pub items: u64,
    /// Where it ends, if it says so.
    pub end: Option<usize>,
}

/// None: there is no further block.
pub fn block(reader: &mut Reader) -> Result<Option<Block>, Refusal> {
    let at = reader.at();
    let count = long(reader)?;
    let end = if count < 0 {
        let at = reader.at();
        let size = u64::try_from(long(reader)?).map_err(|_| Refusal::at("invalid_avro", at))?;
        if size > reader.left() as u64 {
            return Err(reader.truncated());
        }
        Some(reader.at() + size as usize)
    } else {
        None
    };
    match count.unsigned_abs() {
        0 if end.is_some() => Err(Refusal::at("invalid_avro", at)),
        0 => Ok(None),
        items => Ok(Some(Block { items, end })),
    }
}
