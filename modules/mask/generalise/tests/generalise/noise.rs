//! Numbers move by no more than they may, on the grid of their last digit, and always.

use std::collections::HashSet;

use maskgate_generalise::{By, Noise};
use num_bigint::BigInt;

use crate::random::{Random, scaled};
use crate::{NONSENSE, SECRET, number, string, written};

fn noise(by: By, value: &str) -> Option<String> {
    let noise = Noise::new(SECRET, "hr.salary", by).expect("noise");
    let moved = written(number(value), |value, out| noise.write(value, out));
    assert_eq!(moved, written(string(value), |value, out| noise.write(value, out)));
    moved
}

fn amount(by: &str, value: &str) -> Option<String> {
    noise(By::Amount(by.as_bytes()), value)
}

fn percent(percent: &str, value: &str) -> Option<String> {
    noise(By::Percent(percent.as_bytes()), value)
}

/// Computed with Python's hmac and decimal.
#[test]
fn known_values() {
    for (by, value, expected) in [
        ("1000", "50000", "50563"),
        ("1e3", "5e4", "50563"),
        ("1000", "500e2", "50563"),
        ("0.5", "12.50", "12.28"),
        ("1", "-0.012", "0.195"),
        ("1", "-12E-3", "0.195"),
        ("10", "150", "142"),
        ("10.9", "1.5e2", "142"),
    ] {
        assert_eq!(amount(by, value).as_deref(), Some(expected), "{value}");
    }
    assert_eq!(amount("10", "1e400"), Some(format!("1{}9", "0".repeat(399))));
    assert_eq!(percent("10", "50000").as_deref(), Some("52813"));
    assert_eq!(percent("2.5", "199.99").as_deref(), Some("198.35"));
}

#[test]
fn within_bounds_with_as_many_digits() {
    let mut random = Random::new(5);
    let mut unmoved = 0;
    for round in 0..4_000 {
        let text = random.number(if round % 2 == 0 { 6 } else { 60 });
        let by = ["0.5", "10", "1e6", "99.999", "1e-7"][random.below(5)];
        let Some(moved) = amount(by, &text) else {
            unmoved += 1;
            continue;
        };
        let places = moved.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i64);
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i64);
        assert_eq!(places, (fraction - exponent.parse::<i64>().expect("an exponent")).max(0), "{text} {moved}");
        let [value, moved, by] = [text.as_str(), &moved, by].map(|text| scaled(text, 200));
        let distance = if moved > value { moved - value } else { value - moved };
        assert!(distance > BigInt::ZERO && distance <= by, "{text}");
    }
    assert!((1..3_000).contains(&unmoved));
}

#[test]
fn a_percentage_is_of_the_number() {
    let mut random = Random::new(6);
    for _ in 0..3_000 {
        let text = random.number(10);
        let part = ["10", "0.5", "1000", "33.333333"][random.below(4)];
        let [value, hundredth] = [text.as_str(), part].map(|text| scaled(text, 100));
        let Some(moved) = percent(part, &text) else { continue };
        let moved = scaled(&moved, 100);
        let size = if value < BigInt::ZERO { -&value } else { value.clone() };
        let distance = if moved > value { moved - value } else { value - moved };
        assert!(distance > BigInt::ZERO && distance * BigInt::from(10).pow(102) <= size * hundredth, "{text} {part}");
    }
}

#[test]
fn every_step_is_as_likely() {
    let noise = Noise::new(SECRET, "hr.salary", By::Amount(b"0.3")).expect("noise");
    let mut counts = [0; 7];
    for value in 0..18_000 {
        let text = format!("{value}.0");
        let moved = written(number(&text), |value, out| noise.write(value, out)).expect("a number");
        let steps = scaled(&moved, 1) - BigInt::from(value * 10) + BigInt::from(3);
        counts[usize::try_from(steps).expect("a step")] += 1;
    }
    assert_eq!(counts[3], 0);
    // 3000 each are expected, with a deviation of 50.
    assert!(counts.iter().enumerate().all(|(step, count)| step == 3 || (2800..3200).contains(count)), "{counts:?}");
}

#[test]
fn the_same_value_moves_alike_and_by_another_key_otherwise() {
    let moved = |secret: &[u8], domain: &str| {
        let noise = Noise::new(secret, domain, By::Amount(b"1000000")).expect("noise");
        let move_ = |value: &str| written(number(value), |value, out| noise.write(value, out)).expect("a number");
        assert_eq!([move_("-0"), move_("1e2"), move_("2.0e1")], [move_("0"), move_("100"), move_("20")]);
        assert_ne!(move_("1"), move_("2"));
        move_("123456789")
    };
    let different = [moved(SECRET, "a"), moved(SECRET, "b"), moved(b"0123456789abcdeg", "a")];
    assert_eq!(different.into_iter().collect::<HashSet<_>>().len(), 3);
}

#[test]
fn what_could_not_move_or_is_no_number_is_not_read() {
    for (by, value) in [("0.5", "12"), ("0.099", "0.1"), ("1e-9", "1.5"), ("1e-18", "1")] {
        assert_eq!(amount(by, value), None, "{value}");
    }
    for (part, value) in [("10", "0"), ("10", "9"), ("10", "-0.00"), ("0.000001", "99999999"), ("1", "1e27")] {
        assert_eq!(percent(part, value), None, "{value}");
    }
    assert!(
        percent("10", "10").is_some() && percent("0.000001", "100000000").is_some() && percent("1", "1e26").is_some()
    );
    for value in ["1e512", "1e-513", "1e99999999999999", "1e-99999999999999", &"9".repeat(513)] {
        assert_eq!(amount("1e10", value), None);
    }
    assert!(amount("10", &"9".repeat(512)).is_some());
    // More steps than a digest chooses among fairly: 10^30 are the most.
    assert!(amount("1", &format!("0.{}", "5".repeat(30))).is_some());
    assert_eq!(amount("1", &format!("0.{}", "5".repeat(31))), None);
    assert!(amount("1", "0e-30").is_some_and(|zero| zero.len() >= 32));
    for value in NONSENSE {
        assert_eq!(amount("10", value), None);
        assert_eq!(percent("10", value), None);
    }
}

#[test]
fn what_is_refused() {
    let refused = |by| Noise::new(SECRET, "a", by).err().map(|invalid| invalid.to_string());
    for zero in ["0", "-0.0", "-1"] {
        assert_eq!(refused(By::Amount(zero.as_bytes())).as_deref(), Some("by must be greater than 0"));
        assert_eq!(refused(By::Percent(zero.as_bytes())).as_deref(), Some("percent must be greater than 0"));
    }
    assert_eq!(refused(By::Amount(b"ten")).as_deref(), Some("by must be a number"));
    assert_eq!(refused(By::Amount(b"1234567890123456789")).as_deref(), Some("by must have 18 digits at most"));
    assert_eq!(refused(By::Percent(b"1000.000001")).as_deref(), Some("percent must be 1000 at most"));
    assert_eq!(refused(By::Percent(b"0.0000001")).as_deref(), Some("percent must have six fraction digits at most"));
    assert_eq!(refused(By::Percent(b"1e30")).as_deref(), Some("percent must have 18 digits at most"));
    assert!(Noise::new(b"short", "a", By::Amount(b"1")).is_err());
}
