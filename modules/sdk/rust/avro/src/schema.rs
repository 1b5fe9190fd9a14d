//! A schema as a flat list of nodes.

use alloc::string::String;
use alloc::vec::Vec;

use crate::logical::Logical;

/// The number of a node; the first, 0, is the whole schema.
pub type Id = usize;

pub struct Schema {
    pub(crate) nodes: Vec<Node>,
    /// By node: whether its values take no bytes at all, as null does.
    pub(crate) empty: Vec<bool>,
}

pub enum Node {
    Null,
    Boolean,
    Int(Logical),
    Long(Logical),
    Float,
    Double,
    Bytes(Logical),
    String,
    Record(Record),
    Enum(Enum),
    Fixed(Fixed),
    /// Of its items.
    Array(Id),
    /// Of its values.
    Map(Id),
    /// Of its branches; none of them is a union.
    Union(Vec<Id>),
}

pub struct Record {
    /// Its full name.
    pub name: String,
    pub fields: Vec<Field>,
    /// Fields by number, in the order of their names.
    pub sorted: Vec<u32>,
}

pub struct Field {
    pub name: String,
    pub node: Id,
    /// In the binary encoding.
    pub default: Option<Vec<u8>>,
}

pub struct Enum {
    pub name: String,
    pub symbols: Vec<String>,
    /// Symbols by number, in the order of their texts.
    pub sorted: Vec<u32>,
}

pub struct Fixed {
    pub name: String,
    /// Bytes.
    pub size: usize,
    pub logical: Logical,
}

impl Schema {
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id]
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// There always is one.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether a node's values take no bytes at all.
    pub fn takes_nothing(&self, id: Id) -> bool {
        self.empty[id]
    }

    /// What a branch of a union is called: the full name of a type that has one, else the type's.
    pub fn label(&self, id: Id) -> &str {
        match &self.nodes[id] {
            Node::Null => "null",
            Node::Boolean => "boolean",
            Node::Int(_) => "int",
            Node::Long(_) => "long",
            Node::Float => "float",
            Node::Double => "double",
            Node::Bytes(_) => "bytes",
            Node::String => "string",
            Node::Array(_) => "array",
            Node::Map(_) => "map",
            Node::Union(_) => "union",
            Node::Record(Record { name, .. }) | Node::Enum(Enum { name, .. }) | Node::Fixed(Fixed { name, .. }) => name,
        }
    }
}

impl Record {
    /// The number of the field with this name.
    pub fn field(&self, name: &[u8]) -> Option<usize> {
        let found = self.sorted.binary_search_by(|&field| self.fields[field as usize].name.as_bytes().cmp(name));
        found.ok().map(|at| self.sorted[at] as usize)
    }
}

impl Enum {
    /// The number of a symbol.
    pub fn symbol(&self, text: &[u8]) -> Option<usize> {
        let found = self.sorted.binary_search_by(|&symbol| self.symbols[symbol as usize].as_bytes().cmp(text));
        found.ok().map(|at| self.sorted[at] as usize)
    }
}
