//! Text of people's own: what is found in it is replaced, the rest stays.

use alloc::vec::Vec;

use maskgate_detect::{Detector, Hit};
use maskgate_guest::json::{PADDING, text};

use crate::characters::{Characters, quote};
use crate::maker::Scratch;
use crate::tally::Tally;
use crate::treatment::{REDACTED, Treatment};

pub struct Scan {
    detector: Detector,
    /// What becomes of a hit, by what it was found as.
    finds: Vec<Treatment>,
    /// The first find's counter; the others' follow.
    counter: u32,
    hits: Vec<Hit>,
    /// The characters of a string with escapes.
    decoded: Vec<u8>,
    /// A hit as a JSON string, and what its treatment makes of that.
    hit: Vec<u8>,
    made: Vec<u8>,
}

impl Scan {
    /// `finds`: of the detector's finds, in their order.
    pub fn new(detector: Detector, finds: Vec<Treatment>, counter: u32) -> Self {
        let (hits, decoded, hit, made) = Default::default();
        Self { detector, finds, counter, hits, decoded, hit, made }
    }

    /// Puts the JSON string in `out` that a string or number becomes; false: nothing is found in it. PADDING bytes behind
    /// `out` can be read then.
    ///
    /// # Safety
    /// As `Characters::of` says.
    pub unsafe fn write(&mut self, value: &[u8], scratch: &mut Scratch, tally: &mut Tally, out: &mut Vec<u8>) -> bool {
        let Self { detector, finds, counter, hits, decoded, hit: json, made } = self;
        let characters = unsafe { Characters::of(value, decoded) }.bytes();
        detector.find(characters, hits);
        if hits.is_empty() {
            return false;
        }
        out.clear();
        out.push(b'"');
        let mut done = 0;
        for &Hit { start, end, which, .. } in hits.iter() {
            text::encode(&characters[done..start], out);
            let found = &characters[start..end];
            match &mut finds[which] {
                Treatment::Keep => text::encode(found, out),
                Treatment::Drop | Treatment::Scan(_) => {}
                Treatment::Put(text) => out.extend_from_slice(inner(text.bytes())),
                Treatment::Make(maker) => {
                    json.clear();
                    quote(found, json);
                    json.reserve(PADDING);
                    made.clear();
                    // SAFETY: it is a JSON string, and PADDING bytes behind it are ours.
                    let result = unsafe { maker.make(json, scratch, made) };
                    out.extend_from_slice(inner(if result.is_ok() { made } else { REDACTED }));
                }
            }
            // SAFETY: there are as many counters as finds.
            unsafe { tally.count(*counter + which as u32) };
            done = end;
        }
        text::encode(&characters[done..], out);
        out.push(b'"');
        out.reserve(PADDING);
        true
    }
}

/// What stands in a text for a JSON value: a string's characters, as JSON writes them; nothing for null.
fn inner(json: &[u8]) -> &[u8] {
    match json {
        [b'"', inner @ .., b'"'] => inner,
        b"null" => b"",
        other => other,
    }
}
