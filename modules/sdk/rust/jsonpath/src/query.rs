//! What a query consists of.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use maskgate_pattern::Pattern;

pub struct Query {
    /// From the root (`$`), otherwise from the node that a filter looks at (`@`).
    pub absolute: bool,
    pub segments: Vec<Segment>,
}

pub struct Segment {
    /// `..`: of the node and all beneath it.
    pub descendant: bool,
    pub selectors: Vec<Selector>,
}

pub enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Filter(Test),
}

/// A logical expression.
pub enum Test {
    Any(Vec<Test>),
    All(Vec<Test>),
    Not(Box<Test>),
    Exists(Query),
    Compare(Sign, Operand, Operand),
    /// `match` (the pattern stands for all of the text) or `search` (for a part).
    Matches { whole: bool, text: Operand, pattern: Expression },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What has a value, or `Nothing`.
pub enum Operand {
    Null,
    Bool(bool),
    /// As JSON writes it.
    Number(String),
    Text(String),
    Single(Query),
    Length(Box<Operand>),
    Count(Query),
    Value(Query),
}

pub enum Expression {
    Fixed(Box<RefCell<Pattern>>),
    /// Of the message; what is no pattern matches nothing (section 2.4.6).
    Given(Operand),
}

impl Query {
    pub fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| {
            !segment.descendant && matches!(segment.selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)])
        })
    }
}
