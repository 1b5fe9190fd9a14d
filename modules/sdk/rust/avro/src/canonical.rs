//! The parsing canonical form of a schema, and its fingerprint CRC-64-AVRO.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use crate::schema::{Field, Id, Node, Schema};

/// The fingerprint of nothing, and the polynomial.
const EMPTY: u64 = 0xc15d_213a_a4d7_a795;

/// Of a schema's parsing canonical form: equal for schemas that read the same bytes as the same names.
pub fn fingerprint(schema: &Schema) -> u64 {
    let table: Vec<u64> =
        (0..256u64).map(|byte| (0..8).fold(byte, |sum, _| sum >> 1 ^ if sum & 1 == 1 { EMPTY } else { 0 })).collect();
    let mut sum = EMPTY;
    let mut form = Form {
        schema,
        written: vec![false; schema.len()],
        put: |text: &str| {
            for byte in text.bytes() {
                sum = sum >> 8 ^ table[usize::from(sum as u8 ^ byte)];
            }
        },
    };
    form.node(0);
    sum
}

struct Form<'a, Put> {
    schema: &'a Schema,
    /// By node: whether a type with a name has been written whole.
    written: Vec<bool>,
    put: Put,
}

impl<Put: FnMut(&str)> Form<'_, Put> {
    /// Calls itself as deep as the schema's JSON is: a type with a name is whole where that defines it, and nowhere else.
    fn node(&mut self, id: Id) {
        let (schema, label) = (self.schema, self.schema.label(id));
        let node = schema.node(id);
        let named = matches!(node, Node::Record(_) | Node::Enum(_) | Node::Fixed(_));
        if named && !core::mem::replace(&mut self.written[id], true) {
            (self.put)(&format!("{{\"name\":\"{label}\",\"type\":"));
            match node {
                Node::Record(record) => {
                    (self.put)("\"record\",\"fields\":[");
                    self.list(&record.fields, Self::field);
                    (self.put)("]}");
                }
                Node::Enum(symbols) => {
                    (self.put)("\"enum\",\"symbols\":[");
                    self.list(&symbols.symbols, |form, symbol| (form.put)(&format!("\"{symbol}\"")));
                    (self.put)("]}");
                }
                Node::Fixed(fixed) => (self.put)(&format!("\"fixed\",\"size\":{}}}", fixed.size)),
                _ => {}
            }
            return;
        }
        match node {
            Node::Array(inner) | Node::Map(inner) => {
                let inside = if label == "array" { "items" } else { "values" };
                (self.put)(&format!("{{\"type\":\"{label}\",\"{inside}\":"));
                self.node(*inner);
                (self.put)("}");
            }
            Node::Union(branches) => {
                (self.put)("[");
                self.list(branches, |form, branch| form.node(*branch));
                (self.put)("]");
            }
            _ => (self.put)(&format!("\"{label}\"")),
        }
    }

    fn field(&mut self, field: &Field) {
        (self.put)(&format!("{{\"name\":\"{}\",\"type\":", field.name));
        self.node(field.node);
        (self.put)("}");
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                (self.put)(",");
            }
            write(self, item);
        }
    }
}
