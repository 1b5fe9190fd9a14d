//! Sets of characters.

use alloc::vec::Vec;

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// Set of the characters from each first to each last.
pub fn class(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|&(first, last)| ClassUnicodeRange::new(first, last)))
}

pub fn digits() -> ClassUnicode {
    class(&[('0', '9')])
}

pub fn word() -> ClassUnicode {
    class(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')])
}

/// WhiteSpace and LineTerminator (ECMA-262 sections 12.2 and 12.3).
pub fn space() -> ClassUnicode {
    class(&[
        ('\t', '\r'),
        (' ', ' '),
        ('\u{a0}', '\u{a0}'),
        ('\u{1680}', '\u{1680}'),
        ('\u{2000}', '\u{200a}'),
        ('\u{2028}', '\u{2029}'),
        ('\u{202f}', '\u{202f}'),
        ('\u{205f}', '\u{205f}'),
        ('\u{3000}', '\u{3000}'),
        ('\u{feff}', '\u{feff}'),
    ])
}

/// What `.` stands for: all but line terminators.
pub fn any() -> ClassUnicode {
    not(class(&[('\n', '\n'), ('\r', '\r'), ('\u{2028}', '\u{2029}')]))
}

pub fn not(mut set: ClassUnicode) -> ClassUnicode {
    set.negate();
    set
}

/// What an escape of a class stands for: `\d \D \w \W \s \S`.
pub fn escaped(letter: char) -> Option<ClassUnicode> {
    Some(match letter {
        'd' => digits(),
        'D' => not(digits()),
        'w' => word(),
        'W' => not(word()),
        's' => space(),
        'S' => not(space()),
        _ => return None,
    })
}

/// The union of what stands in `[…]`.
pub fn union(sets: &Vec<ClassUnicode>) -> ClassUnicode {
    let mut all = ClassUnicode::empty();
    for set in sets {
        all.union(set);
    }
    all
}
