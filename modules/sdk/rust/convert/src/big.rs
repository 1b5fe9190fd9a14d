//! Integers of any size, between bytes (big endian) and decimal digits. The work grows with the square of the length, and so
//! the length has a limit.

use alloc::vec::Vec;

use maskgate_guest::Full;

/// Bytes that an integer may have, and digits: as many as those bytes can always hold.
pub const BYTES: usize = 1024;
pub const DIGITS: usize = 2466;

const GROUP: u64 = 1_000_000_000;

/// Adds the digits of a magnitude of at most BYTES bytes; none for 0.
pub fn digits(magnitude: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
    debug_assert!(magnitude.len() <= BYTES);
    let mut groups: Vec<u32> = Vec::new();
    groups.try_reserve(magnitude.len() * 2 / 7 + 4).map_err(|_| Full)?;
    for word in magnitude.rchunks(4).rev() {
        let mut carry = word.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let shift = 8 * word.len();
        for group in &mut groups {
            carry += u64::from(*group) << shift;
            *group = (carry % GROUP) as u32;
            carry /= GROUP;
        }
        while carry > 0 {
            groups.push((carry % GROUP) as u32);
            carry /= GROUP;
        }
    }
    out.try_reserve(groups.len() * 9).map_err(|_| Full)?;
    let mut leading = true;
    for group in groups.iter().rev() {
        for place in (0..9).rev() {
            let digit = b'0' + (group / 10u32.pow(place) % 10) as u8;
            leading &= digit == b'0';
            if !leading {
                out.push(digit);
            }
        }
    }
    Ok(())
}

/// Adds the bytes of at most DIGITS decimal digits, without zeros before them.
pub fn magnitude(digits: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
    debug_assert!(digits.len() <= DIGITS);
    let mut words: Vec<u32> = Vec::new();
    words.try_reserve(digits.len() / 9 + 2).map_err(|_| Full)?;
    for group in digits.rchunks(9).rev() {
        let mut carry = group.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        let scale = 10u64.pow(group.len() as u32);
        for word in &mut words {
            carry += u64::from(*word) * scale;
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            words.push(carry as u32);
        }
    }
    out.try_reserve(words.len() * 4).map_err(|_| Full)?;
    let bytes = words.iter().rev().flat_map(|word| word.to_be_bytes());
    out.extend(bytes.skip_while(|&byte| byte == 0));
    Ok(())
}

/// Takes 1 off a magnitude that isn't 0, and a zero before it.
pub fn decrement(magnitude: &mut Vec<u8>) {
    for byte in magnitude.iter_mut().rev() {
        let (less, borrowed) = byte.overflowing_sub(1);
        *byte = less;
        if !borrowed {
            break;
        }
    }
    if magnitude.first() == Some(&0) {
        magnitude.remove(0);
    }
}

/// Adds 1 to a magnitude.
pub fn increment(magnitude: &mut Vec<u8>) {
    for byte in magnitude.iter_mut().rev() {
        let (more, carried) = byte.overflowing_add(1);
        *byte = more;
        if !carried {
            return;
        }
    }
    magnitude.insert(0, 1);
}
