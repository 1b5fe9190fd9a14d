//! The object that is written: its targets in the order of the configuration, nested where their pointers say so.

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_guest::{Full, Output};
use maskgate_pick::Found;

/// A member of the object. One that stands for a target takes a source's value; any other holds the members in it.
struct Member {
    /// `"key":`, as JSON writes it.
    key: Vec<u8>,
    source: Option<usize>,
    members: Vec<Member>,
}

pub struct Shape {
    members: Vec<Member>,
    /// What is written. Used again for each message.
    json: Vec<u8>,
}

impl Shape {
    /// Targets' paths, each with the number of its source. No path is the beginning of another.
    pub fn new<'a>(targets: impl Iterator<Item = (&'a Vec<String>, &'a usize)>) -> Self {
        let mut members = Vec::new();
        for (path, source) in targets {
            let mut here = &mut members;
            for (level, key) in path.iter().enumerate() {
                let last = level + 1 == path.len();
                let key = key_text(key);
                let at = here.iter().position(|member: &Member| member.key == key).unwrap_or(here.len());
                if at == here.len() {
                    here.push(Member { key, source: last.then_some(*source), members: Vec::new() });
                }
                here = &mut here[at].members;
            }
        }
        Self { members, json: Vec::new() }
    }

    /// Writes the object and a line end. A target without a value is null with `null`, and otherwise left out, as is an
    /// object that has nothing in it for that.
    ///
    /// `bytes`: of the values that are written.
    pub fn write(&mut self, found: &Found, bytes: usize, null: bool, output: &mut Output) -> Result<(), Full> {
        self.json.clear();
        self.json.try_reserve(bytes).map_err(|_| Full)?;
        if !object(&self.members, found, null, &mut self.json) {
            self.json.extend_from_slice(b"{}");
        }
        self.json.push(b'\n');
        output.put(&self.json)
    }
}

fn key_text(key: &str) -> Vec<u8> {
    let mut json = text::quoted(key);
    json.push(b':');
    json
}

/// Adds an object of what was found. False, and nothing is added, if none was. Goes as deep as a target's pointer.
fn object(members: &[Member], found: &Found, null: bool, json: &mut Vec<u8>) -> bool {
    let start = json.len();
    for member in members {
        let before = json.len();
        json.push(if before == start { b'{' } else { b',' });
        json.extend_from_slice(&member.key);
        let written = match member.source {
            None => object(&member.members, found, null, json),
            Some(source) => match found.value(source) {
                Some(value) => {
                    json.extend_from_slice(value);
                    true
                }
                None => {
                    json.extend_from_slice(b"null");
                    null
                }
            },
        };
        if !written {
            json.truncate(before);
        }
    }
    if json.len() == start {
        return false;
    }
    json.push(b'}');
    true
}
