//! The values of `enum` and `const`, compared as JSON Schema does: numbers by value, objects without regard to order.

use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_guest::json::value::Value;
use maskgate_tape::{Canonical, Form, Tape};

use crate::schema::Types;

/// The canonical forms of some values, in order.
pub struct Constants {
    /// The types that they have.
    pub types: Types,
    forms: Vec<Vec<u8>>,
}

impl Constants {
    /// None if a number has an exponent of more than 18 digits.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a Value>) -> Option<Self> {
        let (mut types, mut forms) = (Types::default(), Vec::new());
        let (mut tape, mut canonical, mut room) = (Tape::new(), Canonical::default(), Vec::new());
        for value in values {
            let mut json = Vec::new();
            write(value, &mut json);
            let values = tape.text(&json, &mut room).ok()?;
            let mut form = Vec::new();
            canonical.write(&values, 0, Form::Exact, &mut form).ok()?;
            types.add(values.kind(0));
            forms.push(form);
        }
        forms.sort_unstable();
        Some(Self { types, forms })
    }

    /// Whether a value with this form is among them.
    pub fn have(&self, form: &[u8]) -> bool {
        self.forms.binary_search_by(|other| other.as_slice().cmp(form)).is_ok()
    }
}

/// Adds a value as JSON. Calls itself once for each container in a container, of which a configuration has few.
fn write(value: &Value, json: &mut Vec<u8>) {
    match value {
        Value::Null => json.extend_from_slice(b"null"),
        Value::Bool(value) => json.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Number(number) => json.extend_from_slice(number.as_bytes()),
        Value::String(characters) => json.extend(text::quoted(characters)),
        Value::Array(items) => {
            json.push(b'[');
            for (i, item) in items.iter().enumerate() {
                json.extend_from_slice(if i == 0 { b"" } else { b"," });
                write(item, json);
            }
            json.push(b']');
        }
        Value::Object(members) => {
            json.push(b'{');
            for (i, (key, member)) in members.iter().enumerate() {
                json.extend_from_slice(if i == 0 { b"" } else { b"," });
                json.extend(text::quoted(key));
                json.push(b':');
                write(member, json);
            }
            json.push(b'}');
        }
    }
}
