//! The configuration: steps, each an object with one key.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use maskgate_guest::{Setting, Wrong};
use maskgate_jsonpath::Path;
use maskgate_pick::keys;

use crate::document::Keys;
use crate::levels::Levels;
use crate::set::{Member, Source};

/// What a step can be.
const STEPS: [&str; 8] = ["keep", "remove", "rename", "set", "default", "flatten", "nest", "select"];
const MOST: usize = 100;

pub enum Step {
    Keep(Vec<Path>),
    Remove(Vec<Path>),
    Rename(Vec<(Path, String)>),
    Set(Vec<Member>),
    Flatten(Levels),
    Nest(Levels),
    Select(Path, Selected),
}

/// What becomes of the nodes that `select` finds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Selected {
    Several,
    Array,
    First,
}

pub fn read(configuration: &Setting) -> Result<Vec<Step>, Wrong> {
    let given = configuration.members(&["steps"])?.required("steps")?;
    let items = given.items()?;
    if items.is_empty() || items.len() > MOST {
        return Err(given.wrong(format!("must have from 1 to {MOST} steps")));
    }
    let mut steps = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let step = step(item)?;
        if matches!(step, Step::Select(_, Selected::Several)) && number + 1 < items.len() {
            return Err(item.wrong("select as several is the last step"));
        }
        steps.push(step);
    }
    Ok(steps)
}

fn step(item: &Setting) -> Result<Step, Wrong> {
    let entries = item.entries()?;
    let [(name, given)] = entries.as_slice() else {
        return Err(item.wrong(format!("must have one key of {}", STEPS.join(", "))));
    };
    match *name {
        "keep" => paths(given).map(Step::Keep),
        "remove" => paths(given).map(Step::Remove),
        "rename" => {
            let names = given.entries()?.into_iter().map(|(path, name)| {
                Ok((self::path(&name, path)?, name.string()?.to_string()))
            });
            names.collect::<Result<_, _>>().map(Step::Rename)
        }
        "set" | "default" => {
            let members = given.entries()?.into_iter().map(|(target, to)| member(target, &to, *name == "default"));
            members.collect::<Result<_, _>>().map(Step::Set)
        }
        "flatten" => levels(given, true).map(Step::Flatten),
        "nest" => levels(given, false).map(Step::Nest),
        "select" => {
            let members = given.members(&["path", "as"])?;
            let path = members.required("path")?;
            let selected = members.optional("as").map_or(Ok(0), |given| given.choice(&["several", "array", "first"]))?;
            let selected = [Selected::Several, Selected::Array, Selected::First][selected];
            Ok(Step::Select(self::path(&path, path.string()?)?, selected))
        }
        _ => Err(item.wrong(format!("has no step `{name}`; there are {}", STEPS.join(", ")))),
    }
}

fn paths(given: &Setting) -> Result<Vec<Path>, Wrong> {
    given.items()?.iter().map(|item| path(item, item.string()?)).collect()
}

/// JSONPath begins with `$`, anything else is a JSON Pointer.
fn path(place: &Setting, text: &str) -> Result<Path, Wrong> {
    if text.starts_with('$') {
        return Path::read(text).map_err(|what| place.wrong(format!("`{text}`: {what}")));
    }
    keys(text).map(|keys| Path::pointer(&keys)).map_err(|what| place.wrong(format!("`{text}`: {what}")))
}

fn pointer(place: &Setting, text: &str) -> Result<Keys, Wrong> {
    keys(text).map_err(|what| place.wrong(format!("`{text}`: {what}")))
}

fn member(target: &str, to: &Setting, default: bool) -> Result<Member, Wrong> {
    let keys = pointer(to, target)?;
    if keys.is_empty() {
        return Err(to.wrong("the whole message can't be set; use select"));
    }
    let members = to.members(&["value", "path"])?;
    let to = match (members.optional("value"), members.optional("path")) {
        (Some(value), None) => Source::Value(value.value().clone()),
        (None, Some(path)) => Source::Path(self::path(&path, path.string()?)?),
        _ => return Err(to.wrong("needs a value or a path, and not both")),
    };
    Ok(Member { keys, to, default })
}

fn levels(given: &Setting, flatten: bool) -> Result<Levels, Wrong> {
    let members = given.members(if flatten { &["at", "separator", "arrays"] } else { &["at", "separator"] })?;
    let separator = members.optional("separator").map_or(Ok("."), |given| given.string())?;
    if separator.is_empty() {
        return Err(given.wrong("the separator must not be empty"));
    }
    let at = members.optional("at").map_or(Ok(Keys::new()), |at| pointer(&at, at.string()?))?;
    let arrays = members.optional("arrays").map_or(Ok(true), |given| given.boolean())?;
    Ok(Levels { at, separator: separator.to_string(), arrays })
}
