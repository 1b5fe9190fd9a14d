//! The first byte of an item, and the number that comes with it (RFC 8949 section 3).

use maskgate_convert::Reader;
use maskgate_guest::Refusal;

/// Major types.
pub const UNSIGNED: u8 = 0;
pub const NEGATIVE: u8 = 1;
pub const BYTES: u8 = 2;
pub const TEXT: u8 = 3;
pub const ARRAY: u8 = 4;
pub const MAP: u8 = 5;
pub const TAG: u8 = 6;
pub const SIMPLE: u8 = 7;

/// What ends an item of indefinite length.
pub const BREAK: u8 = 0xff;

#[derive(Clone, Copy)]
pub struct Head {
    /// Where the item begins.
    pub at: usize,
    pub major: u8,
    /// The five bits behind the major type: for `SIMPLE` they say how wide a float is.
    pub info: u8,
    /// A number, a length, a count. None: the length is indefinite.
    pub value: Option<u64>,
}

impl Head {
    /// Refuses what is reserved, and a break: it is never an item. `deterministic`: also what has a shorter form.
    #[inline(always)]
    pub fn read(reader: &mut Reader, deterministic: bool) -> Result<Self, Refusal> {
        let at = reader.at();
        let first = reader.byte()?;
        let (major, info) = (first >> 5, first & 0x1f);
        let value = match info {
            0..=23 => return Ok(Self { at, major, info, value: Some(u64::from(info)) }),
            24 => u64::from(reader.byte()?),
            25 => u64::from(u16::from_be_bytes(reader.array()?)),
            26 => u64::from(u32::from_be_bytes(reader.array()?)),
            27 => u64::from_be_bytes(reader.array()?),
            31 if matches!(major, BYTES | TEXT | ARRAY | MAP) => {
                if deterministic {
                    return Err(Refusal::at("not_deterministic", at));
                }
                return Ok(Self { at, major, info, value: None });
            }
            _ => return Err(Refusal::at("invalid_cbor", at)),
        };
        let least = [24, 1 << 8, 1 << 16, 1 << 32][usize::from(info - 24)];
        if deterministic && major != SIMPLE && value < least {
            return Err(Refusal::at("not_deterministic", at));
        }
        Ok(Self { at, major, info, value: Some(value) })
    }
}
