//! Which recogniser runs where.

use alloc::collections::TryReserveError;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::anchor::Anchors;
use crate::byte::at;
use crate::digits::{self, Digits, Link};
use crate::pattern::Pattern;
use crate::words::Words;
use crate::{Detect, Entity, Find, Hit};
use crate::{
    birth, card, email, france, germany, iban, named, network, secret, telephone, united_kingdom, united_states, url,
};

const NOBODY: u16 = u16::MAX;

/// Finds that one detector can have.
const FINDS: usize = 1000;

/// What was found so far, and who wants what.
pub struct Findings<'a> {
    /// For each entity the find that looks for it.
    which: &'a [u16; Entity::ALL.len()],
    least: u8,
    found: &'a mut Vec<Hit>,
    /// Whether there was room for all.
    room: Result<(), TryReserveError>,
}

impl Findings<'_> {
    #[inline(always)]
    pub fn wants(&self, entity: Entity) -> bool {
        self.which[entity as usize] != NOBODY
    }

    /// Whether something of this confidence counts.
    #[inline(always)]
    pub fn counts(&self, confidence: i32) -> bool {
        confidence >= i32::from(self.least)
    }

    /// `confidence`: what is beyond 100 is 100, what is below 0 is 0.
    pub fn add(&mut self, entity: Entity, start: usize, end: usize, confidence: i32) {
        let which = self.which[entity as usize];
        if which != NOBODY {
            self.put(start, end, which, confidence.clamp(0, 100) as u8);
        }
    }

    fn put(&mut self, start: usize, end: usize, which: u16, confidence: u8) {
        if confidence >= self.least && start < end && self.room.is_ok() {
            self.room = self.found.try_reserve(1);
            if self.room.is_ok() {
                self.found.push(Hit { start, end, which: usize::from(which), confidence });
            }
        }
    }
}

pub struct Scan {
    which: [u16; Entity::ALL.len()],
    least: u8,
    anchors: Anchors,
    digits: Digits,
    patterns: Vec<Pattern>,
    words: Words,
}

impl Scan {
    pub fn new(finds: &[Find], least: u8) -> Result<Self, String> {
        if finds.len() > FINDS {
            return Err(format!("more than {FINDS} kinds of findings"));
        }
        let mut which = [NOBODY; Entity::ALL.len()];
        let (mut patterns, mut words) = (Vec::new(), Words::default());
        for (number, find) in finds.iter().enumerate() {
            let number = number as u16;
            for detect in &find.detect {
                match detect {
                    Detect::Entity(entity) => {
                        let wanted = &mut which[*entity as usize];
                        *wanted = (*wanted).min(number);
                    }
                    Detect::Pattern { pattern, near, confidence } => {
                        patterns.push(Pattern::new(pattern, near, number, *confidence)?);
                    }
                    Detect::Words { words: new, confidence } => words.add(new, number, *confidence)?,
                }
            }
        }
        let anchors = Anchors::new(&places(|entity| which[entity as usize] != NOBODY));
        Ok(Self { which, least, anchors, digits: Digits::new(), patterns, words })
    }

    /// Adds what is found. The error: there is no memory for it.
    pub fn text(&mut self, text: &[u8], found: &mut Vec<Hit>) -> Result<(), TryReserveError> {
        let Self { which, least, anchors, digits, patterns, words } = self;
        let mut findings = Findings { which, least: *least, found, room: Ok(()) };
        if !anchors.is_empty() {
            entities(text, anchors, digits, &mut findings);
        }
        for pattern in patterns {
            pattern.find(text, |start, end, which, confidence| findings.put(start, end, which, confidence));
        }
        if !words.is_empty() {
            words.find(text, |hit| findings.put(hit.start, hit.end, hit.which, hit.confidence));
        }
        findings.room
    }
}

/// The bytes that a finding of what is wanted can hang on.
fn places(wants: impl Fn(Entity) -> bool) -> Vec<u8> {
    let mut places = Vec::new();
    for entity in Entity::ALL.iter().filter(|entity| wants(**entity)) {
        places.extend_from_slice(match entity {
            Entity::Email => b"@%",
            Entity::Ipv6 | Entity::Url => b":",
            Entity::Mac => b":-.",
            Entity::Secret => secret::ANCHORS,
            _ => b"0123456789",
        });
    }
    places
}

