//! Tags (RFC 8949 section 3.4): what they say of the item behind them.

use alloc::vec::Vec;

use maskgate_convert::{Encoding, Reader, big, number, time};
use maskgate_decimal::Decimal;
use maskgate_guest::{Full, Refusal};

use crate::head::{ARRAY, BYTES, Head, NEGATIVE, SIMPLE, TAG, TEXT, UNSIGNED};
use crate::item::{Items, float};

/// Exponents that are read: -EXPONENT to EXPONENT.
const EXPONENT: u64 = 1_000_000_000;

impl Items {
    /// A tag, and the item behind it.
    #[inline(never)]
    pub fn tagged(
        &mut self,
        mut head: Head,
        reader: &mut Reader,
        mut encoding: Option<Encoding>,
    ) -> Result<(), Refusal> {
        while head.major == TAG {
            let tag = head.value.unwrap_or_default();
            let content = Head::read(reader, self.settings.deterministic)?;
            match tag {
                0 | 32..=36 => return self.of(TEXT, content, reader, encoding),
                1 => return self.moment(content),
                2 | 3 => return self.big(tag == 3, head.at, content, reader),
                4 | 5 => return self.fraction(tag, content, reader),
                21 => encoding = Some(Encoding::Base64url),
                22 => encoding = Some(Encoding::Base64),
                23 => encoding = Some(Encoding::Base16),
                24 => return self.of(BYTES, content, reader, encoding),
                55799 => {}
                _ if self.settings.any_tag => {}
                _ => return Err(Refusal::at("unknown_tag", head.at)),
            }
            head = content;
        }
        self.untagged(head, reader, encoding)
    }

    /// An item that has to be of one type.
    fn of(&mut self, major: u8, head: Head, reader: &mut Reader, encoding: Option<Encoding>) -> Result<(), Refusal> {
        if head.major != major {
            return Err(Refusal::at("invalid_tag", head.at));
        }
        self.untagged(head, reader, encoding)
    }

    /// Seconds since 1970 (tag 1): an integer or a float.
    fn moment(&mut self, head: Head) -> Result<(), Refusal> {
        let value = head.value.unwrap_or_default();
        let (seconds, nanos) = match (head.major, head.info) {
            (UNSIGNED, _) => (i64::try_from(value).ok(), 0),
            (NEGATIVE, _) => (i64::try_from(value).ok().map(|value| -1 - value), 0),
            (SIMPLE, 25..=27) => split(float(head, value)),
            _ => return Err(Refusal::at("invalid_tag", head.at)),
        };
        if !self.settings.times {
            // An integer or a float: neither has anything behind its head.
            return self.untagged(head, &mut Reader::new(&[]), None);
        }
        let seconds = seconds.filter(|&seconds| time::is_writable(seconds));
        let seconds = seconds.ok_or_else(|| Refusal::at("time_out_of_range", head.at))?;
        self.writer.value(|json| quoted(json, |json| time::write_moment(seconds, nanos, json)))
    }

    /// An integer of any size (tags 2 and 3), whose tag is at `at`.
    fn big(&mut self, negated: bool, at: usize, content: Head, reader: &mut Reader) -> Result<(), Refusal> {
        self.magnitude(negated, at, content, reader)?;
        let digits = self.digits(negated)?;
        if !self.settings.big_text {
            return self.writer.literal(&digits);
        }
        self.writer.text(&digits, at)
    }

    /// The magnitude of an integer of any size into `gathered`, without zeros before it.
    fn magnitude(&mut self, negated: bool, at: usize, content: Head, reader: &mut Reader) -> Result<(), Refusal> {
        if content.major != BYTES {
            return Err(Refusal::at("invalid_tag", content.at));
        }
        self.gather(content, reader)?;
        let zeros = self.gathered.iter().take_while(|&&byte| byte == 0).count();
        if self.settings.deterministic && (zeros > 0 || self.gathered.len() <= 8) {
            return Err(Refusal::at("not_deterministic", at));
        }
        self.gathered.drain(..zeros);
        if self.gathered.len() > big::BYTES {
            return Err(Refusal::at("number_too_long", at));
        }
        if negated {
            self.gathered.try_reserve(1).map_err(|_| Full)?;
            big::increment(&mut self.gathered);
        }
        Ok(())
    }

