//! What a POST says of the message: an object with values of it.

use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_guest::{Setting, Wrong};
use maskgate_pick::{Found, Paths, keys};

/// Bytes of a whole object; the host takes requests up to 64 KiB.
const SIZE: usize = 24 << 10;

pub struct Content {
    /// `"name":` as JSON writes it, and the path of the value.
    members: Vec<(Vec<u8>, usize)>,
}

impl Content {
    pub fn read(setting: &Setting, paths: &mut Paths) -> Result<Self, Wrong> {
        let mut members = Vec::new();
        for (name, pointer) in setting.entries()? {
            let mut key = text::quoted(name);
            key.push(b':');
            members.push((key, paths.add(&keys(pointer.string()?).map_err(|what| pointer.wrong(what))?)));
        }
        if members.is_empty() {
            return Err(setting.wrong("must have a member"));
        }
        Ok(Self { members })
    }

    /// The object for a message, with its values as they are written there. None: it lacks one, or they are too long.
    pub fn filled(&self, found: &Found) -> Option<Vec<u8>> {
        let mut object = Vec::new();
        for (number, (key, path)) in self.members.iter().enumerate() {
            object.push(if number == 0 { b'{' } else { b',' });
            object.extend_from_slice(key);
            object.extend_from_slice(found.value(*path)?);
        }
        object.push(b'}');
        (object.len() <= SIZE).then_some(object)
    }
}
