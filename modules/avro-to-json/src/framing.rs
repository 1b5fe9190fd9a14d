//! What stands before a datum.

use alloc::boxed::Box;

use maskgate_avro::{fingerprint, settings};
use maskgate_convert::{Reader, choices};
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
        let logical = settings::logical(members)?;
        let setting = match framing {
            3 => members.optional("schema"),
            _ => Some(members.required("schema")?),
        };
        let schema = setting.map(|setting| settings::schema(&setting, members)).transpose()?;
        let id = settings::schema_id(members, framing == 1)?;
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
                let wanted = schema.as_ref().map(fingerprint);
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
