//! Keep, remove, rename.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use maskgate_guest::Refusal;
use maskgate_jsonpath::{Kind, Path, Tree, Work};

use crate::document::{Document, NONE};

/// Leaves what the paths select, and the containers that it stands in.
pub fn keep(document: &mut Document, paths: &[Path], work: &mut Work) -> Result<(), Refusal> {
    const ON_THE_WAY: u8 = 1;
    const KEPT: u8 = 2;
    let mut marks = vec![0u8; document.nodes.len()];
    for path in paths {
        for node in document.select(path, work)? {
            marks[node] = KEPT;
            let mut above = document.nodes[node].parent;
            while above != NONE && marks[above as usize] == 0 {
                marks[above as usize] = ON_THE_WAY;
                above = document.nodes[above as usize].parent;
            }
        }
    }
    let mut pending = vec![document.root];
    while let Some(node) = pending.pop() {
        if marks[node] == KEPT {
            continue;
        }
        let inner: Vec<usize> = document.inner(node).collect();
        for inner in inner {
            if marks[inner] == 0 {
                document.unlink(inner as u32);
            } else {
                pending.push(inner);
            }
        }
    }
    if marks[document.root] == 0 && !matches!(document.kind(document.root), Kind::Array | Kind::Object) {
        return Err(document.refuse("nothing_kept", document.root));
    }
    Ok(())
}

/// Takes out what the paths select. The message itself can't be.
pub fn remove(document: &mut Document, paths: &[Path], work: &mut Work) -> Result<(), Refusal> {
    for path in paths {
        for node in document.select(path, work)? {
            if node == document.root {
                return Err(document.refuse("nothing_kept", node));
            }
            document.unlink(node as u32);
        }
    }
    Ok(())
}

/// Gives members that the paths select other names. What isn't a member stays as it is.
pub fn rename(document: &mut Document, names: &[(Path, String)], work: &mut Work) -> Result<(), Refusal> {
    for (path, name) in names {
        let mut objects = Vec::new();
        for node in document.select(path, work)? {
            let parent = document.nodes[node].parent;
            if parent != NONE && document.kind(parent as usize) == Kind::Object {
                document.nodes[node].key = document.keep(name.as_bytes());
                objects.push(parent as usize);
            }
        }
        objects.sort_unstable();
        objects.dedup();
        for object in objects {
            document.unique(object)?;
        }
        document.room()?;
    }
    Ok(())
}
