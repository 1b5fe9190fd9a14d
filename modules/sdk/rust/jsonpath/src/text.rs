//! A query's characters: names, numbers, strings.

use alloc::format;
use alloc::string::{String, ToString};

/// What an index or a bound may be: integers of I-JSON (RFC 7493 section 2.2).
const LARGEST: i64 = (1 << 53) - 1;

pub struct Text<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Text<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, rest: text }
    }

    pub fn wrong<T>(&self, what: &str) -> Result<T, String> {
        let place = self.text[..self.text.len() - self.rest.len()].chars().count() + 1;
        Err(format!("character {place}: {what}"))
    }

    pub fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// To go back to.
    pub fn place(&self) -> &'a str {
        self.rest
    }

    pub fn back_to(&mut self, place: &'a str) {
        self.rest = place;
    }

    pub fn take(&mut self, wanted: &str) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub fn white(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take_while(&mut self, inside: impl Fn(char) -> bool) -> &'a str {
        let len = self.rest.find(|c| !inside(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        taken
    }

    /// A member's name in its short form.
    pub fn name(&mut self) -> Option<&'a str> {
        let first = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
        if !self.peek().is_some_and(first) {
            return None;
        }
        Some(self.take_while(|c| first(c) || c.is_ascii_digit()))
    }

    /// The name of a function, or of a literal.
    pub fn word(&mut self) -> &'a str {
        self.take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    }

    /// An integer, where one begins here.
    pub fn integer(&mut self) -> Result<Option<i64>, String> {
        let place = self.rest;
        let negative = self.take("-");
        let digits = self.take_while(|c| c.is_ascii_digit());
        if digits.is_empty() && !negative {
            return Ok(None);
        }
        let number = digits.parse::<i64>().ok().filter(|number| *number <= LARGEST);
        let plain = digits == "0" && !negative || !digits.starts_with('0');
        match number {
            Some(number) if plain => Ok(Some(if negative { -number } else { number })),
            _ => {
                self.rest = place;
                self.wrong("an index is an integer from -(2^53 - 1) to 2^53 - 1, without zeros before it")
            }
        }
    }

    /// A number as JSON writes it.
    pub fn number(&mut self) -> Result<String, String> {
        let place = self.rest;
        self.take("-");
        let digits = self.take_while(|c| c.is_ascii_digit());
        let mut right = digits == "0" || !digits.is_empty() && !digits.starts_with('0');
        if self.take(".") {
            right &= !self.take_while(|c| c.is_ascii_digit()).is_empty();
        }
        if self.take("e") || self.take("E") {
            let _ = self.take("+") || self.take("-");
            right &= !self.take_while(|c| c.is_ascii_digit()).is_empty();
        }
        if !right {
            self.rest = place;
            return self.wrong("is no number as JSON writes it");
        }
        Ok(place[..place.len() - self.rest.len()].to_string())
    }

    /// A string between single or double quotes, its escapes undone.
    pub fn string(&mut self) -> Result<String, String> {
        let quote = if self.take("'") { '\'' } else { '"' };
        if quote == '"' && !self.take("\"") {
            return self.wrong("a string is expected");
        }
        let mut out = String::new();
        loop {
            let Some(character) = self.peek() else { return self.wrong("the string doesn't end") };
            if character < ' ' {
                return self.wrong("a control character in a string is written as an escape");
            }
            self.rest = &self.rest[character.len_utf8()..];
            match character {
                '\\' => out.push(self.escape(quote)?),
                _ if character == quote => return Ok(out),
                _ => out.push(character),
            }
        }
    }

    fn escape(&mut self, quote: char) -> Result<char, String> {
        let Some(letter) = self.peek() else { return self.wrong("the string doesn't end") };
        let plain = match letter {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '/' | '\\' => letter,
            'u' => return self.unicode(),
            _ if letter == quote => letter,
            _ => return self.wrong("is no escape"),
        };
        self.rest = &self.rest[1..];
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, String> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).map_or_else(|| self.wrong("a low surrogate stands alone"), Ok);
        }
        if !self.rest.starts_with("\\u") {
            return self.wrong("a high surrogate stands alone");
        }
        self.rest = &self.rest[1..];
        let second = self.unit()?;
        if !(0xdc00..0xe000).contains(&second) {
            return self.wrong("a high surrogate stands alone");
        }
        let scalar = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        char::from_u32(scalar).map_or_else(|| self.wrong("is no character"), Ok)
    }

    /// `u` and four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, String> {
        let digits = self.rest.get(1..5).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(number) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return self.wrong("\\u is followed by four hexadecimal digits");
        };
        self.rest = &self.rest[5..];
        Ok(number)
    }
}
