//! Settings that both conversions have.

use maskgate_convert::{Encoding, choices};
use maskgate_guest::{Members, Setting, Wrong};
use maskgate_json::value::Value;

use crate::parse::{parse, parse_text};
use crate::schema::Schema;

/// A schema, as JSON or as a text that is JSON, with its logical types if `logical` isn't false.
pub fn schema(setting: &Setting, members: &Members) -> Result<Schema, Wrong> {
    let logical = logical(members)?;
    let read = match setting.value() {
        Value::String(text) => parse_text(text, logical),
        value => parse(value, logical),
    };
    read.map_err(|what| setting.wrong(what))
}

/// Whether logical types count.
pub fn logical(members: &Members) -> Result<bool, Wrong> {
    members.optional("logical").map_or(Ok(true), |setting| setting.boolean())
}

/// The number of a schema in a registry, by `schema_id`.
pub fn schema_id(members: &Members, confluent: bool) -> Result<Option<u32>, Wrong> {
    match members.optional("schema_id") {
        Some(setting) if !confluent => Err(setting.wrong("is for framing confluent")),
        Some(setting) => setting.integer(0..=u32::MAX).map(Some),
        None => Ok(None),
    }
}

/// How bytes are text, by `binary`.
#[derive(Clone, Copy)]
pub enum Binary {
    Encoded(Encoding),
    /// Each byte is the character of its number.
    Latin1,
}

impl Binary {
    pub fn read(members: &Members) -> Result<Self, Wrong> {
        Ok(match choices::choice(members, "binary", &["base64", "base64url", "hex", "latin1"])? {
            0 => Self::Encoded(Encoding::Base64),
            1 => Self::Encoded(Encoding::Base64url),
            2 => Self::Encoded(Encoding::Hex),
            _ => Self::Latin1,
        })
    }
}
