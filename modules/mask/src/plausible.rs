//! Names and addresses of mail that look real, and texts of the policy's own list.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_reversible::{Host, Part, Plausible};

use crate::characters::quote;

pub struct Invented {
    pub plausible: Plausible,
    pub what: What,
}

pub enum What {
    Name(Part),
    Email(Host),
    /// Not empty.
    Choice(Vec<String>),
}

impl Invented {
    /// Adds the JSON string that stands for these characters. `made` is where it is put together.
    pub fn write(&self, characters: &[u8], made: &mut Vec<u8>, out: &mut Vec<u8>) {
        made.clear();
        match &self.what {
            What::Name(part) => self.plausible.name(characters, *part, made),
            What::Email(host) => self.plausible.email(characters, host, made),
            What::Choice(texts) => {
                made.extend_from_slice(texts[self.plausible.number(characters, texts.len())].as_bytes());
            }
        }
        quote(made, out);
    }
}
