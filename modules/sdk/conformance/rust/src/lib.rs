//! Every way that a message can go, the same in each language of the SDKs: see `../../vectors.yaml`.
#![no_std]

extern crate alloc;

use alloc::format;
use alloc::string::String;

use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export, secret};

struct Conformance {
    prefix: String,
    upper: bool,
    /// Bytes that the secret has, where there is one.
    secret: Option<usize>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    passed: u64,
    dropped: u64,
    refused: u64,
    bytes: u64,
}

impl Module for Conformance {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let members = configuration.members(&["prefix", "secret", "upper"])?;
        let prefix = members.optional("prefix").map_or(Ok(""), |setting| setting.string())?;
        let upper = members.optional("upper").map_or(Ok(false), |setting| setting.boolean())?;
        let length = |setting: Setting| Ok::<_, Wrong>(secret(setting.string()?)?.len());
        let secret = members.optional("secret").map(length).transpose()?;
        Ok(Self { prefix: prefix.into(), upper, secret, counts: Counts::default() })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let outcome = self.transform(message.bytes(), output);
        match outcome {
            Ok(Outcome::Drop) => self.counts.dropped += 1,
            Ok(_) => {}
            Err(_) => self.counts.refused += 1,
        }
        outcome
    }

    fn report(&mut self, report: &mut Report) {
        let Counts { passed, dropped, refused, bytes } = core::mem::take(&mut self.counts);
        report.count("passed", passed);
        report.count("dropped", dropped);
        report.count("refused", refused);
        report.count("bytes", bytes);
    }
}

impl Conformance {
    fn transform(&mut self, message: &[u8], output: &mut Output) -> Result<Outcome, Refusal> {
        match message.strip_suffix(b"\n").unwrap_or(message) {
            [] => Ok(Outcome::Drop),
            [b'!', ..] => Err(Refusal::at("conformance_refused", 1)),
            [b'*', b'0', b':', ..] => Ok(Outcome::Drop),
            [b'*', count @ b'1'..=b'9', b':', rest @ ..] => self.several(count - b'0', rest, output),
            [b'?'] => panic!("asked to"),
            [b'$'] => match self.secret {
                Some(length) => self.pass("", format!("{length}").as_bytes(), false, output),
                None => Err(Refusal::whole("conformance_no_secret")),
            },
            [b'#', text @ ..] => match core::str::from_utf8(text) {
                Ok(text) => self.pass("", format!("{}", text.chars().count()).as_bytes(), false, output),
                Err(error) => Err(Refusal::at("conformance_invalid_utf8", 1 + error.valid_up_to())),
            },
            text => {
                let prefix = core::mem::take(&mut self.prefix);
                let outcome = self.pass(&prefix, text, self.upper, output);
                self.prefix = prefix;
                outcome
            }
        }
    }

    fn several(&mut self, count: u8, text: &[u8], output: &mut Output) -> Result<Outcome, Refusal> {
        // Room for all of them first: a message gives all its outputs or is refused.
        let each = self.prefix.len() + text.len();
        output.room(usize::from(count) * each)?;
        for _ in 0..count {
            output.put(self.prefix.as_bytes())?;
            output.put(text)?;
            output.pass();
        }
        self.counts.passed += u64::from(count);
        self.counts.bytes += u64::from(count) * each as u64;
        Ok(Outcome::Several)
    }

    fn pass(&mut self, prefix: &str, text: &[u8], upper: bool, output: &mut Output) -> Result<Outcome, Refusal> {
        output.put(prefix.as_bytes())?;
        let to = output.room(text.len())?;
        // SAFETY: `room` gave as many bytes, in a buffer of its own.
        unsafe {
            for (at, byte) in text.iter().enumerate() {
                to.add(at).write(if upper { byte.to_ascii_uppercase() } else { *byte });
            }
            output.wrote(to.add(text.len()));
        }
        self.counts.passed += 1;
        self.counts.bytes += (prefix.len() + text.len()) as u64;
        Ok(Outcome::Pass)
    }
}

export!(Conformance);
