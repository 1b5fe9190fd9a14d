//! Schemas of Apache Avro 1.12 (https://avro.apache.org/docs/1.12.0/specification/).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `schema` | a schema as a flat list of nodes, which know each other by number |
//! | `parse` | a schema out of its JSON |
//! | `named` | records, enums and fixed types, and their full names |
//! | `logical` | what a logical type says of the type that it annotates |
//! | `default` | the default values of fields, checked, and as Avro's binary encoding has them |
//! | `canonical` | the parsing canonical form, and its fingerprint |
//! | `settings` | settings that both conversions have |
//! | `varint` | integers as the binary encoding has them |
#![no_std]

extern crate alloc;

mod canonical;
mod default;
mod logical;
mod named;
mod parse;
mod schema;
pub mod settings;
pub mod varint;

pub use canonical::fingerprint;
pub use logical::Logical;
pub use parse::parse_text;
pub use schema::{Enum, Field, Fixed, Id, Node, Record, Schema};
pub use settings::Binary;
