//! A message as a tree that can be changed. Nodes are known by number; what is taken out is unlinked, never freed, until the
//! next message.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::json::text;
use maskgate_guest::json::value::Value;
use maskgate_guest::{Full, Refusal};
use maskgate_jsonpath::{Kind, Path, TooMuch, Tree, Work};
use maskgate_tape::{Kind as TapeKind, Values};

pub const NONE: u32 = u32::MAX;

/// Nodes and bytes that a message's tree may have; steps can copy.
const NODES: usize = 1 << 20;
const BYTES: usize = 32 << 20;

/// In `Document::pool`.
#[derive(Clone, Copy, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Copy)]
pub struct Node {
    pub kind: Kind,
    /// The characters of a member's key.
    pub key: Span,
    /// A scalar as JSON writes it.
    pub json: Span,
    pub parent: u32,
    pub first: u32,
    pub last: u32,
    pub previous: u32,
    pub next: u32,
    pub count: u32,
}

pub struct Document {
    pub nodes: Vec<Node>,
    pub root: usize,
    /// The message, and behind it what the steps have made.
    pool: Vec<u8>,
    message: usize,
}

impl Document {
    pub fn new() -> Self {
        Self { nodes: Vec::new(), root: 0, pool: Vec::new(), message: 0 }
    }

    pub fn read(&mut self, values: &Values) {
        self.nodes.clear();
        self.pool.clear();
        self.root = 0;
        self.message = values.offset(0) + values.json(0).len();
        self.pool.resize(values.offset(0), b' ');
        self.pool.extend_from_slice(values.json(0));
        let mut open: Vec<u32> = Vec::new();
        for value in 0..values.len() {
            while open.last().is_some_and(|&container| values.after(container as usize) <= value) {
                open.pop();
            }
            let parent = open.last().copied().unwrap_or(NONE);
            let kind = match values.kind(value) {
                TapeKind::Null => Kind::Null,
                TapeKind::Bool => Kind::Bool,
                TapeKind::Number => Kind::Number,
                TapeKind::Text => Kind::Text,
                TapeKind::Array => Kind::Array,
                TapeKind::Object => Kind::Object,
            };
            let start = values.offset(value);
            let json = Span { start: start as u32, end: (start + values.json(value).len()) as u32 };
            let member = parent != NONE && self.nodes[parent as usize].kind == Kind::Object;
            let key = if member { self.key_span(values, value) } else { Span::default() };
            let node = self.push(kind, key, json);
            if parent != NONE {
                self.append(parent, node);
            }
            if matches!(kind, Kind::Array | Kind::Object) {
                open.push(node);
            }
        }
    }

    /// Of a key without escapes where it stands in the message.
    fn key_span(&mut self, values: &Values, member: usize) -> Span {
        let (key, start) = (values.key(member), values.key_offset(member) + 1);
        if self.pool.get(start..start + key.len()) == Some(key) {
            return Span { start: start as u32, end: (start + key.len()) as u32 };
        }
        self.keep(key)
    }

    /// Bytes put into the pool.
    pub fn keep(&mut self, bytes: &[u8]) -> Span {
        let start = self.pool.len() as u32;
        self.pool.extend_from_slice(bytes);
        Span { start, end: self.pool.len() as u32 }
    }

    pub fn bytes(&self, span: Span) -> &[u8] {
        &self.pool[span.start as usize..span.end as usize]
    }

    /// Refuses what would make the tree larger than a tree may be.
    pub fn room(&self) -> Result<(), Refusal> {
        if self.nodes.len() > NODES || self.pool.len() > BYTES { Err(Full.into()) } else { Ok(()) }
    }

    pub fn push(&mut self, kind: Kind, key: Span, json: Span) -> u32 {
        let number = self.nodes.len() as u32;
        self.nodes.push(Node {
            kind,
            key,
            json,
            parent: NONE,
            first: NONE,
            last: NONE,
            previous: NONE,
            next: NONE,
            count: 0,
        });
        number
    }

    /// Makes `node`, which is nowhere, the last in a container.
    pub fn append(&mut self, container: u32, node: u32) {
        let last = self.nodes[container as usize].last;
        self.nodes[node as usize].parent = container;
        self.nodes[node as usize].previous = last;
        self.nodes[node as usize].next = NONE;
        if last == NONE {
            self.nodes[container as usize].first = node;
        } else {
            self.nodes[last as usize].next = node;
        }
        self.nodes[container as usize].last = node;
        self.nodes[container as usize].count += 1;
    }

    /// Takes a node out of its container. The root stays.
    pub fn unlink(&mut self, node: u32) {
        let Node { parent, previous, next, .. } = self.nodes[node as usize];
        if parent == NONE {
            return;
        }
        match previous {
            NONE => self.nodes[parent as usize].first = next,
            _ => self.nodes[previous as usize].next = next,
        }
        match next {
            NONE => self.nodes[parent as usize].last = previous,
            _ => self.nodes[next as usize].previous = previous,
        }
        self.nodes[parent as usize].count -= 1;
        self.nodes[node as usize].parent = NONE;
    }

