//! Numbers as JSON writes them (RFC 8259 section 6), in whole units of a power of ten. No double is made. (The crate
//! `maskgate-decimal` compares such numbers; here they are calculated with.)

use core::iter;

/// Digits before the point, and behind it, that a result may have: 1e400 is read, 1e1000000 would fill the memory.
pub(crate) const LIMIT: i64 = 512;

/// Digits that surely fit into an i128, with room for a sum.
const WORD: i64 = 36;

pub(crate) struct Number<'a> {
    negative: bool,
    /// Digits, those before the point and those behind it.
    whole: &'a [u8],
    fraction: &'a [u8],
    /// What follows the `e`; no further from 0 than FAR.
    exponent: i64,
}

/// More than any text has digits, so that it can't matter how far beyond it an exponent is.
const FAR: i64 = 1 << 40;

/// A number in whole units, rounded down.
pub(crate) enum Units<'a> {
    Word(i128),
    Long(Long<'a>),
}

/// More digits than an i128 holds; the first is not 0.
pub(crate) struct Long<'a> {
    pub negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    zeros: usize,
    /// 1 where what was cut off a negative number makes it that much less, else 0.
    pub below: i128,
}

impl<'a> Number<'a> {
    /// None if it isn't one number, and nothing else, by the grammar.
    pub fn read(text: &'a [u8]) -> Option<Self> {
        let (negative, text) = sign(text);
        let (whole, rest) = digits(text);
        if whole.is_empty() || (whole.len() > 1 && whole[0] == b'0') {
            return None;
        }
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => digits(rest),
            rest => (&rest[..0], rest),
        };
        if fraction.is_empty() && text.get(whole.len()) == Some(&b'.') {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    /// Whether it is written without an exponent, or with one of 0: its sign and its digits before and behind the point.
    pub fn plain(&self) -> Option<(bool, &'a [u8], &'a [u8])> {
        (self.exponent == 0).then_some((self.negative, self.whole, self.fraction))
    }

    /// Digits behind the point when it is written without an exponent: 0.10 has two, 12E-3 three, 1.5e3 none.
    pub fn fraction_digits(&self) -> i64 {
        (self.fraction.len() as i64 - self.exponent).max(0)
    }

    /// The power of ten of its last digit that is not 0, and None for 0.
    pub fn last(&self) -> Option<i64> {
        let nonzero = |digits: &[u8]| digits.iter().rposition(|&digit| digit != b'0');
        let place = match nonzero(self.fraction) {
            Some(at) => -(at as i64) - 1,
            None => (self.whole.len() - 1 - nonzero(self.whole)?) as i64,
        };
        Some(place + self.exponent)
    }

    /// Rounded down to whole units of 10^unit.
    #[inline]
    pub fn units(&self, unit: i64) -> Units<'a> {
        // So many of its digits are worth a unit or more; the digits end before that where there are zeros to add.
        let kept = self.whole.len() as i64 + self.exponent - unit;
        let (whole, cut) = split(self.whole, kept);
        let (fraction, cut_fraction) = split(self.fraction, kept - self.whole.len() as i64);
        let cut_off = || cut.iter().chain(cut_fraction).any(|&digit| digit != b'0');
        let below = i128::from(self.negative && cut_off());
        let zeros = (kept - (self.whole.len() + self.fraction.len()) as i64).max(0);
        // Zeros at the front count for nothing, and there may be more of them than digits that a number may have.
        let (whole, fraction) = match nonzero(whole) {
            Some(at) => (&whole[at..], fraction),
            None => match nonzero(fraction) {
                Some(at) => (&[][..], &fraction[at..]),
                None => return Units::Word(-below),
            },
        };
        let length = (whole.len() + fraction.len()) as i64 + zeros;
        let zeros = zeros as usize;
        let long = Long { negative: self.negative, whole, fraction, zeros, below };
        if length > WORD {
            return Units::Long(long);
        }
        let magnitude = if length <= 18 {
            i128::from(long.digits().fold(0u64, |sum, digit| sum * 10 + u64::from(digit - b'0')))
        } else {
            long.digits().fold(0u128, |sum, digit| sum * 10 + u128::from(digit - b'0')) as i128
        };
        Units::Word(if self.negative { -magnitude } else { magnitude } - below)
    }

    /// As a whole number of units, None if it has more than 18 digits then. Nothing of it is behind the unit.
    pub fn small(&self, unit: i64) -> Option<i64> {
        match self.units(unit) {
            Units::Word(word) if word.unsigned_abs() < 10u128.pow(18) => Some(word as i64),
            _ => None,
        }
    }
}

impl Long<'_> {
    pub fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        let behind = iter::repeat_n(b'0', self.zeros);
        self.whole.iter().copied().chain(self.fraction.iter().copied()).chain(behind)
    }

    pub fn len(&self) -> i64 {
        (self.whole.len() + self.fraction.len() + self.zeros) as i64
    }

    /// What is left of it, rounded down, when whole multiples of `step` (at most 10^18) are taken away; not negative.
    pub fn remainder(&self, step: i64) -> i64 {
        let step = step as u64;
        let rest = self.digits().fold(0u64, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % step) as i64;
        let rest = if self.negative { -rest } else { rest };
        (rest - self.below as i64).rem_euclid(step as i64)
    }
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    }
}

/// The digits at the head of the text, and the rest.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, text) = match text {
        [b'+', rest @ ..] => (false, rest),
        _ => sign(text),
    };
    let (digits, []) = digits(text) else { return None };
    if digits.is_empty() {
        return None;
    }
    let value = digits.iter().fold(0, |sum, digit| (sum * 10 + i64::from(digit - b'0')).min(FAR));
    Some(if negative { -value } else { value })
}

/// The first `count` digits, all or none of them where there aren't that many, and the rest.
fn split(digits: &[u8], count: i64) -> (&[u8], &[u8]) {
    digits.split_at(count.clamp(0, digits.len() as i64) as usize)
}

fn nonzero(digits: &[u8]) -> Option<usize> {
    digits.iter().position(|&digit| digit != b'0')
}
