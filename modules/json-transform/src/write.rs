//! A tree as JSON: no white space, scalars as they were written, keys escaped where they must be.

use alloc::vec::Vec;

use maskgate_guest::json::{DEPTH, text};
use maskgate_guest::{Output, Refusal};
use maskgate_jsonpath::{Kind, Tree};

use crate::document::{Document, NONE};

pub fn write(document: &Document, root: usize, output: &mut Output) -> Result<(), Refusal> {
    let (mut open, mut key): (Vec<u32>, Vec<u8>) = (Vec::new(), Vec::new());
    let mut node = root as u32;
    loop {
        let kind = document.kind(node as usize);
        let first = document.nodes[node as usize].first;
        match kind {
            Kind::Array | Kind::Object if first != NONE => {
                if open.len() == DEPTH {
                    return Err(Refusal::whole("too_deep"));
                }
                output.put(if kind == Kind::Array { b"[" } else { b"{" })?;
                open.push(node);
                node = first;
                put_key(document, kind, node, &mut key, output)?;
                continue;
            }
            Kind::Array => output.put(b"[]")?,
            Kind::Object => output.put(b"{}")?,
            _ => output.put(document.json(node as usize))?,
        }
        loop {
            let Some(&container) = open.last() else {
                output.put(b"\n")?;
                return Ok(());
            };
            let kind = document.kind(container as usize);
            let next = document.nodes[node as usize].next;
            if next != NONE {
                output.put(b",")?;
                node = next;
                put_key(document, kind, node, &mut key, output)?;
                break;
            }
            output.put(if kind == Kind::Array { b"]" } else { b"}" })?;
            node = container;
            open.pop();
        }
    }
}

fn put_key(
    document: &Document,
    container: Kind,
    member: u32,
    room: &mut Vec<u8>,
    output: &mut Output,
) -> Result<(), Refusal> {
    if container == Kind::Object {
        room.clear();
        room.push(b'"');
        text::encode(document.key(member as usize), room);
        room.extend_from_slice(b"\":");
        output.put(room)?;
    }
    Ok(())
}