fn entities(text: &[u8], anchors: &Anchors, digits: &mut Digits, findings: &mut Findings) {
    let (wants_url, wants_secret) = (findings.wants(Entity::Url), findings.wants(Entity::Secret));
    let (wants_mac, wants_v6) = (findings.wants(Entity::Mac), findings.wants(Entity::Ipv6));
    // Where what was read last of a URL, and of a value with a name, ends; the `@` of that URL is none of an address.
    let (mut url_end, mut url_user, mut value_end) = (0, None, 0);
    let mut number_end = 0;
    anchors.each(text, |place| {
        let byte = text[place];
        if byte.is_ascii_digit() {
            if place >= number_end {
                number_end = numbers(text, place, digits, findings);
            }
            return;
        }
        match byte {
            b'@' if url_user == Some(place) => {}
            b'@' => email::find(text, place, findings),
            b'%' => email::find_encoded(text, place, findings),
            b':' if url::begins(text, place) => {
                if wants_url && place >= url_end {
                    (url_end, url_user) = url::find(text, place, findings);
                }
            }
            b':' => {
                if wants_mac || wants_v6 {
                    network::at_colon(text, place, findings);
                }
                if wants_secret && place >= value_end {
                    value_end = named::find(text, place, findings);
                }
            }
            b'=' if place >= value_end => value_end = named::find(text, place, findings),
            b'=' => {}
            b'-' => {
                if wants_mac {
                    network::at_hyphen(text, place, findings);
                }
                if wants_secret {
                    secret::private_key(text, place, findings);
                    secret::find(text, place, findings);
                }
            }
            b'.' => {
                if wants_mac {
                    network::at_dot(text, place, findings);
                }
                if wants_secret {
                    secret::find(text, place, findings);
                }
            }
            b'w' => named::find_spoken(text, place, findings),
            _ => secret::find(text, place, findings),
        }
    });
}

/// How sure a number is of which the parts aren't looked at by themselves.
const SURE: u8 = 85;

/// At the first of a run of digits. Where a number that is sure ends: what begins within is a part of it.
fn numbers(text: &[u8], place: usize, digits: &mut Digits, findings: &mut Findings) -> usize {
    let first = findings.found.len();
    number(text, place, digits, findings);
    let sure = findings.found[first..].iter().filter(|hit| hit.confidence >= SURE);
    sure.map(|hit| hit.end).max().unwrap_or(0)
}

#[inline(never)]
fn number(text: &[u8], place: usize, digits: &mut Digits, findings: &mut Findings) {
    if findings.wants(Entity::Iban) {
        iban::find(text, place, findings);
    }
    if findings.wants(Entity::GbNino) {
        united_kingdom::national_insurance(text, place, findings);
    }
    // What goes on with a longer number is none by itself, but for what has a form of its own.
    let left = digits::left(text, place);
    match left {
        Link::Joined | Link::Dot => return,
        Link::Hyphen | Link::Slash | Link::Other => {
            let dotted = (1..=3).any(|len| at(text, place + len) == b'.');
            if !dotted {
                if findings.wants(Entity::DeSocial) {
                    germany::pension(text, place, left, findings);
                }
                return;
            }
        }
        _ => {}
    }
    digits.read(text, place, left);
    if findings.wants(Entity::DateOfBirth) {
        birth::find(text, digits, findings);
    }
    if digits.digits().len() < 4 {
        return;
    }
    if findings.wants(Entity::Ipv4) {
        network::v4(text, digits, findings);
    }
    // Two digits before the letter of a German number, six before that of a Corsican.
    if findings.wants(Entity::DeSocial) {
        germany::pension(text, place, left, findings);
    }
    if findings.wants(Entity::FrNir) {
        france::nir(text, digits, findings);
    }
    if digits.digits().len() < 7 {
        return;
    }
    if findings.wants(Entity::Telephone) {
        telephone::find(text, digits, findings);
    }
    if digits.digits().len() < 9 {
        return;
    }
    if findings.wants(Entity::Card) {
        card::find(text, digits, findings);
    }
    if findings.wants(Entity::UsSsn) {
        united_states::find(text, digits, findings);
    }
    if findings.wants(Entity::GbNhs) {
        united_kingdom::health(text, digits, findings);
    }
    if findings.wants(Entity::DeTaxId) {
        germany::tax_id(text, digits, findings);
    }
    if findings.wants(Entity::FrTax) {
        france::tax(text, digits, findings);
    }
}
