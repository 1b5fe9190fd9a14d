//! The configuration.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use maskgate_detect::{Detect, Detector, Entity, setting};
use maskgate_guest::json::text::encode;
use maskgate_guest::{Setting, Wrong};

/// The confidence from which on something counts as found, where the configuration doesn't say.
const LEAST: u8 = 50;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Write {
    Message,
    Findings,
}

pub struct Find {
    pub name: String,
    /// What stands in the place of a finding, as characters.
    pub text: Vec<u8>,
    /// The same as JSON writes it between quotes.
    pub json: Vec<u8>,
}

pub struct Settings {
    pub write: Write,
    pub finds: Vec<Find>,
}

pub fn read(configuration: &Setting) -> Result<(Settings, Detector), Wrong> {
    let members = configuration.members(&["find", "least", "write"])?;
    let least = members.optional("least").map_or(Ok(LEAST), |least| setting::least(&least))?;
    let write = members.optional("write").map_or(Ok(0), |write| write.choice(&["message", "findings"]))?;
    let (mut finds, mut detects) = (Vec::new(), Vec::new());
    match members.optional("find") {
        Some(named) => {
            for (name, setting) in named.entries()? {
                let (find, detect) = find(name, &setting)?;
                finds.push(find);
                detects.push(detect);
            }
            if finds.is_empty() {
                return Err(named.wrong("must look for something"));
            }
        }
        None => {
            for &entity in Entity::ALL {
                finds.push(Find::new(entity.name(), label(entity.name())));
                detects.push(alone(entity));
            }
        }
    }
    let detector = Detector::new(&detects, least).map_err(|what| configuration.wrong(what))?;
    let write = if write == 0 { Write::Message } else { Write::Findings };
    Ok((Settings { write, finds }, detector))
}

fn find(name: &str, setting: &Setting) -> Result<(Find, maskgate_detect::Find), Wrong> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
        return Err(setting.wrong("the name must have from 1 to 64 letters, digits, `.`, `_`, `-`"));
    }
    let members = setting.members(&["detect", "replace"])?;
    let detect = match (members.optional("detect"), Entity::by_name(name)) {
        (Some(detect), _) => setting::find(&detect)?,
        (None, Some(entity)) => alone(entity),
        (None, None) => return Err(setting.wrong(format!("needs the key `detect`: `{name}` is no entity's name"))),
    };
    let text = members.optional("replace").map_or(Ok(label(name)), |replace| replacement(&replace, name))?;
    Ok((Find::new(name, text), detect))
}

fn replacement(setting: &Setting, name: &str) -> Result<String, Wrong> {
    let members = setting.members(&["kind", "text"])?;
    let kind = members.required("kind")?.choice(&["name", "redact", "text"])?;
    match (kind, members.optional("text")) {
        (0, None) => Ok(label(name)),
        (1, None) => Ok(String::from("[REDACTED]")),
        (2, Some(text)) => text.string().map(ToString::to_string),
        (2, None) => Err(setting.wrong("needs the key `text`")),
        (_, Some(text)) => Err(text.wrong("only goes with the kind `text`")),
        (_, None) => Err(setting.wrong("has no such kind")),
    }
}

fn alone(entity: Entity) -> maskgate_detect::Find {
    maskgate_detect::Find { detect: vec![Detect::Entity(entity)] }
}

fn label(name: &str) -> String {
    format!("[{}]", name.to_ascii_uppercase())
}

impl Find {
    fn new(name: &str, text: String) -> Self {
        let mut json = Vec::new();
        encode(text.as_bytes(), &mut json);
        Self { name: name.to_string(), text: text.into_bytes(), json }
    }
}
