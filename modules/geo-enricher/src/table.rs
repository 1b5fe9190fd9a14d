//! The table: its rows by their keys, and what is added of one.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use maskgate_guest::json::value::{Value, parse};
use maskgate_guest::json::{text, utf8};

use crate::csv::{Field, record};
use crate::prefixes::{Entry, Ips};
use crate::settings::Match;
use crate::texts::Texts;

/// Columns by their names in the header.
pub struct Columns {
    /// Those that are added; None: all but the first.
    pub taken: Option<Vec<String>>,
    /// Those of them that hold numbers.
    pub numbers: Vec<String>,
}

/// A column that is added.
struct Column {
    at: usize,
    /// `"name":`, as JSON writes it.
    key: Vec<u8>,
    number: bool,
}

enum Keys {
    Ips(Ips),
    Texts(Texts),
}

pub struct Table {
    text: Vec<u8>,
    columns: Vec<Column>,
    keys: Keys,
    /// The record that is written, and the characters of its field.
    fields: Vec<Field>,
    characters: Vec<u8>,
}

impl Table {
    /// Reads a table. The error says what is wrong, and in which of its lines.
    pub fn read(text: Vec<u8>, matching: Match, postcode: bool, columns: Columns) -> Result<Self, String> {
        if let Some(offset) = utf8::breach(&text) {
            return Err(wrong(&text, offset, "isn't UTF-8"));
        }
        if u32::try_from(text.len()).is_err() {
            return Err("is too large".into());
        }
        let begins = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let mut fields = Vec::new();
        let mut at = record(&text, begins, &mut fields).map_err(|what| wrong(&text, begins, what))?;
        let header: Vec<String> = fields.iter().map(|field| characters(field, &text)).collect();
        let columns = chosen(&header, columns)?;
        let (mut entries, mut texts) = (Vec::new(), Texts::new(postcode));
        while at < text.len() {
            let row = at;
            at = record(&text, row, &mut fields).map_err(|what| wrong(&text, row, what))?;
            if matches!(text[row..at], [b'\n'] | [b'\r', b'\n']) {
                continue; // an empty line
            }
            if fields.len() != header.len() {
                return Err(wrong(&text, row, "has not as many fields as the header"));
            }
            let key = characters(&fields[0], &text);
            if matching == Match::Ip {
                let entry = Entry::read(&key, row as u32).map_err(|what| wrong(&text, row, what))?;
                entries.try_reserve(1).map_err(|_| String::from("doesn't fit into the sandbox's memory"))?;
                entries.push(entry);
            } else {
                texts.add(key.as_bytes(), row as u32).map_err(|what| wrong(&text, row, what))?;
            }
            for column in columns.iter().filter(|column| column.number) {
                let field = characters(&fields[column.at], &text);
                if !field.is_empty() && !matches!(parse(field.as_bytes()), Ok(Value::Number(_))) {
                    return Err(wrong(&text, row, "has no number, as JSON writes it, in a column of `numbers`"));
                }
            }
        }
        let twice = |row: u32| wrong(&text, row as usize, "has a key that is there already");
        let keys = match matching {
            Match::Ip => Keys::Ips(Ips::new(entries).map_err(twice)?),
            _ => Keys::Texts(texts.sorted(matching == Match::Prefix).map_err(twice)?),
        };
        Ok(Self { text, columns, keys, fields, characters: Vec::new() })
    }

    /// The row that a text leads to.
    pub fn row(&mut self, text: &[u8]) -> Option<u32> {
        match &mut self.keys {
            Keys::Ips(ips) => ips.row(text),
            Keys::Texts(texts) => texts.row(text),
        }
    }

    /// Writes what is added of a row, a JSON object, into `out` alone. An empty field of a number is null.
    pub fn write(&mut self, row: u32, out: &mut Vec<u8>) {
        let Self { text, columns, fields, characters, .. } = self;
        out.clear();
        out.push(b'{');
        // The row could be read before.
        if record(text, row as usize, fields).is_ok() {
            for (number, column) in columns.iter().enumerate() {
                characters.clear();
                fields[column.at].write(text, characters);
                out.extend_from_slice(if number == 0 { b"" } else { b"," });
                out.extend_from_slice(&column.key);
                if column.number {
                    out.extend_from_slice(if characters.is_empty() { b"null" } else { characters.trim_ascii() });
                } else {
                    out.push(b'"');
                    text::encode(characters, out);
                    out.push(b'"');
                }
            }
        }
        out.push(b'}');
    }
}

fn characters(field: &Field, text: &[u8]) -> String {
    let mut bytes = Vec::new();
    field.write(text, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `what`, with the line that begins at, or holds, the offset.
fn wrong(text: &[u8], offset: usize, what: &str) -> String {
    let line = text[..offset].iter().filter(|&&byte| byte == b'\n').count() + 1;
    format!("line {line} {what}")
}

fn chosen(header: &[String], columns: Columns) -> Result<Vec<Column>, String> {
    if let Some((i, name)) = header.iter().enumerate().find(|(i, name)| header[..*i].contains(name)) {
        return Err(format!("line 1 has the column `{name}` twice (the second is number {})", i + 1));
    }
    let taken = columns.taken.unwrap_or_else(|| header.iter().skip(1).cloned().collect());
    if taken.is_empty() {
        return Err("line 1 has no column beside the key".to_string());
    }
    if let Some(name) = columns.numbers.iter().find(|name| !taken.contains(name)) {
        return Err(format!("`{name}` of `numbers` is no column that is added"));
    }
    let column = |name: &String| {
        let at = header.iter().position(|other| other == name);
        let at = at.ok_or_else(|| format!("line 1 has no column `{name}`"))?;
        let mut key = text::quoted(name);
        key.push(b':');
        Ok(Column { at, key, number: columns.numbers.contains(name) })
    };
    taken.iter().map(column).collect()
}
