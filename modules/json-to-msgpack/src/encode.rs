//! Each value in the fewest bytes that the format has for it (github.com/msgpack/msgpack, spec.md).

use alloc::vec::Vec;

use maskgate_convert::half;
use maskgate_guest::Full;

/// Bytes of the longest head: one, and a length or a number of 64 bits.
const HEAD: usize = 9;

pub fn byte(byte: u8, out: &mut Vec<u8>) -> Result<(), Full> {
    put(&[byte], out)
}

pub fn unsigned(number: u64, out: &mut Vec<u8>) -> Result<(), Full> {
    match number {
        0..=0x7f => byte(number as u8, out),
        0x80..=0xff => put(&[0xcc, number as u8], out),
        _ => sized(0xcd, number, out),
    }
}

/// A number below 0.
pub fn negative(number: i64, out: &mut Vec<u8>) -> Result<(), Full> {
    match number {
        -32.. => byte(number as u8, out),
        -0x80.. => put(&[0xd0, number as u8], out),
        -0x8000.. => head(0xd1, &(number as i16).to_be_bytes(), out),
        -0x8000_0000.. => head(0xd2, &(number as i32).to_be_bytes(), out),
        _ => head(0xd3, &number.to_be_bytes(), out),
    }
}

/// In 32 bits if that is the same number.
pub fn double(number: f64, out: &mut Vec<u8>) -> Result<(), Full> {
    match half::single(number) {
        Some(single) => head(0xca, &single.to_be_bytes(), out),
        None => head(0xcb, &number.to_be_bytes(), out),
    }
}

pub fn text(text: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
    match text.len() {
        len @ 0..=31 => byte(0xa0 | len as u8, out)?,
        len @ 32..=0xff => put(&[0xd9, len as u8], out)?,
        len => sized(0xda, len as u64, out)?,
    }
    out.try_reserve(text.len()).map_err(|_| Full)?;
    out.extend_from_slice(text);
    Ok(())
}

pub fn array(count: usize, out: &mut Vec<u8>) -> Result<(), Full> {
    if count <= 15 { byte(0x90 | count as u8, out) } else { sized(0xdc, count as u64, out) }
}

pub fn map(count: usize, out: &mut Vec<u8>) -> Result<(), Full> {
    if count <= 15 { byte(0x80 | count as u8, out) } else { sized(0xde, count as u64, out) }
}

/// A number of 16 bits behind `first`, of 32 behind the one after, of 64 behind the next.
fn sized(first: u8, number: u64, out: &mut Vec<u8>) -> Result<(), Full> {
    match number {
        0..=0xffff => head(first, &(number as u16).to_be_bytes(), out),
        0x1_0000..=0xffff_ffff => head(first + 1, &(number as u32).to_be_bytes(), out),
        _ => head(first + 2, &number.to_be_bytes(), out),
    }
}

fn head(first: u8, rest: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
    put(&[first], out)?;
    put(rest, out)
}

#[inline(always)]
fn put(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
    out.try_reserve(HEAD).map_err(|_| Full)?;
    out.extend_from_slice(bytes);
    Ok(())
}
