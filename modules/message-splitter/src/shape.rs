//! The object that is made for each item: fields of the message around the array, and the item.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_guest::{Full, Output, Setting, Wrong};
use maskgate_pick::{Found, Paths, keys};

/// Objects in objects that are made.
const LEVELS: usize = 64;

/// What a member of the object holds.
enum Holds {
    Item,
    /// The value of a path, by number.
    Kept(usize),
    Members(Vec<Member>),
}

struct Member {
    /// `"key":`, as JSON writes it.
    key: Vec<u8>,
    holds: Holds,
}

pub struct Shape {
    members: Vec<Member>,
    /// The object that is being written; its memory is used again.
    json: Vec<u8>,
}

impl Shape {
    pub fn read(item: &Setting, keep: Option<&Setting>, paths: &mut Paths) -> Result<Self, Wrong> {
        let mut members = Vec::new();
        for setting in keep.map_or(Ok(Vec::new()), Setting::items)? {
            let path = target(&setting)?;
            let holds = Holds::Kept(paths.add(&path));
            add(&mut members, &path, holds).map_err(|what| setting.wrong(what))?;
        }
        add(&mut members, &target(item)?, Holds::Item).map_err(|what| item.wrong(what))?;
        Ok(Self { members, json: Vec::new() })
    }

    /// Bytes of the object beside the item.
    pub fn around(&mut self, found: &Found) -> Result<usize, Full> {
        self.json.clear();
        object(&self.members, found, b"", &mut self.json)?;
        Ok(self.json.len())
    }

    /// Writes the object for one item.
    pub fn write(&mut self, found: &Found, item: &[u8], output: &mut Output) -> Result<(), Full> {
        self.json.clear();
        object(&self.members, found, item, &mut self.json)?;
        output.put(&self.json)
    }
}

fn target(setting: &Setting) -> Result<Vec<String>, Wrong> {
    let path = keys(setting.string()?).map_err(|what| setting.wrong(what))?;
    if path.is_empty() || path.len() > LEVELS {
        return Err(setting.wrong(format!("must name a member, at most {LEVELS} levels deep")));
    }
    Ok(path)
}

/// Adds a member at a path. No path may be the beginning of another.
fn add(members: &mut Vec<Member>, path: &[String], holds: Holds) -> Result<(), &'static str> {
    let [key, rest @ ..] = path else { return Ok(()) };
    let mut name = text::quoted(key);
    name.push(b':');
    let there = members.iter().position(|member| member.key == name);
    if rest.is_empty() {
        if there.is_some() {
            return Err("is, or has in it, what is kept already");
        }
        members.push(Member { key: name, holds });
        return Ok(());
    }
    let at = there.unwrap_or(members.len());
    if there.is_none() {
        members.push(Member { key: name, holds: Holds::Members(Vec::new()) });
    }
    match &mut members[at].holds {
        Holds::Members(inner) => add(inner, rest, holds),
        _ => Err("is in what is kept already"),
    }
}

/// Adds an object of what there is. False, and nothing is added, if there is none. Goes as deep as a pointer.
fn object(members: &[Member], found: &Found, item: &[u8], json: &mut Vec<u8>) -> Result<bool, Full> {
    let start = json.len();
    for member in members {
        let before = json.len();
        let value = match &member.holds {
            Holds::Item => Some(item),
            Holds::Kept(path) => found.value(*path),
            Holds::Members(_) => Some(&b""[..]),
        };
        let Some(value) = value else { continue };
        json.try_reserve(member.key.len() + value.len() + 2).map_err(|_| Full)?;
        json.push(if before == start { b'{' } else { b',' });
        json.extend_from_slice(&member.key);
        json.extend_from_slice(value);
        if let Holds::Members(inner) = &member.holds
            && !object(inner, found, item, json)?
        {
            json.truncate(before);
        }
    }
    if json.len() == start {
        return Ok(false);
    }
    json.push(b'}');
    Ok(true)
}
