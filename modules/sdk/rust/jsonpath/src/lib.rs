//! JSONPath as RFC 9535 defines it: a query is read once, checked (section 2.4.3, well-typedness, too), and then selects nodes
//! of any tree of JSON values.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `query` | what a query consists of |
//! | `text` | its characters: names, numbers, strings |
//! | `parse` | segments and selectors (section 2.3, 2.5) |
//! | `filter` | the expressions of filters (section 2.3.5, 2.4) |
//! | `tree` | what a tree has to answer |
//! | `select` | the nodes that a query selects, in the RFC's order |
//! | `test` | whether a filter holds of a node |
//! | `compare` | values beside one another |
//!
//! Regular expressions in `match` and `search` are those of `maskgate_pattern`: all of I-Regexp (RFC 9485) but `\p{…}`.
//! Queries such as `$..*..*` can select a node many times over: the work is counted, and a query that would take too much
//! ends with `TooMuch`.
#![no_std]

extern crate alloc;

mod compare;
mod filter;
mod parse;
mod query;
mod select;
mod test;
mod text;
mod tree;

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

pub use tree::{Kind, Tree};

/// A query that has been read.
pub struct Path(query::Query);

/// Nodes that a query may look at, each time that it does.
pub struct Work {
    left: usize,
}

/// A query has looked at as many nodes as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch;

impl Path {
    /// The error is text: `character 9: …`.
    pub fn read(text: &str) -> Result<Self, String> {
        parse::read(text).map(Self)
    }

    /// What a JSON Pointer (RFC 6901) with these keys selects: a decimal one is that member, or that index.
    pub fn pointer(keys: &[String]) -> Self {
        let segment = |key: &String| {
            let index = key.parse().ok().filter(|index: &u32| index.to_string() == *key);
            let mut selectors = vec![query::Selector::Name(key.clone())];
            selectors.extend(index.map(|index| query::Selector::Index(index.into())));
            query::Segment { descendant: false, selectors }
        };
        Self(query::Query { absolute: true, segments: keys.iter().map(segment).collect() })
    }

    /// Whether it selects one node at most, whatever the tree: names and indexes alone (section 2.3.5.1).
    pub fn is_singular(&self) -> bool {
        self.0.is_singular()
    }

    /// The nodes that it selects, beginning at the tree's root. One may come several times.
    pub fn select<T: Tree>(&self, tree: &T, work: &mut Work) -> Result<Vec<usize>, TooMuch> {
        select::select(&self.0, tree, tree.root(), work)
    }
}

impl Work {
    pub fn new(nodes: usize) -> Self {
        Self { left: nodes }
    }

    pub(crate) fn spend(&mut self, nodes: usize) -> Result<(), TooMuch> {
        self.left = self.left.checked_sub(nodes).ok_or(TooMuch)?;
        Ok(())
    }
}
