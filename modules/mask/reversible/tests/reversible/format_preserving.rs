//! FF1 over texts and integers: what stays, what is refused, and that nothing is lost.

use std::collections::HashSet;

use crate::random::Random;
use maskgate_reversible::ff1::{Ff1, NUMERALS_MOST, TWEAK_MOST};
use maskgate_reversible::{Alphabet, Ends, Integer, Outside, Text};

const KEY: &[u8] = b"sixteen byte key";

fn text(alphabet: &str, first: usize, last: usize) -> Text {
    Text::new(KEY, b"orders", Alphabet::read(alphabet).unwrap(), Ends { first, last }).unwrap()
}

fn integer(first: usize, last: usize) -> Integer {
    Integer::new(KEY, b"orders", Ends { first, last }).unwrap()
}

/// Encrypts, and asserts that the way back leads to the same.
fn encrypted(text: &mut Text, plain: &str) -> Result<String, Outside> {
    let (mut made, mut back) = (vec![], vec![]);
    text.encrypt(plain, &mut made)?;
    let made = String::from_utf8(made).unwrap();
    text.decrypt(&made, &mut back)?;
    assert_eq!(String::from_utf8(back).unwrap(), plain);
    Ok(made)
}

fn integer_encrypted(integer: &mut Integer, plain: &str) -> Result<String, Outside> {
    let (mut made, mut back) = (vec![], vec![]);
    integer.encrypt(plain.as_bytes(), &mut made)?;
    integer.decrypt(&made, &mut back)?;
    assert_eq!(String::from_utf8(back).unwrap(), plain);
    Ok(String::from_utf8(made).unwrap())
}

#[test]
fn separators_stay_where_they_are() {
    let mut digits = text("digits", 0, 0);
    let bare = encrypted(&mut digits, "4111111111111111").unwrap();
    let spaced = encrypted(&mut digits, "4111 1111-1111—1111").unwrap();
    assert_eq!(spaced.replace([' ', '-', '—'], ""), bare);
    assert_eq!(spaced.find('—'), Some(14));
    assert!(bare.len() == 16 && bare.bytes().all(|byte| byte.is_ascii_digit()) && bare != "4111111111111111");
}

#[test]
fn kept_ends_count_characters_of_the_alphabet() {
    let made = encrypted(&mut text("digits", 6, 4), "+41-1111 2222223333").unwrap();
    assert!(made.starts_with("+41-1111 ") && made.ends_with("3333") && !made.contains("222222"), "{made}");
    let made = encrypted(&mut text("upper", 1, 0), "<ABCDEFG>").unwrap();
    assert!(made.starts_with("<A") && made.ends_with('>'), "{made}");
}

#[test]
fn too_few_strings() {
    for (alphabet, characters, least) in [
        ("digits", "9", 6),
        ("hex", "f", 5),
        ("lower", "q", 5),
        ("upper", "Q", 5),
        ("alphanumeric", "z", 4),
        ("text:01", "1", 20),
        ("text:αβγ", "γ", 13),
    ] {
        let mut whole = text(alphabet, 0, 0);
        assert_eq!(encrypted(&mut whole, &characters.repeat(least - 1)), Err(Outside::TooShort), "{alphabet}");
        assert_eq!(encrypted(&mut whole, &characters.repeat(least)).map(|made| made.chars().count()), Ok(least));
        let mut ends = text(alphabet, 2, 1);
        assert_eq!(encrypted(&mut ends, &characters.repeat(least + 2)), Err(Outside::TooShort), "{alphabet}");
        assert!(encrypted(&mut ends, &characters.repeat(least + 3)).is_ok());
    }
    assert_eq!(encrypted(&mut text("digits", 0, 0), ""), Err(Outside::TooShort));
    assert_eq!(encrypted(&mut text("digits", 0, 0), "no digits at all"), Err(Outside::TooShort));
    assert_eq!(encrypted(&mut text("digits", usize::MAX, usize::MAX), "4111111111111111"), Err(Outside::TooShort));
}

