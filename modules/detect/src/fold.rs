//! A second reading of a text: characters that only look like ASCII's, and ASCII written in escapes, as ASCII; characters
//! that nobody sees, not at all. What is found in it is told in places of the text as it stands.
//!
//! | in the text | in the second reading |
//! | --- | --- |
//! | full-width forms (U+FF01 to U+FF5E), digits of other scripts (Unicode's Nd, those in use) | ASCII's |
//! | spaces (Zs), hyphens and dashes (Pd) | a space, a hyphen |
//! | soft hyphens, zero-width characters, marks of direction | nothing |
//! | `%40`, `\n`, `\u0040`, `&#64;`, `&#x40;`, `&nbsp;` | what they stand for, if that is ASCII |
//! | `[at]`, `(dot)`, `[.]` and their like | `@`, `.` |
//! | `+` between digits, or one and a capital, as forms write a space | a space |

use alloc::collections::TryReserveError;
use alloc::vec::Vec;

use crate::anchor::Anchors;
use crate::byte::{at, before, begins, character};

/// `len` bytes of the reading from `start` on stand for `width` bytes each of the text, from `origin` on.
struct Run {
    start: u32,
    origin: u32,
    width: u32,
}

pub struct Fold {
    anchors: Anchors,
    reading: Vec<u8>,
    runs: Vec<Run>,
}

/// ASCII that may begin an escape, and the first bytes of all other characters that are read as something else.
const FIRST: &[u8] = b"%\\&[({+\xc2\xcd\xd8\xd9\xdb\xdf\xe0\xe1\xe2\xe3\xea\xef\xf0";

impl Fold {
    pub fn new() -> Self {
        Self { anchors: Anchors::new(FIRST), reading: Vec::new(), runs: Vec::new() }
    }

    /// The second reading, where it differs from the text. The error: there is no memory for it.
    pub fn read(&mut self, text: &[u8]) -> Result<Option<&[u8]>, TryReserveError> {
        let Self { anchors, reading, runs } = self;
        if !anchors.any(text) {
            return Ok(None);
        }
        reading.clear();
        runs.clear();
        let (mut done, mut room) = (0, Ok(()));
        anchors.each(text, |place| {
            if place < done || room.is_err() {
                return;
            }
            let Some((start, folded, end)) = escape(text, place, done) else { return };
            // What isn't told apart takes no more bytes than it has in the text; two runs at most are added.
            room = reading.try_reserve(end - done).and_then(|()| runs.try_reserve(2));
            if room.is_err() {
                return;
            }
            copy(text, done, start, reading, runs);
            if let Folded::Byte(byte) = folded {
                let width = (end - start) as u32;
                let (at, origin) = (reading.len() as u32, start as u32);
                // Alike ones behind one another are one run.
                if runs.last().is_none_or(|run| run.width != width || run.origin + (at - run.start) * width != origin) {
                    runs.push(Run { start: at, origin, width });
                }
                reading.push(byte);
            }
            done = end;
        });
        room?;
        if done == 0 {
            return Ok(None);
        }
        reading.try_reserve(text.len() - done)?;
        runs.try_reserve(1)?;
        copy(text, done, text.len(), reading, runs);
        Ok(Some(reading))
    }

    /// Where in the text `start..end` of the reading stands, which isn't empty.
    pub fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        let run = |place: usize| {
            let number = self.runs.partition_point(|run| run.start as usize <= place);
            &self.runs[number.saturating_sub(1)]
        };
        let place = |run: &Run, place: usize| run.origin as usize + (place - run.start as usize) * run.width as usize;
        (place(run(start), start), place(run(end - 1), end))
    }
}

fn copy(text: &[u8], from: usize, to: usize, reading: &mut Vec<u8>, runs: &mut Vec<Run>) {
    if from < to {
        runs.push(Run { start: reading.len() as u32, origin: from as u32, width: 1 });
        reading.extend_from_slice(&text[from..to]);
    }
}

enum Folded {
    Byte(u8),
    Nothing,
}

/// What is read otherwise at a place: where it begins (not before `done`), what it is read as, where it ends.
fn escape(text: &[u8], place: usize, done: usize) -> Option<(usize, Folded, usize)> {
    let (folded, len) = match text[place] {
        b'%' => (hex(text, place + 1, 2)?, 3),
        b'\\' => match at(text, place + 1) {
            b'n' | b'r' => (u32::from(b'\n'), 2),
            b't' => (u32::from(b' '), 2),
            b'"' | b'/' | b'\\' => (u32::from(text[place + 1]), 2),
            b'u' => (hex(text, place + 2, 4)?, 6),
            b'x' => (hex(text, place + 2, 2)?, 4),
            _ => return None,
        },
        b'&' => reference(text, place)?,
        b'+' => {
            let (left, right) = (before(text, place), at(text, place + 1));
            let of_a_number = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
            let digit = left.is_ascii_digit() || right.is_ascii_digit();
            return (digit && of_a_number(left) && of_a_number(right)).then_some((
                place,
                Folded::Byte(b' '),
                place + 1,
            ));
        }
        b'[' | b'(' | b'{' => return spelled(text, place, done),
        _ => {
            let (found, len) = character(text, place);
            return looks_like(found).map(|folded| (place, folded, place + len));
        }
    };
    let folded = match u8::try_from(folded) {
        Ok(byte @ (b' '..=b'~' | b'\t' | b'\n' | b'\r')) => Folded::Byte(byte),
        _ => looks_like(char::from_u32(folded)?)?,
    };
    Some((place, folded, place + len))
}

