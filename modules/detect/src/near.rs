//! Words around a finding that make it more or less likely.

use alloc::string::String;

use crate::byte::at;

/// Bytes that are read before a finding and behind it. More before: people say what a number is, then write it.
const BEFORE: usize = 56;
const BEHIND: usize = 24;

/// Of words that say that something is something else: they stand right before it.
const RIGHT_BEFORE: usize = 24;

/// The most words of one list.
const MOST: usize = 128;

/// Chains of words that begin alike.
const CHAINS: usize = 64;

const NONE: u8 = u8::MAX;

/// Words in lower case, spaces between them; a `*` at a word's end stands for whatever the word goes on with.
pub struct Words {
    words: &'static [u8],
    /// For each chain its first word, and for each word the next of its chain.
    first: [u8; CHAINS],
    next: [u8; MOST],
    /// Where each word begins and ends.
    spans: [(u16, u16); MOST],
}

impl Words {
    pub const fn new(words: &'static str) -> Self {
        let words = words.as_bytes();
        let mut made = Self { words, first: [NONE; CHAINS], next: [NONE; MOST], spans: [(0, 0); MOST] };
        let (mut place, mut number) = (0, 0);
        while place < words.len() {
            let start = place;
            while place < words.len() && words[place] != b' ' {
                place += 1;
            }
            let alone = place - start == 1;
            let chain = chain(words[start], if alone { 0 } else { words[start + 1] });
            made.spans[number] = (start as u16, place as u16);
            made.next[number] = made.first[chain];
            made.first[chain] = number as u8;
            number += 1;
            place += 1;
        }
        made
    }

    /// Whether one of the words begins at a place and ends before `last`.
    #[inline(always)]
    fn stand(&self, text: &[u8], place: usize, last: usize) -> bool {
        let first = lower(0, text[place]);
        let second = at(text, place + 1);
        let second = if letter(second) || second == b'.' || second == b'-' { lower(first, second) } else { 0 };
        let mut number = self.first[chain(first, second)];
        while number != NONE {
            let (start, end) = self.spans[usize::from(number)];
            if stands(text, place, last, &self.words[usize::from(start)..usize::from(end)]) {
                return true;
            }
            number = self.next[usize::from(number)];
        }
        false
    }
}

const fn chain(first: u8, second: u8) -> usize {
    (first as usize * 5 + second as usize) % CHAINS
}

/// Whether one of the words stands near `start..end`. Words in the text end where letters end.
pub fn any(text: &[u8], start: usize, end: usize, words: &Words) -> bool {
    around(text, start, end, |place, last| words.stand(text, place, last))
}

/// The same for a policy's words.
pub fn any_of(text: &[u8], start: usize, end: usize, words: &[String]) -> bool {
    around(text, start, end, |place, last| words.iter().any(|word| stands(text, place, last, word.as_bytes())))
}

/// The same for what stands right before alone.
pub fn before(text: &[u8], start: usize, words: &Words) -> bool {
    let first = start.saturating_sub(RIGHT_BEFORE);
    among(text, first, start, cut(text, first), |place, last| words.stand(text, place, last))
}

/// The same for what stands in `first..last` alone, but for a word that begins before it.
pub fn within(text: &[u8], first: usize, last: usize, words: &Words) -> bool {
    among(text, first, last, cut(text, first), |place, last| words.stand(text, place, last))
}

/// Where the last of the words in `first..last` begins.
pub fn last(text: &[u8], first: usize, last: usize, words: &Words) -> Option<usize> {
    let begins = |place: &usize| *place == 0 || !letter(text[place - 1]);
    (first..last)
        .rev()
        .filter(|&place| letter(text[place]))
        .filter(begins)
        .find(|&place| words.stand(text, place, last))
}

/// Whether a text is `word`, which is in lower case.
pub fn same(text: &[u8], word: &[u8]) -> bool {
    text.len() == word.len() && !text.is_empty() && stands(text, 0, text.len(), word)
}

/// Whether a word that begins before `first` goes on there: it isn't read from its middle.
fn cut(text: &[u8], first: usize) -> bool {
    first > 0 && letter(at(text, first - 1))
}

#[inline(always)]
fn around(text: &[u8], start: usize, end: usize, stand: impl Fn(usize, usize) -> bool + Copy) -> bool {
    let first = start.saturating_sub(BEFORE);
    among(text, first, start, cut(text, first), stand) || among(text, end, text.len().min(end + BEHIND), false, stand)
}

/// Whether `stand` says yes at the beginning of a word in `first..last`.
#[inline(always)]
fn among(text: &[u8], first: usize, last: usize, cut: bool, stand: impl Fn(usize, usize) -> bool) -> bool {
    let mut inside = cut;
    for (offset, &byte) in text[first..last].iter().enumerate() {
        let is = letter(byte);
        if is && !inside && stand(first + offset, last) {
            return true;
        }
        inside = is;
    }
    false
}

/// Whether a word stands at a place, all of it before `last`.
fn stands(text: &[u8], place: usize, last: usize, word: &[u8]) -> bool {
    let (word, open) = match word {
        [word @ .., b'*'] => (word, true),
        word => (word, false),
    };
    if place + word.len() > last || lower(0, text[place]) != word[0] {
        return false;
    }
    let mut previous = 0;
    for (found, wanted) in text[place..].iter().zip(word) {
        if lower(previous, *found) != *wanted {
            return false;
        }
        previous = *found;
    }
    open || !letter(at(text, place + word.len()))
}

#[inline(always)]
fn letter(byte: u8) -> bool {
    (byte | 0x20).wrapping_sub(b'a') < 26 || byte >= 0x80
}

/// A byte of a letter in lower case, in ASCII and in Latin-1's letters (U+00C0 to U+00DE, in two bytes).
#[inline(always)]
fn lower(previous: u8, byte: u8) -> u8 {
    match byte {
        0x80..=0x9e if previous == 0xc3 && byte != 0x97 => byte + 0x20,
        _ => byte.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_or_their_beginnings_in_either_case_before_and_behind() {
        let text = "Meine TELEFONNUMMER ist 123 (tel)".as_bytes();
        let (start, end) = (24, 27);
        assert!(any(text, start, end, &Words::new("call telefon*")));
        assert!(!any(text, start, end, &Words::new("telefon nummer* mein")));
        assert!(any(text, start, end, &Words::new("tel")));
        assert!(!before(text, start, &Words::new("tel")));
        assert!(any("NUMÉRO 5".as_bytes(), 8, 9, &Words::new("numéro")));
        assert!(any("§ 5 v".as_bytes(), 3, 4, &Words::new("v")));
        assert!(!any(&[&[b'x'; 60], &b" tel 1"[..]].concat()[3..], 62, 63, &Words::new("x*")));
        assert!(any(b"phone_number=5", 13, 14, &Words::new("number")));
        assert!(any_of(b"Badge 5", 6, 7, &["badge".into()]));
    }
}
