//! Words around a finding that make it more or less likely.

use crate::byte::at;

/// Bytes that are read before a finding and behind it. More before: people say what a number is, then write it.
const BEFORE: usize = 56;
const BEHIND: usize = 24;

/// Whether one of the words stands near `start..end`. They are in lower case; a `*` at a word's end stands for whatever the
/// word goes on with. Words in the text end where letters end.
pub fn any(text: &[u8], start: usize, end: usize, words: &[&str]) -> bool {
    let first = start.saturating_sub(BEFORE);
    // A word that the window cuts isn't read from its middle.
    let cut = first > 0 && letter(at(text, first - 1));
    among(text, first, start, cut, words) || among(text, end, text.len().min(end + BEHIND), false, words)
}

/// The same for what stands before alone.
pub fn before(text: &[u8], start: usize, words: &[&str]) -> bool {
    let first = start.saturating_sub(BEFORE);
    among(text, first, start, first > 0 && letter(at(text, first - 1)), words)
}

/// The same for what stands in `first..last` alone, from its first letter on.
pub fn within(text: &[u8], first: usize, last: usize, words: &[&str]) -> bool {
    among(text, first, last, first > 0 && letter(at(text, first - 1)) && letter(at(text, first)), words)
}

/// Whether a text is `word`, which is in lower case.
pub fn same(text: &[u8], word: &[u8]) -> bool {
    text.len() == word.len() && !text.is_empty() && stands(text, 0, text.len(), word)
}

fn among(text: &[u8], first: usize, last: usize, cut: bool, words: &[&str]) -> bool {
    let mut inside = cut;
    for place in first..last {
        let is = letter(text[place]);
        if is && !inside && words.iter().any(|word| stands(text, place, last, word.as_bytes())) {
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

fn letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// A byte of a letter in lower case, in ASCII and in Latin-1's letters (U+00C0 to U+00DE, in two bytes).
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
        assert!(any(text, start, end, &["telefon*"]));
        assert!(!any(text, start, end, &["telefon", "nummer*", "mein"]));
        assert!(any(text, start, end, &["tel"]));
        assert!(!before(text, start, &["tel"]));
        assert!(any("NUMÉRO 5".as_bytes(), 8, 9, &["numéro"]));
        assert!(!any(&[&[b'x'; 60], &b" tel 1"[..]].concat()[3..], 62, 63, &["x*"]));
        assert!(any(b"phone_number=5", 13, 14, &["number"]));
    }
}