/// `count` hexadecimal digits.
fn hex(text: &[u8], place: usize, count: usize) -> Option<u32> {
    let digits = text.get(place..place + count)?;
    digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
}

/// A character reference of HTML: its character and its length.
fn reference(text: &[u8], place: usize) -> Option<(u32, usize)> {
    let named: [(&[u8], u8); 7] = [
        (b"&nbsp;", b' '),
        (b"&commat;", b'@'),
        (b"&period;", b'.'),
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&quot;", b'"'),
        (b"&amp;", b'&'),
    ];
    if at(text, place + 1) != b'#' {
        let (name, byte) = named.into_iter().find(|(name, _)| begins(text, place, name))?;
        return Some((u32::from(byte), name.len()));
    }
    let (first, radix) = if at(text, place + 2) | 32 == b'x' { (place + 3, 16) } else { (place + 2, 10) };
    let len = text.get(first..)?.iter().take(7).position(|byte| *byte == b';').filter(|len| *len > 0)?;
    let digits = &text[first..first + len];
    let value = digits.iter().try_fold(0, |value, digit| Some(value * radix + char::from(*digit).to_digit(radix)?))?;
    Some((value, first + len + 1 - place))
}

/// `[at]`, `(dot)`, `{.}`, with a space on both sides or none.
fn spelled(text: &[u8], place: usize, done: usize) -> Option<(usize, Folded, usize)> {
    let close = match text[place] {
        b'[' => b']',
        b'(' => b')',
        _ => b'}',
    };
    let words: [(&[u8], u8); 4] = [(b"at", b'@'), (b"@", b'@'), (b"dot", b'.'), (b".", b'.')];
    let (word, byte) = words
        .into_iter()
        .find(|(word, _)| begins(text, place + 1, word) && at(text, place + 1 + word.len()) == close)?;
    let end = place + word.len() + 2;
    let spaced = place > done && text[place - 1] == b' ' && at(text, end) == b' ';
    let space = usize::from(spaced);
    Some((place - space, Folded::Byte(byte), end + space))
}

/// Digits of the scripts in use: the zero of each.
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
];

fn looks_like(character: char) -> Option<Folded> {
    let byte = match character {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => b' ',
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => b'-',
        '\u{ff01}'..='\u{ff5e}' => (character as u32 - 0xfee0) as u8,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => return Some(Folded::Nothing),
        _ => {
            let code = character as u32;
            let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
            b'0' + (code - zero) as u8
        }
    };
    Some(Folded::Byte(byte))
}

#[cfg(test)]
mod tests {
    use super::Fold;
    use crate::tests::found;

    #[test]
    fn what_is_read_as_ascii_and_where_it_stands() {
        let mut fold = Fold::new();
        for (text, expected) in [
            ("４１１１－１", "4111-1"),
            ("a\u{a0}b\u{2011}c", "a b-c"),
            ("4\u{200b}1\u{ad}1", "411"),
            ("٤١१२๓", "41123"),
            ("a%40b\\n\\u0040&#64;&#x40;&nbsp;.", "a@b\n@@@ ."),
            ("a [at] b(dot)c[.]d", "a@b.c.d"),
            ("1+2 +3 A+4 a+4", "1 2 +3 A 4 a+4"),
        ] {
            assert_eq!(fold.read(text.as_bytes()), Ok(Some(expected.as_bytes())), "{text}");
        }
        for text in ["", "plain + (text) [x] 100% & \\ é 中文。かな", "&#; &#zz; %4 \\u00e9"] {
            assert_eq!(fold.read(text.as_bytes()), Ok(None), "{text}");
        }
        let text = "é %40\u{ad}１x";
        assert_eq!(fold.read(text.as_bytes()), Ok(Some("é @1x".as_bytes())));
        assert_eq!(fold.origin(3, 4), (3, 6));
        assert_eq!(fold.origin(3, 5), (3, 11));
        assert_eq!(fold.origin(4, 6), (8, 12));
    }

    #[test]
    fn values_that_are_written_otherwise() {
        for (entity, text, expected) in [
            ("card", "４１１１ １１１１ １１１１ １１１１", "４１１１ １１１１ １１１１ １１１１"),
            ("card", "c=4111%201111%201111%201111&", "4111%201111%201111%201111"),
            ("card", "c=4111+1111+1111+1111&", "4111+1111+1111+1111"),
            ("card", "x\\n4111111111111111\\n", "4111111111111111"),
            ("card", "4111\u{ad}11111111\u{200b}1111\u{ad}.", "4111\u{ad}11111111\u{200b}1111"),
            ("card", "a\u{200b}4111111111111111\u{200b}b", "4111111111111111"),
            ("us_ssn", "536\u{2014}22\u{2014}8714", "536\u{2014}22\u{2014}8714"),
            (
                "iban",
                "DE89\u{2003}3704\u{2003}0044\u{2003}0532\u{2003}0130\u{2003}00.",
                "DE89\u{2003}3704\u{2003}0044\u{2003}0532\u{2003}0130\u{2003}00",
            ),
            ("email", "jane [at] example (dot) org!", "jane [at] example (dot) org"),
            ("email", "jane&#64;example.org", "jane&#64;example.org"),
            ("email", "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｏｒｇ"),
            ("ipv4", "203[.]0[.]113[.]7", "203[.]0[.]113[.]7"),
            ("telephone", "電話：０３－１２３４－５６７８", "０３－１２３４－５６７８"),
            ("telephone", "هاتف ٠٣٠ ١٢٣٤٥٦٧", "٠٣٠ ١٢٣٤٥٦٧"),
        ] {
            assert_eq!(found(entity, text), [expected], "{text}");
        }
    }
}
