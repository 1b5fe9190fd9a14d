//! The configuration, as a tree of sources to look for and a tree of targets to write.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::json::{DEPTH, pointer};
use maskgate_guest::{Setting, Wrong};

use crate::shape::Shape;

/// Objects in objects that targets may make.
const LEVELS: usize = 64;

/// What becomes of a target whose source a message doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Skip,
    Null,
    Refuse,
}

/// A place that the sources name. The first of a tree is the whole message.
#[derive(Default)]
pub struct Source {
    /// The targets that take this value, by number.
    pub targets: Vec<usize>,
    /// Keys (or, in an array, indexes) on the way to a source, and the place of each.
    pub children: Vec<(String, Option<u32>, usize)>,
}

pub struct Fields {
    pub sources: Vec<Source>,
    pub shape: Shape,
    pub missing: Missing,
}

pub fn read(configuration: &Setting) -> Result<Fields, Wrong> {
    let members = configuration.members(&["fields", "missing"])?;
    let missing =
        match members.optional("missing").map_or(Ok(0), |setting| setting.choice(&["skip", "null", "refuse"]))? {
            0 => Missing::Skip,
            1 => Missing::Null,
            _ => Missing::Refuse,
        };
    let mut sources = alloc::vec![Source::default()];
    let mut targets: Vec<(Vec<String>, &str)> = Vec::new();
    let fields = members.required("fields")?;
    for (number, (target, setting)) in fields.entries()?.into_iter().enumerate() {
        let path = keys(target).map_err(|what| setting.wrong(format!("the target {what}")))?;
        if path.is_empty() || path.len() > LEVELS {
            return Err(setting.wrong(format!("the target must name a member, at most {LEVELS} levels deep")));
        }
        if let Some((_, other)) = targets.iter().find(|(before, _)| within(before, &path)) {
            return Err(setting.wrong(format!("the target is, has in it or is in the target `{other}`")));
        }
        let source = keys(setting.string()?).map_err(|what| setting.wrong(format!("the source {what}")))?;
        add(&mut sources, &source, number);
        targets.push((path, target));
    }
    if targets.is_empty() {
        return Err(fields.wrong("must have a field"));
    }
    let paths: Vec<Vec<String>> = targets.into_iter().map(|(path, _)| path).collect();
    Ok(Fields { sources, shape: Shape::new(&paths), missing })
}

fn keys(text: &str) -> Result<Vec<String>, String> {
    let tokens = pointer::tokens(text).ok_or_else(|| format!("`{text}` must be empty or begin with `/`"))?;
    if tokens.len() > DEPTH {
        return Err(format!("`{text}` is deeper than any message may be"));
    }
    let keys = tokens.into_iter().map(|token| pointer::unescape(token, false)).collect::<Option<Vec<_>>>();
    keys.ok_or_else(|| format!("`{text}` has a `~` that isn't one of `~0` (~), `~1` (/)"))
}

/// Whether one path begins with the other.
fn within(one: &[String], other: &[String]) -> bool {
    one.iter().zip(other).all(|(one, other)| one == other)
}

fn add(sources: &mut Vec<Source>, path: &[String], target: usize) {
    let mut at = 0;
    for key in path {
        let found = sources[at].children.iter().find(|(other, ..)| other == key).map(|&(_, _, child)| child);
        at = found.unwrap_or_else(|| {
            let child = sources.len();
            sources[at].children.push((key.clone(), pointer::index(key), child));
            sources.push(Source::default());
            child
        });
    }
    sources[at].targets.push(target);
}
