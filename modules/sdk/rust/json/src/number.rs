//! Numbers (RFC 8259 section 6): checked, never read.

use crate::bytes::{load, not_digits};

/// Behind the number at `at`, which holds a digit or a minus. The error is where it isn't one.
///
/// # Safety
/// As the crate's page says.
#[inline(always)]
pub unsafe fn end(at: *const u8) -> Result<*const u8, *const u8> {
    unsafe {
        let mut at = if *at == b'-' { at.add(1) } else { at };
        at = if *at == b'0' { at.add(1) } else { some_digits(at)? };
        if *at == b'.' {
            at = some_digits(at.add(1))?;
        }
        if *at | 0x20 == b'e' {
            let sign = matches!(*at.add(1), b'+' | b'-');
            at = some_digits(at.add(1 + sign as usize))?;
        }
        Ok(at)
    }
}

/// Behind the digits at `at`, of which there has to be one.
#[inline(always)]
unsafe fn some_digits(start: *const u8) -> Result<*const u8, *const u8> {
    let mut at = start;
    loop {
        let found = unsafe { not_digits(load(at)) };
        if found != 0 {
            at = at.wrapping_add(found.trailing_zeros() as usize);
            return if at == start { Err(at) } else { Ok(at) };
        }
        at = at.wrapping_add(16);
    }
}
