//! Members that are set: to a constant, or to a copy of what stands elsewhere.

use maskgate_guest::Refusal;
use maskgate_guest::json::value::Value;
use maskgate_jsonpath::{Kind, Path, Tree, Work};

use crate::document::{Document, Keys, Span};

pub struct Member {
    pub keys: Keys,
    pub to: Source,
    /// A member that is there already stays.
    pub default: bool,
}

pub enum Source {
    Value(Value),
    /// The first node that it selects; none: nothing is set.
    Path(Path),
}

pub fn set(document: &mut Document, members: &[Member], work: &mut Work) -> Result<(), Refusal> {
    for member in members {
        if member.default && place(document, &member.keys).is_some() {
            continue;
        }
        let node = match &member.to {
            Source::Value(value) => document.constant(value),
            Source::Path(path) => match document.select(path, work)?.first() {
                Some(&node) => document.copy(node)?,
                None => continue,
            },
        };
        put(document, &member.keys, node)?;
        document.room()?;
    }
    Ok(())
}

/// The node at a pointer.
pub fn place(document: &Document, keys: &[alloc::string::String]) -> Option<usize> {
    keys.iter().try_fold(document.root, |node, key| step(document, node, key))
}

fn step(document: &Document, node: usize, key: &str) -> Option<usize> {
    match document.kind(node) {
        Kind::Object => document.member(node, key.as_bytes()),
        Kind::Array => {
            let index = key.parse::<u32>().ok().filter(|_| key == "0" || !key.starts_with(['0', '+']))?;
            document.inner(node).nth(index as usize)
        }
        _ => None,
    }
}

/// Puts `node` where the pointer says; objects are made on the way.
fn put(document: &mut Document, keys: &Keys, node: u32) -> Result<(), Refusal> {
    let mut at = document.root;
    let Some((last, before)) = keys.split_last() else {
        document.root = node as usize;
        return Ok(());
    };
    for key in before {
        at = match step(document, at, key) {
            Some(inner) => inner,
            None => {
                let object = document.push(Kind::Object, Span::default(), Span::default());
                add(document, at, key, object)?;
                object as usize
            }
        };
    }
    match step(document, at, last) {
        Some(old) => {
            document.put_in_place(old as u32, node);
            Ok(())
        }
        None => add(document, at, last, node),
    }
}

fn add(document: &mut Document, object: usize, key: &str, node: u32) -> Result<(), Refusal> {
    if document.kind(object) != Kind::Object {
        return Err(document.refuse("not_an_object", object));
    }
    document.nodes[node as usize].key = document.keep(key.as_bytes());
    document.append(object as u32, node);
    Ok(())
}
