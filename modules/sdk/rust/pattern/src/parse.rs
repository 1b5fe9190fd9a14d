//! The syntax of ECMA-262 section 22.2.1 with the `u` flag, without look-around, back references, named groups' names and
//! `\p{…}`.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::iter::Peekable;
use core::str::CharIndices;

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, Look, Repetition};

use crate::class::{any, class, escaped, not, union};

/// Groups in groups; reading and compiling go as deep.
const NESTING: usize = 12;

/// The highest count in `{…}`.
const TIMES: u32 = 1000;

pub fn parse(pattern: &str) -> Result<Hir, String> {
    let mut parser = Parser { pattern, rest: pattern.char_indices().peekable() };
    let tree = parser.alternatives(0).map_err(|what| parser.place(&what))?;
    match parser.rest.peek() {
        None => Ok(tree),
        Some(_) => Err(parser.place("a `)` without a `(`")),
    }
}

struct Parser<'a> {
    pattern: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

impl Parser<'_> {
    fn place(&mut self, what: &str) -> String {
        let at = self.rest.peek().map_or(self.pattern.len(), |&(at, _)| at);
        format!("at character {}: {what}", self.pattern[..at].chars().count() + 1)
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().map(|&(_, character)| character)
    }

    fn next(&mut self) -> Option<char> {
        self.rest.next().map(|(_, character)| character)
    }

    fn passes(&mut self, character: char) -> bool {
        self.rest.next_if(|&(_, next)| next == character).is_some()
    }

    fn alternatives(&mut self, depth: usize) -> Result<Hir, String> {
        if depth > NESTING {
            return Err(format!("more than {NESTING} groups in groups"));
        }
        let mut alternatives = vec![self.terms(depth)?];
        while self.passes('|') {
            alternatives.push(self.terms(depth)?);
        }
        Ok(Hir::alternation(alternatives))
    }

    fn terms(&mut self, depth: usize) -> Result<Hir, String> {
        let mut terms = Vec::new();
        while let Some(next) = self.peek().filter(|next| !matches!(next, '|' | ')')) {
            self.next();
            let (term, repeats) = match next {
                '^' => (Hir::look(Look::Start), false),
                '$' => (Hir::look(Look::End), false),
                '(' => (self.group(depth)?, true),
                '[' => (set(self.set()?), true),
                '.' => (set(any()), true),
                '\\' if self.passes('b') => (Hir::look(Look::WordAscii), false),
                '\\' if self.passes('B') => (Hir::look(Look::WordAsciiNegate), false),
                '\\' => (set(self.escape(false)?), true),
                '*' | '+' | '?' | '{' => return Err(format!("nothing for `{next}` to repeat")),
                ']' | '}' => return Err(format!("`{next}` alone is written `\\{next}`")),
                other => (set(class(&[(other, other)])), true),
            };
            terms.push(self.repeated(term, repeats)?);
        }
        Ok(Hir::concat(terms))
    }

    fn group(&mut self, depth: usize) -> Result<Hir, String> {
        if self.passes('?') {
            if self.passes('<') {
                if matches!(self.peek(), Some('=' | '!')) {
                    return Err("look-behind can't be matched in linear time".into());
                }
                while self.next().ok_or("the group's name has no `>`")? != '>' {}
            } else if !self.passes(':') {
                return Err("look-ahead and flags can't be used here: `(?:`, `(?<name>` or `(`".into());
            }
        }
        let tree = self.alternatives(depth + 1)?;
        if self.passes(')') { Ok(tree) } else { Err("a `(` without a `)`".into()) }
    }

    fn repeated(&mut self, term: Hir, repeats: bool) -> Result<Hir, String> {
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => (0, Some(0)),
            _ => return Ok(term),
        };
        if !repeats {
            return Err("what stands for no character can't be repeated".into());
        }
        let (min, max) = if self.next() == Some('{') { self.counts()? } else { (min, max) };
        self.passes('?'); // lazy or not, there is a match or there is none
        if matches!(self.peek(), Some('*' | '+' | '?' | '{')) {
            return Err("a repetition of a repetition needs a group".into());
        }
        Ok(Hir::repetition(Repetition { min, max, greedy: true, sub: Box::new(term) }))
    }

    /// Behind the `{`.
    fn counts(&mut self) -> Result<(u32, Option<u32>), String> {
        let min = self.count()?;
        let max = match self.passes(',') {
            false => Some(min),
            true if self.peek() == Some('}') => None,
            true => Some(self.count()?),
        };
        if !self.passes('}') {
            return Err("expected `}`".into());
        }
        if max.is_some_and(|max| max < min) {
            return Err("the counts of a repetition are out of order".into());
        }
        Ok((min, max))
    }

    fn count(&mut self) -> Result<u32, String> {
        let mut count = None;
        while let Some(digit) = self.peek().and_then(|next| next.to_digit(10)) {
            self.next();
            count = Some(count.unwrap_or(0) * 10 + digit);
            if count > Some(TIMES) {
                return Err(format!("repeats more than {TIMES} times"));
            }
        }
        count.ok_or_else(|| "expected a count".into())
    }

    /// Behind the `[`.
    fn set(&mut self) -> Result<ClassUnicode, String> {
        let negated = self.passes('^');
        let mut sets = Vec::new();
        loop {
            let first = match self.next().ok_or("a `[` without a `]`")? {
                ']' => break,
                '\\' => self.escape(true)?,
                other => class(&[(other, other)]),
            };
            let ahead = self.rest.clone().nth(1).map(|(_, character)| character);
            if self.peek() == Some('-') && ahead != Some(']') {
                self.next();
                let last = match self.next().ok_or("a `[` without a `]`")? {
                    '\\' => self.escape(true)?,
                    other => class(&[(other, other)]),
                };
                let (first, last) = (single(&first), single(&last));
                let (Some(first), Some(last)) = (first, last) else {
                    return Err("a range needs two characters".into());
                };
                if last < first {
                    return Err("a range is out of order".into());
                }
                sets.push(class(&[(first, last)]));
            } else {
                sets.push(first);
            }
        }
        let set = union(&sets);
        Ok(if negated { not(set) } else { set })
    }

    /// Behind the backslash. `among`: within `[…]`.
    fn escape(&mut self, among: bool) -> Result<ClassUnicode, String> {
        let letter = self.next().ok_or("a `\\` with nothing behind it")?;
        if let Some(set) = escaped(letter) {
            return Ok(set);
        }
        let character = match letter {
            't' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            'b' if among => '\u{8}',
            '-' if among => '-',
            '0' if !self.peek().is_some_and(|next| next.is_ascii_digit()) => '\0',
            'c' => match self.next() {
                Some(letter) if letter.is_ascii_alphabetic() => char::from(letter as u8 & 0x1f),
                _ => return Err("`\\c` needs a letter".into()),
            },
            'x' => scalar(self.hex(2)?)?,
            'u' => self.unicode()?,
            '^' | '$' | '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/' => letter,
            '1'..='9' | 'k' => return Err("a back reference can't be matched in linear time".into()),
            'p' | 'P' => return Err("`\\p{…}` isn't known here".into()),
            other => return Err(format!("`\\{other}` is no escape")),
        };
        Ok(class(&[(character, character)]))
    }

    /// Behind `\u`: four digits, twice where they are surrogates, or any number between braces.
    fn unicode(&mut self) -> Result<char, String> {
        if self.passes('{') {
            let mut number = 0;
            let mut digits = 0;
            while let Some(digit) = self.peek().and_then(|next| next.to_digit(16)) {
                self.next();
                number = (number << 4 | digit).min(0x110000);
                digits += 1;
            }
            if digits == 0 || !self.passes('}') {
                return Err("expected a hexadecimal number and `}`".into());
            }
            return scalar(number);
        }
        let first = self.hex(4)?;
        if first & 0xfc00 != 0xd800 {
            return scalar(first);
        }
        let second = if self.passes('\\') && self.passes('u') { self.hex(4)? } else { 0 };
        if second & 0xfc00 != 0xdc00 {
            return Err("half a surrogate pair is no character".into());
        }
        scalar(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff))
    }

    fn hex(&mut self, digits: u32) -> Result<u32, String> {
        let mut number = 0;
        for _ in 0..digits {
            let digit = self.next().and_then(|next| next.to_digit(16));
            number = number << 4 | digit.ok_or_else(|| format!("expected {digits} hexadecimal digits"))?;
        }
        Ok(number)
    }
}

fn scalar(number: u32) -> Result<char, String> {
    char::from_u32(number).ok_or_else(|| "that number is no character's".into())
}

fn single(set: &ClassUnicode) -> Option<char> {
    match set.ranges() {
        [range] if range.start() == range.end() => Some(ClassUnicodeRange::start(range)),
        _ => None,
    }
}

fn set(set: ClassUnicode) -> Hir {
    Hir::class(Class::Unicode(set))
}
