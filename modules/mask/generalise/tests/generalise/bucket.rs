//! Ranges of one size, and between edges.

use maskgate_generalise::{As, Edges, Invalid, Steps};

use crate::random::{Random, scaled};
use crate::{NONSENSE, number, string, written};

fn steps(size: &str, offset: &str, form: As) -> Steps {
    Steps::new(size.as_bytes(), offset.as_bytes(), form).expect("steps")
}

fn range(size: &str, offset: &str, value: &str) -> Option<String> {
    let range = written(number(value), |value, out| steps(size, offset, As::Range).write(value, out));
    assert_eq!(range, written(string(value), |value, out| steps(size, offset, As::Range).write(value, out)));
    let lower = written(number(value), |value, out| steps(size, offset, As::Lower).write(value, out));
    assert!(range.is_none() || range.clone().zip(lower).is_some_and(|(range, lower)| range.starts_with(&lower)));
    range
}

#[test]
fn from_the_lower_bound_up_to_the_upper() {
    for (size, offset, value, expected) in [
        ("10", "0", "20", "20-30"),
        ("10", "0", "29", "20-30"),
        ("10", "0", "29.999999999999999999999999999999999999999999999999", "20-30"),
        ("10", "0", "30", "30-40"),
        ("10", "0", "0", "0-10"),
        ("10", "0", "-0", "0-10"),
        ("10", "0", "-0.0", "0-10"),
        ("10", "0", "-1", "-10-0"),
        ("10", "0", "-10", "-10-0"),
        ("10", "0", "-10.000000000000000000000000000000000000000000001", "-20--10"),
        ("10", "0", "-1e-400", "-10-0"),
        ("10", "0", "1e-400", "0-10"),
        ("10", "0", "-1e-99999999999999999999999999", "-10-0"),
        ("10", "0", "25e0", "20-30"),
        ("10", "0", "2.5E1", "20-30"),
        ("10", "0", "2500e-2", "20-30"),
        ("10.0", "0", "25", "20-30"),
        ("1e1", "0.00", "25", "20-30"),
        ("10", "5", "4", "-5-5"),
        ("10", "5", "5", "5-15"),
        ("10", "-25", "4", "-5-5"),
        ("0.25", "0", "0.6", "0.50-0.75"),
        ("0.25", "0", "-0.01", "-0.25-0.00"),
        ("0.25", "0", "7", "7.00-7.25"),
        ("1", "0.5", "7", "6.5-7.5"),
        ("0.001", "0", "-0.0001", "-0.001-0.000"),
        ("1000", "0", "999.99", "0-1000"),
        ("5e3", "0", "12345678", "12345000-12350000"),
        ("7", "3", "1000000000000000000000000", "999999999999999999999995-1000000000000000000000002"),
        ("18", "0", "65", "54-72"),
        ("999999999999999999", "0", "1", "0-999999999999999999"),
        ("999999999999999999", "999999999999999998", "1", "-1-999999999999999998"),
        ("3", "0", "9223372036854775807", "9223372036854775806-9223372036854775809"),
        ("3", "0", "-9223372036854775808", "-9223372036854775809--9223372036854775806"),
    ] {
        assert_eq!(range(size, offset, value).as_deref(), Some(expected), "{value} in steps of {size} from {offset}");
    }
}

#[test]
fn long_numbers_are_exact() {
    let (zeros, nines) = ("0".repeat(398), "9".repeat(399));
    assert_eq!(range("10", "0", "1e400"), Some(format!("1{zeros}00-1{zeros}10")));
    assert_eq!(range("10", "0", "-1e400"), Some(format!("-1{zeros}00--{nines}0")));
    assert_eq!(range("10", "1", "-1e400"), Some(format!("-1{zeros}09--{nines}9")));
    let nines = "9".repeat(300);
    assert_eq!(range("10", "0", &nines), Some(format!("{}0-1{}", "9".repeat(299), "0".repeat(300))));
    assert_eq!(range("10", "0", &format!("-{nines}")), Some(format!("-1{}--{}0", "0".repeat(300), "9".repeat(299))));
    assert_eq!(range("1e300", "0", &nines), Some(format!("0-1{}", "0".repeat(300))));
    // Zeros in front of the digits that count, and behind the ones that don't.
    assert_eq!(range("10", "0", &format!("0.{}25e100002", "0".repeat(100_000))), Some("20-30".into()));
    assert_eq!(range("10", "0", &format!("25.{}1", "0".repeat(100_000))), Some("20-30".into()));
}

#[test]
fn what_has_too_many_digits_is_not_read() {
    assert!(range("10", "0", "1e511").is_some());
    for value in ["1e512", "-1e512", "1e1000000", "1e99999999999999999999", &"9".repeat(513)] {
        assert_eq!(range("10", "0", value), None);
    }
}

#[test]
fn what_is_no_number_is_not_read() {
    for text in
        ["01", "-01", "1.", ".5", "1e", "1e+", "1.e3", "--1", "1e5.0", "Infinity", "1_000"].iter().chain(NONSENSE)
    {
        assert_eq!(range("10", "0", text), None, "{text}");
        assert_eq!(written(string(text), |value, out| edges(&["1"], None).write(value, out)), None, "{text}");
    }
}

