//! Which recogniser runs where.

use alloc::string::String;
use alloc::vec::Vec;

use crate::anchor::Anchors;
use crate::digits::Digits;
use crate::{Detect, Entity, Find, Hit, card, email};

const NOBODY: u16 = u16::MAX;

/// What was found so far, and who wants what.
pub struct Findings<'a> {
    /// For each entity the find that looks for it.
    which: &'a [u16; Entity::ALL.len()],
    least: u8,
    found: &'a mut Vec<Hit>,
}

impl Findings<'_> {
    #[inline(always)]
    pub fn wants(&self, entity: Entity) -> bool {
        self.which[entity as usize] != NOBODY
    }

    /// `confidence`: what is beyond 100 is 100, what is below 0 is 0.
    pub fn add(&mut self, entity: Entity, start: usize, end: usize, confidence: i32) {
        let confidence = confidence.clamp(0, 100) as u8;
        let which = self.which[entity as usize];
        if which != NOBODY && confidence >= self.least {
            self.found.push(Hit { start, end, which: usize::from(which), confidence });
        }
    }
}

pub struct Scan {
    which: [u16; Entity::ALL.len()],
    least: u8,
    anchors: Anchors,
    digits: Digits,
}

impl Scan {
    pub fn new(finds: &[Find], least: u8) -> Result<Self, String> {
        let mut which = [NOBODY; Entity::ALL.len()];
        for (number, find) in finds.iter().enumerate() {
            for detect in &find.detect {
                if let Detect::Entity(entity) = detect {
                    let wanted = &mut which[*entity as usize];
                    *wanted = (*wanted).min(number as u16);
                }
            }
        }
        Ok(Self { which, least, anchors: Anchors::new(b"0123456789@%"), digits: Digits::new() })
    }

    pub fn text(&mut self, text: &[u8], found: &mut Vec<Hit>) {
        let Self { which, least, anchors, digits } = self;
        let mut findings = Findings { which, least: *least, found };
        anchors.each(text, |place| match text[place] {
            b'@' => email::find(text, place, &mut findings),
            b'%' => email::find_encoded(text, place, &mut findings),
            _ => {
                digits.read(text, place);
                card::find(text, digits, &mut findings);
            }
        });
    }
}
