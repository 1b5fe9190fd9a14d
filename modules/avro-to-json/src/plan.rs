//! A schema, and what is written for its fields whatever the message says.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_avro::{Node, Schema};

pub struct Plan {
    pub schema: Schema,
    /// By node: of a record, the keys of its fields with the comma before and the colon behind them. A field's name has no
    /// character that JSON escapes, and none comes twice.
    pub keys: Vec<Vec<String>>,
}

impl Plan {
    pub fn new(schema: Schema) -> Self {
        let mut keys = Vec::new();
        for id in 0..schema.len() {
            let Node::Record(record) = schema.node(id) else {
                keys.push(Vec::new());
                continue;
            };
            let written = |(number, name): (usize, &String)| {
                let mut key = String::from(if number == 0 { "\"" } else { ",\"" });
                key.push_str(name);
                key.push_str("\":");
                key
            };
            keys.push(record.fields.iter().map(|field| &field.name).enumerate().map(written).collect());
        }
        Self { schema, keys }
    }
}
