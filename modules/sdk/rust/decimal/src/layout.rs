//! A number's one form: the layout of ECMAScript's Number::toString (ECMA-262 section 6.1.6.1.20), for any digits.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use crate::Decimal;

/// Plain digits are written for numbers below 10 to the power of this.
const PLAIN: i64 = 21;

impl Decimal<'_> {
    /// Adds the number as it is, every digit of it: `-0.0` is `0`, `1.50` is `1.5`, `12e300` is `1.2e+301`.
    pub fn write(&self, out: &mut Vec<u8>) {
        layout(self.negative, self.ascii(), self.point, out);
    }
}

/// Adds 0.d₁d₂d₃… × 10^point. Without digits it is 0.
pub fn layout(negative: bool, digits: impl Iterator<Item = u8> + Clone, point: i64, out: &mut Vec<u8>) {
    let count = digits.clone().count() as i64;
    if count == 0 {
        return out.push(b'0');
    }
    if negative {
        out.push(b'-');
    }
    let zeros = |out: &mut Vec<u8>, count: i64| out.extend((0..count).map(|_| b'0'));
    if (count..=PLAIN).contains(&point) {
        out.extend(digits);
        zeros(out, point - count);
    } else if (1..=PLAIN).contains(&point) {
        out.extend(digits.clone().take(point as usize));
        out.push(b'.');
        out.extend(digits.skip(point as usize));
    } else if (-5..=0).contains(&point) {
        out.extend_from_slice(b"0.");
        zeros(out, -point);
        out.extend(digits);
    } else {
        out.extend(digits.clone().take(1));
        if count > 1 {
            out.push(b'.');
            out.extend(digits.skip(1));
        }
        // Writing to a Vec can't fail.
        let _ = write!(Ascii(out), "e{:+}", point - 1);
    }
}

/// Adds the number as RFC 8785 (JCS) has it: rounded to a double (IEEE 754 binary64), the shortest digits that mean that
/// double. False, and nothing is added, if it is beyond all doubles.
pub fn binary64(text: &[u8], out: &mut Vec<u8>) -> bool {
    let number = core::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
    let Some(number) = number.filter(|number| number.is_finite()) else { return false };
    // Where two texts of that length are equally close the even one is taken, as ECMAScript wants it; Rust's own text isn't.
    let mut buffer = ryu::Buffer::new();
    let shortest = buffer.format_finite(number).as_bytes();
    match Decimal::read(shortest) {
        Some(decimal) => decimal.write(out),
        None => return false,
    }
    true
}

struct Ascii<'a>(&'a mut Vec<u8>);

impl Write for Ascii<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