#[test]
fn too_many_numerals() {
    let mut digits = text("digits", 3, 2);
    assert!(encrypted(&mut digits, &"7".repeat(NUMERALS_MOST + 5)).is_ok());
    assert_eq!(encrypted(&mut digits, &"7".repeat(NUMERALS_MOST + 6)), Err(Outside::TooLong));
    assert_eq!(encrypted(&mut digits, &"7".repeat(10_000_000)), Err(Outside::TooLong));
    assert_eq!(Ff1::new(KEY, 62, b"").unwrap().most(), 16384 / 6);
    assert_eq!(Ff1::new(KEY, 65535, b"").unwrap().most(), 1024);
    assert_eq!(integer_encrypted(&mut integer(0, 0), &"7".repeat(NUMERALS_MOST + 1)), Err(Outside::TooLong));
}

#[test]
fn nothing_is_written_after_an_error() {
    let mut out = b"before".to_vec();
    assert_eq!(text("digits", 0, 0).encrypt("12345", &mut out), Err(Outside::TooShort));
    assert_eq!(integer(0, 0).encrypt(b"-12345", &mut out), Err(Outside::TooShort));
    assert_eq!(integer(0, 0).encrypt(b"1e9", &mut out), Err(Outside::Integer));
    assert_eq!(out, b"before");
    let mut numerals = [1, 2, 3, 4, 5, 10, 7];
    assert_eq!(Ff1::new(KEY, 10, b"").unwrap().encrypt(&mut numerals), Err(Outside::Numeral));
    assert_eq!(numerals, [1, 2, 3, 4, 5, 10, 7]);
}

#[test]
fn an_alphabet_of_many_bytes_a_character() {
    let kana: String = ('ぁ'..='ん').collect();
    let made = encrypted(&mut text(&format!("text:{kana}"), 0, 0), "たなか たろう (44)").unwrap();
    assert!(made.chars().count() == 12 && made.ends_with(" (44)") && made.chars().nth(3) == Some(' '), "{made}");
    let largest: String = ('\u{a1}'..).filter(|c| !c.is_control()).take(Alphabet::MOST).collect();
    assert_eq!(encrypted(&mut text(&format!("text:{largest}"), 0, 0), "漢字!").unwrap().chars().count(), 3);
}

#[test]
fn every_domain_and_key_has_its_own_permutation() {
    let one = |key: &[u8], domain: &[u8]| {
        let mut out = vec![];
        let alphabet = Alphabet::read("digits").unwrap();
        Text::new(key, domain, alphabet, Ends::default()).unwrap().encrypt("4111111111111111", &mut out).unwrap();
        out
    };
    let made =
        HashSet::from([one(KEY, b"orders"), one(KEY, b"order"), one(KEY, b""), one(b"sixteen byte kez", b"orders")]);
    assert_eq!(made.len(), 4);
}

/// A function that isn't one-to-one would have about 800 values twice.
#[test]
fn the_smallest_domain_is_permuted() {
    let (mut digits, mut integer) = (text("digits", 0, 0), integer(0, 0));
    let (mut texts, mut integers) = (HashSet::new(), HashSet::new());
    for number in (100_000..1_000_000).step_by(22) {
        assert!(texts.insert(encrypted(&mut digits, &number.to_string()).unwrap()));
        assert!(integers.insert(integer_encrypted(&mut integer, &number.to_string()).unwrap()));
    }
    assert!(texts.iter().any(|text| text.starts_with('0')) && !integers.iter().any(|text| text.starts_with('0')));
}

