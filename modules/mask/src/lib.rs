//! `mask`: walks a JSON message once, checks it to RFC 8259, and replaces what the rules say (see `../manifest.yaml`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `rules` | the configuration |
//! | `path` | paths, and which of two is the more specific |
//! | `automaton` | all paths as one deterministic automaton, built once |
//! | `node` | the automaton as the walk reads it: one look-up a key |
//! | `walk` | the one pass over a message |
//! | `splice` | what is written of a message |
//! | `treatment` | what becomes of a value |
//! | `tally` | how often each rule was applied |
#![no_std]

extern crate alloc;

mod automaton;
mod node;
mod path;
mod rules;
mod splice;
mod tally;
mod treatment;
mod walk;

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};

struct Mask {
    names: Vec<String>,
    walk: walk::Walk,
}

impl Module for Mask {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let rules::Rules { unlisted, rules } = rules::read(configuration)?;
        let nodes = automaton::build(&rules, unlisted)?;
        let (names, treatments) = rules.into_iter().map(|rule| (rule.name, rule.treatment)).unzip();
        Ok(Self { names, walk: walk::Walk::new(nodes, treatments, unlisted) })
    }

    #[inline(always)]
    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        self.walk.message(message, output)
    }

    fn report(&mut self, report: &mut Report) {
        let names = self.names.iter().map(String::as_str).chain([rules::UNLISTED]);
        for (name, count) in names.zip(self.walk.tally.take()) {
            report.count(name, count);
        }
    }
}

export!(Mask);
