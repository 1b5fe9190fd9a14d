//! `json-transform`: reshapes a JSON message, step by step (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `document` | a message as a tree that can be changed |
//! | `write` | a tree as JSON |
//! | `steps` | the configuration |
//! | `shape` | keep, remove, rename |
//! | `set` | set, default |
//! | `levels` | flatten, nest |
#![no_std]

extern crate alloc;

mod document;
mod levels;
mod set;
mod shape;
mod steps;
mod write;

use alloc::vec::Vec;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_jsonpath::Work;
use maskgate_tape::Tape;

use document::Document;
use steps::{Selected, Step};

/// Nodes that all paths of a message's steps may look at: so many, and so many more for each value of the message.
const WORK: usize = 100_000;
const WORK_A_VALUE: usize = 64;

struct Transform {
    steps: Vec<Step>,
    tape: Tape,
    document: Document,
    empty: u64,
}

impl Module for Transform {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let steps = steps::read(configuration)?;
        Ok(Self { steps, tape: Tape::new(), document: Document::new(), empty: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let values = self.tape.message(message)?;
        let mut work = Work::new(WORK + values.len() * WORK_A_VALUE);
        let document = &mut self.document;
        document.read(&values);
        for step in &self.steps {
            match step {
                Step::Keep(paths) => shape::keep(document, paths, &mut work)?,
                Step::Remove(paths) => shape::remove(document, paths, &mut work)?,
                Step::Rename(names) => shape::rename(document, names, &mut work)?,
                Step::Set(members) => set::set(document, members, &mut work)?,
                Step::Flatten(flatten) => levels::flatten(document, flatten)?,
                Step::Nest(nest) => levels::nest(document, nest)?,
                Step::Select(path, selected) => {
                    let nodes = document.select(path, &mut work)?;
                    match selected {
                        Selected::Array => document.gather(&nodes)?,
                        Selected::First if nodes.is_empty() => {
                            self.empty += 1;
                            return Ok(Outcome::Drop);
                        }
                        Selected::First => document.replace_root(nodes[0]),
                        Selected::Several => {
                            self.empty += u64::from(nodes.is_empty());
                            for node in nodes {
                                write::write(document, node, output)?;
                                output.pass();
                            }
                            return Ok(Outcome::Several);
                        }
                    }
                }
            }
        }
        write::write(document, document.root, output)?;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        report.count("empty", core::mem::take(&mut self.empty));
    }
}

export!(Transform);
