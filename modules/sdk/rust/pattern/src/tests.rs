use crate::{Pattern, Search};

fn matches(pattern: &str, text: &str) -> bool {
    let mut pattern = Pattern::new(pattern).unwrap_or_else(|what| panic!("{pattern}: {what}"));
    pattern.matches(text.as_bytes()).expect("told")
}

#[test]
fn patterns_match_anywhere_unless_they_are_anchored() {
    for (pattern, yes, no) in [
        ("b", "abc", "ac"),
        ("^b", "bc", "abc"),
        ("b$", "ab", "b\n"),
        ("^(?:ab|c)+$", "abcab", "abd"),
        ("^a{2,3}$", "aaa", "aaaa"),
        ("^a{2}$", "aa", "a"),
        ("^a{2,}?$", "aaaaaa", "a"),
        ("^a.c$", "a\u{1f600}c", "a\nc"),
        ("^[^a-c\\d]$", "d", "5"),
        ("^[\\]\\-a]+$", "]-a", "b"),
        ("^[a-]+$", "a-", "b"),
        ("^[]$|x", "x", ""),
        ("^[^]$", "\n", "ab"),
        ("^\\d+$", "123", "١٢٣"),
        ("^\\w+$", "a_9", "é"),
        ("^\\s$", "\u{feff}", "\u{85}"),
        ("\\bfoo\\b", "a foo b", "afoo"),
        ("^\\u00e9\\u{1F600}\\ud83d\\ude00$", "é😀😀", "é😀"),
        ("^\\x41\\cJ\\0\\/\\.$", "A\n\0/.", "A"),
        ("^(?<year>\\d{4})-(\\d\\d)$", "2026-01", "26-01"),
        ("", "", ""),
    ] {
        assert!(matches(pattern, yes), "{pattern} {yes:?}");
        if !pattern.is_empty() {
            assert!(!matches(pattern, no), "{pattern} {no:?}");
        }
    }
}

#[test]
fn what_cannot_be_matched_in_linear_time_or_is_no_pattern_is_refused_with_its_place() {
    for (pattern, error) in [
        ("a(?=b)", "look-ahead"),
        ("(?<!a)b", "look-behind"),
        ("(a)\\1", "back reference"),
        ("a**", "a repetition of a repetition"),
        ("*a", "at character 2: nothing for `*` to repeat"),
        ("é(", "at character 3: a `(` without a `)`"),
        ("a)", "at character 2: a `)` without a `(`"),
        ("[a", "a `[` without a `]`"),
        ("[b-a]", "out of order"),
        ("[\\d-z]", "a range needs two characters"),
        ("a{2,1}", "out of order"),
        ("a{1001}", "more than 1000 times"),
        ("(?:(?:a{1000}){1000}){1000}", "bytes once it is compiled"),
        ("\\p{L}", "isn't known here"),
        ("\\ud800", "half a surrogate pair"),
        ("\\u{110000}", "no character's"),
        ("\\q", "is no escape"),
        ("a{", "expected a count"),
        ("}", "alone is written"),
        ("^*", "what stands for no character"),
        ("((((((((((((((a))))))))))))))", "groups in groups"),
    ] {
        let error_found = Pattern::new(pattern).err().unwrap_or_else(|| panic!("{pattern} was accepted"));
        assert!(error_found.contains(error), "{pattern}: {error_found}");
    }
}

#[test]
fn a_pattern_made_to_take_long_does_not() {
    let text = "a".repeat(100_000);
    assert!(!matches("^(a+)+$", &(text.clone() + "!")));
    assert!(!matches("(.*)(.*)(.*)(.*)b$", &text));
    assert!(!matches("(a|aa)*(a|aa)*[bc]d", &text));
}

fn all<'a>(pattern: &str, text: &'a str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut search = Search::new(pattern).unwrap_or_else(|what| panic!("{pattern}: {what}"));
    search.each(text.as_bytes(), |start, end| found.push(&text[start..end]));
    found
}

#[test]
fn all_matches_from_the_left_none_over_another() {
    for (pattern, text, expected) in [
        ("a", "banana", &["a", "a", "a"][..]),
        ("\\bK-\\d{3}\\b", "K-123, K-1234 xK-123 K-999", &["K-123", "K-999"]),
        ("a|ab", "ab", &["a"]),
        ("ab|a", "ab", &["ab"]),
        ("[a-z]+", "ab é cd", &["ab", "cd"]),
        ("x*", "axxb", &["xx"]),
        ("é+", "aéé", &["éé"]),
        ("^a", "aa", &["a"]),
        ("a$", "aa", &["a"]),
        ("\\Ba", "aa", &["a"]),
        ("", "é", &[]),
        ("(?:ab)+", "ababxab", &["abab", "ab"]),
    ] {
        assert_eq!(all(&pattern.replace("\\\\", "\\"), text), expected, "{pattern}");
    }
}

#[test]
fn where_a_pattern_would_need_more_than_linear_time_the_rest_is_a_match() {
    let text = "a".repeat(100_000);
    assert_eq!(all("a|a*b", &text).iter().map(|found| found.len()).sum::<usize>(), text.len());
}
