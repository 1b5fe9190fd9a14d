//! `http-enricher`: asks a host about values of a message and adds what it answers (see `../manifest.yaml`, `../README.md`).
//!
//! | file | what it holds |
//! | --- | --- |
//! | `settings` | the configuration |
//! | `template` | an address with places for values of the message |
//! | `content` | what a POST says of the message |
#![no_std]

extern crate alloc;

mod content;
mod settings;
mod template;

use alloc::vec::Vec;

use maskgate_guest::http::{Answer, Client, request};
use maskgate_guest::{Message, Module, Outcome, Output, Refusal, Report, Setting, Wrong, export};
use maskgate_pick::{Found, Pick};

use settings::{Failed, Missing, Settings};

/// Statuses that say that there is nothing (RFC 9110): No Content, Not Found, Gone.
const NOTHING: [u32; 3] = [204, 404, 410];

struct Enricher {
    settings: Settings,
    pick: Pick,
    client: Client,
    /// Finds what is wanted in an answer.
    select: Pick,
    request: Vec<u8>,
    added: Vec<u8>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    found: u64,
    missing: u64,
    failed: u64,
}

impl Module for Enricher {
    fn configure(configuration: &Setting) -> Result<Self, Wrong> {
        let (settings, paths, answer) = settings::read(configuration)?;
        Ok(Self {
            settings,
            pick: Pick::new(paths),
            client: Client::new(),
            select: Pick::new(answer),
            request: Vec::new(),
            added: Vec::new(),
            counts: Counts::default(),
        })
    }

    fn message(&mut self, message: Message, output: &mut Output) -> Result<Outcome, Refusal> {
        let Self { settings, pick, client, select, request, added, counts } = self;
        let found = pick.message(message)?;
        if settings.member.stays(settings.existing, &found, output)? {
            return Ok(Outcome::Pass);
        }
        if !settings.ask(&found, request) {
            return missing(settings, counts, &found, output);
        }
        let mut answer = match client.ask(request) {
            Answer::Pending => return Ok(Outcome::Drop), // of a run that is thrown away
            Answer::Given { status, .. } if NOTHING.contains(&status) => {
                return missing(settings, counts, &found, output);
            }
            Answer::Given { status: 200..=299, body } => body,
            Answer::Given { .. } | Answer::Failed | Answer::NotGranted => {
                return failed(settings, counts, &found, output, "lookup_failed");
            }
        };
        let Ok(answered) = select.message(answer.message()) else {
            return failed(settings, counts, &found, output, "answer_not_json");
        };
        match answered.value(0) {
            Some(value) if value != b"null" => {
                added.clear();
                added.extend_from_slice(value);
                one_line(added);
                settings.member.write(&found, added, output)?;
                counts.found += 1;
                Ok(Outcome::Pass)
            }
            _ => missing(settings, counts, &found, output),
        }
    }

    fn report(&mut self, report: &mut Report) {
        let counts = core::mem::take(&mut self.counts);
        report.count("found", counts.found);
        report.count("missing", counts.missing);
        report.count("failed", counts.failed);
    }
}

impl Settings {
    /// Writes the request that a message leads to. False: the message lacks a value for it.
    fn ask(&self, found: &Found, out: &mut Vec<u8>) -> bool {
        let Some(url) = self.url.filled(found) else { return false };
        let body = match &self.send {
            Some(content) => match content.filled(found) {
                Some(body) => Some(body),
                None => return false,
            },
            None => None,
        };
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        request(&url, &headers, body.as_deref(), out);
        true
    }
}

/// Line ends in a JSON value stand between its tokens, where spaces mean the same.
fn one_line(value: &mut [u8]) {
    for byte in value {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// The host has nothing, or there was nothing to ask about.
fn missing(settings: &Settings, counts: &mut Counts, found: &Found, output: &mut Output) -> Result<Outcome, Refusal> {
    match settings.missing {
        Missing::Refuse => return Err(Refusal::whole("not_found")),
        Missing::Null => settings.member.write(found, b"null", output)?,
        Missing::Omit => found.pass(output)?,
    }
    counts.missing += 1;
    Ok(Outcome::Pass)
}

/// The host gave no answer, or none that can be read.
fn failed(
    settings: &Settings,
    counts: &mut Counts,
    found: &Found,
    output: &mut Output,
    code: &'static str,
) -> Result<Outcome, Refusal> {
    match settings.failed {
        Failed::Refuse => return Err(Refusal::whole(code)),
        Failed::Null => settings.member.write(found, b"null", output)?,
        Failed::Omit => found.pass(output)?,
    }
    counts.failed += 1;
    Ok(Outcome::Pass)
}

export!(Enricher);
