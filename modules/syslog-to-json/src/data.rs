//! Structured data (RFC 5424 section 6.3): `[id name="value" name="value"][id …]`, or `-`.

use alloc::vec::Vec;
use core::ops::Range;

use maskgate_convert::{Same, Writer};
use maskgate_guest::{Full, Refusal};

use crate::text::Line;

/// Bytes of an id or a name.
const NAME: usize = 32;

/// A parameter: its name in the line, its value among the texts.
struct Parameter {
    name: Range<usize>,
    value: Range<usize>,
}

/// Reads structured data; its memory is used again.
#[derive(Default)]
pub struct Data {
    parameters: Vec<Parameter>,
    /// Values without their escapes.
    texts: Vec<u8>,
    same: Same,
}

impl Data {
    /// Writes an object of the elements, or null.
    pub fn read(&mut self, line: &mut Line, writer: &mut Writer) -> Result<(), Refusal> {
        if line.passes(b'-') {
            return writer.literal(b"null");
        }
        writer.object(line.at)?;
        line.expect(b'[')?;
        loop {
            self.element(line, writer)?;
            if !line.passes(b'[') {
                return writer.close();
            }
        }
    }

    /// An element behind its `[`. A name that comes more than once has an array of its values.
    fn element(&mut self, line: &mut Line, writer: &mut Writer) -> Result<(), Refusal> {
        self.parameters.clear();
        self.texts.clear();
        let id = line.take(NAME, is_name)?;
        while line.passes(b' ') {
            let name = line.take(NAME, is_name)?;
            line.expect(b'=')?;
            line.expect(b'"')?;
            let value = self.value(line)?;
            self.parameters.try_reserve(1).map_err(|_| Full)?;
            self.parameters.push(Parameter { name, value });
        }
        line.expect(b']')?;
        let Self { parameters, texts, same } = self;
        same.find(parameters, |parameter| &line.bytes[parameter.name.clone()])?;
        writer.key(&line.bytes[id.clone()], id.start, id.start)?;
        writer.object(id.start)?;
        for (number, Parameter { name, value }) in parameters.iter().enumerate() {
            if !same.is_first(number) {
                continue;
            }
            writer.key(&line.bytes[name.clone()], name.start, name.start)?;
            if same.next(number).is_none() {
                writer.text(&texts[value.clone()], name.start)?;
                continue;
            }
            writer.array(name.start)?;
            let mut at = Some(number);
            while let Some(number) = at {
                writer.text(&texts[parameters[number].value.clone()], name.start)?;
                at = same.next(number);
            }
            writer.close()?;
        }
        writer.close()
    }

    /// A value up to its quote, which is passed. A backslash stands before a quote, a backslash or a bracket; before anything
    /// else it stands for itself (section 6.3.3).
    fn value(&mut self, line: &mut Line) -> Result<Range<usize>, Refusal> {
        let start = self.texts.len();
        loop {
            let rest = line.rest();
            let plain = rest.iter().position(|byte| b"\"\\]".contains(byte));
            let Some(plain) = plain else {
                line.at = line.bytes.len();
                return Err(line.wrong());
            };
            self.texts.try_reserve(plain + 1).map_err(|_| Full)?;
            self.texts.extend_from_slice(&rest[..plain]);
            line.at += plain;
            match (rest[plain], rest.get(plain + 1)) {
                (b'"', _) => {
                    line.at += 1;
                    return Ok(start..self.texts.len());
                }
                (b'\\', Some(&escaped @ (b'"' | b'\\' | b']'))) => {
                    self.texts.push(escaped);
                    line.at += 2;
                }
                (b'\\', Some(_)) => {
                    self.texts.push(b'\\');
                    line.at += 1;
                }
                _ => return Err(line.wrong()),
            }
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"=]\"".contains(&byte)
}
