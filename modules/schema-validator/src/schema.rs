//! A schema as it is evaluated. Schemas are known by their numbers; the first is the document's.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use maskgate_decimal::Unit;
use maskgate_pattern::Pattern;
use maskgate_tape::Kind;

use crate::constants::Constants;
use crate::formats::Format;

/// All schemas of a document.
pub struct Compiled {
    pub schemas: Vec<Schema>,
    /// Those of `pattern` and `patternProperties`, by number.
    pub patterns: Vec<Pattern>,
    /// Whether it has to be known which members and items were evaluated: a schema has `unevaluated…`.
    pub tracks: bool,
}

/// What is asked of a value alone, and then step by step of it and what is in it by other schemas.
#[derive(Default)]
pub struct Schema {
    /// None: of any type.
    pub types: Option<Types>,
    pub constants: Vec<Constants>,
    pub number: Option<Box<NumberRules>>,
    pub text: Option<Box<TextRules>>,
    pub array: Option<Box<ArrayRules>>,
    pub object: Option<Box<ObjectRules>>,
    pub steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Types {
    kinds: u8,
    /// Numbers without a fraction, where numbers aren't among the kinds.
    pub integers: bool,
}

impl Types {
    pub fn add(&mut self, kind: Kind) {
        self.kinds |= 1 << kind as u8;
    }

    pub fn has(&self, kind: Kind) -> bool {
        self.kinds >> kind as u8 & 1 == 1
    }
}

/// Numbers as they are written.
#[derive(Default)]
pub struct NumberRules {
    pub least: Option<String>,
    pub more_than: Option<String>,
    pub most: Option<String>,
    pub less_than: Option<String>,
    pub multiple: Option<Unit>,
}

/// How many there may be.
#[derive(Clone, Copy)]
pub struct Range {
    pub least: u64,
    pub most: u64,
}

impl Default for Range {
    fn default() -> Self {
        Self { least: 0, most: u64::MAX }
    }
}

impl Range {
    pub fn has(&self, count: u64) -> bool {
        (self.least..=self.most).contains(&count)
    }
}

#[derive(Default)]
pub struct TextRules {
    /// Of characters (Unicode scalars).
    pub length: Range,
    pub pattern: Option<usize>,
    pub format: Option<Format>,
}

#[derive(Default)]
pub struct ArrayRules {
    pub items: Range,
    pub unique: bool,
}

#[derive(Default)]
pub struct ObjectRules {
    pub members: Range,
    /// In order.
    pub required: Vec<String>,
    /// Each key, and those that have to be there with it.
    pub dependent: Vec<(String, Vec<String>)>,
}

pub enum Step {
    /// `$ref`, `allOf`
    All(Vec<usize>),
    /// `anyOf`
    Any(Vec<usize>),
    /// `oneOf`
    One(Vec<usize>),
    Not(usize),
    If {
        test: usize,
        then: Option<usize>,
        otherwise: Option<usize>,
    },
    /// `dependentSchemas`
    Dependent(Vec<(String, usize)>),
    Members(Box<Members>),
    /// `propertyNames`
    Names(usize),
    /// `prefixItems`, `items`
    Items {
        first: Vec<usize>,
        rest: Option<usize>,
    },
    Contains {
        schema: usize,
        count: Range,
    },
    UnevaluatedItems(usize),
    UnevaluatedMembers(usize),
}

impl Step {
    /// The schemas that are evaluated on the same value.
    pub fn in_place(&self) -> Vec<usize> {
        match self {
            Self::All(schemas) | Self::Any(schemas) | Self::One(schemas) => schemas.clone(),
            Self::Not(schema) => alloc::vec![*schema],
            Self::If { test, then, otherwise } => [Some(*test), *then, *otherwise].into_iter().flatten().collect(),
            Self::Dependent(schemas) => schemas.iter().map(|&(_, schema)| schema).collect(),
            _ => Vec::new(),
        }
    }
}

/// `properties`, `patternProperties`, `additionalProperties`
#[derive(Default)]
pub struct Members {
    /// In the order of their keys.
    pub named: Vec<(String, usize)>,
    /// Patterns of keys, by number.
    pub matched: Vec<(usize, usize)>,
    /// For the keys that are neither.
    pub rest: Option<usize>,
}
