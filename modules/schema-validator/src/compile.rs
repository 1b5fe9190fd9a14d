//! A schema out of its JSON: every subschema gets a number, references are resolved within the document.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use maskgate_guest::json::pointer;
use maskgate_guest::json::value::Value;
use maskgate_pattern::Pattern;

use crate::keywords;
use crate::schema::{Compiled, Schema, Step};

/// Schemas that a document may have.
const SCHEMAS: usize = 10_000;

/// Reads a document. The error says what is wrong, and where: a JSON Pointer into the schema.
pub fn compile(document: &Value, asserted: bool) -> Result<Compiled, String> {
    let mut compiler = Compiler {
        document,
        asserted,
        numbers: BTreeMap::new(),
        sources: Vec::new(),
        patterns: Vec::new(),
        texts: BTreeMap::new(),
        anchors: BTreeMap::new(),
        references: Vec::new(),
        tracks: false,
    };
    compiler.number(document, String::new())?;
    let mut schemas: Vec<Schema> = Vec::new();
    loop {
        if let Some((value, place)) = compiler.sources.get(schemas.len()).cloned() {
            let number = schemas.len();
            schemas.push(keywords::schema(&mut compiler, number, value, &place)?);
        } else if !compiler.resolve(&mut schemas)? {
            break;
        }
    }
    if let Some(number) = endless(&schemas) {
        let place = &compiler.sources[number].1;
        return Err(at(place, "refers to itself on the same value, which has no end"));
    }
    Ok(Compiled { schemas, patterns: compiler.patterns, tracks: compiler.tracks })
}

/// An error with its place.
pub fn at(place: &str, what: &str) -> String {
    if place.is_empty() { what.to_string() } else { format!("at `{place}`: {what}") }
}

/// Where a key or an index is in a place.
pub fn within(place: &str, key: &str) -> String {
    format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"))
}

pub struct Compiler<'a> {
    document: &'a Value,
    /// Whether formats are.
    pub asserted: bool,
    /// The number of each schema, by where its value is in memory.
    numbers: BTreeMap<*const Value, usize>,
    /// Each schema's value and its place in the document, by number.
    sources: Vec<(&'a Value, String)>,
    patterns: Vec<Pattern>,
    /// The number of each pattern, by its text.
    texts: BTreeMap<&'a str, usize>,
    anchors: BTreeMap<&'a str, usize>,
    /// Schemas with a reference that hasn't been resolved, by number.
    references: Vec<(usize, &'a str, String)>,
    pub tracks: bool,
}

impl<'a> Compiler<'a> {
    /// The number of the schema that this value is.
    pub fn number(&mut self, value: &'a Value, place: String) -> Result<usize, String> {
        if let Some(&number) = self.numbers.get(&(value as *const Value)) {
            return Ok(number);
        }
        if self.sources.len() == SCHEMAS {
            return Err(at(&place, &format!("the document has more than {SCHEMAS} schemas")));
        }
        self.numbers.insert(value, self.sources.len());
        self.sources.push((value, place));
        Ok(self.sources.len() - 1)
    }

    pub fn pattern(&mut self, text: &'a str, place: &str) -> Result<usize, String> {
        if let Some(&number) = self.texts.get(text) {
            return Ok(number);
        }
        self.patterns.push(Pattern::new(text).map_err(|what| at(place, &format!("the pattern, {what}")))?);
        self.texts.insert(text, self.patterns.len() - 1);
        Ok(self.patterns.len() - 1)
    }

    pub fn anchor(&mut self, name: &'a str, schema: usize, place: &str) -> Result<(), String> {
        match self.anchors.insert(name, schema) {
            None => Ok(()),
            Some(_) => Err(at(place, &format!("the anchor `{name}` is there twice"))),
        }
    }

    pub fn refer(&mut self, schema: usize, reference: &'a str, place: String) {
        self.references.push((schema, reference, place));
    }

    /// Resolves what references can be; false when there are none. An anchor may be in a schema that only comes in by a
    /// pointer, so pointers go first.
    fn resolve(&mut self, schemas: &mut [Schema]) -> Result<bool, String> {
        if self.references.is_empty() {
            return Ok(false);
        }
        let (pointers, anchors): (Vec<_>, Vec<_>) =
            core::mem::take(&mut self.references).into_iter().partition(|(_, text, _)| is_pointer(self.local(text)));
        let before = self.sources.len();
        for (schema, text, place) in pointers {
            let target = self.target(self.local(text), &place)?;
            schemas[schema].steps.insert(0, Step::All(vec![target]));
        }
        if self.sources.len() > before {
            self.references = anchors; // what has come in is read first
            return Ok(true);
        }
        for (schema, text, place) in anchors {
            let name = self.local(text).and_then(|local| local.strip_prefix('#'));
            let Some(&target) = name.and_then(|name| self.anchors.get(name)) else {
                return Err(at(&place, &format!("`{text}` is nothing in this document; others aren't read")));
            };
            schemas[schema].steps.insert(0, Step::All(vec![target]));
        }
        Ok(false)
    }

    /// The fragment of a reference into this document, `#` and all.
    fn local<'t>(&self, text: &'t str) -> Option<&'t str> {
        let own = match self.document {
            Value::Object(members) => members.iter().find(|(key, _)| key == "$id").map(|(_, id)| id),
            _ => None,
        };
        let rest = match own {
            Some(Value::String(id)) => text.strip_prefix(id.trim_end_matches('#')).unwrap_or(text),
            _ => text,
        };
        if rest.is_empty() { Some("#") } else { Some(rest).filter(|rest| rest.starts_with('#')) }
    }

    fn target(&mut self, fragment: Option<&str>, place: &str) -> Result<usize, String> {
        let fragment = fragment.unwrap_or_default();
        let nothing = || at(place, &format!("`{fragment}` is nothing in this document"));
        let path = unescaped(&fragment[1..]).ok_or_else(nothing)?;
        let mut value = self.document;
        for token in pointer::tokens(&path).ok_or_else(nothing)? {
            let key = pointer::unescape(token, false).ok_or_else(nothing)?;
            let inner = match value {
                Value::Object(members) => members.iter().find(|(name, _)| *name == key).map(|(_, member)| member),
                Value::Array(items) => pointer::index(&key).and_then(|index| items.get(index as usize)),
                _ => None,
            };
            value = inner.ok_or_else(nothing)?;
        }
        self.number(value, path)
    }
}

fn is_pointer(fragment: Option<&str>) -> bool {
    fragment.is_some_and(|fragment| fragment == "#" || fragment.starts_with("#/"))
}

/// A fragment without its percent escapes (RFC 3986 section 2.1).
fn unescaped(fragment: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        bytes.push(if byte == b'%' { (digit()? << 4 | digit()?) as u8 } else { byte });
    }
    String::from_utf8(bytes).ok()
}

/// A schema that comes to itself again without going into its value, if there is one.
fn endless(schemas: &[Schema]) -> Option<usize> {
    let inner: Vec<Vec<usize>> =
        schemas.iter().map(|schema| schema.steps.iter().flat_map(Step::in_place).collect()).collect();
    let mut uses = vec![0usize; schemas.len()];
    inner.iter().flatten().for_each(|&schema| uses[schema] += 1);
    let mut free: Vec<usize> = (0..schemas.len()).filter(|&schema| uses[schema] == 0).collect();
    while let Some(schema) = free.pop() {
        for &other in &inner[schema] {
            uses[other] -= 1;
            if uses[other] == 0 {
                free.push(other);
            }
        }
    }
    uses.iter().position(|&uses| uses > 0)
}
