//! What a module's configuration says of what to detect.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use maskgate_guest::json::value::Value;
use maskgate_guest::{Setting, Wrong};

use crate::{Detect, Detector, Entity, Find};

/// How sure a policy's own pattern or word is, where it doesn't say.
const CONFIDENCE: u8 = 80;

/// Items of one `detect`, as many as a policy may have.
const ITEMS: usize = 100;

/// Reads a list: the name of an entity, `{"pattern", "near", "confidence"}` or `{"words", "confidence"}` each. A pattern or a
/// list of words that can't be used is told with its place.
pub fn find(detect: &Setting) -> Result<Find, Wrong> {
    let items = detect.items()?;
    if items.is_empty() || items.len() > ITEMS {
        return Err(detect.wrong(format!("must have from 1 to {ITEMS} items")));
    }
    Ok(Find { detect: items.iter().map(one).collect::<Result<_, _>>()? })
}

/// Reads the confidence from which on something counts as found.
pub fn least(setting: &Setting) -> Result<u8, Wrong> {
    setting.integer(0..=100).map(|least| least as u8)
}

fn one(setting: &Setting) -> Result<Detect, Wrong> {
    let detect = match setting.value() {
        Value::String(name) => {
            let known = || Entity::ALL.iter().map(|entity| entity.name()).collect::<Vec<_>>().join(", ");
            return Entity::by_name(name)
                .map(Detect::Entity)
                .ok_or_else(|| setting.wrong(format!("there is no entity `{name}`; there are {}", known())));
        }
        Value::Object(members) if members.iter().any(|(name, _)| name == "words") => {
            let members = setting.members(&["words", "confidence"])?;
            let words = texts(&members.required("words")?)?;
            Detect::Words { words, confidence: confidence(members.optional("confidence"))? }
        }
        Value::Object(_) => {
            let members = setting.members(&["pattern", "near", "confidence"])?;
            let near = members.optional("near").map_or(Ok(Vec::new()), |near| texts(&near))?;
            let pattern = members.required("pattern")?.string()?.to_string();
            Detect::Pattern { pattern, near, confidence: confidence(members.optional("confidence"))? }
        }
        _ => return Err(setting.wrong("must be the name of an entity, or an object with `pattern` or `words`")),
    };
    // Tried alone, so that what is wrong with it is told at its place.
    Detector::new(&[Find { detect: alloc::vec![detect.clone()] }], 0).map_err(|what| setting.wrong(what))?;
    Ok(detect)
}

fn confidence(setting: Option<Setting>) -> Result<u8, Wrong> {
    setting.map_or(Ok(CONFIDENCE), |setting| setting.integer(1..=100).map(|confidence| confidence as u8))
}

fn texts(setting: &Setting) -> Result<Vec<String>, Wrong> {
    let items = setting.items()?;
    if items.is_empty() {
        return Err(setting.wrong("must have an item"));
    }
    items.iter().map(|item| item.string().map(ToString::to_string)).collect()
}
