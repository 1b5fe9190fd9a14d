//! Numbers as JSON writes them, and back.

use alloc::vec::Vec;

use maskgate_decimal::Decimal;
use maskgate_guest::Full;

/// A JSON number, by how it can be held exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer from 0 to 2^64 - 1, written without fraction and exponent.
    Unsigned(u64),
    /// One from -2^63 to -1.
    Negative(i64),
    /// One beyond these.
    Integer,
    /// A double whose shortest decimal digits are the number's: so it comes back as the same number.
    Double(f64),
    /// Another number, and the double that is closest to it.
    Near(f64),
    /// A number beyond all doubles.
    Beyond,
}

impl Number {
    /// Reads a number that the grammar of JSON has accepted. `-0` is a double: no integer has that sign.
    pub fn read(text: &[u8]) -> Self {
        let (negative, digits) = match text {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        if digits.iter().all(u8::is_ascii_digit) && text != b"-0" {
            return integer(negative, digits);
        }
        let number = core::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
        match number.filter(|number| number.is_finite()) {
            Some(number) if is_shortest(text, number) => Self::Double(number),
            Some(number) => Self::Near(number),
            None => Self::Beyond,
        }
    }
}

fn integer(negative: bool, digits: &[u8]) -> Number {
    let add = |sum: u64, digit: &u8| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
    match digits.iter().try_fold(0, add) {
        Some(number) if !negative => Number::Unsigned(number),
        Some(number) if number <= 1 << 63 => Number::Negative((number as i64).wrapping_neg()),
        _ => Number::Integer,
    }
}

/// The double that is closest to an integer of any size.
pub fn nearest(text: &[u8]) -> Option<f64> {
    core::str::from_utf8(text).ok()?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Whether a double's shortest digits are those of the text that it was read from.
fn is_shortest(text: &[u8], number: f64) -> bool {
    // Two numbers of at most 15 digits, and not far from 1, are two doubles: so there are no shorter digits for this one.
    if text.len() <= 16 && text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')) {
        return true;
    }
    let mut buffer = ryu::Buffer::new();
    let shortest = buffer.format_finite(number).as_bytes();
    matches!((Decimal::read(text), Decimal::read(shortest)), (Some(given), Some(back)) if given == back)
}

/// Adds a finite double: the shortest digits that mean it, always with a point or an exponent, so that it stays a double.
pub fn double(number: f64, json: &mut Vec<u8>) -> Result<(), Full> {
    json.try_reserve(32).map_err(|_| Full)?;
    json.extend_from_slice(ryu::Buffer::new().format_finite(number).as_bytes());
    Ok(())
}

pub fn unsigned(number: u64, json: &mut Vec<u8>) -> Result<(), Full> {
    json.try_reserve(20).map_err(|_| Full)?;
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    json.extend_from_slice(&digits[at..]);
    Ok(())
}

pub fn signed(number: i64, json: &mut Vec<u8>) -> Result<(), Full> {
    if number < 0 {
        json.try_reserve(1).map_err(|_| Full)?;
        json.push(b'-');
    }
    unsigned(number.unsigned_abs(), json)
}
