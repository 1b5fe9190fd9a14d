//! What stands at a place of a text. Places outside hold NUL, which is none of what is asked for.

#[inline(always)]
pub fn at(text: &[u8], place: usize) -> u8 {
    text.get(place).copied().unwrap_or(0)
}

/// The byte before a place.
#[inline(always)]
pub fn before(text: &[u8], place: usize) -> u8 {
    if place == 0 { 0 } else { at(text, place - 1) }
}

/// Whether a byte goes on with a word or number: letters beyond ASCII don't, since many scripts set no space there.
#[inline(always)]
pub fn joins(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether `start..end` isn't the middle of a longer word or number.
#[inline(always)]
pub fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    !joins(before(text, start)) && !joins(at(text, end))
}

/// Whether `word` (lower case) stands at a place, in upper or lower case.
pub fn begins(text: &[u8], place: usize, word: &[u8]) -> bool {
    text.get(place..place + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
}

/// The length of the space at a place: an ASCII one, or one of those that keep numbers together (U+00A0, U+2009, U+202F). 0:
/// there is none.
#[inline(always)]
pub fn space(text: &[u8], place: usize) -> usize {
    match at(text, place) {
        b' ' => 1,
        0xc2 if at(text, place + 1) == 0xa0 => 2,
        0xe2 if at(text, place + 1) == 0x80 && matches!(at(text, place + 2), 0x89 | 0xaf) => 3,
        _ => 0,
    }
}

/// The length of the hyphen at a place: an ASCII one, or U+2010 to U+2013, U+2212. 0: there is none.
#[inline(always)]
pub fn hyphen(text: &[u8], place: usize) -> usize {
    match (at(text, place), at(text, place + 1), at(text, place + 2)) {
        (b'-', ..) => 1,
        (0xe2, 0x80, 0x90..=0x93) | (0xe2, 0x88, 0x92) => 3,
        _ => 0,
    }
}
