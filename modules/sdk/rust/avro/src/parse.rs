//! A schema out of its JSON. An error is text that names the place, as RFC 6901 does: `/fields/2/type: …`.
//!
//! The JSON reader takes 32 containers in containers; so deep does `Parser` call itself.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_json::value::{self, Value};

use crate::default::Defaults;
use crate::logical::{self, Logical};
use crate::named;
use crate::schema::{Enum, Field, Fixed, Id, Node, Record, Schema};

/// Bytes of a fixed type at most.
const SIZE: usize = 1 << 24;

/// A step of a JSON Pointer.
#[derive(Clone)]
pub(crate) enum Step {
    Name(&'static str),
    Number(usize),
}

struct Parser<'a> {
    /// Whether logical types are looked at.
    logical: bool,
    schema: Schema,
    names: BTreeMap<String, Id>,
    place: Vec<Step>,
    defaults: Defaults<'a>,
}

type Members<'a> = &'a [(String, Value)];

/// Reads a schema. `logical`: whether its logical types count.
pub fn parse(json: &Value, logical: bool) -> Result<Schema, String> {
    let schema = Schema { nodes: Vec::new(), empty: Vec::new() };
    let mut parser =
        Parser { logical, schema, names: BTreeMap::new(), place: Vec::new(), defaults: Defaults::default() };
    match parser.any(json, "") {
        Ok(_) => parser.defaults.resolve(&mut parser.schema).map_err(|(place, what)| said(&place, &what))?,
        Err(what) => return Err(said(&parser.place, &what)),
    }
    Ok(parser.schema)
}

/// The same of a JSON text. The name of a primitive type may also stand without quotes.
pub fn parse_text(text: &str, logical: bool) -> Result<Schema, String> {
    if named::is_primitive(text) {
        return parse(&Value::String(text.to_owned()), logical);
    }
    match value::parse(text.as_bytes()) {
        Ok(json) => parse(&json, logical),
        Err(offset) => Err(format!(
            "is not JSON, or repeats a key, or has more than 32 containers in containers, at byte {offset}"
        )),
    }
}

fn said(place: &[Step], what: &str) -> String {
    let mut text = String::new();
    for step in place {
        text += &match step {
            Step::Name(name) => format!("/{name}"),
            Step::Number(number) => format!("/{number}"),
        };
    }
    if text.is_empty() { what.to_owned() } else { format!("{text}: {what}") }
}

fn get<'a>(members: Members<'a>, name: &str) -> Option<&'a Value> {
    members.iter().find(|(other, _)| other == name).map(|(_, value)| value)
}

impl<'a> Parser<'a> {
    fn add(&mut self, node: Node, empty: bool) -> Id {
        self.schema.nodes.push(node);
        self.schema.empty.push(empty);
        self.schema.nodes.len() - 1
    }

    /// Does `parse` a step deeper. An error leaves the place as it is, for the text.
    fn at<T>(&mut self, step: Step, parse: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.place.push(step);
        let done = parse(self)?;
        self.place.pop();
        Ok(done)
    }

    /// Any schema. `around`: the namespace.
    fn any(&mut self, json: &'a Value, around: &str) -> Result<Id, String> {
        match json {
            Value::String(name) => self.name(name, &[], around),
            Value::Array(branches) => self.union(branches, around),
            Value::Object(members) => match get(members, "type") {
                Some(Value::String(name)) => self.object(name, members, around),
                Some(inner @ (Value::Array(_) | Value::Object(_))) => {
                    self.at(Step::Name("type"), |parser| parser.any(inner, around))
                }
                Some(_) => Err("its type must be a text, an object or an array".into()),
                None => Err("needs a type".into()),
            },
            _ => Err("must be a text, an object or an array".into()),
        }
    }

    /// A primitive type, or one that is defined before.
    fn name(&mut self, name: &str, members: Members, around: &str) -> Result<Id, String> {
        let node = match name {
            "null" => return Ok(self.add(Node::Null, true)),
            "boolean" => Node::Boolean,
            "int" => Node::Int(self.logical(members, name, None)?),
            "long" => Node::Long(self.logical(members, name, None)?),
            "float" => Node::Float,
            "double" => Node::Double,
            "bytes" => Node::Bytes(self.logical(members, name, None)?),
            "string" => Node::String,
            _ => {
                let within = format!("{around}.{name}");
                let found = match name.contains('.') || around.is_empty() {
                    true => self.names.get(name),
                    false => self.names.get(&within).or_else(|| self.names.get(name)),
                };
                return found.copied().ok_or_else(|| "names a type that is not defined before".into());
            }
        };
        Ok(self.add(node, false))
    }

    fn logical(&self, members: Members, of: &str, size: Option<usize>) -> Result<Logical, String> {
        let found = logical::read(|name| get(members, name), of, size)?;
        Ok(if self.logical { found } else { Logical::None })
    }

    fn object(&mut self, kind: &str, members: Members<'a>, around: &str) -> Result<Id, String> {
        match kind {
            "record" | "error" => self.record(members, around),
            "enum" => self.enumeration(members, around),
            "fixed" => self.fixed(members, around),
            "array" | "map" => {
                let name = if kind == "array" { "items" } else { "values" };
                let inner = get(members, name).ok_or_else(|| format!("needs {name}"))?;
                let id = self.add(Node::Null, false);
                let inner = self.at(Step::Name(name), |parser| parser.any(inner, around))?;
                self.schema.nodes[id] = if kind == "array" { Node::Array(inner) } else { Node::Map(inner) };
                Ok(id)
            }
            name => self.name(name, members, around),
        }
    }

