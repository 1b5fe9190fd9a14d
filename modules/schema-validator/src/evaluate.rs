//! A message against the schemas, without recursion: a stack of frames, each of them one schema on one value.
//!
//! A frame asks other schemas of its value or of what is in it, one after the other, and is told each answer (`steps`).
//! Members and items that a schema evaluated are noted (`marks`) as long as no frame on the way up fails, for `unevaluated…`.

use alloc::vec::Vec;

use maskgate_guest::{Full, Refusal};
use maskgate_tape::Values;

use crate::check::{Check, Node};
use crate::schema::{Compiled, Schema};

/// Evaluations of a value that each schema of the document may take, on the average. Schemas that branch into the same
/// subschemas again and again, one level after the other, need more.
const EACH: usize = 8;

/// Bytes of canonical forms (`enum`, `uniqueItems`) that each byte of the message may take.
const FORMS: usize = 64;

/// What is evaluated, and by what.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub values: Values<'a>,
    pub schemas: &'a [Schema],
    /// Whether it has to be known what was evaluated.
    pub tracks: bool,
}

/// What a frame's answer is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The same value as the frame above: what is evaluated counts for that as well.
    Here,
    /// A member or an item, which then is evaluated.
    Inner,
    /// A question whose evaluations don't count.
    Aside,
}

pub struct Frame {
    pub schema: usize,
    pub node: Node,
    role: Role,
    pub step: usize,
    /// Of the step: the member or item that it is at (0: none yet), or which subschema.
    pub item: usize,
    /// Of the item: which of several subschemas.
    pub turn: usize,
    /// Subschemas that held.
    pub held: u64,
    /// Marks from here on are this frame's.
    marks: usize,
    /// What the marks are stamped with in an `unevaluated…` step.
    stamp: u32,
}

impl Frame {
    /// On to the next step.
    pub fn forward(&mut self) {
        self.step += 1;
        (self.item, self.turn, self.held) = (0, 0, 0);
    }
}

/// What a frame comes to.
pub enum Turn {
    Ask(usize, Node, Role),
    Holds,
    /// The fault is this frame's value.
    Fails,
    /// The fault is of the value that was asked last.
    Told,
}

/// What is known while a message is evaluated; its memory is used again.
pub struct Run {
    pub check: Check,
    frames: Vec<Frame>,
    marks: Vec<usize>,
    /// For each value the last stamp that it got.
    stamps: Vec<u32>,
    stamp: u32,
    /// The value at fault, of the last schema that failed.
    fault: Node,
    /// Evaluations that the message may still take.
    left: usize,
}

pub struct Evaluator {
    schemas: Vec<Schema>,
    tracks: bool,
    run: Run,
}

impl Evaluator {
    pub fn new(compiled: Compiled) -> Self {
        let run = Run {
            check: Check::new(compiled.patterns),
            frames: Vec::new(),
            marks: Vec::new(),
            stamps: Vec::new(),
            stamp: 0,
            fault: Node::Value(0),
            left: 0,
        };
        Self { schemas: compiled.schemas, tracks: compiled.tracks, run }
    }

    /// Where the value stands that breaks the schema, if one does. Refuses what can't be told: `number_out_of_range`,
    /// `too_complex`, `too_large`.
    pub fn violation(&mut self, values: &Values) -> Result<Option<usize>, Refusal> {
        let subject = Subject { values: *values, schemas: &self.schemas, tracks: self.tracks };
        self.run.begin(&subject)?;
        let holds = self.run.evaluate(&subject)?;
        Ok((!holds).then(|| self.run.fault.offset(values)))
    }
}

impl Run {
    fn begin(&mut self, subject: &Subject) -> Result<(), Refusal> {
        let count = subject.values.len();
        self.frames.clear();
        self.marks.clear();
        self.left = count.saturating_mul(subject.schemas.len()).saturating_mul(EACH).saturating_add(EACH);
        self.check.left = subject.values.json(0).len().saturating_mul(FORMS);
        self.stamps.clear();
        self.stamp = 0;
        if subject.tracks {
            self.stamps.try_reserve(count).map_err(|_| Refusal::from(Full))?;
            self.stamps.resize(count, 0);
        }
        Ok(())
    }

    fn evaluate(&mut self, subject: &Subject) -> Result<bool, Refusal> {
        let mut answer = self.enter(subject, 0, Node::Value(0), Role::Here)?;
        while let Some(mut frame) = self.frames.pop() {
            let turn = self.turn(subject, &mut frame, answer)?;
            if let Turn::Ask(schema, node, role) = turn {
                self.frames.push(frame);
                answer = self.enter(subject, schema, node, role)?;
                continue;
            }
            if matches!(turn, Turn::Fails) {
                self.fault = frame.node;
            }
            let holds = matches!(turn, Turn::Holds);
            self.leave(subject, &frame, holds)?;
            answer = Some(holds);
        }
        Ok(answer == Some(true))
    }

    /// Begins a schema on a value. The answer, if it is there already.
    fn enter(&mut self, subject: &Subject, schema: usize, node: Node, role: Role) -> Result<Option<bool>, Refusal> {
        let wanted = &subject.schemas[schema];
        let offset = || node.offset(&subject.values);
        self.left = self.left.checked_sub(1).ok_or_else(|| Refusal::at("too_complex", offset()))?;
        if !self.check.holds(wanted, &subject.values, node)? {
            self.fault = node;
            return Ok(Some(false));
        }
        let marks = self.marks.len();
        let frame = Frame { schema, node, role, step: 0, item: 0, turn: 0, held: 0, marks, stamp: 0 };
        if wanted.steps.is_empty() {
            self.leave(subject, &frame, true)?;
            return Ok(Some(true));
        }
        self.frames.try_reserve(2).map_err(|_| Refusal::from(Full))?;
        self.frames.push(frame);
        Ok(None)
    }

    /// Sees to the marks that a frame leaves behind.
    fn leave(&mut self, subject: &Subject, frame: &Frame, holds: bool) -> Result<(), Refusal> {
        if !holds || frame.role != Role::Here {
            self.marks.truncate(frame.marks);
        }
        if let (true, true, Role::Inner, Node::Value(value)) = (subject.tracks, holds, frame.role, frame.node) {
            self.marks.try_reserve(1).map_err(|_| Refusal::from(Full))?;
            self.marks.push(value);
        }
        Ok(())
    }

    /// Stamps what was evaluated so far within the frame.
    pub fn stamp(&mut self, frame: &mut Frame) {
        self.stamp += 1;
        frame.stamp = self.stamp;
        for &value in &self.marks[frame.marks..] {
            self.stamps[value] = self.stamp;
        }
    }

    /// Whether a member or an item was evaluated when the frame was stamped.
    pub fn is_stamped(&self, frame: &Frame, value: usize) -> bool {
        self.stamps[value] == frame.stamp
    }
}
