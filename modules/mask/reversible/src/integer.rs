//! FF1 over a JSON integer, which becomes one of as many digits.

use alloc::vec::Vec;

use crate::ff1::{Ff1, Outside, Turn};
use crate::key::Weak;
use crate::text::Ends;

/// Encrypts the digits of an integer. Its sign stays, and so does the number of its digits.
///
/// An integer has no zero before its other digits. Where the first digit is encrypted, a result that begins with one is
/// encrypted again until one doesn't: cycle walking (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002),
/// which makes a permutation of all strings one of the strings that are such integers. One time in ten it takes another
/// step.
pub struct Integer {
    ff1: Ff1,
    ends: Ends,
    numerals: Vec<u16>,
}

impl Integer {
    /// `key`: 16, 24 or 32 bytes. `domain`: the tweak, `ff1::TWEAK_MOST` bytes at most. `ends`: digits that stay.
    pub fn new(key: &[u8], domain: &[u8], ends: Ends) -> Result<Self, Weak> {
        Ok(Self { ff1: Ff1::new(key, 10, domain)?, ends, numerals: Vec::new() })
    }

    /// Adds the encrypted integer to `out`. `number`: a JSON number's text. Nothing is added after an error.
    pub fn encrypt(&mut self, number: &[u8], out: &mut Vec<u8>) -> Result<(), Outside> {
        self.turn(number, out, Turn::Encrypt)
    }

    /// Adds the integer that `encrypt` made this of.
    pub fn decrypt(&mut self, number: &[u8], out: &mut Vec<u8>) -> Result<(), Outside> {
        self.turn(number, out, Turn::Decrypt)
    }

    fn turn(&mut self, number: &[u8], out: &mut Vec<u8>, turn: Turn) -> Result<(), Outside> {
        let Self { ff1, ends, numerals } = self;
        let (sign, digits) = number.split_at(usize::from(number.first() == Some(&b'-')));
        if !digits.iter().all(u8::is_ascii_digit) || matches!(digits, [] | [b'0', _, ..]) {
            return Err(Outside::Integer);
        }
        if digits.len() > ff1.most().saturating_add(ends.both()) {
            return Err(Outside::TooLong);
        }
        numerals.clear();
        numerals.extend(digits.iter().map(|digit| u16::from(digit - b'0')));
        loop {
            ff1.turn(ends.between(numerals), turn)?;
            if numerals[0] != 0 {
                break; // it ends: the cycle that the integer is on leads back to itself
            }
        }
        out.extend_from_slice(sign);
        out.extend(numerals.iter().map(|numeral| b'0' + *numeral as u8));
        Ok(())
    }
}
