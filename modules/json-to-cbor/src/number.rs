//! Numbers: integers of any size, doubles, decimal fractions.

use alloc::vec::Vec;

use maskgate_convert::{Number, big, choices, number};
use maskgate_guest::{Members, Refusal, Wrong};

use crate::encode::{self, ARRAY, BYTES, NEGATIVE, TAG, TEXT, UNSIGNED};

/// What becomes of a number that is neither an integer nor a double.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Others {
    Refuse,
    /// The nearest double, if there is one.
    Float,
    /// Its digits, as text.
    Text,
    /// A decimal fraction (tag 4).
    Decimal,
}

impl Others {
    pub fn read(members: &Members) -> Result<Self, Wrong> {
        let choice = choices::choice(members, "numbers", &["refuse", "float", "text", "decimal"])?;
        Ok([Self::Refuse, Self::Float, Self::Text, Self::Decimal][choice])
    }
}

/// Writes the number `text`, which stands at `at`. Whether it was one of the others.
#[inline(always)]
pub fn write(text: &[u8], at: usize, others: Others, cbor: &mut Vec<u8>) -> Result<bool, Refusal> {
    match Number::read(text) {
        Number::Unsigned(number) => encode::head(UNSIGNED, number, cbor)?,
        Number::Negative(number) => encode::head(NEGATIVE, !number as u64, cbor)?,
        Number::Double(number) => encode::double(number, cbor)?,
        Number::Integer => integer(text, at, cbor)?,
        Number::Near(_) | Number::Beyond => return other(text, at, others, cbor).map(|()| true),
    }
    Ok(false)
}

#[inline(never)]
fn other(text: &[u8], at: usize, others: Others, cbor: &mut Vec<u8>) -> Result<(), Refusal> {
    match others {
        Others::Float if let Some(number) = number::nearest(text) => Ok(encode::double(number, cbor)?),
        Others::Text => Ok(encode::string(TEXT, text, cbor)?),
        Others::Decimal => decimal(text, at, cbor),
        _ => Err(Refusal::at("number_not_exact", at)),
    }
}

/// An integer of any size (RFC 8949 section 3.4.3), without point and exponent.
#[inline(never)]
fn integer(text: &[u8], at: usize, cbor: &mut Vec<u8>) -> Result<(), Refusal> {
    let (negated, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    let digits = &digits[zeros..];
    if digits.len() > big::DIGITS {
        return Err(Refusal::at("number_too_long", at));
    }
    let mut magnitude = Vec::new();
    big::magnitude(digits, &mut magnitude)?;
    if negated && !magnitude.is_empty() {
        big::decrement(&mut magnitude);
    }
    let negated = negated && !digits.is_empty();
    if magnitude.len() <= 8 {
        let value = magnitude.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        return Ok(encode::head(if negated { NEGATIVE } else { UNSIGNED }, value, cbor)?);
    }
    encode::head(TAG, if negated { 3 } else { 2 }, cbor)?;
    Ok(encode::string(BYTES, &magnitude, cbor)?)
}

/// A decimal fraction (RFC 8949 section 3.4.4): digits × 10^exponent, neither first nor last digit 0.
fn decimal(text: &[u8], at: usize, cbor: &mut Vec<u8>) -> Result<(), Refusal> {
    let split = text.iter().position(|byte| byte | 0x20 == b'e').unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at(split);
    let exponent = exponent.get(1..).unwrap_or_default();
    let exponent: &[u8] = if exponent.is_empty() { b"0" } else { exponent };
    let exponent = core::str::from_utf8(exponent).ok().and_then(|text| text.parse::<i32>().ok());
    let exponent = exponent.ok_or_else(|| Refusal::at("number_too_long", at))?;
    let fraction = mantissa.iter().rev().position(|&byte| byte == b'.').unwrap_or(0);
    let mut digits: Vec<u8> = mantissa.iter().copied().filter(|&byte| byte != b'.').collect();
    let zeros = digits.iter().rev().take_while(|&&digit| digit == b'0').count();
    digits.truncate(digits.len() - zeros);
    let exponent = i64::from(exponent) - fraction as i64 + zeros as i64;
    encode::head(TAG, 4, cbor)?;
    encode::head(ARRAY, 2, cbor)?;
    if exponent < 0 {
        encode::head(NEGATIVE, !exponent as u64, cbor)?;
    } else {
        encode::head(UNSIGNED, exponent as u64, cbor)?;
    }
    integer(&digits, at, cbor)
}
