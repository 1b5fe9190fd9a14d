//! What a value is asked alone.

use alloc::vec::Vec;

use maskgate_decimal::Decimal;
use maskgate_guest::json::text;
use maskgate_guest::{Full, Refusal};
use maskgate_pattern::Pattern;
use maskgate_tape::{Canonical, Form, Kind, OutOfRange, Values};

use crate::constants::Constants;
use crate::schema::{ArrayRules, NumberRules, ObjectRules, Schema, TextRules};

/// What is evaluated: a value of the message, or a member's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    Value(usize),
    Key(usize),
}

impl Node {
    pub fn kind(self, values: &Values) -> Kind {
        match self {
            Self::Value(value) => values.kind(value),
            Self::Key(_) => Kind::Text,
        }
    }

    pub fn offset(self, values: &Values) -> usize {
        match self {
            Self::Value(value) => values.offset(value),
            Self::Key(member) => values.key_offset(member),
        }
    }
}

/// Asks values alone; its memory is used again.
pub struct Check {
    pub patterns: Vec<Pattern>,
    canonical: Canonical,
    forms: Vec<u8>,
    /// Where the forms of an array's items are among them.
    items: Vec<(usize, usize)>,
    decoded: Vec<u8>,
    /// Bytes of canonical forms that the message's evaluation may still take.
    pub left: usize,
}

impl Check {
    pub fn new(patterns: Vec<Pattern>) -> Self {
        Self {
            patterns,
            canonical: Canonical::default(),
            forms: Vec::new(),
            items: Vec::new(),
            decoded: Vec::new(),
            left: 0,
        }
    }

    /// Whether a value is what a schema asks of it alone.
    pub fn holds(&mut self, schema: &Schema, values: &Values, node: Node) -> Result<bool, Refusal> {
        let kind = node.kind(values);
        if let Some(types) = schema.types.filter(|types| !types.has(kind))
            && !(types.integers && kind == Kind::Number && number(values, node)?.is_integer())
        {
            return Ok(false);
        }
        for constants in &schema.constants {
            if !self.is_among(constants, values, node)? {
                return Ok(false);
            }
        }
        match (kind, node) {
            (Kind::Number, _) => match &schema.number {
                Some(rules) => Ok(in_range(rules, &number(values, node)?)),
                None => Ok(true),
            },
            (Kind::Text, _) => schema.text.as_ref().map_or(Ok(true), |rules| self.text(rules, values, node)),
            (Kind::Array, Node::Value(array)) => {
                schema.array.as_ref().map_or(Ok(true), |rules| self.array(rules, values, array))
            }
            (Kind::Object, Node::Value(object)) => {
                Ok(schema.object.as_ref().is_none_or(|rules| members(rules, values, object)))
            }
            _ => Ok(true),
        }
    }

    /// Whether a key matches a pattern.
    pub fn matches(&mut self, pattern: usize, text: &[u8], offset: usize) -> Result<bool, Refusal> {
        self.patterns[pattern].matches(text).ok_or_else(|| Refusal::at("too_complex", offset))
    }

    fn is_among(&mut self, constants: &Constants, values: &Values, node: Node) -> Result<bool, Refusal> {
        if !constants.types.has(node.kind(values)) {
            return Ok(false);
        }
        self.forms.clear();
        match node {
            Node::Value(value) => self.form(values, value)?,
            Node::Key(member) => {
                self.forms.push(b'"');
                text::encode(values.key(member), &mut self.forms);
                self.forms.push(b'"');
            }
        }
        Ok(constants.have(&self.forms))
    }

    /// Adds a value's canonical form.
    fn form(&mut self, values: &Values, value: usize) -> Result<(), Refusal> {
        let size = values.json(value).len();
        self.left = self.left.checked_sub(size).ok_or_else(|| Refusal::at("too_complex", values.offset(value)))?;
        self.canonical.write(values, value, Form::Exact, &mut self.forms).map_err(|error| match error {
            OutOfRange::Number(offset) => Refusal::at("number_out_of_range", offset),
            OutOfRange::Full => Full.into(),
        })
    }

    fn text(&mut self, rules: &TextRules, values: &Values, node: Node) -> Result<bool, Refusal> {
        let Self { patterns, decoded, .. } = self;
        let text = match node {
            Node::Value(value) => values.text(value, decoded),
            Node::Key(member) => values.key(member),
        };
        let characters = text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        if !rules.length.has(characters as u64) || rules.format.is_some_and(|format| !format.has(text)) {
            return Ok(false);
        }
        match rules.pattern {
            None => Ok(true),
            Some(pattern) => {
                patterns[pattern].matches(text).ok_or_else(|| Refusal::at("too_complex", node.offset(values)))
            }
        }
    }

    fn array(&mut self, rules: &ArrayRules, values: &Values, array: usize) -> Result<bool, Refusal> {
        if !rules.items.has(values.count(array) as u64) {
            return Ok(false);
        }
        if !rules.unique || values.count(array) < 2 {
            return Ok(true);
        }
        self.forms.clear();
        self.items.clear();
        self.items.try_reserve(values.count(array)).map_err(|_| Refusal::from(Full))?;
        for item in values.inner(array) {
            let start = self.forms.len();
            self.form(values, item)?;
            self.items.push((start, self.forms.len()));
        }
        let Self { items, forms, .. } = self;
        items.sort_unstable_by(|one, other| forms[one.0..one.1].cmp(&forms[other.0..other.1]));
        Ok(!items.windows(2).any(|pair| forms[pair[0].0..pair[0].1] == forms[pair[1].0..pair[1].1]))
    }
}

fn number<'a>(values: &Values<'a>, node: Node) -> Result<Decimal<'a>, Refusal> {
    let json = match node {
        Node::Value(value) => values.json(value),
        Node::Key(_) => b"0",
    };
    Decimal::read(json).ok_or_else(|| Refusal::at("number_out_of_range", node.offset(values)))
}

fn in_range(rules: &NumberRules, number: &Decimal) -> bool {
    // What compile has read can be read again.
    let holds = |limit: &Option<alloc::string::String>, order: fn(&Decimal, &Decimal) -> bool| {
        limit.as_ref().and_then(|limit| Decimal::read(limit.as_bytes())).is_none_or(|limit| order(number, &limit))
    };
    holds(&rules.least, |number, limit| number >= limit)
        && holds(&rules.more_than, |number, limit| number > limit)
        && holds(&rules.most, |number, limit| number <= limit)
        && holds(&rules.less_than, |number, limit| number < limit)
        && rules.multiple.as_ref().is_none_or(|unit| number.is_multiple(unit))
}

fn members(rules: &ObjectRules, values: &Values, object: usize) -> bool {
    if !rules.members.has(values.count(object) as u64) {
        return false;
    }
    let required = |member: &usize| {
        let key = values.key(*member);
        rules.required.binary_search_by(|other| other.as_bytes().cmp(key)).is_ok()
    };
    if !rules.required.is_empty() && values.inner(object).filter(required).count() < rules.required.len() {
        return false;
    }
    rules
        .dependent
        .iter()
        .all(|(key, keys)| !has(values, object, key) || keys.iter().all(|other| has(values, object, other)))
}

/// Whether an object has a member.
pub fn has(values: &Values, object: usize, key: &str) -> bool {
    values.inner(object).any(|member| values.key(member) == key.as_bytes())
}
