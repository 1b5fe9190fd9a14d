//! FF1 over text: its format stays.

use alloc::vec::Vec;

use crate::alphabet::Alphabet;
use crate::ff1::{Ff1, Outside, Turn};
use crate::key::Weak;

/// Encrypts the characters of an alphabet in a text. Every other character stays where it is, and as it is.
pub struct Text {
    ff1: Ff1,
    alphabet: Alphabet,
    ends: Ends,
    numerals: Vec<u16>,
}

/// Numerals at both ends that stay in clear.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ends {
    pub first: usize,
    pub last: usize,
}

impl Ends {
    /// The numerals between the ends; none, if the ends are all there is.
    pub(crate) fn between<'a>(&self, numerals: &'a mut [u16]) -> &'a mut [u16] {
        let end = numerals.len().saturating_sub(self.last);
        numerals.get_mut(self.first..end).unwrap_or(&mut [])
    }

    /// How many numerals they are.
    pub(crate) fn both(&self) -> usize {
        self.first.saturating_add(self.last)
    }
}

impl Text {
    /// `key`: 16, 24 or 32 bytes. `domain`: the tweak, `ff1::TWEAK_MOST` bytes at most. `ends`: characters of the
    /// alphabet, not of the text.
    pub fn new(key: &[u8], domain: &[u8], alphabet: Alphabet, ends: Ends) -> Result<Self, Weak> {
        let ff1 = Ff1::new(key, alphabet.radix(), domain)?;
        Ok(Self { ff1, alphabet, ends, numerals: Vec::new() })
    }

    /// Adds the encrypted text (UTF-8) to `out`: as many characters, each one of the alphabet where one was. Nothing is
    /// added after an error.
    pub fn encrypt(&mut self, text: &str, out: &mut Vec<u8>) -> Result<(), Outside> {
        self.turn(text, out, Turn::Encrypt)
    }

    /// Adds the text that `encrypt` made this of.
    pub fn decrypt(&mut self, text: &str, out: &mut Vec<u8>) -> Result<(), Outside> {
        self.turn(text, out, Turn::Decrypt)
    }

    fn turn(&mut self, text: &str, out: &mut Vec<u8>, turn: Turn) -> Result<(), Outside> {
        let Self { ff1, alphabet, ends, numerals } = self;
        let most = ff1.most().saturating_add(ends.both());
        numerals.clear();
        numerals.extend(text.chars().filter_map(|character| alphabet.numeral(character)).take(most.saturating_add(1)));
        if numerals.len() > most {
            return Err(Outside::TooLong);
        }
        ff1.turn(ends.between(numerals), turn)?;

        let mut numerals = numerals.iter();
        out.reserve(text.len());
        for character in text.chars() {
            let character = match alphabet.numeral(character) {
                Some(numeral) => alphabet.character(*numerals.next().unwrap_or(&numeral)),
                None => character,
            };
            match character.is_ascii() {
                true => out.push(character as u8),
                false => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        Ok(())
    }
}
