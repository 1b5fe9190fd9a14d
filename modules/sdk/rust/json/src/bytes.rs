//! Sixteen bytes at a time (WebAssembly SIMD).

use core::arch::wasm32::{
    i8x16_eq, i8x16_gt, i8x16_splat, u8x16, u8x16_bitmask, u8x16_gt, u8x16_lt, u8x16_splat, u8x16_sub, u8x16_sub_sat,
    v128, v128_bitselect, v128_load, v128_or, v128_store,
};

/// # Safety
/// `at..at + 16` can be read.
#[inline(always)]
pub unsafe fn load(at: *const u8) -> v128 {
    unsafe { v128_load(at.cast()) }
}

/// The bytes at which a string can't simply go on, one bit each: a quote, a backslash, a control character.
#[inline(always)]
pub fn stops(block: v128) -> u32 {
    let quote = i8x16_eq(block, i8x16_splat(b'"' as i8));
    let backslash = i8x16_eq(block, i8x16_splat(b'\\' as i8));
    let control = i8x16_eq(u8x16_sub_sat(block, u8x16_splat(0x1f)), u8x16_splat(0));
    u8x16_bitmask(v128_or(v128_or(quote, backslash), control)) as u32
}

/// The bytes that are no digits, one bit each.
#[inline(always)]
pub fn not_digits(block: v128) -> u32 {
    u8x16_bitmask(u8x16_gt(u8x16_sub(block, u8x16_splat(b'0')), u8x16_splat(9))) as u32
}

/// The bytes that are no JSON white space, one bit each.
#[inline(always)]
pub fn not_white(block: v128) -> u32 {
    let space = i8x16_eq(block, i8x16_splat(b' ' as i8));
    let tab = i8x16_eq(block, i8x16_splat(b'\t' as i8));
    u8x16_bitmask(v128_or(v128_or(space, tab), line_ends(block))) as u32 ^ 0xffff
}

#[inline(always)]
fn line_ends(block: v128) -> v128 {
    v128_or(i8x16_eq(block, i8x16_splat(b'\n' as i8)), i8x16_eq(block, i8x16_splat(b'\r' as i8)))
}

/// Turns the line ends among the first `count` bytes at `at` into spaces; the others stay what they are.
///
/// # Safety
/// `at..at + 16` can be read and written.
#[inline(always)]
pub unsafe fn flatten(at: *mut u8, block: v128, count: u32) {
    let lanes = u8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let among = u8x16_lt(lanes, u8x16_splat(count as u8));
    let chosen = core::arch::wasm32::v128_and(line_ends(block), among);
    unsafe { v128_store(at.cast(), v128_bitselect(u8x16_splat(b' '), block, chosen)) }
}

/// Whether one of `len` bytes is `wanted`.
///
/// # Safety
/// `len + 16` bytes can be read at `at`.
#[inline(always)]
pub unsafe fn has(at: *const u8, len: usize, wanted: u8) -> bool {
    let mut done = 0;
    while done < len {
        let equal = i8x16_eq(unsafe { load(at.add(done)) }, i8x16_splat(wanted as i8));
        let found = u8x16_bitmask(equal) as u32;
        if found != 0 {
            return done + (found.trailing_zeros() as usize) < len;
        }
        done += 16;
    }
    false
}

/// The characters (Unicode scalars) in `len` bytes of UTF-8: its bytes but for those that continue one.
///
/// # Safety
/// `len + 16` bytes can be read at `at`.
#[inline(always)]
pub unsafe fn characters(at: *const u8, len: usize) -> usize {
    let (mut done, mut count) = (0, 0);
    while done < len {
        // Continuing bytes, 0x80 to 0xbf, are the least that there are as signed numbers.
        let begins = i8x16_gt(unsafe { load(at.add(done)) }, i8x16_splat(-65));
        let among = if len - done < 16 { (1u32 << (len - done)) - 1 } else { 0xffff };
        count += (u8x16_bitmask(begins) as u32 & among).count_ones() as usize;
        done += 16;
    }
    count
}

/// Writes `byte` `len` times, and up to 15 times more than that.
///
/// # Safety
/// `len + 16` bytes can be written at `to`.
#[inline(always)]
pub unsafe fn fill(to: *mut u8, byte: u8, len: usize) {
    let mut done = 0;
    while done < len {
        unsafe { v128_store(to.add(done).cast(), u8x16_splat(byte)) };
        done += 16;
    }
}

/// Copies `len` bytes, and up to 31 more than that: cheaper than a call for the short spans between two fields.
///
/// # Safety
/// `len + 32` bytes can be read at `from` and written at `to`; the two don't overlap.
#[inline(always)]
pub unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    unsafe {
        v128_store(to.cast(), load(from));
        v128_store(to.add(16).cast(), load(from.add(16)));
        if len > 32 {
            copy_on(from.add(32), to.add(32), len - 32);
        }
    }
}

/// Beyond this many bytes the engine's own copy is faster than a loop, though it is a call out of the module.
const LONG: usize = 1024;

#[inline(never)]
unsafe fn copy_on(mut from: *const u8, mut to: *mut u8, len: usize) {
    unsafe {
        if len > LONG {
            core::ptr::copy_nonoverlapping(from, to, len);
            return;
        }
        let end = to.add(len);
        while to < end {
            let (first, second) = (load(from), load(from.add(16)));
            v128_store(to.cast(), first);
            v128_store(to.add(16).cast(), second);
            from = from.add(32);
            to = to.add(32);
        }
    }
}
