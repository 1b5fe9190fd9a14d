//! What each keyword becomes. The vocabularies of draft 2020-12: core, applicator, unevaluated, validation; those of
//! annotations are read past.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use maskgate_decimal::{Decimal, Unit};
use maskgate_guest::json::value::Value;
use maskgate_tape::Kind;

use crate::compile::{Compiler, at, within};
use crate::constants::Constants;
use crate::formats::Format;
use crate::schema::{ArrayRules, Members, NumberRules, ObjectRules, Range, Schema, Step, TextRules, Types};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

const ANNOTATIONS: [&str; 11] = [
    "$comment",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

/// Reads one schema; those in it get their numbers.
pub fn schema<'a>(compiler: &mut Compiler<'a>, number: usize, value: &'a Value, place: &str) -> Result<Schema, String> {
    let members = match value {
        Value::Bool(true) => return Ok(Schema::default()),
        Value::Bool(false) => return Ok(Schema { types: Some(Types::default()), ..Schema::default() }),
        Value::Object(members) => members,
        _ => return Err(at(place, "a schema is an object, true or false")),
    };
    let mut reading = Reading { compiler, members, place, number };
    let mut schema = Schema::default();
    for (name, value) in members {
        let keyword = Keyword { place: within(place, name), value };
        let name = name.as_str();
        let known = reading.core(name, &keyword)?
            || asked(&mut schema, name, &keyword)?
            || reading.texts(&mut schema, name, &keyword)?
            || reading.applies(&mut schema, name, &keyword)?;
        if !known {
            return Err(keyword.wrong("is no keyword that is known here"));
        }
    }
    reading.joined(&mut schema)?;
    Ok(schema)
}

struct Keyword<'a> {
    place: String,
    value: &'a Value,
}

impl<'a> Keyword<'a> {
    fn wrong(&self, what: &str) -> String {
        at(&self.place, what)
    }

    fn text(&self) -> Result<&'a str, String> {
        match self.value {
            Value::String(text) => Ok(text),
            _ => Err(self.wrong("must be a string")),
        }
    }

    fn flag(&self) -> Result<bool, String> {
        match self.value {
            Value::Bool(flag) => Ok(*flag),
            _ => Err(self.wrong("must be true or false")),
        }
    }

    fn count(&self) -> Result<u64, String> {
        let count = match self.value {
            Value::Number(number) => Decimal::read(number.as_bytes()).and_then(|number| number.scaled(0)),
            _ => None,
        };
        count.ok_or_else(|| self.wrong("must be a whole number, 0 or more"))
    }

    fn number(&self) -> Result<Option<String>, String> {
        match self.value {
            Value::Number(number) if Decimal::read(number.as_bytes()).is_some() => Ok(Some(number.clone())),
            _ => Err(self.wrong("must be a number, its exponent of at most 18 digits")),
        }
    }

    fn items(&self) -> Result<&'a [Value], String> {
        match self.value {
            Value::Array(items) => Ok(items),
            _ => Err(self.wrong("must be an array")),
        }
    }

    fn members(&self) -> Result<&'a [(String, Value)], String> {
        match self.value {
            Value::Object(members) => Ok(members),
            _ => Err(self.wrong("must be an object")),
        }
    }

    /// Strings that are all different, in order.
    fn keys(&self) -> Result<Vec<String>, String> {
        let mut keys = Vec::new();
        for item in self.items()? {
            let Value::String(key) = item else { return Err(self.wrong("must hold strings")) };
            keys.push(key.clone());
        }
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(self.wrong("has a string twice"));
        }
        Ok(keys)
    }
}

