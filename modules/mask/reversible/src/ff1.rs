//! FF1 (NIST SP 800-38G, section 5.1): a permutation of the strings of one length over any radix.
//!
//! The standard describes strings; here a string's two halves are numbers from the first round to the last, so that a
//! round is one CBC-MAC and one remainder. What depends on a string's length alone (the powers of the radix, the MAC's
//! state after all that no round changes) is kept for the next string of that length.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `narrow` | halves that fit into 96 bits: a round is one block of AES |
//! | `wide` | longer halves |
//! | `limbs` | whole numbers of any size, for those |

mod limbs;
mod narrow;
mod wide;

use alloc::format;
use alloc::vec::Vec;
use core::fmt;

use crate::block::Cipher;
use crate::key::Weak;
use narrow::Narrow;
use wide::Wide;

/// The rounds of the Feistel network.
const ROUNDS: u32 = 10;

/// How many strings a length must allow at least (SP 800-38G revision 1 raises it to this from 100).
pub const DOMAIN_LEAST: u64 = 1_000_000;

/// Numerals that a string has at most: converting it takes time by the square of its length.
pub const NUMERALS_MOST: usize = 4096;

/// Bits that a string has at most as a number, for the same reason.
const BITS_MOST: usize = 16384;

/// Bytes of a tweak at most: every length of string begins with reading it.
pub const TWEAK_MOST: usize = 1024;

/// Why a value can't be encrypted or decrypted. None of it says anything about its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// Fewer than `DOMAIN_LEAST` strings have its length.
    TooShort,
    /// More than `NUMERALS_MOST` numerals, or as many bits that converting it would take long.
    TooLong,
    /// A numeral that isn't below the radix.
    Numeral,
    /// Not an integer as JSON writes one without fraction and exponent.
    Integer,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "too few strings have its length",
            Self::TooLong => "it has too many numerals",
            Self::Numeral => "a numeral is not below the radix",
            Self::Integer => "it is not an integer",
        })
    }
}

impl core::error::Error for Outside {}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Encrypt,
    Decrypt,
}

/// FF1 under one key, radix and tweak.
pub struct Ff1 {
    mac: Mac,
    least: usize,
    most: usize,
    /// By length; made when the first string of that length comes.
    narrow: Vec<Option<Narrow>>,
    /// For the length that came last.
    wide: Option<Wide>,
}

/// What every length's CBC-MAC begins with.
struct Mac {
    cipher: Cipher,
    radix: u32,
    tweak: Vec<u8>,
}

impl Ff1 {
    /// `key`: 16, 24 or 32 bytes. `radix`: 2 to 65535. `tweak`: up to `TWEAK_MOST` bytes.
    pub fn new(key: &[u8], radix: u32, tweak: &[u8]) -> Result<Self, Weak> {
        if !(2..=65535).contains(&radix) {
            return Err(Weak::new(format!("the radix is {radix}; it must be 2 to 65535")));
        }
        if tweak.len() > TWEAK_MOST {
            return Err(Weak::new(format!("the domain has {} bytes; it must have {TWEAK_MOST} at most", tweak.len())));
        }
        let mac = Mac { cipher: Cipher::new(key)?, radix, tweak: tweak.to_vec() };
        let bits = (radix - 1).ilog2() as usize + 1;
        let powers = core::iter::successors(Some(u64::from(radix)), |power| Some(power * u64::from(radix)));
        let least = 1 + powers.take_while(|power| *power < DOMAIN_LEAST).count();
        let most = NUMERALS_MOST.min(BITS_MOST / bits);
        Ok(Self { mac, least: least.max(2), most, narrow: Vec::new(), wide: None })
    }

    /// Numerals that a string has at least.
    pub fn least(&self) -> usize {
        self.least
    }

    /// Numerals that a string has at most.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Encrypts a string of numerals in place: FF1.Encrypt. After an error it is as it was.
    pub fn encrypt(&mut self, numerals: &mut [u16]) -> Result<(), Outside> {
        self.turn(numerals, Turn::Encrypt)
    }

    /// Decrypts a string of numerals in place: FF1.Decrypt. After an error it is as it was.
    pub fn decrypt(&mut self, numerals: &mut [u16]) -> Result<(), Outside> {
        self.turn(numerals, Turn::Decrypt)
    }

    pub(crate) fn turn(&mut self, numerals: &mut [u16], turn: Turn) -> Result<(), Outside> {
        let (length, radix) = (numerals.len(), self.mac.radix);
        if length < self.least {
            return Err(Outside::TooShort);
        }
        if length > self.most {
            return Err(Outside::TooLong);
        }
        if numerals.iter().any(|numeral| u32::from(*numeral) >= radix) {
            return Err(Outside::Numeral);
        }
        if let Some(Some(narrow)) = self.narrow.get(length) {
            narrow.turn(&self.mac, numerals, turn);
        } else if let Some(narrow) = Narrow::new(&self.mac, length) {
            narrow.turn(&self.mac, numerals, turn);
            if self.narrow.len() <= length {
                self.narrow.resize_with(length + 1, || None);
            }
            self.narrow[length] = Some(narrow);
        } else {
            if self.wide.as_ref().is_none_or(|wide| wide.length() != length) {
                self.wide = Some(Wide::new(&self.mac, length));
            }
            if let Some(wide) = &mut self.wide {
                wide.turn(&self.mac, numerals, turn);
            }
        }
        Ok(())
    }
}

impl Mac {
    /// For strings of `length` numerals whose longer half takes `bytes` bytes (the standard's n and b): the state after
    /// P and the blocks of Q that no round changes, and the bytes of the tweak and zeros that begin the next block.
    fn begin(&self, length: usize, bytes: usize) -> (u128, Vec<u8>) {
        let p = 0x010201 << 104
            | u128::from(self.radix) << 80
            | 10 << 72
            | (length as u128 / 2 % 256) << 64
            | (length as u128) << 32
            | self.tweak.len() as u128;
        let mut q = self.tweak.clone();
        while !(q.len() + 1 + bytes).is_multiple_of(16) {
            q.push(0);
        }
        let state = self.cipher.chain(self.cipher.encipher(p), &q);
        let rest = q.split_off(q.len() / 16 * 16);
        (state, rest)
    }
}
