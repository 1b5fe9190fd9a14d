//! `metrics-extractor`: counts and sums by what messages hold (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `rule` | a metric, and what a message adds to it |
#![no_std]

extern crate alloc;

mod rule;

use alloc::vec::Vec;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::{Paths, Pick};
use maskgate_predicate::Room;

/// What a metric may come to in a batch: whoever reads JSON can hold it, in a double too.
const MOST: u64 = 1 << 53;

/// Rules whose names and numbers fit into a report: the host takes 64 KiB.
const RULES: usize = 500;

struct Metrics {
    pick: Pick,
    rules: Vec<rule::Rule>,
    sums: Vec<u64>,
    /// What the message at hand adds; only added once it is known to pass.
    adds: Vec<u64>,
    /// Whether a value that can't be taken is left out, and the message not refused.
    skips: bool,
    skipped: u64,
    room: Room,
}

impl Module for Metrics {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["rules", "unreadable"])?;
        let mut paths = Paths::new();
        let list = members.required("rules")?;
        let mut rules: Vec<rule::Rule> = Vec::new();
        for setting in list.items()? {
            let rule = rule::read(&setting, &mut paths)?;
            if rules.iter().any(|other| other.name == rule.name) {
                return Err(setting.wrong("has a name that another rule has"));
            }
            rules.push(rule);
        }
        if rules.is_empty() || rules.len() > RULES {
            return Err(list.wrong(alloc::format!("must have a rule, and at most {RULES}")));
        }
        let skips = members.optional("unreadable").map_or(Ok(0), |found| found.choice(&["refuse", "skip"]))? == 1;
        let sums = alloc::vec![0; rules.len()];
        Ok(Self { pick: Pick::new(paths), rules, sums, adds: Vec::new(), skips, skipped: 0, room: Room::default() })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let found = self.pick.message(message)?;
        self.adds.clear();
        let mut skipped = 0;
        for (rule, sum) in self.rules.iter().zip(&self.sums) {
            let added = rule.adds(&found, &mut self.room).and_then(|added| match sum.checked_add(added) {
                Some(total) if total < MOST => Ok(added),
                _ => Err(Refusal::whole("sum_too_large")),
            });
            match added {
                Ok(added) => self.adds.push(added),
                Err(_) if self.skips => {
                    self.adds.push(0);
                    skipped += 1;
                }
                Err(refusal) => return Err(refusal),
            }
        }
        found.pass(output)?;
        self.sums.iter_mut().zip(&self.adds).for_each(|(sum, added)| *sum += added);
        self.skipped += skipped;
        Ok(Outcome::Pass)
    }

    fn report(&mut self, report: &mut Report) {
        for (rule, sum) in self.rules.iter().zip(&mut self.sums) {
            report.count(&rule.name, core::mem::take(sum));
        }
        report.count("skipped", core::mem::take(&mut self.skipped));
    }
}

export!(Metrics);
