//! The default values of fields: JSON as the specification's table has it (bytes are characters up to U+00FF, logical types
//! are not looked at), checked, and written in the binary encoding.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_convert::{Number, number};
use maskgate_json::value::Value;

use crate::parse::Step;
use crate::schema::{Id, Node, Record, Schema};
use crate::varint;

/// Bytes of all defaults of a schema together.
const BYTES: usize = 1 << 20;

/// Values in values, those that come from the defaults of other fields too.
const DEPTH: usize = 40;

/// Values of all defaults together, those of no bytes too.
const VALUES: usize = 1 << 18;

struct Given<'a> {
    record: Id,
    field: usize,
    json: &'a Value,
    place: Vec<Step>,
    begun: bool,
}

#[derive(Default)]
pub struct Defaults<'a> {
    given: Vec<Given<'a>>,
    /// The places of `given`, by record and field.
    places: BTreeMap<(Id, usize), usize>,
    bytes: usize,
    values: usize,
}

/// The value isn't one of the type.
struct Unfit;

impl<'a> Defaults<'a> {
    pub fn add(&mut self, record: Id, field: usize, json: &'a Value, place: &[Step]) {
        self.places.insert((record, field), self.given.len());
        let mut place = place.to_vec();
        place.push(Step::Name("default"));
        self.given.push(Given { record, field, json, place, begun: false });
    }

    /// Writes all defaults into the schema, which is whole now.
    pub fn resolve(&mut self, schema: &mut Schema) -> Result<(), (Vec<Step>, String)> {
        for number in 0..self.given.len() {
            if self.one(number, schema, 0).is_err() {
                let what = "is not a value of the field's type, or has no end, or is more than a default may be";
                return Err((self.given[number].place.clone(), what.into()));
            }
        }
        Ok(())
    }

    /// One field's, unless it is written.
    fn one(&mut self, number: usize, schema: &mut Schema, depth: usize) -> Result<(), Unfit> {
        let Given { record, field, json, .. } = self.given[number];
        let Node::Record(Record { fields, .. }) = &schema.nodes[record] else { return Err(Unfit) };
        if fields[field].default.is_some() {
            return Ok(());
        }
        if core::mem::replace(&mut self.given[number].begun, true) {
            return Err(Unfit); // it holds itself
        }
        let (node, mut out) = (fields[field].node, Vec::new());
        self.write(node, json, schema, &mut out, depth)?;
        self.bytes += out.len();
        if let Node::Record(Record { fields, .. }) = &mut schema.nodes[record] {
            fields[field].default = Some(out);
        }
        Ok(())
    }

    fn write(
        &mut self,
        node: Id,
        json: &Value,
        schema: &mut Schema,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Unfit> {
        self.values += 1;
        if depth > DEPTH || self.values > VALUES || self.bytes + out.len() > BYTES {
            return Err(Unfit);
        }
        match (&schema.nodes[node], json) {
            (Node::Null, Value::Null) => {}
            (Node::Boolean, Value::Bool(value)) => out.push(u8::from(*value)),
            (Node::Int(_), Value::Number(digits)) => {
                varint::write(i64::from(digits.parse::<i32>().map_err(|_| Unfit)?), out);
            }
            (Node::Long(_), Value::Number(digits)) => varint::write(digits.parse().map_err(|_| Unfit)?, out),
            (Node::Float, Value::Number(digits)) => {
                let value = digits.parse::<f32>().ok().filter(|value| value.is_finite()).ok_or(Unfit)?;
                out.extend_from_slice(&value.to_le_bytes());
            }
            (Node::Double, Value::Number(digits)) => match Number::read(digits.as_bytes()) {
                Number::Beyond => return Err(Unfit),
                _ => out.extend_from_slice(&number::nearest(digits.as_bytes()).ok_or(Unfit)?.to_le_bytes()),
            },
            (Node::String, Value::String(text)) => {
                varint::write(text.len() as i64, out);
                out.extend_from_slice(text.as_bytes());
            }
            (Node::Bytes(_), Value::String(text)) => {
                varint::write(text.chars().count() as i64, out);
                characters(text, out)?;
            }
            (Node::Fixed(fixed), Value::String(text)) if text.chars().count() == fixed.size => characters(text, out)?,
            (Node::Enum(symbols), Value::String(text)) => {
                varint::write(symbols.symbol(text.as_bytes()).ok_or(Unfit)? as i64, out);
            }
            (&Node::Array(inner), Value::Array(items)) => {
                if !items.is_empty() {
                    varint::write(items.len() as i64, out);
                }
                for item in items {
                    self.write(inner, item, schema, out, depth + 1)?;
                }
                out.push(0);
            }
            (&Node::Map(inner), Value::Object(members)) => {
                if !members.is_empty() {
                    varint::write(members.len() as i64, out);
                }
                for (key, value) in members {
                    varint::write(key.len() as i64, out);
                    out.extend_from_slice(key.as_bytes());
                    self.write(inner, value, schema, out, depth + 1)?;
                }
                out.push(0);
            }
            (Node::Union(branches), _) => {
                let branches = branches.clone();
                return self.branch(&branches, json, schema, out, depth);
            }
            (Node::Record(_), Value::Object(members)) => return self.record(node, members, schema, out, depth),
            _ => return Err(Unfit),
        }
        Ok(())
    }

    /// The first branch that takes the value.
    fn branch(
        &mut self,
        branches: &[Id],
        json: &Value,
        schema: &mut Schema,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Unfit> {
        let before = out.len();
        for (number, &branch) in branches.iter().enumerate() {
            varint::write(number as i64, out);
            if self.write(branch, json, schema, out, depth + 1).is_ok() {
                return Ok(());
            }
            out.truncate(before);
        }
        Err(Unfit)
    }

    /// A record whose members that aren't given are the defaults of its fields.
    fn record(
        &mut self,
        record: Id,
        members: &[(String, Value)],
        schema: &mut Schema,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Unfit> {
        let mut found = 0;
        for number in 0.. {
            let Node::Record(Record { fields, .. }) = &schema.nodes[record] else { return Err(Unfit) };
            let Some(field) = fields.get(number) else { break };
            if let Some((_, json)) = members.iter().find(|(name, _)| *name == field.name) {
                found += 1;
                self.write(field.node, json, schema, out, depth + 1)?;
                continue;
            }
            self.values += 1;
            let place = *self.places.get(&(record, number)).ok_or(Unfit)?;
            self.one(place, schema, depth + 1)?;
            if let Node::Record(Record { fields, .. }) = &schema.nodes[record] {
                out.extend_from_slice(fields[number].default.as_deref().ok_or(Unfit)?);
            }
            if self.values > VALUES || self.bytes + out.len() > BYTES {
                return Err(Unfit);
            }
        }
        if found == members.len() { Ok(()) } else { Err(Unfit) }
    }
}

/// Bytes, each of which is a character.
fn characters(text: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
    for character in text.chars() {
        out.push(u8::try_from(u32::from(character)).map_err(|_| Unfit)?);
    }
    Ok(())
}
