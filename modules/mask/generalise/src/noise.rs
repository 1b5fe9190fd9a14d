//! A number moves by a keyed amount: all of its last digit's steps within the bound are as likely, but for none at all.

use alloc::vec::Vec;

use crate::keyed::Keyed;
use crate::number::{Number, Units};
use crate::{Invalid, Value, plain};

/// How far a number moves at most: a decimal number as JSON writes it, above 0.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// 18 digits at most, from the first that is not 0 to the last.
    Amount(&'a [u8]),
    /// Of the number itself: 1000 at most, with six fraction digits at most.
    Percent(&'a [u8]),
}

pub struct Noise {
    keyed: Keyed,
    reach: Reach,
}

enum Reach {
    /// digits × 10^unit
    Amount { digits: i64, unit: i64 },
    /// Millionths of a percent.
    Percent(i64),
}

/// Digits of a number of which a percentage is taken, as whole steps: with the greatest percentage they still fit.
const PERCENT_OF: u128 = 10u128.pow(27);

impl Noise {
    /// `secret`: 16 bytes or more. `domain`: without U+0000; in another domain the same value moves by another amount.
    pub fn new(secret: &[u8], domain: &str, by: By) -> Result<Self, Invalid> {
        let (key, text) = match by {
            By::Amount(text) => ("by", text),
            By::Percent(text) => ("percent", text),
        };
        let wrong = |text| Invalid { key, text };
        let number = Number::read(text).ok_or(wrong("must be a number"))?;
        let last = number.last().ok_or(wrong("must be greater than 0"))?;
        let (unit, most) = match by {
            By::Amount(_) => (last, i64::MAX),
            By::Percent(_) if last < -6 => return Err(wrong("must have six fraction digits at most")),
            By::Percent(_) => (-6, 1_000_000_000),
        };
        let digits = number.small(unit).ok_or(wrong("must have 18 digits at most"))?;
        if digits < 0 {
            return Err(wrong("must be greater than 0"));
        }
        if digits > most {
            return Err(wrong("must be 1000 at most"));
        }
        let reach = match by {
            By::Amount(_) => Reach::Amount { digits, unit },
            By::Percent(_) => Reach::Percent(digits),
        };
        Ok(Self { keyed: Keyed::new(secret, "noise", domain)?, reach })
    }

    /// Of the value's kind, with as many fraction digits (12E-3 has three). Drawn for the number as `plain` writes it: 1e2 and
    /// 100 move alike. False also for a number that could not move: by less than one step of its last digit.
    pub fn write(&self, value: Value, out: &mut Vec<u8>) -> bool {
        let Some(number) = Number::read(value.characters()) else { return false };
        let unit = -number.fraction_digits();
        let units = number.units(unit);
        if !plain::fits(&units, unit) {
            return false;
        }
        let Some(most) = self.steps(&units, unit) else { return false };
        let start = out.len();
        plain::sum(&units, 0, unit, out);
        let moved = self.keyed.draw_around(&out[start..], most);
        out.truncate(start);
        plain::sum(&units, moved, unit, out);
        true
    }

    /// How many units of 10^unit the number may move; None if that is 0, or too many.
    fn steps(&self, units: &Units, unit: i64) -> Option<u128> {
        let steps = match self.reach {
            Reach::Amount { digits, unit: by } if by >= unit => {
                let zeros = u32::try_from(by - unit).ok()?;
                10u128.checked_pow(zeros)?.checked_mul(digits as u128)?
            }
            // Rounded down; divided by more than 10^18 nothing is left.
            Reach::Amount { digits, unit: by } => u32::try_from(unit - by)
                .ok()
                .and_then(|zeros| 10u128.checked_pow(zeros))
                .map_or(0, |divisor| digits as u128 / divisor),
            Reach::Percent(millionths) => {
                let Units::Word(word) = units else { return None };
                let size = Some(word.unsigned_abs()).filter(|size| *size < PERCENT_OF)?;
                size * millionths as u128 / 100_000_000
            }
        };
        (1..=plain::LARGEST as u128).contains(&steps).then_some(steps)
    }
}
