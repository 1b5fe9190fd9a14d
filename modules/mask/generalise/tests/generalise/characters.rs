//! Truncated, masked whole, masked in part.

use maskgate_generalise::{Fixed, Partial, Truncate};

use crate::random::Random;
use crate::{number, string, written};

fn truncate(keep: usize, value: &str) -> String {
    written(string(value), |value, out| Truncate { keep }.write(value, out)).expect("characters")
}

fn fixed(length: u32, first: u32, last: u32, value: &str) -> String {
    let fixed = Fixed::new(length, '*', first, last).expect("a length");
    written(string(value), |value, out| fixed.write(value, out)).expect("characters")
}

fn partial(first: u32, last: u32, domain: bool, separators: bool, value: &str) -> String {
    let partial = Partial::new(first, last, '*', domain, separators);
    written(string(value), |value, out| partial.write(value, out)).expect("characters")
}

#[test]
fn the_first_characters() {
    for (keep, value, expected) in [
        (3, "10551", "105"),
        (4, "SW1A 1AA", "SW1A"),
        (0, "10551", ""),
        (5, "10551", "10551"),
        (9, "10551", "10551"),
        (usize::MAX, "é", "é"),
        (2, "éèê", "éè"),
        (2, "日本語", "日本"),
        (1, "😀😀", "😀"),
        (3, "", ""),
        // A letter and the accent that follows it are two characters.
        (1, "e\u{301}te\u{301}", "e"),
        (2, "e\u{301}te\u{301}", "e\u{301}"),
    ] {
        assert_eq!(truncate(keep, value), expected, "{value}");
    }
    assert_eq!(written(number("10551"), |value, out| Truncate { keep: 3 }.write(value, out)).as_deref(), Some("105"));
}

#[test]
fn a_length_that_says_nothing() {
    for (length, first, last, value, expected) in [
        (8, 0, 0, "Ann", "********"),
        (8, 0, 0, "Wolfeschlegelsteinhausenbergerdorff", "********"),
        (8, 0, 0, "", "********"),
        (3, 2, 1, "abcdef", "ab***f"),
        (3, 2, 1, "abcd", "ab***d"),
        (3, 2, 1, "abc", "***"),
        (3, 2, 1, "a", "***"),
        (3, 0, 2, "äöü", "***öü"),
        (1, 1, 0, "😀x", "😀*"),
        (2, u32::MAX, u32::MAX, "abc", "**"),
    ] {
        assert_eq!(fixed(length, first, last, value), expected, "{value}");
    }
    let wide = Fixed::new(3, '█', 0, 1).expect("a length");
    assert_eq!(written(string("abc"), |value, out| wide.write(value, out)).as_deref(), Some("███c"));
    for length in [0, 4097] {
        assert_eq!(Fixed::new(length, '*', 0, 0).err().map(|invalid| invalid.key), Some("length"));
    }
}

#[test]
fn both_ends() {
    for (first, last, value, expected) in [
        (0, 0, "secret", "******"),
        (2, 0, "10551", "10***"),
        (0, 2, "10551", "***51"),
        (1, 1, "Ann", "A*n"),
        (1, 1, "An", "**"),
        (3, 3, "Ann", "***"),
        (1, 1, "", ""),
        (1, 1, "a", "*"),
        (1, 1, "äöüß", "ä**ß"),
        (1, 0, "😀😀😀", "😀**"),
        (1, 0, "e\u{301}te\u{301}", "e****"),
        (u32::MAX, u32::MAX, "abc", "***"),
    ] {
        assert_eq!(partial(first, last, false, false, value), expected, "{value}");
    }
    let partial = Partial::new(1, 0, '•', false, false);
    assert_eq!(written(number("-12.5"), |value, out| partial.write(value, out)).as_deref(), Some("-••••"));
}

#[test]
fn the_domain_of_an_address() {
    for (first, last, value, expected) in [
        (0, 0, "ada@example.org", "***@example.org"),
        (1, 0, "ada@example.org", "a**@example.org"),
        (1, 1, "ada@example.org", "a*a@example.org"),
        (2, 1, "ada@example.org", "***@example.org"),
        (1, 0, "\"a@b\"@example.org", "\"****@example.org"),
        (1, 0, "jörg@müller.example", "j***@müller.example"),
        (1, 0, "a@b", "*@b"),
        // No address: hidden like any text.
        (1, 0, "ada", "a**"),
        (0, 0, "@example.org", "************"),
        (0, 0, "ada@", "****"),
        (0, 0, "@", "*"),
        (0, 0, "ada@home, born 1815", "*******************"),
        (0, 0, "ada@x:secret", "************"),
        (0, 0, "", ""),
    ] {
        assert_eq!(partial(first, last, true, false, value), expected, "{value}");
    }
    assert_eq!(partial(1, 0, true, true, "ada.k+x@example.org"), "a**.*+*@example.org");
}

#[test]
fn separators() {
    for (first, last, value, expected) in [
        (0, 4, "4111 1111-1111 1234", "**** ****-**** 1234"),
        (6, 4, "4111 1111 1111 1234", "4111 11** **** 1234"),
        (0, 0, "+49 (30) 123/45-67", "+** (**) ***/**-**"),
        (0, 2, "078-05-1120", "***-**-**20"),
        (0, 0, "-12.50", "-**.**"),
        (1, 0, "O’Neill‑Žižek", "O’*****‑*****"),
        (0, 0, "a\u{a0}b\u{3000}c\td", "*\u{a0}*\u{3000}*\t*"),
        // Accents that combine, emoji, invisible characters and figures of other scripts are hidden.
        (0, 0, "e\u{301}t e\u{301}", "*** **"),
        (0, 0, "👍 १२-x\u{200d}", "* **-**"),
        (1, 1, "a-b-c", "a-*-c"),
        (2, 1, "a-b-c", "*-*-*"),
        (3, 0, "a-b-c", "*-*-*"),
        (0, 0, "", ""),
        (0, 0, "--- ", "****"),
        (2, 1, "(+)", "***"),
    ] {
        assert_eq!(partial(first, last, false, true, value), expected, "{value}");
    }
}

#[test]
fn as_many_characters_as_there_were_and_one_is_hidden() {
    let letters = ['a', 'Z', '7', '-', '.', '@', ' ', 'é', '\u{301}', '日', '😀', '\u{200d}', '’', '\u{a0}'];
    let mut random = Random::new(7);
    for _ in 0..20_000 {
        let length = random.below(12);
        let text: String = (0..length).map(|_| letters[random.below(letters.len())]).collect();
        let (first, last) = (random.below(5) as u32, random.below(5) as u32);
        for (domain, separators) in [(false, false), (true, false), (false, true), (true, true)] {
            let hidden = partial(first, last, domain, separators, &text);
            assert_eq!(hidden.chars().count(), length, "{text}");
            assert!(hidden.chars().zip(text.chars()).all(|(hidden, plain)| hidden == '*' || hidden == plain));
            assert!(text.is_empty() || hidden.contains('*'), "{text}");
        }
        let kept = fixed(3, first, last, &text).chars().count();
        assert!(kept == 3 || kept == 3 + (first + last) as usize && kept - 3 < length);
        let short = truncate(first as usize, &text);
        assert!(text.starts_with(&short) && short.chars().count() == length.min(first as usize));
    }
}
