//! The way back: what FF1 or AES-SIV made, decrypted by the key that its id names.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_reversible::siv::Siv;
use maskgate_reversible::{Integer, Text};

use crate::characters::{Characters, number, quote, string};
use crate::maker::{Scratch, Unmade};
use crate::treatment::REDACTED;

/// Keys by their ids.
pub struct Keys<K> {
    pub keys: Vec<(String, K)>,
    /// Of the one that made what bears no id.
    pub untagged: Option<usize>,
}

pub enum Reveal {
    Ff1 { keys: Keys<(Text, Integer)>, tagged: bool },
    Siv(Keys<Siv>),
}

impl<K> Keys<K> {
    fn get(&mut self, id: &str) -> Option<&mut K> {
        self.keys.iter_mut().find(|(other, _)| other == id).map(|(_, key)| key)
    }

    fn untagged(&mut self) -> Option<&mut K> {
        self.untagged.map(|at| &mut self.keys[at].1)
    }
}

impl Reveal {
    /// Adds the value's JSON to `out`; an error is always that it isn't what the treatment makes.
    ///
    /// # Safety
    /// As `Characters::of` says.
    pub unsafe fn write(&mut self, value: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Result<(), Unmade> {
        let Scratch { decoded, made, .. } = scratch;
        let found = match self {
            Self::Ff1 { keys, .. } if number(value) => {
                keys.untagged().and_then(|(_, integer)| integer.decrypt(value, out).ok())
            }
            _ if !string(value) || value == REDACTED => None,
            Self::Ff1 { keys, tagged } => {
                let characters = unsafe { Characters::of(value, decoded) }.text();
                made.clear();
                let (key, text) = match characters.split_once(':') {
                    Some((id, text)) if *tagged => (keys.get(id), text),
                    _ if *tagged => (None, characters),
                    _ => (keys.untagged(), characters),
                };
                key.and_then(|(back, _)| back.decrypt(text, made).ok()).map(|()| quote(made, out))
            }
            Self::Siv(keys) => {
                let characters = unsafe { Characters::of(value, decoded) }.text();
                let parts = characters.strip_prefix("siv:").and_then(|rest| rest.split_once(':'));
                parts.and_then(|(id, text)| {
                    let start = out.len();
                    keys.get(id)?.decrypt_text(text.as_bytes(), out).ok()?;
                    flatten(&mut out[start..]);
                    Some(())
                })
            }
        };
        found.ok_or(Unmade::NotRevealed)
    }
}

/// Turns line ends, which in a JSON text stand between tokens alone, into spaces: a message is one line.
fn flatten(json: &mut [u8]) {
    json.iter_mut().filter(|byte| matches!(**byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
}
