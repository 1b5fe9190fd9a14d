//! Integers, floats and decimals of JSON's numbers. Each refusal is at `at`, where the number begins in the message.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use maskgate_convert::{Number, big, number};
use maskgate_decimal::Decimal;
use maskgate_guest::{Full, Refusal};

/// An integer, written without point and exponent.
#[inline(always)]
pub fn integer(text: &[u8], at: usize, range: RangeInclusive<i64>) -> Result<i64, Refusal> {
    let found = match Number::read(text) {
        Number::Unsigned(number) => i64::try_from(number).ok(),
        Number::Negative(number) => Some(number),
        Number::Integer => None,
        _ => return Err(Refusal::at("wrong_type", at)),
    };
    found.filter(|number| range.contains(number)).ok_or_else(|| Refusal::at("number_out_of_range", at))
}

/// Integers up to which, on both sides of 0, all are doubles; and floats of 32 bits. Their shortest digits are all of theirs.
const DOUBLES: u64 = 1 << 53;
const SINGLES: u64 = 1 << 24;

/// The nearest double, and whether its shortest digits are the number, so that it comes back as the same.
pub fn double(text: &[u8], at: usize) -> Result<(f64, bool), Refusal> {
    let (number, exact) = match Number::read(text) {
        Number::Unsigned(number) => (number as f64, number <= DOUBLES),
        Number::Negative(number) => (number as f64, number.unsigned_abs() <= DOUBLES),
        Number::Double(number) => (number, true),
        Number::Near(number) => (number, false),
        Number::Integer => (number::nearest(text).ok_or_else(|| Refusal::at("number_out_of_range", at))?, false),
        Number::Beyond => return Err(Refusal::at("number_out_of_range", at)),
    };
    Ok((number, exact || is_number(ryu::Buffer::new().format_finite(number), text)))
}

/// The same with the nearest float of 32 bits.
pub fn single(text: &[u8], at: usize) -> Result<(f32, bool), Refusal> {
    let exact = match Number::read(text) {
        Number::Unsigned(number) => number <= SINGLES,
        Number::Negative(number) => number.unsigned_abs() <= SINGLES,
        _ => false,
    };
    let read = core::str::from_utf8(text).ok().and_then(|text| text.parse::<f32>().ok());
    let number = read.filter(|number| number.is_finite()).ok_or_else(|| Refusal::at("number_out_of_range", at))?;
    Ok((number, exact || is_number(ryu::Buffer::new().format_finite(number), text)))
}

/// Whether two texts are one number.
fn is_number(shortest: &str, text: &[u8]) -> bool {
    matches!((Decimal::read(shortest.as_bytes()), Decimal::read(text)), (Some(one), Some(other)) if one == other)
}

/// Adds a number × 10^scale as a big-endian integer in two's complement, in the fewest bytes.
pub fn decimal(text: &[u8], precision: u32, scale: u32, at: usize, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let split = text.iter().position(|byte| byte | 0x20 == b'e').unwrap_or(text.len());
    let (mantissa, exponent) = (&text[..split], text.get(split + 1..).unwrap_or(b"0"));
    let point = mantissa.iter().position(|&byte| byte == b'.');
    let fraction = point.map_or(0, |point| mantissa.len() - point - 1);
    let mut digits = Vec::new();
    digits.try_reserve(mantissa.len()).map_err(|_| Full)?;
    digits.extend(mantissa.iter().copied().filter(|&byte| byte != b'.').skip_while(|&byte| byte == b'0'));
    if digits.is_empty() {
        out.push(0);
        return Ok(());
    }
    let zeros = digits.iter().rev().take_while(|&&digit| digit == b'0').count();
    digits.truncate(digits.len() - zeros);
    let exponent = core::str::from_utf8(exponent).ok().and_then(|text| text.parse::<i32>().ok());
    let exponent = exponent.ok_or_else(|| Refusal::at("number_out_of_range", at))?;
    let more = i64::from(exponent) - fraction as i64 + zeros as i64 + i64::from(scale);
    let more = usize::try_from(more).map_err(|_| Refusal::at("number_not_exact", at))?;
    if digits.len().saturating_add(more) > precision as usize {
        return Err(Refusal::at("number_out_of_range", at));
    }
    digits.try_reserve(more).map_err(|_| Full)?;
    digits.extend((0..more).map(|_| b'0'));
    let mut magnitude = Vec::new();
    big::magnitude(&digits, &mut magnitude)?;
    complement(negative, &mut magnitude, out)
}

/// Adds a magnitude that isn't 0 in two's complement.
fn complement(negative: bool, magnitude: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    out.try_reserve(magnitude.len() + 1).map_err(|_| Full)?;
    let sign = if negative { 0xff } else { 0 };
    if negative {
        big::decrement(magnitude);
    }
    if magnitude.first().is_none_or(|&first| first >= 0x80) {
        out.push(sign);
    }
    out.extend(magnitude.iter().map(|byte| byte ^ sign));
    Ok(())
}

/// Makes an integer in two's complement `size` bytes long, if it is shorter.
pub fn widen(integer: &mut Vec<u8>, size: usize) -> Result<(), Refusal> {
    let sign = if integer.first().is_some_and(|&first| first >= 0x80) { 0xff } else { 0 };
    let more = size.saturating_sub(integer.len());
    integer.try_reserve(more).map_err(|_| Full)?;
    integer.splice(0..0, (0..more).map(|_| sign));
    Ok(())
}
