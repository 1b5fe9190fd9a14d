//! The shipped lists of names, and names as addresses of mail write them.

use alloc::vec::Vec;

/// A list of names (UTF-8), sorted, one a line. Where each begins is computed when this crate is compiled.
pub struct List<const COUNT: usize> {
    text: &'static str,
    starts: [u16; COUNT],
}

pub static GIVEN: List<256> = List::new(include_str!("../data/given.txt"));
pub static FAMILY: List<512> = List::new(include_str!("../data/family.txt"));

impl<const COUNT: usize> List<COUNT> {
    const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = [0; COUNT];
        let (mut line, mut at) = (0, 0);
        while at < bytes.len() {
            if at == 0 || bytes[at - 1] == b'\n' {
                starts[line] = at as u16; // an index that isn't there ends the compilation
                line += 1;
            }
            at += 1;
        }
        assert!(line == COUNT && bytes.len() <= u16::MAX as usize && bytes[bytes.len() - 1] == b'\n');
        Self { text, starts }
    }

    /// The name that a number chooses: evenly, as far as `COUNT` divides 65536.
    pub fn choose(&self, number: u16) -> &'static str {
        let name = &self.text[usize::from(self.starts[usize::from(number) % COUNT])..];
        name.split_once('\n').map_or(name, |(name, _)| name)
    }

    #[cfg(test)]
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.text.lines()
    }
}

/// Adds a name in small letters of ASCII: without accents, and without whatever else isn't a letter.
pub fn fold(name: &str, out: &mut Vec<u8>) {
    for character in name.chars().flat_map(char::to_lowercase) {
        out.extend(match character {
            'a'..='z' => Some(character as u8),
            'á' | 'ã' | 'ä' | 'ầ' => Some(b'a'),
            'ç' | 'ć' | 'č' => Some(b'c'),
            'é' | 'ê' | 'ë' => Some(b'e'),
            'ğ' => Some(b'g'),
            'í' | 'ı' => Some(b'i'),
            'ł' => Some(b'l'),
            'ñ' | 'ń' => Some(b'n'),
            'ó' | 'ö' | 'ō' => Some(b'o'),
            'ř' => Some(b'r'),
            'š' | 'ş' => Some(b's'),
            'ú' | 'ü' => Some(b'u'),
            'ý' => Some(b'y'),
            _ => None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidy<const COUNT: usize>(list: &List<COUNT>) {
        let names: Vec<&str> = list.all().collect();
        assert_eq!(names.len(), COUNT);
        assert!(names.is_sorted_by(|one, other| one < other), "sorted, and none twice");
        for (number, name) in (0..).zip(names) {
            assert_eq!(list.choose(number), name);
            assert!(name.len() > 1 && name.chars().all(char::is_alphabetic), "{name}");
            let mut folded = vec![];
            fold(name, &mut folded);
            assert_eq!(folded.len(), name.chars().count(), "{name}: a letter that `fold` doesn't know");
        }
    }

    #[test]
    fn the_lists_are_tidy() {
        tidy(&GIVEN);
        tidy(&FAMILY);
    }

    #[test]
    fn a_number_beyond_the_list_chooses_too() {
        assert_eq!(GIVEN.choose(256), GIVEN.choose(0));
        assert_eq!(FAMILY.choose(u16::MAX), FAMILY.choose(511));
    }
}