#[test]
fn integers_stay_integers() {
    let mut random = Random::new(5);
    let mut integer = integer(0, 0);
    for _ in 0..20_000 {
        let plain = (random.next() as i64 >> random.below(43)).to_string();
        match integer_encrypted(&mut integer, &plain) {
            Ok(made) => {
                assert_eq!((made.len(), made.starts_with('-')), (plain.len(), plain.starts_with('-')));
                let digits = made.trim_start_matches('-');
                assert!(!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()), "{made}");
            }
            Err(error) => assert!(error == Outside::TooShort && plain.trim_start_matches('-').len() < 6),
        }
    }
    for other in [
        "",
        "-",
        "1.5",
        "1234567.0",
        "1e10",
        "01234567",
        "-01234567",
        "+1234567",
        "1234 567",
        "--1234567",
        "０１２３４５６７",
    ] {
        assert_eq!(integer_encrypted(&mut integer, other), Err(Outside::Integer), "{other}");
    }
    assert_eq!(integer_encrypted(&mut integer, "0"), Err(Outside::TooShort));
}

#[test]
fn digits_of_an_integer_may_stay() {
    let made = integer_encrypted(&mut integer(0, 4), "-12345678901234").unwrap();
    assert!(made.starts_with('-') && made.ends_with("1234") && made != "-12345678901234");
    // Behind a digit that stays, a zero is a digit like any other.
    let zeros = (100_000..101_000).map(|number| integer_encrypted(&mut integer(1, 0), &format!("9{number}")).unwrap());
    assert!(zeros.filter(|made| made.starts_with("90")).count() > 50);
    assert_eq!(integer_encrypted(&mut integer(1, 1), "1234567"), Err(Outside::TooShort));
}

#[test]
fn a_round_trip_at_random() {
    let mut random = Random::new(6);
    for (name, characters) in Alphabet::NAMED {
        let mut text = text(name, 0, 0);
        let characters: Vec<char> = characters.chars().collect();
        for _ in 0..2_000 {
            let length = 6 + random.below(90);
            let plain: String = (0..length).map(|_| characters[random.below(characters.len())]).collect();
            let made = encrypted(&mut text, &plain).unwrap();
            assert!(made.len() == length && made.chars().all(|character| characters.contains(&character)));
        }
    }
}

#[test]
fn what_is_weak_is_refused() {
    let refused = |key: &[u8], radix, tweak: &[u8]| Ff1::new(key, radix, tweak).err().unwrap().text().to_string();
    assert_eq!(refused(b"fifteen bytes..", 10, b""), "the key has 15 bytes; it must have 16, 24 or 32");
    assert_eq!(refused(b"", 10, b""), "the key has 0 bytes; it must have 16, 24 or 32");
    assert_eq!(refused(&[0; 16], 10, b""), "the key is one byte repeated");
    assert_eq!(refused(&[b'x'; 32], 10, b""), "the key is one byte repeated");
    assert_eq!(refused(KEY, 1, b""), "the radix is 1; it must be 2 to 65535");
    assert_eq!(refused(KEY, 65536, b""), "the radix is 65536; it must be 2 to 65535");
    assert_eq!(refused(KEY, 10, &[0; TWEAK_MOST + 1]), "the domain has 1025 bytes; it must have 1024 at most");

    let refused = |alphabet: &str| Alphabet::read(alphabet).err().unwrap().text().to_string();
    assert!(refused("numbers").starts_with("the alphabet must be digits, hex"));
    assert!(refused("").starts_with("the alphabet must be digits, hex"));
    assert_eq!(refused("text:"), "the alphabet has 0 characters; it must have 2 to 65535");
    assert_eq!(refused("text:a"), "the alphabet has 1 characters; it must have 2 to 65535");
    assert_eq!(refused("text:abcdea"), "the alphabet has `a` twice");
    assert_eq!(refused("text:äöüä"), "the alphabet has `ä` twice");
    assert_eq!(refused("text:ab\nc"), "the alphabet has the control character U+000A");
    assert_eq!(refused("text:ab\u{85}"), "the alphabet has the control character U+0085");
    let many: String = ('\u{a1}'..).take(65536).collect();
    assert_eq!(refused(&format!("text:{many}")), "the alphabet has 65536 characters; it must have 2 to 65535");
    assert_eq!(Alphabet::read("text:\"\\'").unwrap().radix(), 3);
}
