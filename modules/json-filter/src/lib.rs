//! `json-filter`: keeps the messages for which a predicate holds (see `../manifest.yaml`, `../README.md`).
#![no_std]

extern crate alloc;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::{Paths, Pick};
use maskgate_predicate::{Predicate, Room};

struct Filter {
    pick: Pick,
    predicate: Predicate,
    room: Room,
    /// Whether a message that isn't kept is refused, not dropped.
    refuses: bool,
    /// Whether a message whose values can't be compared is dropped, not refused.
    drops_errors: bool,
    dropped: u64,
    not_comparable: u64,
}

impl Module for Filter {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["when", "else", "on_error"])?;
        let when = members.required("when")?;
        let mut paths = Paths::new();
        let predicate = Predicate::read(when.string()?, &mut paths).map_err(|what| when.wrong(what))?;
        let choice = |name, choices| members.optional(name).map_or(Ok(0), |setting| setting.choice(choices));
        Ok(Self {
            refuses: choice("else", &["drop", "refuse"])? == 1,
            drops_errors: choice("on_error", &["refuse", "drop"])? == 1,
            pick: Pick::new(paths),
            predicate,
            room: Room::default(),
            dropped: 0,
            not_comparable: 0,
        })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let found = self.pick.message(message)?;
        match self.predicate.holds(&found, &mut self.room) {
            Ok(true) => {
                found.pass(output)?;
                Ok(Outcome::Pass)
            }
            Ok(false) if self.refuses => Err(Refusal::whole("filtered")),
            Ok(false) => {
                self.dropped += 1;
                Ok(Outcome::Drop)
            }
            Err(_) if self.drops_errors => {
                self.not_comparable += 1;
                Ok(Outcome::Drop)
            }
            Err(error) => Err(Refusal::at("not_comparable", error.offset)),
        }
    }

    fn report(&mut self, report: &mut Report) {
        report.count("dropped", core::mem::take(&mut self.dropped));
        report.count("not_comparable", core::mem::take(&mut self.not_comparable));
    }
}

export!(Filter);
