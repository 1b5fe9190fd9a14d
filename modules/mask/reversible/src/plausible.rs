//! Names and addresses of mail that look real and stand for a value: chosen by a key out of shipped lists.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::key::{self, Weak};
use crate::names::{FAMILY, GIVEN, fold};

/// Bytes that the secret has at least: half of SHA-256's output.
const SECRET_LEAST: usize = 16;

/// The numbers in addresses have two to four digits: 10 to 9999.
const NUMBERS: u64 = 9990;

/// Which part of a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Full,
    Given,
    Family,
}

/// Chooses names and addresses by HMAC-SHA-256(secret, domain, 0x00, value) (RFC 2104): the same ones for the same
/// value.
///
/// **They are no identifiers.** There are 256 given and 512 family names: 131,072 full names, and with the numbers 1.3
/// thousand million addresses on one host. Among 430 values it is likelier than not that two have the same full name,
/// among 43,000 that two have the same address. Where values must stay distinct, use FF1, AES-SIV or HMAC. A name that
/// is chosen may be some real person's, who has nothing to do with the value.
pub struct Plausible {
    /// Has read the domain and the zero byte.
    keyed: Box<Hmac<Sha256>>,
}

/// What follows the "@" of an address: labels of letters, digits and hyphens (RFC 1123, section 2.1).
pub struct Host(String);

/// What the key draws for a value.
struct Drawn {
    given: &'static str,
    family: &'static str,
    number: u64,
}

impl Plausible {
    /// `secret`: 16 bytes or more. `domain`: without a zero byte, which stands between it and the value.
    pub fn new(secret: &[u8], domain: &[u8]) -> Result<Self, Weak> {
        if secret.len() < SECRET_LEAST {
            return Err(Weak::new(format!("the key has {} bytes; it must have {SECRET_LEAST} or more", secret.len())));
        }
        key::drawn(secret)?;
        if domain.contains(&0) {
            return Err(Weak::new("the domain has the character U+0000, which stands between it and the value"));
        }
        let keyed = Hmac::<Sha256>::new_from_slice(secret);
        let mut keyed = keyed.map_err(|_| Weak::new("the key has a length that HMAC doesn't take"))?;
        keyed.update(domain);
        keyed.update(&[0]);
        Ok(Self { keyed: Box::new(keyed) })
    }

    /// Adds a name (UTF-8) to `out`. The full name is the given name, a space and the family name.
    pub fn name(&self, value: &[u8], part: Part, out: &mut Vec<u8>) {
        let Drawn { given, family, .. } = self.draw(value);
        if part != Part::Family {
            out.extend_from_slice(given.as_bytes());
        }
        if part == Part::Full {
            out.push(b' ');
        }
        if part != Part::Given {
            out.extend_from_slice(family.as_bytes());
        }
    }

    /// Adds an address (ASCII) to `out`, such as `astrid.nowak4711@example.com`, of the name that the same value has.
    pub fn email(&self, value: &[u8], host: &Host, out: &mut Vec<u8>) {
        let Drawn { given, family, number } = self.draw(value);
        fold(given, out);
        out.push(b'.');
        fold(family, out);
        let digits = [number / 1000, number / 100, number / 10, number].map(|digits| b'0' + (digits % 10) as u8);
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        out.extend_from_slice(&digits[zeros..]);
        out.push(b'@');
        out.extend_from_slice(host.0.as_bytes());
    }

    /// A number below `count` (1 or more), as evenly as a number of 64 bits allows.
    pub fn number(&self, value: &[u8], count: usize) -> usize {
        let mut keyed = self.keyed.clone();
        keyed.update(value);
        let drawn: [u8; 32] = keyed.finalize().into_bytes().into();
        let number = drawn.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        (number % count as u64) as usize
    }

    fn draw(&self, value: &[u8]) -> Drawn {
        let mut keyed = self.keyed.clone();
        keyed.update(value);
        let drawn: [u8; 32] = keyed.finalize().into_bytes().into();
        let [a, b, c, d, ..] = drawn;
        let number = drawn.iter().rev().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        Drawn {
            given: GIVEN.choose(u16::from_be_bytes([a, b])),
            family: FAMILY.choose(u16::from_be_bytes([c, d])),
            number: number % NUMBERS + 10,
        }
    }
}

impl Host {
    pub fn new(host: &str) -> Result<Self, Weak> {
        let letter = |byte: &u8| byte.is_ascii_alphanumeric();
        let label = |label: &str| {
            let bytes = label.as_bytes();
            (1..=63).contains(&bytes.len())
                && bytes.iter().all(|byte| letter(byte) || *byte == b'-')
                && bytes.first().is_some_and(letter)
                && bytes.last().is_some_and(letter)
        };
        if host.len() > 253 || !host.split('.').all(label) {
            return Err(Weak::new("the host must be labels of letters, digits and hyphens, with dots between them"));
        }
        Ok(Self(host.into()))
    }
}
