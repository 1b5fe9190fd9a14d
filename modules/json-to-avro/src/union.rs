//! Unions: the first branch, in the schema's order, that takes the value, and all that is in it.
//!
//! A branch that can't take the kind of the value (a text, a number, …) isn't tried. Where several can, they are tried one
//! after the other: a refusal within one goes back to where it began. Unions in unions could make that work double with each
//! level, and so it has a limit.

use maskgate_avro::{Id, Logical, Node, varint};
use maskgate_guest::{Full, Refusal};
use maskgate_tape::{Kind, Values};

use crate::datum::{Counts, Data};

/// Work in branches that didn't take their value, at most: for each of the message's bytes, and besides.
const EACH: u64 = 16;
const BESIDES: u64 = 10_000;

/// A union one of whose branches is being tried, and what it was before.
pub struct Choice {
    union: Id,
    value: usize,
    /// The branch to be tried next.
    next: usize,
    out: usize,
    levels: usize,
    members: usize,
    counts: Counts,
    steps: u64,
}

impl Data {
    pub(crate) fn union(&mut self, union: Id, value: usize, values: &Values) -> Result<(), Refusal> {
        if self.settings.tagged {
            return self.tagged(union, value, values);
        }
        let kind = values.kind(value);
        let Some(first) = self.candidate(union, 0, kind) else {
            return Err(Refusal::at("no_branch", values.offset(value)));
        };
        if let Some(next) = self.candidate(union, first + 1, kind) {
            self.choices.try_reserve(1).map_err(|_| Full)?;
            self.choices.push(Choice {
                union,
                value,
                next,
                out: self.out.len(),
                levels: self.levels.len(),
                members: self.members.len(),
                counts: self.counts,
                steps: self.steps,
            });
        }
        self.branch(union, first, value, values)
    }

    /// Choices whose value is written are made.
    #[inline(always)]
    pub(crate) fn settle(&mut self) {
        while self.choices.last().is_some_and(|choice| choice.levels == self.levels.len()) {
            self.choices.pop();
        }
    }

    /// Goes on with the next branch of the union that was begun last, or with that of one around it.
    pub(crate) fn retry(&mut self, mut refusal: Refusal, values: &Values) -> Result<(), Refusal> {
        loop {
            let Some(choice) = self.choices.last_mut().filter(|_| refusal != Refusal::from(Full)) else {
                return Err(refusal);
            };
            let (union, value, number) = (choice.union, choice.value, choice.next);
            self.wasted += self.steps - choice.steps;
            choice.steps = self.steps;
            self.out.truncate(choice.out);
            self.levels.truncate(choice.levels);
            self.members.truncate(choice.members);
            self.counts = choice.counts;
            if self.wasted > EACH * values.json(0).len() as u64 + BESIDES {
                return Err(Refusal::at("too_many_attempts", values.offset(value)));
            }
            let Some(branches) = self.branches(union) else { return Err(refusal) };
            if number == branches {
                self.choices.pop();
                refusal = Refusal::at("no_branch", values.offset(value));
                continue;
            }
            let next = self.candidate(union, number + 1, values.kind(value)).unwrap_or(branches);
            if let Some(choice) = self.choices.last_mut() {
                choice.next = next;
            }
            match self.branch(union, number, value, values) {
                Ok(()) => return Ok(()),
                Err(other) => refusal = other,
            }
        }
    }

    fn branches(&self, union: Id) -> Option<usize> {
        let Node::Union(branches) = self.schema.node(union) else { return None };
        Some(branches.len())
    }

    /// The first branch from `from` on that may take a value of this kind.
    fn candidate(&self, union: Id, from: usize, kind: Kind) -> Option<usize> {
        let Node::Union(branches) = self.schema.node(union) else { return None };
        (from..branches.len()).find(|&number| takes(self.schema.node(branches[number]), kind))
    }

    fn branch(&mut self, union: Id, number: usize, value: usize, values: &Values) -> Result<(), Refusal> {
        let Node::Union(branches) = self.schema.node(union) else { return Ok(()) };
        self.out.try_reserve(varint::LONGEST).map_err(|_| Full)?;
        varint::write(number as i64, &mut self.out);
        self.value(branches[number], value, values)
    }

    /// Null, or an object whose one key is the name of the branch.
    fn tagged(&mut self, union: Id, value: usize, values: &Values) -> Result<(), Refusal> {
        let Node::Union(branches) = self.schema.node(union) else { return Ok(()) };
        let (inner, name): (usize, &[u8]) = match values.kind(value) {
            Kind::Null => (value, b"null"),
            Kind::Object if values.count(value) == 1 => (value + 1, values.key(value + 1)),
            _ => return Err(Refusal::at("no_branch", values.offset(value))),
        };
        let found = branches.iter().position(|&branch| self.schema.label(branch).as_bytes() == name);
        match found {
            Some(number) => self.branch(union, number, inner, values),
            None => Err(Refusal::at("no_branch", values.offset(value))),
        }
    }
}

/// Whether a node takes values of a kind at all.
fn takes(node: &Node, kind: Kind) -> bool {
    match node {
        Node::Null => kind == Kind::Null,
        Node::Boolean => kind == Kind::Bool,
        Node::Int(Logical::None) | Node::Long(Logical::None) | Node::Float | Node::Double => kind == Kind::Number,
        Node::Bytes(Logical::Decimal { .. }) => kind == Kind::Number,
        Node::Int(_) | Node::Long(_) | Node::Bytes(_) | Node::String | Node::Enum(_) => kind == Kind::Text,
        Node::Fixed(fixed) => match fixed.logical {
            Logical::Decimal { .. } => kind == Kind::Number,
            Logical::Duration => kind == Kind::Object,
            _ => kind == Kind::Text,
        },
        Node::Array(_) => kind == Kind::Array,
        Node::Map(_) | Node::Record(_) => kind == Kind::Object,
        Node::Union(_) => false,
    }
}
