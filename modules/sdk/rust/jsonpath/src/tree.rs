//! What a tree has to answer.

use alloc::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    Text,
    Array,
    Object,
}

/// A tree of JSON values. A node is known by its number. No object has a key twice.
pub trait Tree {
    fn root(&self) -> usize;
    fn kind(&self, node: usize) -> Kind;
    /// Items of an array, members of an object, in their order. None for anything else.
    fn inner(&self, node: usize) -> impl Iterator<Item = usize>;
    /// How many there are.
    fn count(&self, node: usize) -> usize;
    /// The characters of a member's key.
    fn key(&self, member: usize) -> &[u8];
    /// The characters of a text.
    fn text(&self, node: usize) -> Cow<'_, [u8]>;
    /// A scalar as JSON writes it.
    fn json(&self, node: usize) -> &[u8];
}
