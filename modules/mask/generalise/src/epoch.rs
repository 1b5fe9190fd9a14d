//! Points in time as numbers: seconds or milliseconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX).

use alloc::vec::Vec;

use crate::calendar::{Day, EPOCH, LAST};
use crate::number::Number;
use crate::plain;

/// Digits behind the point that are read.
const FRACTION: usize = 18;

/// whole + fraction / 10^digits, in seconds or milliseconds.
pub(crate) struct Epoch {
    whole: i64,
    fraction: i64,
    digits: u32,
    /// Of the whole in a second.
    second: i64,
}

impl Epoch {
    /// `second`: 1 or 1000. None outside the calendar's years, and with an exponent.
    pub fn read(text: &[u8], second: i64) -> Option<Self> {
        let (negative, whole, fraction) = Number::read(text)?.plain()?;
        if whole.len() > FRACTION || fraction.len() > FRACTION {
            return None;
        }
        let number = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let (mut whole, mut part) = (number(whole), number(fraction));
        let digits = fraction.len() as u32;
        if negative {
            whole = -whole - i64::from(part > 0);
            part = if part > 0 { 10i64.pow(digits) - part } else { 0 };
        }
        Self { whole, fraction: part, digits, second }.checked()
    }

    fn checked(self) -> Option<Self> {
        (0..=i64::from(LAST)).contains(&(i64::from(EPOCH) + self.whole.div_euclid(self.days(1)))).then_some(self)
    }

    fn days(&self, days: i32) -> i64 {
        i64::from(days) * 86_400 * self.second
    }

    /// In UTC.
    pub fn day(&self) -> Option<Day> {
        Day::from_number(EPOCH + self.whole.div_euclid(self.days(1)) as i32)
    }

    pub fn hour(&self) -> i32 {
        (self.whole.rem_euclid(self.days(1)) / (3600 * self.second)) as i32
    }

    /// The beginning of that hour of that day, with as many fraction digits.
    pub fn at(&self, day: Day, hour: i32) -> Self {
        let whole = self.days(day.number() - EPOCH) + i64::from(hour) * 3600 * self.second;
        Self { whole, fraction: 0, ..*self }
    }

    pub fn shifted(self, days: i32) -> Option<Self> {
        Self { whole: self.whole + self.days(days), ..self }.checked()
    }

    /// Adds it as a number.
    pub fn write(&self, out: &mut Vec<u8>) {
        let unit = i128::from(10i64.pow(self.digits));
        plain::word(i128::from(self.whole) * unit + i128::from(self.fraction), -i64::from(self.digits), out);
    }
}
