//! Each item in its preferred form (RFC 8949 section 4.1): the shortest that there is.

use alloc::vec::Vec;

use maskgate_convert::half;
use maskgate_guest::Full;

pub const UNSIGNED: u8 = 0 << 5;
pub const NEGATIVE: u8 = 1 << 5;
pub const BYTES: u8 = 2 << 5;
pub const TEXT: u8 = 3 << 5;
pub const ARRAY: u8 = 4 << 5;
pub const MAP: u8 = 5 << 5;
pub const TAG: u8 = 6 << 5;

pub const FALSE: u8 = 0xf4;
pub const TRUE: u8 = 0xf5;
pub const NULL: u8 = 0xf6;

/// Bytes of the longest head.
const HEAD: usize = 9;

/// A major type, and a number, a length or a count.
#[inline(always)]
pub fn head(major: u8, value: u64, out: &mut Vec<u8>) -> Result<(), Full> {
    out.try_reserve(HEAD).map_err(|_| Full)?;
    match value {
        0..=23 => out.push(major | value as u8),
        24..=0xff => out.extend_from_slice(&[major | 24, value as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend_from_slice(&(value as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&(value as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
    Ok(())
}

pub fn simple(value: u8, out: &mut Vec<u8>) -> Result<(), Full> {
    out.try_reserve(1).map_err(|_| Full)?;
    out.push(value);
    Ok(())
}

/// Text or bytes.
#[inline(always)]
pub fn string(major: u8, content: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
    head(major, content.len() as u64, out)?;
    out.try_reserve(content.len()).map_err(|_| Full)?;
    out.extend_from_slice(content);
    Ok(())
}

/// In 16 or 32 bits if that is the same number.
pub fn double(number: f64, out: &mut Vec<u8>) -> Result<(), Full> {
    out.try_reserve(HEAD).map_err(|_| Full)?;
    if let Some(half) = half::half(number) {
        out.push(0xf9);
        out.extend_from_slice(&half.to_be_bytes());
    } else if let Some(single) = half::single(number) {
        out.push(0xfa);
        out.extend_from_slice(&single.to_be_bytes());
    } else {
        out.push(0xfb);
        out.extend_from_slice(&number.to_be_bytes());
    }
    Ok(())
}
