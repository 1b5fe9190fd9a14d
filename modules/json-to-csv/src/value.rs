//! The text that a JSON value becomes: strings decoded to UTF-8, numbers and booleans as they are written.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_guest::{Full, Members, Refusal, Wrong};

use crate::Counts;

/// A field's text.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    pub bytes: &'a [u8],
    /// Whether it has to be in quotes, so that it can be told from a value that is null or missing.
    pub quoted: bool,
}

impl<'a> Text<'a> {
    pub fn bare(bytes: &'a [u8]) -> Self {
        Self { bytes, quoted: false }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LineBreaks {
    Refuse,
    Space,
    Keep,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Formulas {
    Escape,
    Refuse,
    Keep,
}

pub struct Values {
    line_breaks: LineBreaks,
    formulas: Formulas,
    /// Whether objects and arrays go over as JSON text.
    nested: bool,
    null: String,
    /// A value that isn't written as it stands in its message; the memory is used again.
    made: Vec<u8>,
}

impl Values {
    pub fn read(members: &Members) -> Result<Self, Wrong> {
        let choice = |name, choices: &[&str]| members.optional(name).map_or(Ok(0), |found| found.choice(choices));
        let line_breaks = choice("line_breaks", &["refuse", "space", "keep"])?;
        let formulas = choice("formulas", &["escape", "refuse", "keep"])?;
        let nested = choice("nested", &["refuse", "json"])? == 1;
        let mut null = "";
        if let Some(found) = members.optional("null") {
            null = found.string()?;
            if null.contains(['\r', '\n']) {
                return Err(found.wrong("may not hold a line end"));
            }
        }
        Ok(Self {
            line_breaks: [LineBreaks::Refuse, LineBreaks::Space, LineBreaks::Keep][line_breaks],
            formulas: [Formulas::Escape, Formulas::Refuse, Formulas::Keep][formulas],
            nested,
            null: null.to_string(),
            made: Vec::new(),
        })
    }

    /// The text of a value that needs no second look unless a byte of it means something in CSV, or is a backslash: a
    /// number, a boolean, a string that begins and ends with letters, digits or the like and isn't the text for null.
    #[inline(always)]
    pub fn harmless<'a>(&self, json: &'a [u8]) -> Option<&'a [u8]> {
        match json {
            [b'"', text @ .., b'"'] => {
                let (first, last) = (text.first()?, text.last()?);
                let begins = first.is_ascii_graphic() && !matches!(first, b'=' | b'+' | b'-' | b'@');
                (begins && !matches!(last, b' ' | b'\t') && text != self.null.as_bytes()).then_some(text)
            }
            [b'0'..=b'9' | b'-' | b't' | b'f', ..] => Some(json),
            _ => None,
        }
    }

    /// The text of a value (valid JSON, without white space around it) that stands at `offset` in its message.
    pub fn text<'a>(&'a mut self, json: &'a [u8], offset: usize, counts: &mut Counts) -> Result<Text<'a>, Refusal> {
        match json {
            [b'"', inner @ .., b'"'] => self.string(inner, offset, counts),
            [b'{' | b'[', ..] if !self.nested => Err(Refusal::at("csv_nested", offset)),
            [b'{' | b'[', ..] => Ok(Text::bare(self.one_line(json)?)),
            b"null" => Ok(Text::bare(self.null.as_bytes())),
            _ => Ok(Text::bare(json)),
        }
    }

    fn string<'a>(&'a mut self, inner: &'a [u8], offset: usize, counts: &mut Counts) -> Result<Text<'a>, Refusal> {
        let mut made = inner.contains(&b'\\');
        if made {
            self.make(inner.len())?;
            text::decode(inner, &mut self.made);
            if self.made.iter().any(is_line_end) {
                match self.line_breaks {
                    LineBreaks::Refuse => return Err(Refusal::at("csv_line_break", offset)),
                    LineBreaks::Space => counts.line_breaks += 1,
                    LineBreaks::Keep => {}
                }
            }
        }
        // Asked of the value before its line breaks become spaces: a reader may trim those.
        if self.formulas != Formulas::Keep && is_formula(if made { &self.made } else { inner }) {
            if self.formulas == Formulas::Refuse {
                return Err(Refusal::at("csv_formula", offset));
            }
            if !made {
                self.make(inner.len())?;
                self.made.extend_from_slice(inner);
                made = true;
            }
            self.made.insert(0, b'\'');
            counts.escaped += 1;
        }
        if made && self.line_breaks == LineBreaks::Space {
            join(&mut self.made);
        }
        let bytes = if made { self.made.as_slice() } else { inner };
        Ok(Text { bytes, quoted: bytes.is_empty() || bytes == self.null.as_bytes() })
    }

    /// A container's text. A line end in it is white space between two tokens.
    fn one_line<'a>(&'a mut self, json: &'a [u8]) -> Result<&'a [u8], Full> {
        if !json.iter().any(is_line_end) {
            return Ok(json);
        }
        self.make(json.len())?;
        self.made.extend(json.iter().map(|byte| if is_line_end(byte) { b' ' } else { *byte }));
        Ok(&self.made)
    }

    /// Room for `len` bytes and an apostrophe.
    fn make(&mut self, len: usize) -> Result<(), Full> {
        self.made.clear();
        self.made.try_reserve(len.saturating_add(1)).map_err(|_| Full)
    }
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Makes each line break, CRLF as one, a space.
fn join(text: &mut Vec<u8>) {
    let mut after = 0;
    text.retain_mut(|byte| {
        let before = core::mem::replace(&mut after, *byte);
        if is_line_end(byte) {
            *byte = b' ';
        }
        !(before == b'\r' && after == b'\n')
    });
}

/// Whether a spreadsheet could read a text as a formula: it begins with a control character, as which some drop a tab or a
/// line end (OWASP ASVS 5.0 1.2.10, CWE-1236), or, blanks left out, with `=`, `+`, `-` or `@`, also in full width or as small forms.
fn is_formula(text: &[u8]) -> bool {
    match text {
        [first, ..] if first.is_ascii_control() => true,
        // Most begin with a letter or a digit.
        [first, ..] if first.is_ascii_alphanumeric() => false,
        _ => core::str::from_utf8(text).is_ok_and(|text| {
            let text = text.trim_start_matches(is_blank);
            text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫'])
        }),
    }
}

/// White space, controls, and what nobody sees: zero-width characters, joiners, marks of direction, soft hyphens.
fn is_blank(character: char) -> bool {
    let unseen = ['\u{ad}', '\u{61c}', '\u{180e}', '\u{feff}'];
    character.is_whitespace()
        || character.is_control()
        || unseen.contains(&character)
        || ('\u{200b}'..='\u{200f}').contains(&character)
        || ('\u{202a}'..='\u{202e}').contains(&character)
        || ('\u{2060}'..='\u{206f}').contains(&character)
}
