//! Flatten and nest: many levels into one, and back.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use maskgate_guest::Refusal;
use maskgate_guest::json::DEPTH;
use maskgate_jsonpath::{Kind, Tree};

use crate::document::{Document, Keys, NONE, Node, Span};
use crate::set::place;

pub struct Levels {
    pub at: Keys,
    pub separator: String,
    /// Arrays are flattened too, by index.
    pub arrays: bool,
}

/// A level that is being flattened.
struct Level {
    /// The node that comes next, or NONE.
    next: u32,
    /// What of the joined key stands before this level's; None at the top.
    prefix: Option<usize>,
    /// Of `next`, in an array.
    index: Option<usize>,
}

/// Makes the object one of one level; keys are joined. Empty containers stay as they are.
pub fn flatten(document: &mut Document, levels: &Levels) -> Result<(), Refusal> {
    let Some(top) = place(document, &levels.at) else { return Ok(()) };
    if document.kind(top) != Kind::Object {
        return Err(document.refuse("not_an_object", top));
    }
    let flat = document.push(Kind::Object, Span::default(), Span::default());
    let mut key: Vec<u8> = Vec::new();
    let mut levels_open = vec![Level { next: document.nodes[top].first, prefix: None, index: None }];
    while let Some(Level { next: node, prefix, index }) = levels_open.pop() {
        if node == NONE {
            continue;
        }
        key.truncate(prefix.unwrap_or(0));
        if prefix.is_some() {
            key.extend_from_slice(levels.separator.as_bytes());
        }
        match index {
            Some(index) => key.extend_from_slice(index.to_string().as_bytes()),
            None => key.extend_from_slice(document.key(node as usize)),
        }
        let Node { kind, next, first, .. } = document.nodes[node as usize];
        levels_open.push(Level { next, prefix, index: index.map(|index| index + 1) });
        if (kind == Kind::Object || levels.arrays && kind == Kind::Array) && first != NONE {
            let index = (kind == Kind::Array).then_some(0);
            levels_open.push(Level { next: first, prefix: Some(key.len()), index });
            continue;
        }
        document.unlink(node);
        document.nodes[node as usize].key = document.keep(&key);
        document.append(flat, node);
        document.room()?;
    }
    document.put_in_place(top as u32, flat);
    document.unique(flat as usize)
}

/// What stands under a part of a key.
enum Made {
    Object(usize),
    Value,
}

/// Makes objects of the parts of each key. A key that is both a value and on the way to one is refused.
pub fn nest(document: &mut Document, levels: &Levels) -> Result<(), Refusal> {
    let Some(top) = place(document, &levels.at) else { return Ok(()) };
    if document.kind(top) != Kind::Object {
        return Err(document.refuse("not_an_object", top));
    }
    let nested = document.push(Kind::Object, Span::default(), Span::default());
    // The members that were made, by object and key: an object may have very many.
    let mut made: BTreeMap<(usize, String), Made> = BTreeMap::new();
    let members: Vec<usize> = document.inner(top).collect();
    for member in members {
        let Ok(key) = String::from_utf8(document.key(member).to_vec()) else { continue };
        let parts: Vec<&str> = key.split(levels.separator.as_str()).collect();
        if parts.len() > DEPTH {
            return Err(document.refuse("too_deep", member));
        }
        let (last, before) = parts.split_last().unwrap_or((&"", &[]));
        let mut at = nested as usize;
        for part in before {
            at = match made.get(&(at, part.to_string())) {
                Some(Made::Object(object)) => *object,
                Some(Made::Value) => return Err(document.refuse("duplicate_key", member)),
                None => {
                    let key = document.keep(part.as_bytes());
                    let object = document.push(Kind::Object, key, Span::default());
                    document.append(at as u32, object);
                    made.insert((at, part.to_string()), Made::Object(object as usize));
                    object as usize
                }
            };
            document.room()?;
        }
        if made.insert((at, last.to_string()), Made::Value).is_some() {
            return Err(document.refuse("duplicate_key", member));
        }
        document.unlink(member as u32);
        document.nodes[member].key = document.keep(last.as_bytes());
        document.append(at as u32, member as u32);
        document.room()?;
    }
    document.put_in_place(top as u32, nested);
    Ok(())
}
