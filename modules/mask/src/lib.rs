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
//! | `act` | what the walk does with a value that doesn't simply stay |
//! | `twice` | a batch whose values change places |
//! | `tally` | how often each rule was applied |
//! | `settings`, `keyed`, `less_exact` | treatments as the configuration writes them |
//! | `treatment` | what becomes of a value |
//! | `maker` | the kinds of treatment that make something of the value |
//! | `characters` | a value's characters |
//! | `partial`, `pseudonym`, `encrypted`, `reveal`, `plausible`, `generalised`, `shuffle` | what they make |
//! | `scan` | what is found in text, and what is written of it |
//! | `entity` | whom a message is about, for kinds that need to know |
#![no_std]

extern crate alloc;

mod act;
mod automaton;
mod characters;
mod encrypted;
mod entity;
mod generalised;
mod keyed;
mod less_exact;
mod maker;
mod node;
mod partial;
mod path;
mod plausible;
mod pseudonym;
mod reveal;
mod rules;
mod scan;
mod settings;
mod shuffle;
mod splice;
mod tally;
mod treatment;
mod twice;
mod walk;

use alloc::string::String;
use alloc::vec::Vec;

use maskgate_guest::{Batch, Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};

struct Mask {
    names: Vec<String>,
    walk: walk::Walk,
}

impl Module for Mask {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let rules::Rules { unlisted, rules, names, entities } = rules::read(configuration)?;
        let nodes = automaton::build(&rules, unlisted)?;
        let treatments = rules.into_iter().map(|rule| rule.treatment).collect();
        let walk = walk::Walk::new(nodes, treatments, names.len(), unlisted, entities);
        Ok(Self { names, walk })
    }

    #[inline(always)]
    fn batch(&mut self, batch: &Batch) {
        if !self.walk.shuffles.is_empty() {
            self.walk.collect(batch);
        }
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