#[test]
fn the_range_contains_the_value() {
    let mut random = Random::new(1);
    let sizes =
        [("10", "0"), ("0.25", "0.1"), ("7", "-3"), ("1e5", "12.5"), ("999999999999.999999", "1"), ("3e-9", "0")];
    for round in 0..6_000 {
        let text = random.number(if round % 3 == 0 { 45 } else { 12 });
        let (size, offset) = sizes[random.below(sizes.len())];
        let range = range(size, offset, &text).expect("a number");
        let middle = range.match_indices('-').map(|(at, _)| at).find(|&at| at > 0).expect("two bounds");
        let [lower, value, upper, size, offset] =
            [&range[..middle], &text, &range[middle + 1..], size, offset].map(|text| scaled(text, 100));
        assert!(lower <= value && value < upper, "{text}: {range}");
        assert_eq!(&upper - &lower, size, "{text}: {range}");
        assert_eq!((lower - offset) % size, 0.into(), "{text}: {range}");
    }
}

fn edges(edges: &[&str], labels: Option<&[&str]>) -> Edges {
    let edges: Vec<&[u8]> = edges.iter().map(|edge| edge.as_bytes()).collect();
    Edges::new(&edges, labels).expect("edges")
}

#[test]
fn between_edges() {
    let ages = edges(&["18", "65"], None);
    let temperatures = edges(&["-0.5", "0", "9.99", "1e2"], Some(&["icy", "cold", "\"mild\"", "warm", "∞"]));
    for (value, age, temperature) in [
        ("-3", "<18", "icy"),
        ("17.999999999999999999999999999999999", "<18", "warm"),
        ("18", "18-65", "warm"),
        ("18.0", "18-65", "warm"),
        ("6.5e1", ">=65", "warm"),
        ("64.9", "18-65", "warm"),
        ("-0.500000000000000000000000000000000000000000000000000001", "<18", "icy"),
        ("-0.5", "<18", "cold"),
        ("-0.499999999999999999999999999999999999999999999999999999", "<18", "cold"),
        ("-0", "<18", "\"mild\""),
        ("9.989999999999999999999999", "<18", "\"mild\""),
        ("9.99", "<18", "warm"),
        ("1e400", ">=65", "∞"),
        ("1e9999999999999999999", ">=65", "∞"),
        ("-1e9999999999999999999", "<18", "icy"),
        ("1e-9999999999999999999", "<18", "\"mild\""),
        ("-1e-9999999999999999999", "<18", "cold"),
        ("0e9999999999999999999", "<18", "\"mild\""),
    ] {
        assert_eq!(written(number(value), |value, out| ages.write(value, out)).as_deref(), Some(age), "{value}");
        let found = written(string(value), |value, out| temperatures.write(value, out));
        assert_eq!(found.as_deref(), Some(temperature), "{value}");
    }
    let far = edges(&["-1e400", "1e400"], Some(&["a", "b", "c"]));
    for (value, expected) in [("-1e400", "b"), ("-1.01e400", "a"), ("9.99e399", "b"), ("1e400", "c"), ("0.1", "b")] {
        assert_eq!(written(number(value), |value, out| far.write(value, out)).as_deref(), Some(expected), "{value}");
    }
}

#[test]
fn edges_are_written_without_an_exponent() {
    let edges = edges(&["-1.50", "0.0", "2e3"], None);
    for (value, expected) in [("-2", "<-1.5"), ("-1", "-1.5-0"), ("1", "0-2000"), ("2000", ">=2000")] {
        assert_eq!(written(number(value), |value, out| edges.write(value, out)).as_deref(), Some(expected));
    }
}

#[test]
fn what_is_refused() {
    let refused = |size: &str, offset: &str| Steps::new(size.as_bytes(), offset.as_bytes(), As::Range).err();
    for (size, offset, key) in [
        ("0", "0", "size"),
        ("-0.0", "0", "size"),
        ("-1", "0", "size"),
        ("ten", "0", "size"),
        ("10", "", "offset"),
        ("1234567890123456789", "0", "size"),
        ("1e18", "1", "size"),
        ("1", "1e18", "offset"),
        ("1e513", "0", "size"),
        ("1e-513", "0", "size"),
        ("1e999999999999999999999", "0", "size"),
    ] {
        assert_eq!(refused(size, offset).map(|invalid| invalid.key), Some(key), "{size} {offset}");
    }
    let refused = |edges: &[&str], labels: Option<&[&str]>| {
        let edges: Vec<&[u8]> = edges.iter().map(|edge| edge.as_bytes()).collect();
        Edges::new(&edges, labels).err().map(|Invalid { key, text }| format!("{key} {text}"))
    };
    assert_eq!(refused(&[], None).as_deref(), Some("edges must have one number or more"));
    assert_eq!(refused(&["1", "x"], None).as_deref(), Some("edges must be numbers"));
    for descending in [["2", "1"], ["1", "1.0"], ["0", "-0"]] {
        assert_eq!(refused(&descending, None).as_deref(), Some("edges must ascend"));
    }
    for labels in [&["a"][..], &["a", "b", "c"]] {
        assert_eq!(refused(&["1"], Some(labels)).as_deref(), Some("labels must be one more than edges"));
    }
    assert!(refused(&["1e-30", "1e30"], None).is_some());
    assert!(refused(&["1e99999"], None).is_some());
    assert!(refused(&["1e-513", "1e-512"], None).is_some());
}
