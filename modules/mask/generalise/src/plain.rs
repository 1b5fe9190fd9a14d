//! Numbers written plainly: digits, with a point where there is a fraction, never with an exponent.

use alloc::vec::Vec;
use core::iter;

use crate::number::{LIMIT, Long, Units};

/// Nothing that is added to a `Long` may be greater: it has more digits than this, so the sum keeps its sign.
pub(crate) const LARGEST: i128 = 10i128.pow(30);

/// Whether units × 10^unit has few enough digits to be written, or gone through.
pub(crate) fn fits(units: &Units, unit: i64) -> bool {
    unit.abs() <= LIMIT && !matches!(units, Units::Long(long) if long.len() + unit > LIMIT)
}

/// Adds (units + more) × 10^unit, if that fits; |more| is at most LARGEST.
pub(crate) fn sum(units: &Units, more: i128, unit: i64, out: &mut Vec<u8>) {
    match units {
        Units::Word(word) => self::word(word + more, unit, out),
        Units::Long(long) => self::long(long, more - long.below, unit, out),
    }
}

/// Adds value × 10^unit.
pub(crate) fn word(value: i128, unit: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let start = out.len();
    digits(value.unsigned_abs(), out);
    point(unit, start, out);
}

fn long(long: &Long, more: i128, unit: i64, out: &mut Vec<u8>) {
    if long.negative {
        out.push(b'-');
    }
    let start = out.len();
    // The sum may have one digit more, or some less.
    out.push(b'0');
    out.extend(long.digits());
    add(&mut out[start..], if long.negative { -more } else { more });
    let zeros = out[start..].iter().take_while(|&&digit| digit == b'0').count();
    out.drain(start..start + zeros);
    point(unit, start, out);
}

/// The digits' number and `more`: that isn't less than 0, and has no more digits.
fn add(digits: &mut [u8], more: i128) {
    let (mut rest, subtract) = (more.unsigned_abs(), more < 0);
    let mut carry = 0;
    for digit in digits.iter_mut().rev() {
        if rest == 0 && carry == 0 {
            return;
        }
        let change = (rest % 10) as u8 + carry;
        rest /= 10;
        let value = *digit - b'0';
        let (value, carried) = match subtract {
            true if value < change => (value + 10 - change, 1),
            true => (value - change, 0),
            false if value + change > 9 => (value + change - 10, 1),
            false => (value + change, 0),
        };
        *digit = b'0' + value;
        carry = carried;
    }
}

fn digits(value: u128, out: &mut Vec<u8>) {
    const CHUNK: u128 = 10u128.pow(18);
    if value >= CHUNK {
        digits(value / CHUNK, out);
        let start = out.len();
        short((value % CHUNK) as u64, out);
        fill(start, 18 - (out.len() - start), out);
    } else {
        short(value as u64, out);
    }
}

fn short(mut value: u64, out: &mut Vec<u8>) {
    let mut buffer = [0; 20];
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            return out.extend_from_slice(&buffer[at..]);
        }
    }
}

/// The digits from `start` on mean a number of units of 10^unit: puts the point, or zeros, where they belong.
fn point(unit: i64, start: usize, out: &mut Vec<u8>) {
    if unit > 0 && out[start..] != *b"0" {
        out.extend(iter::repeat_n(b'0', unit as usize));
    } else if unit < 0 {
        let behind = unit.unsigned_abs() as usize;
        let length = out.len() - start;
        if length <= behind {
            fill(start, behind + 1 - length, out);
        }
        out.insert(out.len() - behind, b'.');
    }
}

/// Puts `count` zeros in at `start`.
fn fill(start: usize, count: usize, out: &mut Vec<u8>) {
    if count > 0 {
        out.splice(start..start, iter::repeat_n(b'0', count));
    }
}