    fn union(&mut self, branches: &'a [Value], around: &str) -> Result<Id, String> {
        let id = self.add(Node::Null, false);
        let (mut ids, mut labels) = (Vec::new(), BTreeSet::new());
        for (number, branch) in branches.iter().enumerate() {
            let branch = self.at(Step::Number(number), |parser| {
                let branch = parser.any(branch, around)?;
                match parser.schema.label(branch) {
                    "union" => Err("a union must not be in a union".into()),
                    label if !labels.insert(label.to_owned()) => Err("a union has two branches of this kind".into()),
                    _ => Ok(branch),
                }
            })?;
            ids.push(branch);
        }
        if ids.is_empty() {
            return Err("a union needs a branch".into());
        }
        self.schema.nodes[id] = Node::Union(ids);
        Ok(id)
    }

    /// The full name of a type that is defined here. `node` is what it is until all of it is read.
    fn define(
        &mut self,
        members: Members,
        around: &str,
        node: impl Fn(String) -> Node,
    ) -> Result<(Id, String), String> {
        let Some(Value::String(name)) = get(members, "name") else {
            return Err("needs a name, which is a text".into());
        };
        let space = match get(members, "namespace") {
            Some(Value::String(space)) => Some(space.as_str()),
            Some(Value::Null) | None => None,
            Some(_) => return Err("its namespace must be a text".into()),
        };
        let full = self.at(Step::Name("name"), |_| named::full(name, space, around))?;
        if self.names.contains_key(&full) {
            return Err("its name is defined before".into());
        }
        let id = self.add(node(full.clone()), false);
        self.names.insert(full.clone(), id);
        Ok((id, full))
    }

    fn record(&mut self, members: Members<'a>, around: &str) -> Result<Id, String> {
        let (id, name) =
            self.define(members, around, |name| Node::Record(Record { name, fields: Vec::new(), sorted: Vec::new() }))?;
        let Some(Value::Array(given)) = get(members, "fields") else { return Err("needs fields, an array".into()) };
        let (mut fields, mut names, mut empty) = (Vec::new(), BTreeMap::new(), true);
        for (number, field) in given.iter().enumerate() {
            let field = self.at(Step::Name("fields"), |parser| {
                parser.at(Step::Number(number), |parser| {
                    let field = parser.field(field, id, number, named::namespace(&name))?;
                    match names.insert(field.name.clone(), number as u32) {
                        None => Ok(field),
                        Some(_) => Err("its name is that of a field before".into()),
                    }
                })
            })?;
            empty &= self.schema.empty[field.node];
            fields.push(field);
        }
        self.schema.nodes[id] = Node::Record(Record { name, fields, sorted: names.into_values().collect() });
        self.schema.empty[id] = empty;
        Ok(id)
    }

    fn field(&mut self, json: &'a Value, record: Id, number: usize, around: &str) -> Result<Field, String> {
        let Value::Object(members) = json else { return Err("must be an object".into()) };
        let name = match get(members, "name") {
            Some(Value::String(name)) if named::is_name(name) => name.clone(),
            _ => return Err("needs a name of letters, digits and _".into()),
        };
        let kind = get(members, "type").ok_or("needs a type")?;
        let node = self.at(Step::Name("type"), |parser| parser.any(kind, around))?;
        if let Some(default) = get(members, "default") {
            self.defaults.add(record, number, default, &self.place);
        }
        Ok(Field { name, node, default: None })
    }

    fn enumeration(&mut self, members: Members, around: &str) -> Result<Id, String> {
        let made = |name| Node::Enum(Enum { name, symbols: Vec::new(), sorted: Vec::new() });
        let (id, name) = self.define(members, around, made)?;
        let Some(Value::Array(given)) = get(members, "symbols") else { return Err("needs symbols, an array".into()) };
        let (mut symbols, mut numbers) = (Vec::new(), BTreeMap::new());
        for (number, symbol) in given.iter().enumerate() {
            let symbol = self.at(Step::Name("symbols"), |parser| {
                parser.at(Step::Number(number), |_| match symbol {
                    Value::String(symbol) if !named::is_name(symbol) => {
                        Err("must be a name of letters, digits and _".into())
                    }
                    Value::String(symbol) if numbers.insert(symbol.clone(), number as u32).is_none() => Ok(symbol),
                    Value::String(_) => Err("the symbol is there before".into()),
                    _ => Err("must be a text".into()),
                })
            })?;
            symbols.push(symbol.clone());
        }
        match get(members, "default") {
            Some(Value::String(symbol)) if numbers.contains_key(symbol) => {}
            None => {}
            Some(_) => return Err("its default must be one of its symbols".into()),
        }
        self.schema.nodes[id] = Node::Enum(Enum { name, symbols, sorted: numbers.into_values().collect() });
        Ok(id)
    }

    fn fixed(&mut self, members: Members, around: &str) -> Result<Id, String> {
        let size = match get(members, "size") {
            Some(Value::Number(digits)) => digits.parse().ok().filter(|size| *size <= SIZE),
            _ => None,
        };
        let size = size.ok_or_else(|| format!("needs a size, an integer from 0 to {SIZE}"))?;
        let logical = self.logical(members, "fixed", Some(size))?;
        let (id, _) = self.define(members, around, |name| Node::Fixed(Fixed { name, size, logical }))?;
        self.schema.empty[id] = size == 0;
        Ok(id)
    }
}
