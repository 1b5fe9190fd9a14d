//! `schema-validator`: checks messages against a JSON Schema, draft 2020-12 (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `schema` | a schema as it is evaluated |
//! | `compile` | a schema out of its JSON: the document, its references |
//! | `keywords` | what each keyword becomes |
//! | `constants` | the values of `enum` and `const` |
//! | `evaluate` | a message against the schemas |
//! | `steps` | what a schema asks of which value, step by step |
//! | `check` | what a value is asked alone |
//! | `formats` | the formats that can be asserted |
#![no_std]

extern crate alloc;

mod check;
mod compile;
mod constants;
mod evaluate;
mod formats;
mod keywords;
mod schema;
mod steps;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_tape::Tape;

struct Validator {
    tape: Tape,
    evaluator: evaluate::Evaluator,
    /// Whether a message that breaks the schema is dropped, not refused.
    drops: bool,
    dropped: u64,
}

impl Module for Validator {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["schema", "format", "else"])?;
        let choice = |name, choices| members.optional(name).map_or(Ok(0), |setting| setting.choice(choices));
        let asserted = choice("format", &["annotate", "assert"])? == 1;
        let drops = choice("else", &["refuse", "drop"])? == 1;
        let schema = members.required("schema")?;
        let compiled = compile::compile(schema.value(), asserted).map_err(|what| schema.wrong(what))?;
        Ok(Self { tape: Tape::new(), evaluator: evaluate::Evaluator::new(compiled), drops, dropped: 0 })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let values = self.tape.message(message)?;
        match self.evaluator.violation(&values)? {
            None => {
                maskgate_pick::pass(values.json(0), output)?;
                Ok(Outcome::Pass)
            }
            Some(_) if self.drops => {
                self.dropped += 1;
                Ok(Outcome::Drop)
            }
            Some(offset) => Err(Refusal::at("schema_violation", offset)),
        }
    }

    fn report(&mut self, report: &mut Report) {
        report.count("dropped", core::mem::take(&mut self.dropped));
    }
}

export!(Validator);
