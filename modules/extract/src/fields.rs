//! The configuration, as paths to look for and a tree of targets to write.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::{Setting, Wrong};
use maskgate_pick::{Paths, keys};

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

pub struct Fields {
    pub sources: Paths,
    /// For each target the number of its source.
    pub taken: Vec<usize>,
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
    let mut sources = Paths::new();
    let mut taken = Vec::new();
    let mut targets: Vec<(Vec<String>, &str)> = Vec::new();
    let fields = members.required("fields")?;
    for (target, setting) in fields.entries()? {
        let path = keys(target).map_err(|what| setting.wrong(format!("the target {what}")))?;
        if path.is_empty() || path.len() > LEVELS {
            return Err(setting.wrong(format!("the target must name a member, at most {LEVELS} levels deep")));
        }
        if let Some((_, other)) = targets.iter().find(|(before, _)| within(before, &path)) {
            return Err(setting.wrong(format!("the target is, has in it or is in the target `{other}`")));
        }
        let source = keys(setting.string()?).map_err(|what| setting.wrong(format!("the source {what}")))?;
        taken.push(sources.add(&source));
        targets.push((path, target));
    }
    if targets.is_empty() {
        return Err(fields.wrong("must have a field"));
    }
    let paths: Vec<Vec<String>> = targets.into_iter().map(|(path, _)| path).collect();
    let shape = Shape::new(paths.iter().zip(&taken));
    Ok(Fields { sources, taken, shape, missing })
}

/// Whether one path begins with the other.
fn within(one: &[String], other: &[String]) -> bool {
    one.iter().zip(other).all(|(one, other)| one == other)
}
