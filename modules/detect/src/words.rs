//! A policy's own words and phrases, found whole and in upper and lower case alike.
//!
//! A text is read as tokens: words, and every other character alone; of scripts that set no spaces between words each
//! character alone. The table holds a hash for each beginning of a phrase that ends with a token, so that it takes a few bytes
//! a token, and a fresh instance has it soon. From each word on the text is followed for as long as the table knows what was
//! read, which no phrase of more than LONGEST tokens makes long.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::byte::{self, is_unspaced};

/// Tokens of one phrase.
const LONGEST: usize = 64;

/// Beginnings of phrases that end with a token, of all words together: 24 MiB while the table grows.
const MOST: usize = 1 << 19;

/// FNV-1a, 64 bits.
const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// What of a phrase ends with a hash: nothing, or a phrase of this confidence; and whether a longer one begins so.
#[derive(Clone, Copy, Default)]
struct Entry {
    hash: u64,
    which: u16,
    confidence: u8,
    more: bool,
}

#[derive(Default)]
pub struct Words {
    /// Open addressing; the hash 0 stands for an empty place. A power of two.
    table: Vec<Entry>,
    used: usize,
}

/// A phrase that was found.
pub struct Found {
    pub start: usize,
    pub end: usize,
    pub which: u16,
    pub confidence: u8,
}

impl Words {
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Adds the words of the find `which`. A phrase that is known already stays that of the surer, then the earlier find.
    pub fn add(&mut self, words: &[String], which: u16, confidence: u8) -> Result<(), String> {
        for word in words {
            let text = word.trim().as_bytes();
            let (mut place, mut hash, mut count) = (0, SEED, 0);
            while place < text.len() {
                place = token(text, place, &mut hash);
                count += 1;
                self.insert(hash, (place == text.len()).then_some((which, confidence)));
            }
            if self.used > MOST {
                return Err(format!("the words have more than {MOST} parts together"));
            }
            if count == 0 {
                return Err(String::from("a word must not be empty"));
            }
            if count > LONGEST {
                return Err(format!("a phrase has more than {LONGEST} words and signs"));
            }
        }
        Ok(())
    }

    fn insert(&mut self, hash: u64, ends: Option<(u16, u8)>) {
        if self.used * 2 >= self.table.len() {
            let larger = vec![Entry::default(); (self.table.len() * 2).max(16)];
            for entry in core::mem::replace(&mut self.table, larger) {
                if entry.hash != 0 {
                    let place = self.place(entry.hash);
                    self.table[place] = entry;
                }
            }
        }
        let place = self.place(hash);
        let entry = &mut self.table[place];
        self.used += usize::from(entry.hash == 0);
        entry.hash = hash;
        match ends {
            None => entry.more = true,
            Some((which, confidence)) if confidence > entry.confidence => {
                (entry.which, entry.confidence) = (which, confidence)
            }
            Some(_) => {}
        }
    }

    /// Where a hash is, or would be.
    fn place(&self, hash: u64) -> usize {
        let mask = self.table.len() - 1;
        let mut place = (hash >> 32) as usize & mask;
        while self.table[place].hash != hash && self.table[place].hash != 0 {
            place = (place + 1) & mask;
        }
        place
    }

    /// Gives `found` the longest phrase from each word on; they may overlap.
    pub fn find(&self, text: &[u8], mut found: impl FnMut(Found)) {
        let mut start = 0;
        while start < text.len() {
            let mut hash = SEED;
            let mut place = token(text, start, &mut hash);
            let next = place;
            let mut longest = None;
            loop {
                let entry = self.table[self.place(hash)];
                if entry.hash == 0 {
                    break;
                }
                if entry.confidence > 0 {
                    longest = Some(Found { start, end: place, which: entry.which, confidence: entry.confidence });
                }
                if !entry.more || place >= text.len() {
                    break;
                }
                place = token(text, place, &mut hash);
            }
            start = next;
            longest.into_iter().for_each(&mut found);
        }
    }
}

/// Hashes the token at a place, in lower case, and gives where it ends. All white space is alike.
fn token(text: &[u8], start: usize, hash: &mut u64) -> usize {
    let mut place = start;
    let mut feed = |byte: u8| *hash = (*hash ^ u64::from(byte)).wrapping_mul(PRIME);
    while place < text.len() {
        let byte = text[place];
        if byte < 0x80 {
            let inside = byte.is_ascii_alphanumeric() || byte == b'_';
            if inside || place == start {
                feed(if byte.is_ascii_whitespace() { b' ' } else { byte.to_ascii_lowercase() });
                place += 1;
            }
            if !inside {
                break;
            }
            continue;
        }
        let (character, len) = byte::character(text, place);
        let single = is_unspaced(character) || !(byte::in_a_name(character));
        if single && place > start {
            break;
        }
        if character == '\u{a0}' {
            feed(b' ');
        } else {
            for lower in character.to_lowercase() {
                lower.encode_utf8(&mut [0; 4]).bytes().for_each(&mut feed);
            }
        }
        place += len;
        if single {
            break;
        }
    }
    if *hash == 0 {
        *hash = SEED;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn found(words: &[&str], text: &str) -> Vec<String> {
        let mut table = Words::default();
        table.add(&words.iter().map(|word| word.to_string()).collect::<Vec<_>>(), 0, 80).expect("words");
        let mut found = Vec::new();
        table.find(text.as_bytes(), |hit| found.push(text[hit.start..hit.end].to_string()));
        found
    }

    #[test]
    fn whole_words_and_phrases_in_either_case() {
        let words = ["Ada Lovelace", "Ada", "Müller", "O'Neill", "r2-d2", "田中", "김철수"];
        assert_eq!(found(&words, "ada lovelace, ADA, Adam and MÜLLER; müllers"), ["ada lovelace", "ADA", "MÜLLER"]);
        assert_eq!(found(&words, "Ada\u{a0}Lovelace o'neill R2-D2."), ["Ada\u{a0}Lovelace", "o'neill", "R2-D2"]);
        assert_eq!(found(&words, "私は田中です 김철수는"), ["田中", "김철수"]);
        assert_eq!(found(&words, "Ada Love, ada ada lovelace"), ["Ada", "ada", "ada lovelace"]);
        assert_eq!(found(&["a a a b"], "a a a a b"), ["a a a b"]);
        assert_eq!(found(&words, ""), [""; 0]);
    }

    #[test]
    fn what_is_no_word_is_refused() {
        let mut table = Words::default();
        assert!(table.add(&[" ".into()], 0, 80).is_err());
        assert!(table.add(&["a ".repeat(40)], 0, 80).is_err());
        assert!(table.is_empty() || table.used > 0);
    }

    #[test]
    fn many_words() {
        let words: Vec<String> = (0..20_000).map(|number| format!("word{number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(found(&words, "word0 word19999 word20000"), ["word0", "word19999"]);
        let words: Vec<String> = (0..600_000).map(|number| format!("word{number}")).collect();
        assert!(Words::default().add(&words, 0, 80).is_err());
    }
}
