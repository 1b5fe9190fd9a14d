//! Findings that overlap.

use alloc::collections::TryReserveError;
use alloc::vec::Vec;

use crate::Hit;

/// Writes what was found into `hits`: in the order of the text, none of two over the same byte. The surer one has the bytes
/// of both, then the longer, then that of the earlier find; what the other has beside them stays its own, unless that is
/// nothing but punctuation.
pub fn settle(text: &[u8], found: &mut [Hit], hits: &mut Vec<Hit>) -> Result<(), TryReserveError> {
    // Mostly they come in order.
    if !found.is_sorted_by_key(|hit| hit.start) {
        found.sort_unstable_by_key(|hit| hit.start);
    }
    for hit in found.iter() {
        hits.try_reserve(1)?;
        if hits.last().is_none_or(|last| last.end <= hit.start) {
            hits.push(*hit);
        } else {
            over(text, *hit, hits)?;
        }
    }
    Ok(())
}

/// Adds a hit that begins where `hits` has something, or before it: no earlier than any that was added before.
fn over(text: &[u8], hit: Hit, hits: &mut Vec<Hit>) -> Result<(), TryReserveError> {
    let first = hits.iter().rposition(|other| other.end <= hit.start).map_or(0, |before| before + 1);
    let others = hits.len();
    hits.try_reserve(3 * (others - first) + 1)?;
    let mut place = hit.start;
    // The result is written behind what it replaces, which then goes.
    for number in first..others {
        let other = hits[number];
        if surer(&hit, &other) {
            add(text, hits, Hit { end: other.end.min(hit.start), ..other });
            if other.end > hit.end {
                add(text, hits, Hit { start: place, ..hit });
                place = hit.end;
                add(text, hits, Hit { start: other.start.max(hit.end), ..other });
            }
        } else {
            add(text, hits, Hit { start: place, end: other.start.min(hit.end), ..hit });
            hits.push(other);
            place = place.max(other.end);
        }
    }
    add(text, hits, Hit { start: place, ..hit });
    hits.drain(first..others);
    Ok(())
}

fn add(text: &[u8], hits: &mut Vec<Hit>, hit: Hit) {
    if hit.start < hit.end && text[hit.start..hit.end].iter().any(|&byte| byte.is_ascii_alphanumeric() || byte >= 0x80)
    {
        hits.push(hit);
    }
}

fn surer(one: &Hit, other: &Hit) -> bool {
    let rank = |hit: &Hit| (hit.confidence, hit.end - hit.start, usize::MAX - hit.which);
    rank(one) > rank(other)
}
