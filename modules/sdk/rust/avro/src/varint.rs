//! Integers in zig-zag coding, seven bits a byte, the lowest first.

use alloc::vec::Vec;

/// Bytes of the longest.
pub const LONGEST: usize = 10;

/// Adds an integer; the caller has made room for LONGEST bytes.
#[inline(always)]
pub fn write(value: i64, out: &mut Vec<u8>) {
    let mut rest = (value << 1 ^ value >> 63) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// What zig-zag coding stands for.
#[inline(always)]
pub fn unzigzag(bits: u64) -> i64 {
    (bits >> 1) as i64 ^ -((bits & 1) as i64)
}