    /// The digits of `gathered`, with room for an exponent behind them.
    fn digits(&self, negated: bool) -> Result<Vec<u8>, Full> {
        let mut digits = Vec::new();
        digits.try_reserve(32).map_err(|_| Full)?;
        if negated {
            digits.push(b'-');
        }
        if self.gathered.is_empty() {
            digits.push(b'0');
        }
        big::digits(&self.gathered, &mut digits)?;
        digits.try_reserve(32).map_err(|_| Full)?;
        Ok(digits)
    }

    /// A decimal fraction (tag 4) or a bigfloat (tag 5): an exponent of ten or of two, and an integer of any size.
    fn fraction(&mut self, tag: u64, head: Head, reader: &mut Reader) -> Result<(), Refusal> {
        if head.major != ARRAY || head.value != Some(2) {
            return Err(Refusal::at("invalid_tag", head.at));
        }
        let exponent = Head::read(reader, self.settings.deterministic)?;
        if !matches!(exponent.major, UNSIGNED | NEGATIVE) {
            return Err(Refusal::at("invalid_tag", exponent.at));
        }
        let power = exponent.value.filter(|&value| value < EXPONENT).map(|value| value as i64);
        let power = power.ok_or_else(|| Refusal::at("number_too_long", exponent.at))?;
        let power = if exponent.major == NEGATIVE { -1 - power } else { power };
        let mantissa = Head::read(reader, self.settings.deterministic)?;
        let negated = match (mantissa.major, mantissa.value) {
            (UNSIGNED | NEGATIVE, Some(value)) => {
                let negated = mantissa.major == NEGATIVE;
                let magnitude = (u128::from(value) + u128::from(negated)).to_be_bytes();
                self.gathered.clear();
                self.gathered.try_reserve(magnitude.len()).map_err(|_| Full)?;
                self.gathered.extend(magnitude.into_iter().skip_while(|&byte| byte == 0));
                negated
            }
            (TAG, Some(tag @ (2 | 3))) => {
                let content = Head::read(reader, self.settings.deterministic)?;
                self.magnitude(tag == 3, mantissa.at, content, reader)?;
                tag == 3
            }
            _ => return Err(Refusal::at("invalid_tag", mantissa.at)),
        };
        if tag == 5 {
            let number = double(&self.gathered, power).ok_or_else(|| Refusal::at("number_not_exact", mantissa.at))?;
            return self.writer.value(|json| number::double(if negated { -number } else { number }, json));
        }
        let mut text = self.digits(negated)?;
        text.push(b'e');
        number::signed(power, &mut text)?;
        let Some(number) = Decimal::read(&text) else { return Err(Refusal::at("number_too_long", exponent.at)) };
        self.writer.value(|json| {
            json.try_reserve(text.len() + 24).map_err(|_| Full)?;
            number.write(json);
            Ok(())
        })
    }
}

/// magnitude × 2^power, if a double holds that without loss.
fn double(magnitude: &[u8], power: i64) -> Option<f64> {
    let zeros = magnitude.iter().rev().take_while(|&&byte| byte == 0).count();
    let bytes = &magnitude[..magnitude.len() - zeros];
    if bytes.is_empty() {
        return Some(0.0);
    }
    if bytes.len() > 8 {
        return None; // of 53 bits the first byte has one at least, and the last
    }
    let bits = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let even = bits.trailing_zeros();
    let bits = bits >> even;
    let power = power + 8 * zeros as i64 + i64::from(even);
    let length = i64::from(64 - bits.leading_zeros());
    if length > 53 || power < -1074 || length + power > 1024 {
        return None;
    }
    // In two steps, neither of which leaves the normal doubles but for the result.
    let two = |power: i64| f64::from_bits(((power + 1023) as u64) << 52);
    Some(bits as f64 * two(power / 2) * two(power - power / 2))
}

/// The seconds of a moment and the nanoseconds behind them. None: no such integer.
fn split(moment: f64) -> (Option<i64>, u32) {
    if moment.is_nan() || moment.abs() > 1e15 {
        return (None, 0);
    }
    let mut seconds = moment as i64;
    if seconds as f64 > moment {
        seconds -= 1;
    }
    match ((moment - seconds as f64) * 1e9 + 0.5) as u32 {
        1_000_000_000.. => (Some(seconds + 1), 0),
        nanos => (Some(seconds), nanos),
    }
}

fn quoted(json: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> Result<(), Full>) -> Result<(), Full> {
    json.try_reserve(1).map_err(|_| Full)?;
    json.push(b'"');
    write(json)?;
    json.try_reserve(1).map_err(|_| Full)?;
    json.push(b'"');
    Ok(())
}