/// Keywords that ask a value alone.
fn asked(schema: &mut Schema, name: &str, keyword: &Keyword) -> Result<bool, String> {
    let number = |schema: &mut Schema, set: fn(&mut NumberRules) -> &mut Option<String>| {
        *set(schema.number.get_or_insert_default()) = keyword.number()?;
        Ok::<_, String>(())
    };
    match name {
        "type" => schema.types = Some(types(keyword)?),
        "enum" => schema.constants.push(constants(keyword, keyword.items()?)?),
        "const" => schema.constants.push(constants(keyword, core::slice::from_ref(keyword.value))?),
        "minimum" => number(schema, |rules| &mut rules.least)?,
        "maximum" => number(schema, |rules| &mut rules.most)?,
        "exclusiveMinimum" => number(schema, |rules| &mut rules.more_than)?,
        "exclusiveMaximum" => number(schema, |rules| &mut rules.less_than)?,
        "multipleOf" => {
            let unit = keyword.number()?.and_then(|number| Unit::new(Decimal::read(number.as_bytes())?));
            let unit = unit.ok_or_else(|| keyword.wrong("must be more than 0 and have at most 18 digits"))?;
            schema.number.get_or_insert_default().multiple = Some(unit);
        }
        "minLength" => schema.text.get_or_insert_default().length.least = keyword.count()?,
        "maxLength" => schema.text.get_or_insert_default().length.most = keyword.count()?,
        "minItems" => schema.array.get_or_insert_default().items.least = keyword.count()?,
        "maxItems" => schema.array.get_or_insert_default().items.most = keyword.count()?,
        "uniqueItems" => schema.array.get_or_insert_default().unique = keyword.flag()?,
        "minProperties" => schema.object.get_or_insert_default().members.least = keyword.count()?,
        "maxProperties" => schema.object.get_or_insert_default().members.most = keyword.count()?,
        "required" => schema.object.get_or_insert_default().required = keyword.keys()?,
        "dependentRequired" => {
            for (key, value) in keyword.members()? {
                let keys = Keyword { place: within(&keyword.place, key), value }.keys()?;
                schema.object.get_or_insert_default().dependent.push((key.clone(), keys));
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn types(keyword: &Keyword) -> Result<Types, String> {
    let names = match keyword.value {
        Value::String(name) => [name.clone()].to_vec(),
        _ => keyword.keys()?,
    };
    let mut types = Types::default();
    for name in names {
        match name.as_str() {
            "null" => types.add(Kind::Null),
            "boolean" => types.add(Kind::Bool),
            "number" => types.add(Kind::Number),
            "integer" => types.integers = true,
            "string" => types.add(Kind::Text),
            "array" => types.add(Kind::Array),
            "object" => types.add(Kind::Object),
            other => return Err(keyword.wrong(&format!("`{other}` is no type"))),
        }
    }
    Ok(types)
}

fn constants(keyword: &Keyword, values: &[Value]) -> Result<Constants, String> {
    Constants::new(values).ok_or_else(|| keyword.wrong("has a number whose exponent has more than 18 digits"))
}

struct Reading<'c, 'a> {
    compiler: &'c mut Compiler<'a>,
    members: &'a [(String, Value)],
    place: &'c str,
    number: usize,
}

impl<'a> Reading<'_, 'a> {
    fn core(&mut self, name: &str, keyword: &Keyword<'a>) -> Result<bool, String> {
        match name {
            "$schema" if keyword.text()?.trim_end_matches('#') != DRAFT => {
                return Err(keyword.wrong(&format!("must be {DRAFT}")));
            }
            "$schema" => {}
            "$id" if !self.place.is_empty() => return Err(keyword.wrong("only the whole schema may have an `$id`")),
            "$id" => drop(keyword.text()?),
            "$anchor" => self.compiler.anchor(keyword.text()?, self.number, &keyword.place)?,
            "$ref" => self.compiler.refer(self.number, keyword.text()?, keyword.place.clone()),
            "$defs" | "definitions" => {
                for (key, value) in keyword.members()? {
                    self.compiler.number(value, within(&keyword.place, key))?;
                }
            }
            _ => return Ok(ANNOTATIONS.contains(&name)),
        }
        Ok(true)
    }

    fn texts(&mut self, schema: &mut Schema, name: &str, keyword: &Keyword<'a>) -> Result<bool, String> {
        match name {
            "pattern" => {
                let pattern = self.compiler.pattern(keyword.text()?, &keyword.place)?;
                schema.text.get_or_insert_default().pattern = Some(pattern);
            }
            "format" => {
                let name = keyword.text()?;
                if self.compiler.asserted {
                    let format = Format::named(name);
                    let format = format.ok_or_else(|| keyword.wrong(&format!("no format `{name}` can be asserted")))?;
                    schema.text.get_or_insert_default().format = Some(format);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn applies(&mut self, schema: &mut Schema, name: &str, keyword: &Keyword<'a>) -> Result<bool, String> {
        let step = match name {
            "allOf" => Step::All(self.several(keyword)?),
            "anyOf" => Step::Any(self.several(keyword)?),
            "oneOf" => Step::One(self.several(keyword)?),
            "not" => Step::Not(self.one(keyword)?),
            "dependentSchemas" => Step::Dependent(self.named(keyword)?),
            "propertyNames" => Step::Names(self.one(keyword)?),
            "unevaluatedItems" => Step::UnevaluatedItems(self.one(keyword)?),
            "unevaluatedProperties" => Step::UnevaluatedMembers(self.one(keyword)?),
            "if"
            | "then"
            | "else"
            | "properties"
            | "patternProperties"
            | "additionalProperties"
            | "prefixItems"
            | "items"
            | "contains"
            | "minContains"
            | "maxContains" => return Ok(true), // together, in `joined`
            _ => return Ok(false),
        };
        self.compiler.tracks |= matches!(step, Step::UnevaluatedItems(_) | Step::UnevaluatedMembers(_));
        schema.steps.push(step);
        Ok(true)
    }

    /// Keywords that go together; and the order of all steps: `unevaluated…` last.
    fn joined(&mut self, schema: &mut Schema) -> Result<(), String> {
        let test = self.subschema("if")?;
        let (then, otherwise) = (self.subschema("then")?, self.subschema("else")?);
        schema.steps.extend(test.map(|test| Step::If { test, then, otherwise }));
        let mut members = Members { rest: self.subschema("additionalProperties")?, ..Members::default() };
        if let Some(keyword) = self.keyword("properties") {
            members.named = self.named(&keyword)?;
            members.named.sort_unstable();
        }
        if let Some(keyword) = self.keyword("patternProperties") {
            for (key, value) in keyword.members()? {
                let place = within(&keyword.place, key);
                members.matched.push((self.compiler.pattern(key, &place)?, self.compiler.number(value, place)?));
            }
        }
        if !members.named.is_empty() || !members.matched.is_empty() || members.rest.is_some() {
            schema.steps.push(Step::Members(members.into()));
        }
        let first = self.keyword("prefixItems").map_or(Ok(Vec::new()), |keyword| self.several(&keyword))?;
        let rest = self.subschema("items")?;
        if !first.is_empty() || rest.is_some() {
            schema.steps.push(Step::Items { first, rest });
        }
        let count = |reading: &Self, name, default| reading.keyword(name).map_or(Ok(default), |found| found.count());
        let count = Range { least: count(self, "minContains", 1)?, most: count(self, "maxContains", u64::MAX)? };
        schema.steps.extend(self.subschema("contains")?.map(|schema| Step::Contains { schema, count }));
        schema.steps.sort_by_key(|step| match step {
            Step::UnevaluatedItems(_) | Step::UnevaluatedMembers(_) => 2,
            Step::Any(_) | Step::One(_) | Step::Not(_) => 1,
            _ => 0,
        });
        Ok(())
    }

    fn keyword(&self, name: &str) -> Option<Keyword<'a>> {
        let (_, value) = self.members.iter().find(|(other, _)| other == name)?;
        Some(Keyword { place: within(self.place, name), value })
    }

    fn subschema(&mut self, name: &str) -> Result<Option<usize>, String> {
        self.keyword(name).map(|keyword| self.one(&keyword)).transpose()
    }

    fn one(&mut self, keyword: &Keyword<'a>) -> Result<usize, String> {
        self.compiler.number(keyword.value, keyword.place.clone())
    }

    fn several(&mut self, keyword: &Keyword<'a>) -> Result<Vec<usize>, String> {
        let items = keyword.items()?;
        if items.is_empty() {
            return Err(keyword.wrong("must have a schema"));
        }
        let numbered = items.iter().enumerate();
        numbered.map(|(i, value)| self.compiler.number(value, within(&keyword.place, &i.to_string()))).collect()
    }

    fn named(&mut self, keyword: &Keyword<'a>) -> Result<Vec<(String, usize)>, String> {
        let members = keyword.members()?.iter();
        members
            .map(|(key, value)| Ok((key.clone(), self.compiler.number(value, within(&keyword.place, key))?)))
            .collect()
    }
}
