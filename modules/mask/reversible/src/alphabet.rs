//! Alphabets: which characters are numerals, and which numeral each of them is.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use crate::key::Weak;

/// No numeral: what a character outside the alphabet is.
const NONE: u16 = u16::MAX;

/// Characters (Unicode scalars) in the order of their numerals: the first is 0.
pub struct Alphabet {
    characters: Box<[char]>,
    /// The numeral of each ASCII character, or `NONE`.
    ascii: [u16; 128],
    /// The others and their numerals, sorted.
    others: Box<[(char, u16)]>,
}

impl Alphabet {
    /// How many characters an alphabet may have: a numeral fits into 16 bits, and one value is left for `NONE`.
    pub const MOST: usize = 65535;

    /// The alphabets that have a name.
    pub const NAMED: [(&'static str, &'static str); 5] = [
        ("digits", "0123456789"),
        ("hex", "0123456789abcdef"),
        ("lower", "abcdefghijklmnopqrstuvwxyz"),
        ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("alphanumeric", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ];

    /// As a policy writes it: one of the names, or `text:` and the characters in the order of their numerals.
    pub fn read(text: &str) -> Result<Self, Weak> {
        if let Some(characters) = text.strip_prefix("text:") {
            return Self::new(characters);
        }
        match Self::NAMED.iter().find(|(name, _)| *name == text) {
            Some((_, characters)) => Self::new(characters),
            None => Err(Weak::new(
                "the alphabet must be digits, hex, lower, upper, alphanumeric, or text: and its characters",
            )),
        }
    }

    /// 2 to 65535 characters, no two the same, none a control character (U+0000 to U+001F, U+007F to U+009F).
    pub fn new(text: &str) -> Result<Self, Weak> {
        let characters: Box<[char]> = text.chars().collect();
        if !(2..=Self::MOST).contains(&characters.len()) {
            let most = Self::MOST;
            return Err(Weak::new(format!(
                "the alphabet has {} characters; it must have 2 to {most}",
                characters.len()
            )));
        }
        if let Some(control) = characters.iter().find(|character| character.is_control()) {
            return Err(Weak::new(format!("the alphabet has the control character U+{:04X}", *control as u32)));
        }
        let mut sorted: Vec<(char, u16)> = characters.iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Weak::new(format!("the alphabet has `{}` twice", pair[0].0)));
        }
        let mut ascii = [NONE; 128];
        let others = sorted.split_off(sorted.partition_point(|(character, _)| character.is_ascii()));
        for (character, numeral) in sorted {
            ascii[character as usize] = numeral;
        }
        Ok(Self { characters, ascii, others: others.into_boxed_slice() })
    }

    /// How many characters there are.
    pub fn radix(&self) -> u32 {
        self.characters.len() as u32
    }

    /// The numeral that a character is; None: it stands outside the alphabet.
    #[inline]
    pub fn numeral(&self, character: char) -> Option<u16> {
        if let Some(numeral) = self.ascii.get(character as usize) {
            return (*numeral != NONE).then_some(*numeral);
        }
        let found = self.others.binary_search_by_key(&character, |(character, _)| *character);
        found.ok().map(|at| self.others[at].1)
    }

    /// The character of a numeral below `radix`.
    #[inline]
    pub fn character(&self, numeral: u16) -> char {
        self.characters[usize::from(numeral)]
    }
}
