//! Dates of one entity move together, there and back.

use std::collections::HashSet;

use maskgate_generalise::{Format, Shift};

use crate::random::Random;
use crate::{NONSENSE, SECRET, number, string, written};

fn shift(days: u32, format: Format) -> Shift {
    Shift::new(SECRET, "pii.birth_date", days, format).expect("a shift")
}

fn moved(format: Format, days: i32, value: &str) -> Option<String> {
    written(string(value), |value, out| shift(30, format).write(days, value, out))
}

#[test]
fn the_form_stays() {
    for (format, days, value, expected) in [
        (Format::Iso, 1, "2024-02-28", Some("2024-02-29")),
        (Format::Iso, 1, "2023-02-28T13:45:10.123+02:00", Some("2023-03-01T13:45:10.123+02:00")),
        (Format::Iso, -30, "20240101T000000Z", Some("20231202T000000Z")),
        (Format::Iso, 1, "2016-12-31T23:59:60Z", Some("2017-01-01T23:59:59Z")),
        (Format::Iso, 1, "20161231 235960.5", Some("20170101 235959.5")),
        (Format::Iso, 1, "2016-12-31T13:60", None),
        (Format::Dmy, 15, "17/5/2024", Some("01/06/2024")),
        (Format::Mdy, -17, "05/17/2024 08:00", Some("04/30/2024 08:00")),
        (Format::EpochSeconds, 1, "1715946310.50", Some("1716032710.50")),
        (Format::EpochSeconds, 1, "-0.25", Some("86399.75")),
        (Format::EpochSeconds, -1, "0.25", Some("-86399.75")),
        (Format::EpochMilliseconds, -1, "0", Some("-86400000")),
        (Format::Iso, -1, "0001-01-01", None),
        (Format::Iso, -1, "0001-01-02", Some("0001-01-01")),
        (Format::Iso, 1, "9999-12-31", None),
        (Format::Iso, 1, "9999-12-30T12", Some("9999-12-31T12")),
        (Format::EpochSeconds, 1, "253402300799", None),
        (Format::EpochSeconds, -1, "-62135596800", None),
        (Format::EpochSeconds, 1, "2024-05-17", None),
        (Format::Iso, 1, "1715946310", None),
    ] {
        assert_eq!(moved(format, days, value).as_deref(), expected, "{value}");
    }
    for value in NONSENSE {
        assert_eq!(moved(Format::Iso, 1, value), None);
    }
    assert_eq!(written(number("20240517"), |value, out| shift(30, Format::Iso).write(1, value, out)), None);
    assert_eq!(
        written(number("86400"), |value, out| shift(30, Format::EpochSeconds).write(1, value, out)).as_deref(),
        Some("172800")
    );
}

/// Computed with Python's hmac.
#[test]
fn known_days() {
    for (entity, thirty, century) in [("c-17", 1, 707), ("c-18", 8, 9314), ("4711", 14, 16125), ("", 16, 18949)] {
        assert_eq!(shift(30, Format::Iso).days(entity.as_bytes()), thirty);
        assert_eq!(shift(36_500, Format::Iso).days(entity.as_bytes()), century);
    }
}

#[test]
fn every_number_of_days_is_as_likely() {
    let shift = shift(7, Format::Iso);
    let mut counts = [0; 15];
    for entity in 0..28_000 {
        counts[(shift.days(entity.to_string().as_bytes()) + 7) as usize] += 1;
    }
    assert_eq!(counts[7], 0);
    // 2000 each are expected, with a deviation of 43.
    assert!(counts.iter().enumerate().all(|(days, count)| days == 7 || (1800..2200).contains(count)), "{counts:?}");
}

#[test]
fn secrets_and_domains_move_anew() {
    let days = |secret: &[u8], domain: &str| {
        let shift = Shift::new(secret, domain, 36_500, Format::Iso).expect("a shift");
        (0..4).map(|entity| shift.days(&[entity])).collect::<Vec<_>>()
    };
    let different = [days(SECRET, "a"), days(SECRET, "b"), days(SECRET, ""), days(b"0123456789abcdeg", "a")];
    assert_eq!(different.iter().collect::<HashSet<_>>().len(), 4);
    assert_eq!(days(SECRET, "a"), days(SECRET, "a"));
}

#[test]
fn back_again_it_is_the_same() {
    let mut random = Random::new(3);
    for _ in 0..4_000 {
        let (year, month, day) = (101 + random.below(9_800), 1 + random.below(12), 1 + random.below(28));
        let (hour, minute) = (random.below(24), random.below(60));
        let days = 1 + random.below(36_500) as i32;
        let seconds = format!("{}.{}", random.below(200_000_000_000), random.digits(3));
        for (format, value) in [
            (Format::Iso, format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}Z")),
            (Format::Mdy, format!("{month:02}/{day:02}/{year:04}")),
            (Format::EpochSeconds, seconds),
        ] {
            for days in [days, -days] {
                let there = moved(format, days, &value).expect("a date");
                assert_ne!(there, value);
                assert_eq!(moved(format, -days, &there).as_ref(), Some(&value), "{value} {days}");
            }
        }
    }
}

#[test]
fn what_is_refused() {
    let refused = |secret: &[u8], domain: &str, days| {
        Shift::new(secret, domain, days, Format::Iso).err().map(|invalid| invalid.to_string())
    };
    assert_eq!(refused(&SECRET[..15], "a", 30).as_deref(), Some("secret must have 16 bytes or more"));
    assert_eq!(refused(&[7; 32], "a", 30).as_deref(), Some("secret must not be one byte repeated"));
    assert_eq!(refused(SECRET, "a\0b", 30).as_deref(), Some("domain must not have the character U+0000"));
    for days in [0, 36_501] {
        assert_eq!(refused(SECRET, "a", days).as_deref(), Some("days must be 1 to 36500"));
    }
}
