//! Values that a key encrypts: FF1 keeps their format, AES-SIV takes any value.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_reversible::siv::Siv;
use maskgate_reversible::{Integer, Text};

use crate::characters::{Characters, number, quote, string};
use crate::maker::{Scratch, Unmade};

/// FF1 (NIST SP 800-38G) of strings and of integers, under one key.
pub struct FormatPreserving {
    pub text: Text,
    pub integer: Integer,
    /// The opening quote and, where the output says which key made it, its id and a colon.
    head: Vec<u8>,
}

/// AES-SIV (RFC 5297) of a value's JSON text.
pub struct Sealed {
    siv: Siv,
    /// The opening quote, and `siv:` with the key's id and a colon.
    head: String,
}

impl FormatPreserving {
    /// `tag`: the key's id, where it is written.
    pub fn new(text: Text, integer: Integer, tag: Option<&str>) -> Self {
        let head = tag.map_or(String::from("\""), |id| format!("\"{id}:"));
        Self { text, integer, head: head.into_bytes() }
    }

    /// # Safety
    /// As `Characters::of` says.
    pub unsafe fn write(&mut self, value: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Result<(), Unmade> {
        if number(value) {
            return self.integer.encrypt(value, out).map_err(|_| Unmade::Unreadable);
        }
        if !string(value) {
            return Err(Unmade::Unreadable);
        }
        let Scratch { decoded, made, .. } = scratch;
        let characters = unsafe { Characters::of(value, decoded) };
        made.clear();
        self.text.encrypt(characters.text(), made).map_err(|_| Unmade::Unreadable)?;
        out.extend_from_slice(&self.head);
        text::encode(made, out);
        out.push(b'"');
        Ok(())
    }
}

impl Sealed {
    pub fn new(siv: Siv, id: &str) -> Self {
        Self { siv, head: format!("\"siv:{id}:") }
    }

    /// # Safety
    /// As `Characters::of` says.
    pub unsafe fn write(&self, value: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) {
        let Scratch { decoded, made, .. } = scratch;
        let mut plaintext = value;
        if string(value) {
            let characters = unsafe { Characters::of(value, decoded) };
            if !characters.plain() {
                made.clear();
                quote(characters.bytes(), made); // one text for all that spell the same characters
                plaintext = made;
            }
        }
        out.extend_from_slice(self.head.as_bytes());
        self.siv.encrypt_to_text(plaintext, out);
        out.push(b'"');
    }
}
