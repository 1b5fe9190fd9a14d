//! Values beside one another (RFC 9535 section 2.3.5.2.2). Numbers are compared exactly, texts by Unicode scalars.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec;
use core::cmp::Ordering;
use core::str;

use maskgate_decimal::Decimal;

use crate::query::Sign;
use crate::tree::{Kind, Tree};
use crate::{TooMuch, Work};

/// The value of an operand.
pub enum Item<'t> {
    Nothing,
    Null,
    Bool(bool),
    Number(Cow<'t, [u8]>),
    Text(Cow<'t, [u8]>),
    /// An array or an object.
    Container(usize),
}

impl Item<'_> {
    pub fn count(number: usize) -> Self {
        Self::Number(number.to_string().into_bytes().into())
    }

    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Section 2.4.4: characters, items, members.
pub fn length<T: Tree>(item: &Item, tree: &T) -> Option<usize> {
    match item {
        Item::Text(text) => str::from_utf8(text).ok().map(|text| text.chars().count()),
        Item::Container(node) => Some(tree.count(*node)),
        _ => None,
    }
}

pub fn compare<T: Tree>(
    sign: Sign,
    left: &Item,
    right: &Item,
    tree: &T,
    work: &mut Work,
) -> Result<bool, TooMuch> {
    let less = |left: &Item, right: &Item| match (left, right) {
        (Item::Number(left), Item::Number(right)) => order(left, right) == Some(Ordering::Less),
        (Item::Text(left), Item::Text(right)) => left < right, // UTF-8 sorts as its scalars do
        _ => false,
    };
    Ok(match sign {
        Sign::Equal => equal(left, right, tree, work)?,
        Sign::Unequal => !equal(left, right, tree, work)?,
        Sign::Less => less(left, right),
        Sign::Greater => less(right, left),
        Sign::LessOrEqual => less(left, right) || equal(left, right, tree, work)?,
        Sign::GreaterOrEqual => less(right, left) || equal(left, right, tree, work)?,
    })
}

fn order(left: &[u8], right: &[u8]) -> Option<Ordering> {
    Some(Decimal::read(left)?.cmp(&Decimal::read(right)?))
}

fn equal<T: Tree>(left: &Item, right: &Item, tree: &T, work: &mut Work) -> Result<bool, TooMuch> {
    Ok(match (left, right) {
        (Item::Nothing, Item::Nothing) | (Item::Null, Item::Null) => true,
        (Item::Bool(left), Item::Bool(right)) => left == right,
        (Item::Number(left), Item::Number(right)) => same_number(left, right),
        (Item::Text(left), Item::Text(right)) => left == right,
        (Item::Container(left), Item::Container(right)) => same(*left, *right, tree, work)?,
        _ => false,
    })
}

/// Numbers whose exponents nobody can read are equal where they are written alike.
fn same_number(left: &[u8], right: &[u8]) -> bool {
    left == right || order(left, right) == Some(Ordering::Equal)
}

fn same<T: Tree>(left: usize, right: usize, tree: &T, work: &mut Work) -> Result<bool, TooMuch> {
    let mut pairs = vec![(left, right)];
    while let Some((left, right)) = pairs.pop() {
        work.spend(1)?;
        let kind = tree.kind(left);
        if kind != tree.kind(right) {
            return Ok(false);
        }
        match kind {
            Kind::Null => {}
            Kind::Bool if tree.json(left) == tree.json(right) => {}
            Kind::Number if same_number(tree.json(left), tree.json(right)) => {}
            Kind::Text if tree.text(left) == tree.text(right) => {}
            Kind::Array if tree.count(left) == tree.count(right) => {
                pairs.extend(tree.inner(left).zip(tree.inner(right)));
            }
            Kind::Object if tree.count(left) == tree.count(right) => {
                for member in tree.inner(left) {
                    work.spend(tree.count(right))?;
                    match tree.inner(right).find(|&other| tree.key(other) == tree.key(member)) {
                        Some(other) => pairs.push((member, other)),
                        None => return Ok(false),
                    }
                }
            }
            _ => return Ok(false),
        }
    }
    Ok(true)
}
