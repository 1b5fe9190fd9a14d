//! What stands before a datum.

use alloc::boxed::Box;

use maskgate_avro::{Schema, fingerprint, parse, parse_text};
use maskgate_convert::{Reader, choices};
use maskgate_guest::json::value::Value;
use maskgate_guest::{Members, Refusal, Wrong};

use crate::container::Container;
use crate::plan::Plan;

pub enum Framing {
    /// A message is a datum behind a head.
    One { plan: Box<Plan>, head: Head },
    /// A message is any number of data.
    Several(Box<Plan>),
    /// A message is a file.
    Container(Box<Container>),
}

pub enum Head {
    None,
    /// 0, and the number of the schema in a registry, big endian.
    Confluent(Option<u32>),
    /// C3 01, and the fingerprint of the schema, little endian.
    Single(u64),
}

impl Framing {
    pub fn read(members: &Members) -> Result<Self, Wrong> {
        let framing = choices::choice(members, "framing", &["none", "confluent", "single-object", "container"])?;
        let several = choices::several(members)?;
        if let Some(setting) = members.optional("several").filter(|_| several && framing != 0) {
            return Err(setting.wrong("split is for framing none; a container's records are messages anyway"));
        }
        let logical = members.optional("logical").map_or(Ok(true), |setting| setting.boolean())?;
        let schema = match framing {
            3 => members.optional("schema"),
            _ => Some(members.required("schema")?),
        };
        let schema = match schema {
            Some(setting) => {
                let read = match setting.value() {
                    Value::String(text) => parse_text(text, logical),
                    value => parse(value, logical),
                };
                Some(read.map_err(|what| setting.wrong(what))?)
            }
            None => None,
        };
        let id = match members.optional("schema_id") {
            Some(setting) if framing != 1 => return Err(setting.wrong("is for framing confluent")),
            Some(setting) => Some(setting.integer(0..=u32::MAX)?),
            None => None,
        };
        Ok(match schema {
            Some(schema) if framing < 3 => {
                let head = match framing {
                    0 => Head::None,
                    1 => Head::Confluent(id),
                    _ => Head::Single(fingerprint(&schema)),
                };
                let plan = Box::new(Plan::new(schema));
                if several { Self::Several(plan) } else { Self::One { plan, head } }
            }
            schema => {
                let wanted = schema.as_ref().map(|schema: &Schema| fingerprint(schema));
                Self::Container(Box::new(Container::new(logical, wanted)))
            }
        })
    }
}

impl Head {
    pub fn read(&self, reader: &mut Reader) -> Result<(), Refusal> {
        match self {
            Self::None => Ok(()),
            Self::Confluent(wanted) => {
                if reader.byte()? != 0 {
                    return Err(Refusal::at("wrong_header", 0));
                }
                let id = u32::from_be_bytes(reader.array()?);
                if wanted.is_some_and(|wanted| wanted != id) { Err(Refusal::at("wrong_schema", 1)) } else { Ok(()) }
            }
            Self::Single(wanted) => {
                if reader.array()? != [0xc3, 0x01] {
                    return Err(Refusal::at("wrong_header", 0));
                }
                let found = u64::from_le_bytes(reader.array()?);
                if found != *wanted { Err(Refusal::at("wrong_schema", 2)) } else { Ok(()) }
            }
        }
    }
}