    /// Puts `node`, which is nowhere, in the place of another, under the other's key.
    pub fn put_in_place(&mut self, old: u32, node: u32) {
        let Node { parent, previous, next, key, .. } = self.nodes[old as usize];
        self.nodes[node as usize].key = key;
        if parent == NONE {
            self.root = node as usize;
            return;
        }
        let new = &mut self.nodes[node as usize];
        (new.parent, new.previous, new.next) = (parent, previous, next);
        match previous {
            NONE => self.nodes[parent as usize].first = node,
            _ => self.nodes[previous as usize].next = node,
        }
        match next {
            NONE => self.nodes[parent as usize].last = node,
            _ => self.nodes[next as usize].previous = node,
        }
        self.nodes[old as usize].parent = NONE;
    }

    pub fn replace_root(&mut self, node: usize) {
        self.unlink(node as u32);
        self.root = node;
    }

    /// Makes the message an array of these nodes, each a copy: one may come several times.
    pub fn gather(&mut self, nodes: &[usize]) -> Result<(), Refusal> {
        let array = self.push(Kind::Array, Span::default(), Span::default());
        for &node in nodes {
            let copy = self.copy(node)?;
            self.append(array, copy);
        }
        self.root = array as usize;
        Ok(())
    }

    /// A copy of a node and all that is in it, nowhere yet.
    pub fn copy(&mut self, node: usize) -> Result<u32, Refusal> {
        let Node { kind, json, .. } = self.nodes[node];
        let top = self.push(kind, Span::default(), json);
        let mut pending = alloc::vec![(node as u32, top)];
        while let Some((from, to)) = pending.pop() {
            let mut inner = self.nodes[from as usize].first;
            while inner != NONE {
                let Node { kind, key, json, next, .. } = self.nodes[inner as usize];
                let copy = self.push(kind, key, json);
                self.append(to, copy);
                pending.push((inner, copy));
                inner = next;
                self.room()?;
            }
        }
        Ok(top)
    }

    /// A constant of the configuration as a node, nowhere yet. It is nested as deeply as a configuration may be.
    pub fn constant(&mut self, value: &Value) -> u32 {
        let scalar = |document: &mut Self, kind, json: &[u8]| {
            let json = document.keep(json);
            document.push(kind, Span::default(), json)
        };
        match value {
            Value::Null => scalar(self, Kind::Null, b"null"),
            Value::Bool(true) => scalar(self, Kind::Bool, b"true"),
            Value::Bool(false) => scalar(self, Kind::Bool, b"false"),
            Value::Number(digits) => scalar(self, Kind::Number, digits.as_bytes()),
            Value::String(characters) => scalar(self, Kind::Text, &text::quoted(characters)),
            Value::Array(items) => {
                let array = self.push(Kind::Array, Span::default(), Span::default());
                for item in items {
                    let item = self.constant(item);
                    self.append(array, item);
                }
                array
            }
            Value::Object(members) => {
                let object = self.push(Kind::Object, Span::default(), Span::default());
                for (name, value) in members {
                    let member = self.constant(value);
                    self.nodes[member as usize].key = self.keep(name.as_bytes());
                    self.append(object, member);
                }
                object
            }
        }
    }

    pub fn select(&self, path: &Path, work: &mut Work) -> Result<Vec<usize>, Refusal> {
        path.select(self, work).map_err(|TooMuch| Refusal::whole("too_complex"))
    }

    pub fn member(&self, object: usize, key: &[u8]) -> Option<usize> {
        self.inner(object).find(|&member| self.key(member) == key)
    }

    /// A refusal at a node, with its place where that is in the message.
    pub fn refuse(&self, code: &'static str, node: usize) -> Refusal {
        let start = self.nodes[node].json.start as usize;
        let written = self.nodes[node].json.end as usize <= self.message && self.nodes[node].json.end > 0;
        if written { Refusal::at(code, start) } else { Refusal::whole(code) }
    }

    /// Refuses an object that has a key twice.
    pub fn unique(&self, object: usize) -> Result<(), Refusal> {
        let mut members: Vec<usize> = self.inner(object).collect();
        members.sort_by(|&one, &other| self.key(one).cmp(self.key(other)));
        match members.windows(2).find(|pair| self.key(pair[0]) == self.key(pair[1])) {
            Some(pair) => Err(self.refuse("duplicate_key", pair[1].max(pair[0]))),
            None => Ok(()),
        }
    }
}

impl Tree for Document {
    fn root(&self) -> usize {
        self.root
    }

    fn kind(&self, node: usize) -> Kind {
        self.nodes[node].kind
    }

    fn inner(&self, node: usize) -> impl Iterator<Item = usize> {
        let mut at = self.nodes[node].first;
        core::iter::from_fn(move || {
            let found = at;
            (found != NONE).then(|| {
                at = self.nodes[found as usize].next;
                found as usize
            })
        })
    }

    fn count(&self, node: usize) -> usize {
        self.nodes[node].count as usize
    }

    fn key(&self, member: usize) -> &[u8] {
        self.bytes(self.nodes[member].key)
    }

    fn text(&self, node: usize) -> Cow<'_, [u8]> {
        let [b'"', inner @ .., b'"'] = self.json(node) else { return Cow::Borrowed(&[]) };
        if !inner.contains(&b'\\') {
            return Cow::Borrowed(inner);
        }
        let mut characters = Vec::new();
        text::decode(inner, &mut characters);
        Cow::Owned(characters)
    }

    fn json(&self, node: usize) -> &[u8] {
        self.bytes(self.nodes[node].json)
    }
}

/// The keys of a pointer, for targets: what is made where it isn't.
pub type Keys = Vec<String>;
