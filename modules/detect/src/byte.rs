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

/// Whether a byte goes on with a word or number. Letters beyond ASCII don't, since many scripts set no space there; nor does a
/// `_`, which stands around emphasis and between the parts of names.
#[inline(always)]
pub fn joins(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
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

/// The length of the space at a place: one or two of ASCII, or one of those that keep numbers together (U+00A0, U+2009, U+202F).
/// 0: there is none.
#[inline(always)]
pub fn space(text: &[u8], place: usize) -> usize {
    match at(text, place) {
        b' ' => 1 + usize::from(at(text, place + 1) == b' '),
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

/// The character at a place and its length; U+FFFD where the text isn't UTF-8.
pub fn character(text: &[u8], place: usize) -> (char, usize) {
    let chunk = text[place..text.len().min(place + 4)].utf8_chunks().next();
    let first = chunk.and_then(|chunk| chunk.valid().chars().next());
    first.map_or((char::REPLACEMENT_CHARACTER, 1), |first| (first, first.len_utf8()))
}

/// The character that ends at `end`.
pub fn last_character(text: &[u8], end: usize) -> (char, usize) {
    let start = (end.saturating_sub(4)..end).rev().find(|&start| text[start] & 0xc0 != 0x80).unwrap_or(end - 1);
    let (found, len) = character(text, start);
    if start + len == end { (found, len) } else { (char::REPLACEMENT_CHARACTER, 1) }
}

/// Whether a character beyond ASCII can be in a name: not a space, not punctuation.
pub fn in_a_name(character: char) -> bool {
    !matches!(character,
        '\u{80}'..='\u{a9}' | '\u{ab}'..='\u{b4}' | '\u{b6}'..='\u{b9}' | '\u{bb}'..='\u{bf}' | '\u{d7}' | '\u{f7}'
        | '\u{2000}'..='\u{200b}' | '\u{200e}'..='\u{2bff}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{30fb}'
        | '\u{964}' | '\u{965}' | '\u{fe10}'..='\u{fe6f}' | '\u{feff}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'
        | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' | '\u{ffe0}'..='\u{fffd}')
}

/// Whether a character is of a script that sets no spaces between words: Han, kana, Hangul, Thai, Lao, Khmer, Burmese.
pub fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
