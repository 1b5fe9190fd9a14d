//! What the entities' own tests use, and what holds for all of them.

use crate::{Detect, Detector, Entity, Find, Hit};

fn hits(finds: &[Find], least: u8, text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    Detector::new(finds, least).expect("finds that can be used").find(text.as_bytes(), &mut hits).expect("room");
    hits
}

fn entity(name: &str) -> Find {
    Find { detect: vec![Detect::Entity(Entity::by_name(name).expect("an entity"))] }
}

/// The texts that are found of one entity, with the confidence that counts where nothing else is said.
pub fn found<'a>(name: &str, text: &'a str) -> Vec<&'a str> {
    hits(&[entity(name)], 50, text).iter().map(|hit| &text[hit.start..hit.end]).collect()
}

#[test]
fn findings_that_overlap_leave_nothing_uncovered() {
    let text = "x 4111111111111111@example.org y";
    let found = hits(&[entity("card"), entity("email")], 0, text);
    let texts: Vec<_> = found.iter().map(|hit| (&text[hit.start..hit.end], hit.which)).collect();
    assert_eq!(texts, [("4111111111111111@example.org", 1)]);
}

#[test]
fn the_user_of_a_url_is_no_address() {
    let text = "https://jane:pass@example.org and jane@example.org";
    let found = hits(&[entity("email"), entity("url")], 50, text);
    let texts: Vec<_> = found.iter().map(|hit| (&text[hit.start..hit.end], hit.which)).collect();
    assert_eq!(texts, [("jane:pass", 1), ("jane@example.org", 0)]);
}

#[test]
fn the_surer_stands_then_the_longer_then_the_earlier_and_the_rest_of_the_other_is_covered() {
    let words = |word: &str, confidence| Find { detect: vec![Detect::Words { words: vec![word.into()], confidence }] };
    let of = |finds: &[Find], text: &str| {
        let found = hits(finds, 0, text);
        found.iter().map(|hit| format!("{}{}", hit.which, &text[hit.start..hit.end])).collect::<Vec<_>>()
    };
    assert_eq!(of(&[words("a b c", 60), words("c d e", 70)], "a b c d e"), ["0a b ", "1c d e"]);
    assert_eq!(of(&[words("a b c", 70), words("c d e", 60)], "a b c d e"), ["0a b c", "1 d e"]);
    let pattern = |pattern: &str, confidence| Find {
        detect: vec![Detect::Pattern { pattern: pattern.into(), near: vec![], confidence }],
    };
    assert_eq!(of(&[pattern("a.c", 60), pattern("bc..", 60)], "abcde"), ["0a", "1bcde"]);
    assert_eq!(of(&[pattern("abcde", 60), pattern("c", 61)], "abcde"), ["0ab", "1c", "0de"]);
    assert_eq!(of(&[pattern("ab", 60), pattern("ab", 60)], "ab"), ["0ab"]);
    assert_eq!(
        of(&[pattern("ab..ef", 60), pattern("bc", 61), pattern("de", 59), pattern("fgh", 62)], "abcdefgh"),
        ["0a", "1bc", "0de", "3fgh"]
    );
}

#[test]
fn a_policys_own_patterns_and_words() {
    let find = Find {
        detect: vec![
            Detect::Pattern {
                pattern: "\\bK-\\d{4}\\b".into(),
                near: vec!["customer".into(), "Kunde".into()],
                confidence: 80,
            },
            Detect::Words { words: vec!["Project Blue".into()], confidence: 90 },
        ],
    };
    let text = "Kunde K-1234, project  blue, PROJECT BLUE; and much, much further on in the text: the code K-9999";
    let found = hits(&[find], 50, text);
    let texts: Vec<_> = found.iter().map(|hit| (&text[hit.start..hit.end], hit.confidence)).collect();
    assert_eq!(texts, [("K-1234", 80), ("PROJECT BLUE", 90)]);
    let wrong = Find { detect: vec![Detect::Pattern { pattern: "(a)\\1".into(), near: vec![], confidence: 80 }] };
    assert!(Detector::new(&[wrong], 50).err().is_some_and(|what| what.contains("back reference")));
}

/// Findings lie within the text, in order, between characters, whatever the text is; also one that isn't UTF-8.
#[test]
fn any_bytes_whatever() {
    let all: Vec<Find> = Entity::ALL.iter().map(|entity| Find { detect: vec![Detect::Entity(*entity)] }).collect();
    let mut detector = Detector::new(&all, 0).expect("finds that can be used");
    let mut found = Vec::new();
    let pieces = [
        "@",
        "a",
        "1",
        "12",
        "1990",
        "+",
        "49",
        " ",
        "-",
        ".",
        ":",
        "/",
        "://",
        "=",
        "password",
        "\"",
        "é",
        "中",
        "\u{a0}",
        "DE89",
        "(",
        ")",
        "eyJ",
        "sk-",
        "AKIA",
        "-----BEGIN PRIVATE KEY-----",
        "born",
        "May",
        "%40",
        "::",
        "2A",
        "x",
        "ext",
        "_",
        "#",
        "年",
        "4111",
        "1234567890123456789012345678901234567890123",
        "0123456789012345678901234",
        "\u{2010}",
        "\u{200b}",
        "４",
        "＠",
        "\\n",
        "&#64;",
        "[at]",
        "%20",
        "[",
        "]",
        "&",
        "?",
    ];
    let mut state = 1u64;
    for round in 0..20_000 {
        let mut text = Vec::new();
        for _ in 0..round % 23 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            text.extend_from_slice(pieces[(state >> 33) as usize % pieces.len()].as_bytes());
        }
        if round % 7 == 0 {
            text.push((state >> 40) as u8);
        }
        detector.find(&text, &mut found).expect("room");
        let mut end = 0;
        for hit in &found {
            assert!(end <= hit.start && hit.start < hit.end && hit.end <= text.len());
            end = hit.end;
            if let Ok(text) = std::str::from_utf8(&text) {
                assert!(text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end), "{text} {hit:?}");
            }
        }
    }
}
