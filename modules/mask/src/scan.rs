//! Text of people's own: what is found in it is replaced, the rest stays.

use alloc::string::ToString;
use alloc::vec::Vec;

use maskgate_decimal::Decimal;
use maskgate_detect::{Detector, Hit};
use maskgate_guest::Full;
use maskgate_guest::json::{PADDING, text};

use crate::characters::{Characters, number, quote};
use crate::maker::{LARGE, Scratch, fits};
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
    /// A number in digits alone.
    digits: Vec<u8>,
    /// A hit as a JSON string, and what its treatment makes of that.
    hit: Vec<u8>,
    made: Vec<u8>,
}

impl Scan {
    /// `finds`: of the detector's finds, in their order.
    pub fn new(detector: Detector, finds: Vec<Treatment>, counter: u32) -> Self {
        let (hits, decoded, digits, hit, made) = Default::default();
        Self { detector, finds, counter, hits, decoded, digits, hit, made }
    }

    /// Puts the JSON string in `out` that a string or number becomes; false: nothing is found in it. PADDING bytes behind
    /// `out` can be read then.
    ///
    /// # Safety
    /// As `Characters::of` says.
    pub unsafe fn write(
        &mut self,
        value: &[u8],
        scratch: &mut Scratch,
        tally: &mut Tally,
        out: &mut Vec<u8>,
    ) -> Result<bool, Full> {
        if value.len() > LARGE && !fits(value, NEEDS) {
            return Err(Full);
        }
        let Self { detector, finds, counter, hits, decoded, digits, hit: json, made } = self;
        let mut characters = unsafe { Characters::of(value, decoded) }.bytes();
        detector.find(characters, hits).map_err(|_| Full)?;
        if hits.is_empty() && number(value) && in_digits(value, digits) {
            // A reader's number is the same one: 4.111111111111111e15 is a card's number as well.
            detector.find(digits, hits).map_err(|_| Full)?;
            characters = digits;
        }
        if hits.is_empty() {
            return Ok(false);
        }
        out.clear();
        room(characters, out)?;
        out.push(b'"');
        let mut done = 0;
        for &Hit { start, end, which, .. } in hits.iter() {
            text::encode(&characters[done..start], out);
            let found = &characters[start..end];
            match &mut finds[which] {
                Treatment::Keep => text::encode(found, out),
                Treatment::Drop | Treatment::Scan(_) => {}
                Treatment::Put(text) => add(inner(text.bytes()), &characters[end..], out)?,
                Treatment::Make(maker) => {
                    if found.len() > LARGE && !fits(found, maker.needs() + 6) {
                        return Err(Full);
                    }
                    json.clear();
                    quote(found, json);
                    json.reserve(PADDING);
                    made.clear();
                    // SAFETY: it is a JSON string, and PADDING bytes behind it are ours.
                    let result = unsafe { maker.make(json, scratch, made) };
                    add(inner(if result.is_ok() { made } else { REDACTED }), &characters[end..], out)?;
                }
            }
            // SAFETY: there are as many counters as finds.
            unsafe { tally.count(*counter + which as u32) };
            done = end;
        }
        text::encode(&characters[done..], out);
        out.push(b'"');
        Ok(true)
    }
}

/// Times the bytes of a text that looking through it needs: a find is told in sixteen bytes, twice.
const NEEDS: usize = 24;

/// Adds a piece of JSON, with room behind it for the rest of the text.
fn add(piece: &[u8], rest: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
    out.try_reserve(piece.len()).map_err(|_| Full)?;
    out.extend_from_slice(piece);
    room(rest, out)
}

/// Makes room for a text, however it is escaped, a quote at each end, and PADDING.
fn room(text: &[u8], out: &mut Vec<u8>) -> Result<(), Full> {
    out.try_reserve(6 * text.len() + 2 + PADDING).map_err(|_| Full)
}

/// Writes a number that has a fraction or an exponent, and is a whole number below 2^64, in digits alone. False: it isn't one.
fn in_digits(number: &[u8], digits: &mut Vec<u8>) -> bool {
    let size = number.strip_prefix(b"-").unwrap_or(number);
    if size.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let Some(whole) = Decimal::read(size).and_then(|number| number.scaled(0)) else { return false };
    digits.clear();
    digits.extend_from_slice(whole.to_string().as_bytes());
    true
}

/// What stands in a text for a JSON value: a string's characters, as JSON writes them; nothing for null.
fn inner(json: &[u8]) -> &[u8] {
    match json {
        [b'"', inner @ .., b'"'] => inner,
        b"null" => b"",
        other => other,
    }
}
