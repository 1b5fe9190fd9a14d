//! What a predicate consists of.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use maskgate_pattern::Pattern;

/// Tests in tests that a predicate may have.
pub const NESTING: usize = 64;

pub enum Test {
    /// Each of them holds.
    All(Vec<Test>),
    /// One of them holds.
    Any(Vec<Test>),
    Not(Box<Test>),
    /// The message has a value at the path.
    Exists(usize),
    /// The message has a value of this type at the path.
    Is(Kind, usize),
    Compare(Operator, Operand, Operand),
    /// The path's value is one of these.
    In(usize, List),
    Text(Match, Operand, Operand),
    /// The path's text has a match of the pattern. Matching keeps what it learns of the pattern.
    Pattern(usize, Box<RefCell<Pattern>>),
}

pub enum Operand {
    /// The number of a path.
    Path(usize),
    Literal(Literal),
}

pub enum Literal {
    Null,
    Bool(bool),
    /// As it was written; `Decimal` reads it.
    Number(String),
    /// Its characters.
    Text(String),
}

/// The literals of a list, by type.
#[derive(Default)]
pub struct List {
    pub null: bool,
    pub yes: bool,
    pub no: bool,
    /// In order, by value.
    pub numbers: Vec<String>,
    /// In order.
    pub texts: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Number,
    Text,
    Array,
    Object,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What two texts are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    StartsWith,
    EndsWith,
    Contains,
}
