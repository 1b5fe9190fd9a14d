//! A configuration read with errors that name the place, such as `rules[2].treatment.keep_last: …`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use maskgate_json::value::Value;

/// A configuration that can't be used: text for the policy's author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(String);

impl Wrong {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A value of the configuration and its place in it (empty for the whole).
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    place: String,
    value: &'a Value,
}

impl<'a> Setting<'a> {
    pub fn new(value: &'a Value) -> Self {
        Self { place: String::new(), value }
    }

    /// The value itself, where it may be anything.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// What is wrong here.
    pub fn wrong(&self, what: impl AsRef<str>) -> Wrong {
        let place = if self.place.is_empty() { "configuration" } else { &self.place };
        Wrong(format!("{place}: {}", what.as_ref()))
    }

    /// The members of an object that has no others than `known`.
    pub fn members(&self, known: &'static [&'static str]) -> Result<Members<'a>, Wrong> {
        let Value::Object(members) = self.value else { return Err(self.wrong("must be an object")) };
        match members.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(self.wrong(format!("has no key `{name}`; it has {}", known.join(", ")))),
            None => Ok(Members { setting: self.clone(), members }),
        }
    }

    /// One member of an object, whatever others it has: which others it may have can depend on it.
    pub fn member(&self, name: &str) -> Result<Option<Setting<'a>>, Wrong> {
        let Value::Object(members) = self.value else { return Err(self.wrong("must be an object")) };
        let found = members.iter().find(|(other, _)| other == name);
        Ok(found.map(|(_, value)| self.child(&format!(".{name}"), value)))
    }

    /// All members of an object, whatever they are called, in the order of the text.
    pub fn entries(&self) -> Result<Vec<(&'a str, Setting<'a>)>, Wrong> {
        let Value::Object(members) = self.value else { return Err(self.wrong("must be an object")) };
        Ok(members.iter().map(|(name, value)| (name.as_str(), self.child(&format!("[\"{name}\"]"), value))).collect())
    }

    pub fn items(&self) -> Result<Vec<Setting<'a>>, Wrong> {
        let Value::Array(items) = self.value else { return Err(self.wrong("must be an array")) };
        Ok(items.iter().enumerate().map(|(i, value)| self.child(&format!("[{i}]"), value)).collect())
    }

    pub fn string(&self) -> Result<&'a str, Wrong> {
        match self.value {
            Value::String(text) => Ok(text),
            _ => Err(self.wrong("must be a string")),
        }
    }

    pub fn boolean(&self) -> Result<bool, Wrong> {
        match self.value {
            Value::Bool(value) => Ok(*value),
            _ => Err(self.wrong("must be true or false")),
        }
    }

    pub fn integer(&self, range: RangeInclusive<u32>) -> Result<u32, Wrong> {
        let number = match self.value {
            Value::Number(digits) => digits.parse().ok().filter(|number| range.contains(number)),
            _ => None,
        };
        number.ok_or_else(|| self.wrong(format!("must be an integer from {} to {}", range.start(), range.end())))
    }

    /// The place of `choice` among `choices`.
    pub fn choice(&self, choices: &[&str]) -> Result<usize, Wrong> {
        let found = match self.value {
            Value::String(text) => choices.iter().position(|choice| choice == text),
            _ => None,
        };
        found.ok_or_else(|| self.wrong(format!("must be one of {}", choices.join(", "))))
    }

    fn child(&self, step: &str, value: &'a Value) -> Self {
        let place = if self.place.is_empty() {
            step.trim_start_matches('.').to_string()
        } else {
            format!("{}{step}", self.place)
        };
        Self { place, value }
    }
}

/// An object's members by name.
pub struct Members<'a> {
    setting: Setting<'a>,
    members: &'a [(String, Value)],
}

impl<'a> Members<'a> {
    pub fn optional(&self, name: &str) -> Option<Setting<'a>> {
        let (_, value) = self.members.iter().find(|(other, _)| other == name)?;
        Some(self.setting.child(&format!(".{name}"), value))
    }

    pub fn required(&self, name: &str) -> Result<Setting<'a>, Wrong> {
        self.optional(name).ok_or_else(|| self.setting.wrong(format!("needs the key `{name}`")))
    }
}
