//! Numbers as JSON writes them (RFC 8259 section 6), by value: `1`, `1.0` and `10e-1` are one number. No double is made.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `lib` | a number read, compared, asked |
//! | `layout` | a number written, in one form for each value |
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod layout;
#[cfg(test)]
mod tests;

use core::cmp::Ordering;

pub use layout::{binary64, layout};

/// Digits of an exponent that is read. A number with more (and not 0) is none that anyone works with.
const EXPONENT: usize = 18;

/// 0.d₁d₂d₃… × 10^point, where neither the first nor the last digit is 0.
#[derive(Clone, Copy, Debug)]
pub struct Decimal<'a> {
    negative: bool,
    /// None for 0. The text's point may stand among them.
    digits: &'a [u8],
    point: i64,
}

impl<'a> Decimal<'a> {
    /// Reads a number that the grammar has accepted. None if its exponent has more than 18 digits.
    pub fn read(text: &'a [u8]) -> Option<Self> {
        let (negative, text) = match text.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let split = text.iter().position(|byte| byte | 0x20 == b'e').unwrap_or(text.len());
        let mantissa = &text[..split];
        let Some(first) = mantissa.iter().position(|byte| matches!(byte, b'1'..=b'9')) else {
            return Some(Self { negative: false, digits: &[], point: 0 });
        };
        let whole = mantissa.iter().position(|&byte| byte == b'.').unwrap_or(mantissa.len());
        let last = mantissa.iter().rposition(|byte| matches!(byte, b'1'..=b'9')).unwrap_or(first);
        let point = if first < whole { (whole - first) as i64 } else { -((first - whole - 1) as i64) };
        let exponent = exponent(text.get(split + 1..).unwrap_or_default())?;
        Some(Self { negative, digits: &mantissa[first..=last], point: point + exponent })
    }

    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether it has no fraction: `1.0` and `1e400` haven't.
    pub fn is_integer(&self) -> bool {
        self.is_zero() || self.exponent() >= 0
    }

    /// Whether it is a whole multiple of `unit`, which isn't 0.
    pub fn is_multiple(&self, unit: &Unit) -> bool {
        // Neither number's digits end with 0, so a number with more fraction digits than its unit is no multiple of it.
        let Ok(zeros) = u64::try_from(self.exponent() - unit.exponent) else { return self.is_zero() };
        let modulus = u128::from(unit.digits);
        let rest = self.ascii().fold(0, |rest, digit| (rest * 10 + u128::from(digit - b'0')) % modulus);
        rest * power(10 % modulus, zeros, modulus) % modulus == 0
    }

    /// Itself × 10^scale, if that is a whole number that isn't negative and fits.
    pub fn scaled(&self, scale: u32) -> Option<u64> {
        if self.is_zero() {
            return Some(0);
        }
        let zeros = u32::try_from(self.exponent() + i64::from(scale)).ok().filter(|_| !self.negative)?;
        let digits =
            self.ascii().try_fold(0u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))?;
        digits.checked_mul(10u64.checked_pow(zeros)?)
    }

    /// Its digits, from the first that isn't 0 to the last that isn't.
    fn ascii(&self) -> impl Iterator<Item = u8> + Clone + 'a {
        self.digits.iter().copied().filter(|&byte| byte != b'.')
    }

    /// As a whole number of digits × 10^exponent.
    fn exponent(&self) -> i64 {
        self.point - self.ascii().count() as i64
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (false, false) => self.point.cmp(&other.point).then_with(|| self.ascii().cmp(other.ascii())),
            (zero, other) => other.cmp(&zero),
        }
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal<'_> {}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (negative, other) => other.cmp(&negative),
        }
    }
}

/// What a number may be a multiple of: more than 0, with at most 18 digits between its first and its last that isn't 0.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    digits: u64,
    exponent: i64,
}

impl Unit {
    pub fn new(number: Decimal) -> Option<Self> {
        if number.is_zero() || number.negative || number.ascii().count() > 18 {
            return None;
        }
        let digits = number.ascii().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        Some(Self { digits, exponent: number.exponent() })
    }
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let first = digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len());
    let digits = &digits[first..];
    if digits.len() > EXPONENT {
        return None;
    }
    let value = digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(if negative { -value } else { value })
}

/// base^exponent modulo `modulus`, which is below 2^64.
fn power(base: u128, exponent: u64, modulus: u128) -> u128 {
    let (mut result, mut square, mut rest) = (1 % modulus, base, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            result = result * square % modulus;
        }
        square = square * square % modulus;
        rest >>= 1;
    }
    result
}
