//! Names and addresses: stable, keyed, spread over the lists.

use std::collections::{HashMap, HashSet};

use maskgate_reversible::{Host, Part, Plausible};

const SECRET: &[u8] = b"0123456789abcdef";

fn plausible(secret: &[u8], domain: &[u8]) -> Plausible {
    Plausible::new(secret, domain).unwrap()
}

fn name(plausible: &Plausible, value: &str, part: Part) -> String {
    let mut out = vec![];
    plausible.name(value.as_bytes(), part, &mut out);
    String::from_utf8(out).unwrap()
}

fn email(plausible: &Plausible, value: &str) -> String {
    let mut out = vec![];
    plausible.email(value.as_bytes(), &Host::new("mail.example").unwrap(), &mut out);
    String::from_utf8(out).unwrap()
}

/// Computed with Python's hmac from the same lists: data/given.txt and data/family.txt.
#[test]
fn known_values() {
    let plausible = plausible(SECRET, b"pii.name");
    assert_eq!(name(&plausible, "Ann Smith", Part::Full), "Efua Johnston");
    assert_eq!(email(&plausible, "ann@example.com"), "jessica.fraser8365@mail.example");
}

#[test]
fn parts_of_one_name() {
    let plausible = plausible(SECRET, b"pii.name");
    for value in ["", "Ann Smith", "李小龙", "a\0b"] {
        let [full, given, family] = [Part::Full, Part::Given, Part::Family].map(|part| name(&plausible, value, part));
        assert_eq!(full, format!("{given} {family}"));
        assert_eq!(full, name(&plausible, value, Part::Full));
    }
}

#[test]
fn secrets_domains_and_values_choose_anew() {
    let one = plausible(SECRET, b"pii.name");
    let value = "Ann Smith";
    assert_ne!(email(&one, value), email(&one, "Ann Smyth"));
    assert_ne!(email(&one, value), email(&plausible(b"0123456789abcdeg", b"pii.name"), value));
    assert_ne!(email(&one, value), email(&plausible(SECRET, b"crm.name"), value));
    // The zero byte keeps a domain and a value apart.
    assert_ne!(email(&plausible(SECRET, b"ab"), "c"), email(&plausible(SECRET, b"a"), "bc"));
}

#[test]
fn addresses_are_addresses() {
    let plausible = plausible(SECRET, b"pii.email");
    let mut lengths = HashMap::<usize, u32>::new();
    for number in 0..20_000 {
        let email = email(&plausible, &number.to_string());
        let (local, host) = email.split_once('@').unwrap();
        let (given, rest) = local.split_once('.').unwrap();
        let family = rest.trim_end_matches(|character: char| character.is_ascii_digit());
        assert_eq!(host, "mail.example");
        assert!(
            [given, family].iter().all(|part| part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        );
        let digits = &rest[family.len()..];
        assert!((2..=4).contains(&digits.len()) && !digits.starts_with('0'), "{email}");
        *lengths.entry(digits.len()).or_default() += 1;
    }
    assert_eq!(lengths.len(), 3);
}

#[test]
fn every_name_is_chosen() {
    let plausible = plausible(SECRET, b"pii.name");
    let (mut given, mut family, mut full, mut emails) =
        (HashSet::new(), HashSet::new(), HashSet::new(), HashSet::new());
    for number in 0..20_000 {
        let value = number.to_string();
        given.insert(name(&plausible, &value, Part::Given));
        family.insert(name(&plausible, &value, Part::Family));
        full.insert(name(&plausible, &value, Part::Full));
        emails.insert(email(&plausible, &value));
    }
    assert_eq!((given.len(), family.len()), (256, 512));
    // 131072 * (1 - exp(-20000 / 131072)) = 18551 are expected.
    assert!((18_400..18_700).contains(&full.len()), "{}", full.len());
    assert!(emails.len() > 19_990, "{}", emails.len());
}

#[test]
fn what_is_weak_is_refused() {
    let refused = |secret: &[u8], domain: &[u8]| Plausible::new(secret, domain).err().unwrap().text().to_string();
    assert_eq!(refused(b"fifteen bytes..", b"a"), "the key has 15 bytes; it must have 16 or more");
    assert_eq!(refused(&[7; 40], b"a"), "the key is one byte repeated");
    assert_eq!(refused(SECRET, b"a\0b"), "the domain has the character U+0000, which stands between it and the value");
    for host in ["", ".", "a..b", "-a.example", "a-.example", "a b.example", "a@b", "münchen.example", "a.example."] {
        assert!(Host::new(host).is_err(), "{host}");
    }
    for label in [63, 64] {
        assert_eq!(Host::new(&format!("{}.example", "a".repeat(label))).is_ok(), label == 63);
    }
    assert!(
        Host::new(&["a".repeat(60), "b".repeat(60), "c".repeat(60), "d".repeat(60), "e".repeat(20)].join(".")).is_err()
    );
    assert!(Host::new("a").is_ok() && Host::new("x-1.EXAMPLE.com").is_ok());
}
