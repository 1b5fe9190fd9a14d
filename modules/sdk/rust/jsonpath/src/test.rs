//! Whether a filter holds of a node.

use core::str;

use crate::compare::{Item, compare, length};
use crate::filter::compiled;
use crate::query::{Expression, Operand, Query, Test};
use crate::select::select;
use crate::tree::{Kind, Tree};
use crate::{TooMuch, Work};

/// What compiling a pattern that the message gives counts as.
const COMPILING: usize = 1000;

pub fn holds<T: Tree>(test: &Test, tree: &T, node: usize, work: &mut Work) -> Result<bool, TooMuch> {
    match test {
        Test::Any(tests) => {
            for test in tests {
                if holds(test, tree, node, work)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Test::All(tests) => {
            for test in tests {
                if !holds(test, tree, node, work)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Test::Not(test) => Ok(!holds(test, tree, node, work)?),
        Test::Exists(query) => Ok(!select(query, tree, node, work)?.is_empty()),
        Test::Compare(sign, left, right) => {
            let (left, right) = (item(left, tree, node, work)?, item(right, tree, node, work)?);
            compare(*sign, &left, &right, tree, work)
        }
        Test::Matches { whole, text, pattern } => {
            let text = item(text, tree, node, work)?;
            let Some(text) = text.text() else { return Ok(false) };
            work.spend(text.len() / 64)?;
            match pattern {
                Expression::Fixed(pattern) => Ok(pattern.borrow_mut().matches(text) == Some(true)),
                Expression::Given(operand) => {
                    let given = item(operand, tree, node, work)?;
                    let Some(given) = given.text() else { return Ok(false) };
                    work.spend(COMPILING + given.len())?;
                    let pattern = str::from_utf8(given).ok().and_then(|given| compiled(given, *whole).ok());
                    Ok(pattern.is_some_and(|mut pattern| pattern.matches(text) == Some(true)))
                }
            }
        }
    }
}

fn item<'t, T: Tree>(operand: &'t Operand, tree: &'t T, node: usize, work: &mut Work) -> Result<Item<'t>, TooMuch> {
    Ok(match operand {
        Operand::Null => Item::Null,
        Operand::Bool(value) => Item::Bool(*value),
        Operand::Number(text) => Item::Number(text.as_bytes().into()),
        Operand::Text(text) => Item::Text(text.as_bytes().into()),
        Operand::Single(query) | Operand::Value(query) => only(query, tree, node, work)?,
        Operand::Length(inner) => {
            let inner = item(inner, tree, node, work)?;
            length(&inner, tree).map_or(Item::Nothing, Item::count)
        }
        Operand::Count(query) => Item::count(select(query, tree, node, work)?.len()),
    })
}

/// The one node's value; `Nothing` where there is none, or there are several.
fn only<'t, T: Tree>(query: &Query, tree: &'t T, node: usize, work: &mut Work) -> Result<Item<'t>, TooMuch> {
    let nodes = select(query, tree, node, work)?;
    Ok(match nodes.as_slice() {
        [node] => Item::of(*node, tree),
        _ => Item::Nothing,
    })
}

impl<'t> Item<'t> {
    fn of<T: Tree>(node: usize, tree: &'t T) -> Self {
        match tree.kind(node) {
            Kind::Null => Self::Null,
            Kind::Bool => Self::Bool(tree.json(node) == b"true"),
            Kind::Number => Self::Number(tree.json(node).into()),
            Kind::Text => Self::Text(tree.text(node)),
            Kind::Array | Kind::Object => Self::Container(node),
        }
    }
}
