//! The nodes that a query selects, in the RFC's order.

use alloc::vec;
use alloc::vec::Vec;

use crate::query::{Query, Segment, Selector};
use crate::test::holds;
use crate::tree::{Kind, Tree};
use crate::{TooMuch, Work};

/// `from`: where a relative query begins.
pub fn select<T: Tree>(query: &Query, tree: &T, from: usize, work: &mut Work) -> Result<Vec<usize>, TooMuch> {
    let mut nodes = vec![if query.absolute { tree.root() } else { from }];
    for segment in &query.segments {
        let mut selected = Vec::new();
        for node in nodes {
            if segment.descendant {
                descend(segment, tree, node, &mut selected, work)?;
            } else {
                apply(segment, tree, node, &mut selected, work)?;
            }
        }
        nodes = selected;
    }
    Ok(nodes)
}

/// The node first, then what is in it, one after the other.
fn descend<T: Tree>(
    segment: &Segment,
    tree: &T,
    node: usize,
    selected: &mut Vec<usize>,
    work: &mut Work,
) -> Result<(), TooMuch> {
    let mut pending = vec![node];
    while let Some(node) = pending.pop() {
        apply(segment, tree, node, selected, work)?;
        let begin = pending.len();
        pending.extend(tree.inner(node));
        pending[begin..].reverse();
    }
    Ok(())
}

fn apply<T: Tree>(
    segment: &Segment,
    tree: &T,
    node: usize,
    selected: &mut Vec<usize>,
    work: &mut Work,
) -> Result<(), TooMuch> {
    for selector in &segment.selectors {
        work.spend(1)?;
        match (selector, tree.kind(node)) {
            (Selector::Name(name), Kind::Object) => {
                work.spend(tree.count(node))?;
                selected.extend(tree.inner(node).find(|&member| tree.key(member) == name.as_bytes()));
            }
            (Selector::Wildcard, Kind::Object | Kind::Array) => {
                work.spend(tree.count(node))?;
                selected.extend(tree.inner(node));
            }
            (Selector::Index(index), Kind::Array) => {
                let count = tree.count(node) as i64;
                let index = if *index < 0 { count + index } else { *index };
                if (0..count).contains(&index) {
                    work.spend(index as usize)?;
                    selected.extend(tree.inner(node).nth(index as usize));
                }
            }
            (Selector::Slice { start, end, step }, Kind::Array) => {
                work.spend(tree.count(node))?;
                slice(tree, node, *start, *end, *step, selected);
            }
            (Selector::Filter(test), Kind::Object | Kind::Array) => {
                work.spend(tree.count(node))?;
                for inner in tree.inner(node) {
                    if holds(test, tree, inner, work)? {
                        selected.push(inner);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Section 2.3.4.2.2.
fn slice<T: Tree>(
    tree: &T,
    node: usize,
    start: Option<i64>,
    end: Option<i64>,
    step: i64,
    selected: &mut Vec<usize>,
) {
    let items: Vec<usize> = tree.inner(node).collect();
    let len = items.len() as i64;
    let normal = |index: i64| if index < 0 { len + index } else { index };
    if step > 0 {
        let lower = start.map_or(0, normal).clamp(0, len);
        let upper = end.map_or(len, normal).clamp(0, len);
        let mut at = lower;
        while at < upper {
            selected.push(items[at as usize]);
            at = at.saturating_add(step);
        }
    } else if step < 0 {
        let upper = start.map_or(len - 1, normal).clamp(-1, len - 1);
        let lower = end.map_or(-1, normal).clamp(-1, len - 1);
        let mut at = upper;
        while at > lower {
            selected.push(items[at as usize]);
            at = at.saturating_add(step);
        }
    }
}
